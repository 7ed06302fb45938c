"""Reads both sides of the first proof: what was pulled, and where every second stands."""

from __future__ import annotations

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union,
    union_all,
)

from syncd.reports.snapshot import EffectSum, Hours, StandingSum, UnevenEntry
from syncd.reports.values import Selection
from syncd.store import schema

NAMED_AT_MOST = 20
"""How many entries or documents a proof names; it counts them all."""

EFFECTS = ("covered", "invoiced", "written-down")
"""All that a ledger row can be, as its table's constraint says."""

_work, _ledger, _standing, _document = schema.work.c, schema.ledger.c, schema.standing.c, schema.document.c


def read_hours(connection: Connection, company: str, selection: Selection) -> Hours:
    """Sum the three tables apart from each other, and find entries whose seconds do not stand exactly once."""
    scope = scope_of(connection, company, selection)
    entries, pulled = connection.execute(
        select(func.count(), func.coalesce(func.sum(_live()), 0))
        .select_from(schema.work)
        .where(_work.company == company, scope.work())
    ).one()
    count, uneven = _uneven(connection, scope)
    return Hours(entries, int(pulled), _effects(connection, scope), _standings(connection, scope), count, uneven)


def scope_of(connection: Connection, company: str, selection: Selection) -> Scope:
    """What a selection means on the three tables."""
    return Scope(company, selection, withdrawn=_any_withdrawn(connection, company))


def _any_withdrawn(connection: Connection, company: str) -> bool:
    query = select(_document.id).where(_document.company == company, _document.withdrawn_at.is_not(None)).limit(1)
    return connection.execute(query).first() is not None


class Scope:
    """The conditions that a selection means on each of the three tables.

    An entry belongs to the period in which it is worked now, whatever day it was billed for; one that the work table
    has lost, to that of its ledger rows. A client's entries are those of which a ledger or standing row names it.
    """

    def __init__(self, company: str, selection: Selection, *, withdrawn: bool) -> None:
        self.company = company
        self.client = selection.client
        self.period = selection.period
        self.live_ledger = _ledger.company == company
        if withdrawn:
            # Asked of each row: left out of the many books in which nothing was ever withdrawn.
            gone = select(_document.id).where(_document.company == company, _document.withdrawn_at.is_not(None))
            self.live_ledger = and_(self.live_ledger, _ledger.document_id.not_in(gone))

    def work(self) -> ColumnElement[bool]:
        conditions: list[ColumnElement[bool]] = [true()]
        if self.period:
            conditions.append(_work.worked_on.between(self.period.first, self.period.last))
        if self.client:
            conditions.append(self._of_client(_work.source, _work.entry))
        return and_(*conditions)

    def ledger(self) -> ColumnElement[bool]:
        return and_(self.live_ledger, self._rows(_ledger.source, _ledger.entry, _ledger.worked_on))

    def standing(self) -> ColumnElement[bool]:
        return and_(
            _standing.company == self.company, self._rows(_standing.source, _standing.entry, _standing.worked_on)
        )

    def selected(self, client: ColumnElement[str]) -> ColumnElement[bool]:
        return client == self.client if self.client else true()

    def _rows(
        self, source: ColumnElement[str], entry: ColumnElement[str], worked_on: ColumnElement[object]
    ) -> ColumnElement[bool]:
        conditions: list[ColumnElement[bool]] = [true()]
        if self.period:
            inside = select(_work.source, _work.entry).where(
                _work.company == self.company, _work.worked_on.between(self.period.first, self.period.last)
            )
            known = (
                select(literal(1))
                .select_from(schema.work)
                .where(_work.company == self.company, _work.source == source, _work.entry == entry)
                .exists()
            )
            lost = and_(worked_on.between(self.period.first, self.period.last), ~known)
            conditions.append(or_(tuple_(source, entry).in_(inside), lost))
        if self.client:
            conditions.append(self._of_client(source, entry))
        return and_(*conditions)

    def _of_client(self, source: ColumnElement[str], entry: ColumnElement[str]) -> ColumnElement[bool]:
        named = union(
            select(_ledger.source, _ledger.entry).where(self.live_ledger, _ledger.client == self.client),
            select(_standing.source, _standing.entry).where(
                _standing.company == self.company, _standing.client == self.client
            ),
        )
        return tuple_(source, entry).in_(named)


