"""QuickBooks' own lists (customers, items, terms, tax codes, classes, departments) and settings, as the store has them.

Read whole once, then only what changed (CDC); tax codes are not told by CDC and are read whole once a day. Nothing
here ever writes to QuickBooks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import msgspec
from sqlalchemy import Connection, bindparam, insert, or_, select, update

from connectors.quickbooks.lists import ENTITIES, named_of
from mappings.catalogue import Books, Catalogue, Kind, Named, TaxComponent
from mappings.problems import Problem
from syncd.clock import Clock
from syncd.engine.content import encode
from syncd.engine.estimates import as_reference, mark_read, read_estimates
from syncd.engine.marks import read_mark, read_value, set_mark, set_value
from syncd.engine.quickbooks import QuickBooks, speaking
from syncd.store import schema
from syncd.store.changes import mark_everything
from syncd.store.database import Store

CHANGING: tuple[Kind, ...] = ("customer", "item", "term", "class", "department")
"""The lists whose changes CDC tells; it leaves out TaxCode and TaxRate."""
OVERLAP = timedelta(minutes=5)
LONGEST_SILENCE = timedelta(days=28)
"""CDC reaches back 30 days; two are left for clocks and outages."""
_DAY = timedelta(days=1)

_MARK, _TAX_MARK, _BOOKS_MARK, _BOOKS = "reference", "tax-codes", "books-read", "books"
_PIN, _RATE = schema.pin.c, schema.exchange_rate.c
_PINS = select(_PIN.kind, _PIN.name, _PIN.quickbooks_id).where(_PIN.company == bindparam("of_company"))
_PINS_OF_SOME = _PINS.where(or_(_PIN.kind != "customer", _PIN.name.in_(bindparam("of_names", expanding=True))))
_RATES = select(_RATE.currency, _RATE.day, _RATE.rate).where(_RATE.company == bindparam("of_company"))
_READ_BOOKS = msgspec.json.Decoder(Books)
_READ_COMPONENTS = msgspec.json.Decoder(tuple[TaxComponent, ...] | None)


@dataclass(frozen=True, slots=True)
class ReferenceReport:
    """How many rows of lists are new or changed, and whether all was read again."""

    changed: int
    whole: bool


def refresh(
    store: Store,
    opened: QuickBooks,
    *,
    clock: Clock,
    whole: bool = False,
    unresolved: bool = False,
    estimates: bool = False,
) -> ReferenceReport:
    """Bring lists and settings up to date; raises QuickBooksFailure, having stored what it had read before.

    `unresolved`: a name was not found, so that also what is otherwise read once a day is read now. `whole`: all of it.
    `estimates`: a fixed fee is a share of one.
    """
    with speaking(store, opened, clock):
        report = _refresh(store, opened, clock.now(), whole=whole, unresolved=unresolved)
        changed = _read_estimates(store, opened, clock.now()) if estimates else 0
        return replace(report, changed=report.changed + changed)


def _read_estimates(store: Store, opened: QuickBooks, now: datetime) -> int:
    company = opened.company
    with store.read() as connection:
        books = load_books(connection, company)
    assert books is not None, "the books are read before their estimates"
    read = read_estimates(store, opened, books, now)
    rows, details = as_reference(read.estimates)
    with store.write() as connection:
        changed = store_named(connection, company, rows, now, details)
        if read.whole:
            changed += _deactivate_absent(connection, company, "estimate", rows, now)
        mark_read(connection, company, read.until)
    return changed


def _refresh(store: Store, opened: QuickBooks, now: datetime, *, whole: bool, unresolved: bool) -> ReferenceReport:
    company, client = opened.company, opened.client
    with store.read() as connection:
        marks = {name: read_mark(connection, company, name) for name in (_MARK, _TAX_MARK, _BOOKS_MARK)}
        books = load_books(connection, company)
    fresh = whole or unresolved
    if books is None or fresh or _older(marks[_BOOKS_MARK], now, _DAY):
        books = client.books()
        with store.write() as connection:
            _store_books(connection, company, books, now)
    since = marks[_MARK]
    if since is None or whole or _older(since, now, LONGEST_SILENCE):
        whole, changed = True, _read_whole(store, opened, books, now)
    else:
        changed = _read_changes(store, opened, books, since, now)
    if fresh or _older(marks[_TAX_MARK], now, _DAY):
        changed += _read_taxes(store, opened, books, now)
    return ReferenceReport(changed, whole)


def _older(mark: datetime | None, now: datetime, age: timedelta) -> bool:
    return mark is None or now - mark > age


def _read_whole(store: Store, opened: QuickBooks, books: Books, now: datetime) -> int:
    """Read every list to its end. The mark is QuickBooks' own time from before the first list."""
    company, client = opened.company, opened.client
    before = client.changes([ENTITIES["term"]], now - OVERLAP).server_time
    lists: dict[Kind, list[Named]] = {kind: client.named(kind, books) for kind in CHANGING}
    with store.write() as connection:
        changed = 0
        for kind, rows in lists.items():
            changed += store_named(connection, company, rows, now)
            changed += _deactivate_absent(connection, company, kind, rows, now)
        set_mark(connection, company, _MARK, before)
    return changed


