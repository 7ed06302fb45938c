"""What a person decides about work that waits: bill it again (`release`), or never (`write-off`).

A document that was voided or deleted in QuickBooks keeps its ledger rows, and they keep its work from being billed,
until one of the two is chosen. Nothing in the ledger is changed: a settlement document takes rows back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from mappings.documents import Allocation, Document, DocumentKey, FeeAllocation, Price, Reason, Terms
from mappings.periods import month_of
from mappings.problems import Problem
from mappings.steps import step
from mappings.work import WorkItem
from syncd.config import Config
from syncd.engine.content import decode_document
from syncd.engine.held import held_documents
from syncd.engine.pairs import is_in_doubt, standing_partner, withdraw_twins
from syncd.engine.settlements import (
    fee_kept,
    fee_taken_back,
    fees_of,
    hours_taken_back,
    insert_settlement,
    ledger_of,
    taken_back,
    written_down,
)
from syncd.store import schema
from syncd.store.changes import mark_entries, mark_ours
from syncd.store.database import Store
from syncd.store.events import append_event

Decision = Literal["release", "write-off"]

_READ_WORK = msgspec.json.Decoder(WorkItem)


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision did: the settlement that carries its ledger rows ("" where there is none), and how much it was.

    Of a document with priced items the quantity is theirs, added up.
    """

    decision: Decision
    subject: str
    settlement_id: str
    seconds: int
    scaled_quantity: int = 0


@dataclass(frozen=True, slots=True)
class By:
    """Who decides, why and when; `today` is the business date that the settlement is dated."""

    who: str
    reason: str
    now: datetime
    today: date

    @property
    def note(self) -> str:
        """For the reasons that `explain` shows."""
        return f"by {self.who}: {self.reason}"


def release(store: Store, config: Config, name: str, by: By) -> Decided | Problem:
    """Take back all that a voided or deleted document billed, so that the next draft bills it again.

    `name` is the document's number or id.
    """
    with store.write() as connection:
        held = _held(connection, config.company.name, name)
        if isinstance(held, Problem):
            return held
        problem = standing_partner(connection, held.id) or _in_doubt(connection, held.id)
        if problem is not None:
            return problem
        return _settle(connection, held, "release", by, taken_back, fee_taken_back)


def write_off(store: Store, config: Config, name: str, by: By) -> Decided | Problem:
    """Let go of what a voided or deleted document billed: its time stands as written down, for good.

    What a retainer covered stays covered, and fees stay billed: taken back, the next draft would bill them again.
    """
    with store.write() as connection:
        held = _held(connection, config.company.name, name)
        if isinstance(held, Problem):
            return held
        problem = _in_doubt(connection, held.id)
        if problem is not None:
            return problem
        return _settle(connection, held, "write-off", by, written_down, fee_kept)


def release_entry(store: Store, config: Config, source: str, entry: str, by: By) -> Decided | Problem:
    """Let one entry that waits for a person (late, or changed after posting) be billed by the next draft."""
    company = config.company.name
    with store.write() as connection:
        standings = [row for row in _standings(connection, company, source, entry) if row.state == "waiting"]
        if not standings:
            return _nothing_waits(source, entry, "release")
        _record_decision(connection, company, source, entry, "release", by)
        mark_entries(connection, company, source, [entry])
        mark_ours(connection, company, {row.client for row in standings})
    return Decided("release", f"{source}/{entry}", "", *_size(standings))


