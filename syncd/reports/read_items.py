"""Reads both sides of the proof of priced items: what was pulled, and where each quantity stands, in 1/100,000."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, and_, case, func, literal, select, union_all

from syncd.reports.items import ItemsProof, ItemsRow, UnevenItem
from syncd.reports.proofs import HOURS_LABELS
from syncd.reports.read_hours import NAMED_AT_MOST, Scope, scope_of
from syncd.reports.values import Selection, quantity_text
from syncd.store import schema

_work, _ledger, _standing = schema.work.c, schema.ledger.c, schema.standing.c


def prove_items(connection: Connection, company: str, selection: Selection) -> ItemsProof | None:
    """Sum both sides apart from each other; None where there are no priced items."""
    scope = scope_of(connection, company, selection)
    entries, pulled = connection.execute(
        select(func.count(), func.coalesce(func.sum(_live()), 0)).where(_of_work(scope))
    ).one()
    by_code = dict.fromkeys((code for code in HOURS_LABELS if code != "covered"), 0)
    elsewhere = 0
    for code, selected, quantity in _stands(connection, scope):
        if selected:
            by_code[code] += quantity
        else:
            elsewhere += quantity
    uneven = _uneven(connection, scope)
    if not (entries or elsewhere or any(by_code.values()) or uneven):
        return None
    rows = [ItemsRow(code, HOURS_LABELS[code], quantity_text(quantity)) for code, quantity in by_code.items()]
    if elsewhere:
        rows.append(ItemsRow("other-clients", "the same items, on other clients", quantity_text(elsewhere)))
    accounted = sum(by_code.values()) + elsewhere
    return ItemsProof(
        entries,
        quantity_text(int(pulled)),
        tuple(rows),
        quantity_text(accounted),
        quantity_text(accounted - int(pulled)),
        len(uneven),
        tuple(uneven[:NAMED_AT_MOST]),
        holds=accounted == pulled and not uneven,
    )


def _stands(connection: Connection, scope: Scope) -> Iterator[tuple[str, bool, int]]:
    """(effect or state, on the selected client, quantity) of all ledger and standing rows of items."""
    for where, code, quantity, client in (
        (scope.ledger(), _ledger.effect, _ledger.scaled_quantity, _ledger.client),
        (scope.standing(), _standing.state, _standing.scaled_quantity, _standing.client),
    ):
        selected = case((scope.selected(client), 1), else_=0)
        query = select(code, selected, func.sum(quantity)).where(where, quantity != 0).group_by(code, selected)
        for row in connection.execute(query):
            yield row[0], bool(row[1]), int(row[2])


def _uneven(connection: Connection, scope: Scope) -> list[UnevenItem]:
    none = literal(0)
    rows = union_all(
        select(_work.source, _work.entry, _live().label("pulled"), none.label("held")).where(_of_work(scope)),
        select(_ledger.source, _ledger.entry, none, _ledger.scaled_quantity).where(
            scope.ledger(), _ledger.scaled_quantity != 0
        ),
        select(_standing.source, _standing.entry, none, _standing.scaled_quantity).where(
            scope.standing(), _standing.scaled_quantity != 0
        ),
    ).subquery()
    pulled, held = func.sum(rows.c.pulled), func.sum(rows.c.held)
    query = (
        select(rows.c.source, rows.c.entry, pulled, held)
        .group_by(rows.c.source, rows.c.entry)
        .having(pulled != held)
        .order_by(rows.c.source, rows.c.entry)
    )
    return [
        UnevenItem(row[0], row[1], quantity_text(int(row[2])), quantity_text(int(row[3])))
        for row in connection.execute(query)
    ]


def _of_work(scope: Scope) -> ColumnElement[bool]:
    return and_(_work.company == scope.company, scope.work(), _work.scaled_quantity != 0)


def _live() -> ColumnElement[int]:
    return case((_work.deleted, 0), else_=_work.scaled_quantity)