def _read_changes(store: Store, opened: QuickBooks, books: Books, since: datetime, now: datetime) -> int:
    """Read what changed since the mark, a little more than once: an answer may lag behind the books."""
    company, client = opened.company, opened.client
    changes = client.changes([ENTITIES[kind] for kind in CHANGING], since - OVERLAP)
    if changes.truncated:
        return _read_whole(store, opened, books, now)
    rows = [row for kind in CHANGING for row in named_of(kind, changes.objects.get(ENTITIES[kind], ()), books)]
    with store.write() as connection:
        changed = store_named(connection, company, rows, now)
        set_mark(connection, company, _MARK, changes.server_time)
    return changed


def _read_taxes(store: Store, opened: QuickBooks, books: Books, now: datetime) -> int:
    company = opened.company
    codes, components = opened.client.named("tax-code", books), opened.client.tax_components()
    details = {row.id: encode(components.get(row.id)) for row in codes}
    with store.write() as connection:
        changed = store_named(connection, company, codes, now, details)
        changed += _deactivate_absent(connection, company, "tax-code", codes, now)
        set_mark(connection, company, _TAX_MARK, now)
    return changed


def store_named(
    connection: Connection,
    company: str,
    rows: Iterable[Named],
    now: datetime,
    details: Mapping[str, str] | None = None,
    *,
    balances: bool = False,
) -> int:
    """Write rows of lists that are new or other than they are kept; gives back how many were.

    `balances`: the documents and payments were read with them. Otherwise a balance stays as it was then: one that is
    newer than the payments it rests on would make the receivables differ from them.
    """
    rows = tuple(rows)
    known = _known(connection, company) if rows else {}
    changed = 0
    concerns_drafts = False
    for row in rows:
        values: dict[str, object] = {
            "name": row.name,
            "active": row.active,
            "currency": row.currency,
            "email": row.email,
            "balance_minor": row.balance_minor,
            "detail": (details or {}).get(row.id, "null"),
        }
        before = known.get((row.kind, row.id))
        if not balances:
            values["balance_minor"] = before["balance_minor"] if before else 0
        if before == values:
            continue
        changed += 1
        # A balance is for reports: it moves with each payment, and no draft looks at it.
        concerns_drafts |= before is None or before | {"balance_minor": 0} != values | {"balance_minor": 0}
        _write(connection, company, row, {**values, "seen_at": now}, is_new=before is None)
        known[row.kind, row.id] = values
    if concerns_drafts:
        mark_everything(connection, company)
    return changed


def _write(connection: Connection, company: str, row: Named, values: Mapping[str, object], *, is_new: bool) -> None:
    if is_new:
        key = {"company": company, "kind": row.kind, "id": row.id}
        connection.execute(insert(schema.reference).values(**key, **values))
        return
    table = schema.reference.c
    at_row = (table.company == company, table.kind == row.kind, table.id == row.id)
    connection.execute(update(schema.reference).where(*at_row).values(**values))


def _known(connection: Connection, company: str) -> dict[tuple[str, str], dict[str, object]]:
    names = ("name", "active", "currency", "email", "balance_minor", "detail")
    query = select(schema.reference).where(schema.reference.c.company == company)
    return {
        (row["kind"], row["id"]): {name: row[name] for name in names} for row in connection.execute(query).mappings()
    }