def _effects(connection: Connection, scope: Scope) -> tuple[EffectSum, ...]:
    """The ledger by effect, summed beside each other in one pass: grouped by effect, all rows would be sorted."""
    keys = [(effect, selected) for effect in EFFECTS for selected in ((False, True) if scope.client else (True,))]
    sums: list[ColumnElement[int]] = []
    for effect, selected in keys:
        here = scope.selected(_ledger.client)
        those = and_(_ledger.effect == effect, here if selected else ~here)
        sums += [column.filter(those) for column in (func.sum(_ledger.seconds), func.sum(_ledger.billed_seconds))]
    row = connection.execute(select(*sums).where(scope.ledger())).one()
    return tuple(
        EffectSum(effect, selected, int(seconds), int(billed))
        for (effect, selected), seconds, billed in zip(keys, row[::2], row[1::2], strict=True)
        if seconds is not None
    )


def _standings(connection: Connection, scope: Scope) -> tuple[StandingSum, ...]:
    selected = case((scope.selected(_standing.client), 1), else_=0)
    query = (
        select(
            _standing.state,
            _standing.code,
            _standing.client,
            selected,
            func.count(),
            func.sum(_standing.seconds),
            func.min(_standing.what),
            func.sum(_standing.scaled_quantity),
        )
        .where(scope.standing())
        .group_by(_standing.state, _standing.code, _standing.client, selected)
        .order_by(_standing.state, _standing.code, _standing.client)
    )
    return tuple(
        StandingSum(row[0], row[1], row[2], bool(row[3]), int(row[4]), int(row[5]), row[6], int(row[7]))
        for row in connection.execute(query)
    )


def _uneven(connection: Connection, scope: Scope) -> tuple[int, tuple[UnevenEntry, ...]]:
    """Entries whose seconds stand more or less than once: two errors that cancel out are found too."""
    count = connection.execute(_count_of_uneven(scope)).scalar_one()
    if not count:
        return 0, ()
    uneven = _uneven_entries(scope)
    query = select(uneven).order_by(uneven.c.source, uneven.c.entry).limit(NAMED_AT_MOST)
    return int(count), tuple(
        UnevenEntry(row.source, row.entry, int(row.pulled), int(row.held)) for row in connection.execute(query)
    )


def _count_of_uneven(scope: Scope) -> Select[int]:
    # One number a row, and the telling column first: a third less to sort than with both sides beside each other.
    both = union_all(
        select(_work.entry, _work.source, _live().label("seconds")).where(_work.company == scope.company, scope.work()),
        select(_ledger.entry, _ledger.source, -_ledger.seconds).where(scope.ledger()),
        select(_standing.entry, _standing.source, -_standing.seconds).where(scope.standing()),
    ).subquery()
    uneven = select(both.c.entry).group_by(both.c.entry, both.c.source).having(func.sum(both.c.seconds) != 0)
    return select(func.count()).select_from(uneven.subquery())


def _uneven_entries(scope: Scope) -> CTE:
    none = literal(0)
    rows = union_all(
        select(_work.source, _work.entry, _live().label("pulled"), none.label("held")).where(
            _work.company == scope.company, scope.work()
        ),
        select(_ledger.source, _ledger.entry, none, _ledger.seconds).where(scope.ledger()),
        select(_standing.source, _standing.entry, none, _standing.seconds).where(scope.standing()),
    ).subquery()
    pulled, held = func.sum(rows.c.pulled), func.sum(rows.c.held)
    return (
        select(rows.c.source, rows.c.entry, pulled.label("pulled"), held.label("held"))
        .group_by(rows.c.source, rows.c.entry)
        .having(pulled != held)
        .cte("uneven")
    )


def _live() -> ColumnElement[int]:
    return case((_work.deleted, 0), else_=_work.seconds)