def write_off_entry(store: Store, config: Config, source: str, entry: str, by: By) -> Decided | Problem:
    """Take what is unbilled of one entry out of billing, for good: its seconds stand as written down."""
    company = config.company.name
    with store.write() as connection:
        standings = [row for row in _standings(connection, company, source, entry) if row.state != "not-billable"]
        if not standings:
            return _nothing_waits(source, entry, "write off")
        work = schema.work_revision.c
        latest = connection.execute(
            select(schema.work_revision)
            .where(work.company == company, work.source == source, work.entry == entry)
            .order_by(work.revision.desc())
            .limit(1)
        ).one()
        item = _READ_WORK.decode(latest.item)
        rows = tuple(_write_down(item, latest.revision, row, config.company.currency, by) for row in standings)
        settlement = Document(
            key=_entry_key(connection, company, item, standings[0].client),
            kind="settlement",
            period=month_of(item.worked_on),
            dated=by.today,
            currency=config.company.currency,
            language=config.company.language,
            allocations=rows,
        )
        settlement_id = insert_settlement(connection, company, settlement, by.who, by.now)
        table = schema.standing.c
        connection.execute(
            delete(schema.standing)
            .where(table.company == company, table.source == source, table.entry == entry)
            .where(table.state != "not-billable")
        )
        _record_decision(connection, company, source, entry, "write-off", by)
    return Decided("write-off", f"{source}/{entry}", settlement_id, *_size(rows))


def _held(connection: Connection, company: str, name: str) -> Row[Any] | Problem:
    """The held document of that number or id, or why there is nothing to decide about it."""
    held = [row for row in held_documents(connection, company) if name in (row.id, row.number)]
    if held:
        return held[0]
    document = schema.document.c
    known = connection.execute(
        select(schema.document)
        .where(document.company == company, or_(document.id == name, document.number == name))
        .order_by(document.withdrawn_at.is_not(None))
    ).first()
    if known is None:
        return Problem("unknown-document", f"There is no document {name}.", "Type `syncd status` for those there are.")
    if known.decision is not None:
        what = f"{name} has been decided about on {known.decided_at:%Y-%m-%d}: {known.decision}."
        return Problem("already-decided", what, f"Type `syncd show {name}`.")
    return Problem(
        "not-voided",
        f"{name} is neither voided nor deleted in QuickBooks, so its work is billed.",
        "Void it in QuickBooks first; `syncd reconcile` then sees it.",
    )


def _in_doubt(connection: Connection, document_id: str) -> Problem | None:
    """Why a pair may not be decided about yet: whether its second is in QuickBooks is not known."""
    if not is_in_doubt(connection, document_id):
        return None
    what = "Whether the lender's invoice for the same hours is in QuickBooks is not known yet."
    return Problem("pair-in-doubt", what, "Type `syncd push`, which looks for it; then decide.")


def _settle(
    connection: Connection,
    held: Row[Any],
    decision: Decision,
    by: By,
    rows_of: Callable[[Allocation, str], Iterable[Allocation]],
    back_of: Callable[[FeeAllocation, str], Iterable[FeeAllocation]],
) -> Decided:
    """Write the settlement of a held document, and close its decision and its drift."""
    original = decode_document(held.content)
    allocations = tuple(row for posted in ledger_of(connection, held.id) for row in rows_of(posted, by.note))
    settlement = replace(
        original,
        # Sequences count from 1 upwards; the negative one says which document is taken back.
        key=replace(original.key, sequence=-original.key.sequence),
        kind="settlement",
        dated=by.today,
        lines=(),
        allocations=allocations,
        fees=tuple(row for posted in fees_of(connection, held.id) for row in back_of(posted, by.note)),
        hours=tuple(map(hours_taken_back, original.hours)) if decision == "release" else (),
        problems=(),
        holds=(),
        subtotal_minor=0,
        taxes=(),
        exchange_rate=None,
    )
    settlement_id = insert_settlement(connection, held.company, settlement, by.who, by.now)
    document, drift = schema.document.c, schema.drift.c
    decided = connection.execute(
        update(schema.document)
        .where(document.id == held.id, document.decision.is_(None))
        .values(decision=decision, decided_at=by.now)
    )
    assert decided.rowcount == 1, "it was read as undecided in this transaction"
    connection.execute(
        update(schema.drift)
        .where(drift.company == held.company, drift.document_id == held.id, drift.settled_at.is_(None))
        .values(settled_at=by.now)
    )
    withdraw_twins(connection, held.id, f"{decision} of what it belongs to", by.now)
    if decision == "release":
        _stand_as_released(connection, held, allocations)
    detail = {"by": by.who, "reason": by.reason, "settlement": settlement_id}
    append_event(connection, held.company, decision, held.id, detail, by.now)
    seconds, quantity = _size(row for row in allocations if row.effect != "written-down")
    return Decided(decision, held.number or held.id, settlement_id, -seconds, -quantity)


