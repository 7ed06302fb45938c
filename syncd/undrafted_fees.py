"""Fixed fees that are due and stand on no document and no draft, each with the reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import msgspec
from sqlalchemy import BindParameter, Connection, and_, bindparam, func, select

from mappings.documents import FeeAllocation, PostedFee
from mappings.periods import period_of
from mappings.problems import Problem
from mappings.rows import FixedFeeRow
from mappings.rules.due_fees import due_fees
from mappings.rules.estimates import estimate_number
from mappings.rules.fees import FeeClient, FeeDue, billed_fees
from mappings.rules.milestones import Milestones
from mappings.tables.checks.known import Known
from mappings.work import Task
from syncd.config import Config
from syncd.engine.content import decode_document
from syncd.engine.due_drafts import DraftedMark, basis_of, digest_of, read_drafted
from syncd.engine.estimates import load_estimates
from syncd.store import schema
from syncd.store.changes import last_change
from syncd.store.database import Store
from syncd.store.work import load_tasks_by_id

_DOCUMENT, _DRAFT, _VERSION = schema.document.c, schema.draft.c, schema.draft_version.c
_COMPANY: BindParameter[str] = bindparam("of_company")
_FEES = (
    select(_DOCUMENT.id, _DOCUMENT.period_last, schema.fee_ledger.c.detail)
    .join(schema.fee_ledger, schema.fee_ledger.c.document_id == _DOCUMENT.id)
    .where(_DOCUMENT.company == _COMPANY, _DOCUMENT.withdrawn_at.is_(None))
    .order_by(schema.fee_ledger.c.id)
)
_SENT = (
    select(_DOCUMENT.client, func.max(_DOCUMENT.period_last).label("last"))
    .where(_DOCUMENT.company == _COMPANY, _DOCUMENT.withdrawn_at.is_(None), _DOCUMENT.kind != "settlement")
    .group_by(_DOCUMENT.client)
)
_DRAFTS = (
    select(_DRAFT.client, _VERSION.content)
    .join(
        schema.draft_version,
        and_(
            *(_VERSION[name] == _DRAFT[name] for name in ("company", "client", "period", "group_name", "sequence")),
            _VERSION.version == _DRAFT.version,
        ),
    )
    .where(_DRAFT.company == _COMPANY, _DRAFT.state == "open")
    .where(_DRAFT.client.in_(bindparam("of_clients", expanding=True)))
)
_ANY_DRAFT = select(_DRAFT.client).where(_DRAFT.company == _COMPANY).limit(1)
_READ_FEE = msgspec.json.Decoder(FeeAllocation)


@dataclass(frozen=True, slots=True)
class _Books:
    """What is billed and drafted of fees, and how current the drafts are."""

    fees: tuple[PostedFee, ...]
    sent_until: dict[str, date]
    tasks: dict[tuple[str, str], Task]
    drafted: bool
    """Whether anything was ever drafted."""
    current: bool
    """Whether nothing has changed since."""


def undrafted_fees(store: Store, config: Config, known: Known, today: date) -> list[Problem]:
    """The fees whose day has come and which nothing carries; warnings, for other work is billed all the same."""
    rows: dict[str, list[FixedFeeRow]] = {}
    found: list[Problem] = []
    for row in config.tables.fixed_fees:
        if known.clients.knows(row.client):
            rows.setdefault(known.clients.spell(row.client), []).append(row)
        else:
            what = f"{row.description} is owed by nobody: no row of the clients table makes a customer {row.client}."
            found.append(Problem("client-unknown", what, "Add it there.", row.place, row.client))
    if not rows:
        return found
    with store.read() as connection:
        books = _read(connection, config, rows, today)
        numbers = {number for row in config.tables.fixed_fees if (number := estimate_number(row))}
        estimates = load_estimates(connection, config.company.name, numbers) if numbers else ()
    billed = billed_fees(books.fees)
    for name, fees in rows.items():
        client = _client(known, name, books, today)
        due, problems = due_fees(fees, client, billed, known.lookups.services, books.fees, estimates)
        found += list(_unowed(problems))
        found += [problem for fee in due for problem in _told(fee, client, books, today)]
    return found


def _unowed(problems: Iterable[Problem]) -> Iterator[Problem]:
    """What keeps a fee from being owed at all, as the draft will say it; it blocks that draft."""
    seen = set()
    for problem in problems:
        if (problem.code, problem.place) not in seen:
            seen.add((problem.code, problem.place))
            yield problem


def _told(fee: FeeDue, client: FeeClient, books: _Books, today: date) -> Iterator[Problem]:
    """Why nothing carries a fee, unless the period that will is still running."""
    policy = client.settings.policy
    if fee.is_change or fee.day > today or not books.drafted:
        return
    by_calendar = policy.period not in ("manual", "on-completion")
    if by_calendar and period_of(policy.period, fee.day).last >= today:
        return
    row = fee.row
    assert isinstance(row, FixedFeeRow)
    what = f"{row.description} of {row.client} was due on {fee.day}, and stands on no document and no draft:"
    if not books.current:
        what += " the drafts are older than the work, the tables or this day."
        fix = "Type `syncd preview`."
    elif not by_calendar:
        what += f" {row.client} is billed {'by hand' if policy.period == 'manual' else 'on completion'}."
        fix = f"It goes on the next document: type `syncd preview --period {fee.day:%Y-%m}`."
    else:
        what += " its period was sent, or is of no document yet."
        fix = "It goes on the client's next document; `syncd preview` tells when."
    yield Problem("fee-not-drafted", what, fix, row.place, row.client, warning=True)


def _client(known: Known, name: str, books: _Books, today: date) -> FeeClient:
    """A client as its fees see it: they begin at its go-live, or with its first work."""
    settings = known.clients.settings(name)
    first = (one.piece.first for one in known.placed if one.client.name == name)
    kind, until = settings.policy.period, books.sent_until.get(name)

    def posted(day: date) -> bool:
        # Periods that no calendar has are over when their document is sent.
        end = day if kind in ("manual", "on-completion") else period_of(kind, day).last
        return until is not None and end <= until

    begin = settings.since or min(first, default=None)
    return FeeClient(settings, begin, posted, today, Milestones(books.tasks, today), books.tasks)


def _read(connection: Connection, config: Config, clients: Collection[str], today: date) -> _Books:
    company = config.company.name
    here = {"of_company": company}
    fees = [
        PostedFee(document, last, _READ_FEE.decode(detail))
        for document, last, detail in connection.execute(_FEES, here)
    ]
    for _, content in connection.execute(_DRAFTS, {**here, "of_clients": list(clients)}):
        document = decode_document(content)
        fees += [PostedFee("", document.dated, fee) for fee in document.fees]
    names = {row.milestone for row in config.tables.fixed_fees if row.milestone}
    ids = names | {name.partition(":")[2] for name in names if ":" in name}
    basis = basis_of(config, today, digest_of((config.company, config.tables)))
    return _Books(
        fees=tuple(fees),
        sent_until={row.client: row.last for row in connection.execute(_SENT, here)},
        tasks={task.key: task for task in load_tasks_by_id(connection, company, ids)},
        drafted=connection.execute(_ANY_DRAFT, here).first() is not None,
        current=read_drafted(connection, company) == DraftedMark(last_change(connection, company), basis),
    )
