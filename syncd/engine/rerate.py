"""Rerate: show what billed work would cost by today's rates, and record that it is to be charged so.

Nothing that is posted changes. What is recorded reaches the next draft, which carries a line that takes the old charge
back and one at the new rate; the rates are those of the moment of the decision, whatever the tables say later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, insert

from mappings.periods import Period
from mappings.problems import Problem, by_place
from mappings.rules.clients import Clients
from mappings.rules.ledger import Key
from mappings.rules.names import fold
from mappings.rules.rerate_plan import RerateChange, RerateFound, RerateLine, plan_rerates
from mappings.world import Run
from syncd.config import Config
from syncd.engine.content import encode
from syncd.engine.decide import By
from syncd.engine.directory import portions
from syncd.engine.due_drafts import basis_of, due_drafts
from syncd.engine.kept import kept_of
from syncd.engine.world import Reading, go_live_of, read_world
from syncd.store import schema
from syncd.store.changes import mark_ours
from syncd.store.database import Store
from syncd.store.events import append_event


@dataclass(frozen=True, slots=True)
class Rerated:
    """What rating anew comes to, and of how many entries it was recorded."""

    lines: tuple[RerateLine, ...]
    problems: tuple[Problem, ...]
    recorded: int = 0


def rerate(store: Store, config: Config, period: Period, client: str, by: By, *, record: bool) -> Rerated:
    """Rate anew what is billed of work of a period, of one client or ("") of all.

    With `record` the next drafts charge it; what is decided already is not recorded twice. What was read and what is
    written are one transaction, so that no document is sent in between.
    """
    kept = kept_of(store, config, fresh=True)
    find = Clients(kept.lookups.clients, config.company, go_live_of(config), ())
    reading = Reading(config, by.today, Run(), kept.directory, find)
    with store.write() if record else store.read() as connection:
        basis = basis_of(config, by.today, kept.digest)
        everybody = due_drafts(connection, config, basis, kept.directory, only_changed=False).clients
        lines: dict[RerateLine, None] = {}
        problems: dict[tuple[str, str], Problem] = {}
        changes: dict[Key, RerateChange] = {}
        for clients in portions({fold(client)} if client else everybody):
            world = read_world(connection, reading, clients).world
            found: RerateFound = plan_rerates(world, period, fold(client), kept.lookups)
            lines |= dict.fromkeys(found.lines)
            problems |= {(one.code, one.what): one for one in found.problems}
            changes |= found.changes
        recorded = _record(connection, config.company.name, changes, by) if record else 0
    return Rerated(tuple(lines), tuple(by_place(problems.values())), recorded)


def _record(connection: Connection, company: str, changes: Mapping[Key, RerateChange], by: By) -> int:
    new = {key: change for key, change in changes.items() if change.is_new}
    if not new:
        return 0
    rows = [
        {
            "company": company,
            "client": change.client,
            "source": source,
            "entry": entry,
            "detail": encode(change.wanted),
            "reason": by.reason,
            "decided_by": by.who,
            "decided_at": by.now,
        }
        for (source, entry), change in new.items()
    ]
    connection.execute(insert(schema.rerate), rows)
    mark_ours(connection, company, {change.client for change in new.values()})
    for client, count in sorted(_count(new.values()).items()):
        detail = {"by": by.who, "reason": by.reason, "entries": count}
        append_event(connection, company, "rerate", client, detail, by.now)
    return len(rows)


def _count(changes: Iterable[RerateChange]) -> Counter[str]:
    """Entries by client."""
    return Counter(change.client for change in changes)