def _size(rows: Iterable[Allocation | Row[Any]]) -> tuple[int, int]:
    """Seconds and scaled quantity of ledger or standing rows."""
    sizes = [(row.seconds, row.scaled_quantity) for row in rows]
    return sum(seconds for seconds, _ in sizes), sum(quantity for _, quantity in sizes)


def _stand_as_released(connection: Connection, held: Row[Any], taken: Iterable[Allocation]) -> None:
    """Until the next draft, released seconds and items wait: none may be nowhere."""
    table = schema.standing.c
    rows: dict[tuple[str, str, date], list[Allocation]] = {}
    for row in taken:
        rows.setdefault((row.source, row.entry, row.worked_on), []).append(row)
    for (source, entry, worked_on), mine in rows.items():
        seconds, quantity = _size(mine)
        if not seconds and not quantity:
            continue
        last = connection.execute(
            select(func.max(table.position)).where(
                table.company == held.company, table.source == source, table.entry == entry
            )
        ).scalar()
        connection.execute(
            insert(schema.standing).values(
                company=held.company,
                source=source,
                entry=entry,
                position=0 if last is None else last + 1,
                seconds=-seconds,
                scaled_quantity=-quantity,
                state="waiting",
                code="released",
                what=f"Released from {held.number or held.id}: the next draft bills it.",
                client=held.client,
                worked_on=worked_on,
            )
        )


def _standings(connection: Connection, company: str, source: str, entry: str) -> list[Row[Any]]:
    table = schema.standing.c
    query = (
        select(schema.standing)
        .where(table.company == company, table.source == source, table.entry == entry)
        .order_by(table.position)
    )
    return list(connection.execute(query))


def _nothing_waits(source: str, entry: str, verb: str) -> Problem:
    return Problem(
        "nothing-waits",
        f"There is nothing to {verb} of {source}/{entry}: none of it waits.",
        f"Type `syncd explain {source}/{entry}` to see where it stands.",
    )


def _entry_key(connection: Connection, company: str, item: WorkItem, client: str) -> DocumentKey:
    """A key of its own for each write-off of one entry, which may be edited and written off again."""
    table = schema.document.c
    group, period = f"write-off {item.source}/{item.id}", month_of(item.worked_on).name
    before = connection.execute(
        select(func.count()).where(table.company == company, table.group_name == group)
    ).scalar_one()
    return DocumentKey(client, period, group, -1 - before)


def _write_down(item: WorkItem, revision: int, standing: Row[Any], currency: str, by: By) -> Allocation:
    """A ledger row that holds what is unbilled of an entry, for nothing."""
    price = None if item.kind == "time" else Price(item.kind, item.amount or Decimal(0))
    terms = Terms(
        client=standing.client,
        group="",
        label="",
        service="",
        item="",
        rate=None,
        unit="each" if price else "hour",
        seconds_per_unit=0 if price else 3600,
        currency=currency,
        tax_code="",
        class_name="",
        service_month=f"{item.worked_on:%Y-%m}",
        price=price,
    )
    return Allocation(
        source=item.source,
        entry=item.id,
        revision=revision,
        effect="written-down",
        seconds=standing.seconds,
        billed_seconds=standing.seconds,
        amount_minor=0,
        line=None,
        worked_on=item.worked_on,
        person=item.person,
        source_client=item.client,
        project=item.project,
        task=item.task,
        source_service=item.service,
        terms=terms,
        reason=Reason(steps=(step("written-off", note=by.note),)),
        scaled_quantity=standing.scaled_quantity,
    )


def _record_decision(connection: Connection, company: str, source: str, entry: str, kind: Decision, by: By) -> None:
    connection.execute(
        insert(schema.decision).values(
            company=company,
            source=source,
            entry=entry,
            kind=kind,
            reason=by.reason,
            decided_by=by.who,
            decided_at=by.now,
        )
    )
    detail = {"by": by.who, "reason": by.reason}
    append_event(connection, company, kind, f"{source}/{entry}", detail, by.now)