def _deactivate_absent(connection: Connection, company: str, kind: Kind, rows: Iterable[Named], now: datetime) -> int:
    """A list that was read to its end, inactive rows included, has no row any more that it does not name (merged)."""
    present = {row.id for row in rows}
    if not present:
        return 0
    table = schema.reference.c
    gone = connection.execute(
        update(schema.reference)
        .where(table.company == company, table.kind == kind, table.active, table.id.not_in(present))
        .values(active=False, seen_at=now)
    )
    if gone.rowcount:
        mark_everything(connection, company)
    return gone.rowcount


def _store_books(connection: Connection, company: str, books: Books, now: datetime) -> None:
    set_mark(connection, company, _BOOKS_MARK, now)
    if load_books(connection, company) == books:
        return
    set_value(connection, company, _BOOKS, encode(books))
    mark_everything(connection, company)
    table = schema.connection.c
    connection.execute(
        update(schema.connection).where(table.company == company).values(company_name=books.company_name)
    )


def load_books(connection: Connection, company: str) -> Books | None:
    """The company's settings in QuickBooks, as last read; None before that."""
    value = read_value(connection, company, _BOOKS)
    return None if value is None else _READ_BOOKS.decode(value)


def load_catalogue(connection: Connection, company: str) -> Catalogue:
    """All that names are resolved against, as last read."""
    return with_decided(connection, company, load_lists(connection, company))


def load_lists(connection: Connection, company: str) -> Catalogue:
    """QuickBooks' own lists and settings: a catalogue in which nothing was decided."""
    table = schema.reference.c
    columns = (table.kind, table.id, table.name, table.active, table.currency, table.email, table.balance_minor)
    named, components = [], {}
    query = select(*columns, table.detail).where(table.company == company, table.kind != "estimate")
    query = query.order_by(table.kind, table.id)
    for *values, detail in connection.execute(query):
        row = Named(*values)
        named.append(row)
        if row.kind == "tax-code" and (rates := _READ_COMPONENTS.decode(detail)) is not None:
            components[row.id] = rates
    return Catalogue(books=load_books(connection, company), named=tuple(named), tax_components=components)


def with_decided(
    connection: Connection, company: str, lists: Catalogue, customers: Collection[str] | None = None
) -> Catalogue:
    """The lists with what was decided once: pins (of customers, of all or of these) and exchange rates."""
    here = {"of_company": company}
    if customers is None:
        pins = connection.execute(_PINS, here)
    else:
        pins = connection.execute(_PINS_OF_SOME, {**here, "of_names": list(customers)})
    rates = connection.execute(_RATES, here)
    return replace(
        lists,
        pins={(kind, name): quickbooks_id for kind, name, quickbooks_id in pins},
        exchange_rates={(currency, day): Decimal(value) for currency, day, value in rates},
    )


def ensure_exchange_rates(
    store: Store, opened: QuickBooks, wanted: Iterable[tuple[str, date]]
) -> tuple[tuple[str, date], ...]:
    """Read the rates of these currencies and days that the store lacks, and freeze them.

    Gives back those that QuickBooks does not know; never 1 for want of one. Raises QuickBooksFailure.
    """
    company = opened.company
    with store.read() as connection:
        known = load_catalogue(connection, company).exchange_rates
    missing = []
    for currency, day in sorted(set(wanted) - known.keys()):
        rate = opened.client.exchange_rate(currency, day)
        if rate is None:
            missing.append((currency, day))
            continue
        with store.write() as connection:
            _freeze(connection, company, currency, day, rate)
    return tuple(missing)


def _freeze(connection: Connection, company: str, currency: str, day: date, rate: Decimal) -> None:
    """Keep a rate, unless another process was first: a document's rate never changes once it was seen."""
    table = schema.exchange_rate.c
    kept = connection.execute(
        select(table.rate).where(table.company == company, table.currency == currency, table.day == day)
    ).first()
    if kept is None:
        connection.execute(
            insert(schema.exchange_rate).values(company=company, currency=currency, day=day, rate=f"{rate:f}")
        )


def reference_problem(connection: Connection, company: str) -> Problem | None:
    """Why names cannot be resolved yet, if the lists were never read."""
    if load_books(connection, company) is not None:
        return None
    what = f"The lists of {company}'s books in QuickBooks have not been read yet."
    return Problem("books-not-read", what, "Type `syncd connect quickbooks`, then `syncd mappings check`.")
