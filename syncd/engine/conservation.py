"""Conservation, before anything is sent: every second and item exactly once, and every cent on its document.

The rows that are compared were written by different steps: what was worked by pull, where it stands by draft, what was
billed by approve. All sums are of integers.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, Select, case, func, select, union_all

from mappings.problems import Problem
from syncd.store import schema

NAMED_AT_MOST = 5
_WORK, _STANDING, _LEDGER, _FEE, _DOCUMENT = (
    schema.work.c,
    schema.standing.c,
    schema.ledger.c,
    schema.fee_ledger.c,
    schema.document.c,
)


def broken_conservation(connection: Connection, company: str) -> Problem | None:
    """What does not add up in a company's books, with the first entries and documents; None when everything does."""
    wrong = [*_uneven_entries(connection, company), *_uneven_documents(connection, company)]
    if not wrong:
        return None
    named = "; ".join(wrong[:NAMED_AT_MOST]) + ("; …" if len(wrong) > NAMED_AT_MOST else "")
    return Problem(
        "not-conserved",
        f"The books do not add up, so nothing new is sent: {named}.",
        "Type `syncd status` for the proofs, and `syncd explain` for each entry or document. This is a mistake in "
        "syncd or in the database: keep a copy (`syncd backup`), and report it.",
    )


def _uneven_entries(connection: Connection, company: str) -> Iterator[str]:
    """Entries that stand more or less than once."""
    for row in connection.execute(_entries(company).limit(NAMED_AT_MOST + 1)):
        if row.seconds:
            more = "more" if row.seconds > 0 else "less"
            yield f"{row.source}/{row.entry} stands {abs(row.seconds)} s {more} than it was worked"
        if row.scaled_quantity:
            yield f"{row.source}/{row.entry} stands in another quantity than the source has"


def _entries(company: str) -> Select[str, str, int, int]:
    gone = select(_DOCUMENT.id).where(_DOCUMENT.company == company, _DOCUMENT.withdrawn_at.is_not(None))
    live = [case((_WORK.deleted, 0), else_=-column) for column in (_WORK.seconds, _WORK.scaled_quantity)]
    rows = union_all(
        select(_WORK.source, _WORK.entry, live[0].label("seconds"), live[1].label("scaled_quantity")).where(
            _WORK.company == company
        ),
        select(_STANDING.source, _STANDING.entry, _STANDING.seconds, _STANDING.scaled_quantity).where(
            _STANDING.company == company
        ),
        select(_LEDGER.source, _LEDGER.entry, _LEDGER.seconds, _LEDGER.scaled_quantity).where(
            _LEDGER.company == company, _LEDGER.document_id.not_in(gone)
        ),
    ).subquery()
    seconds, quantity = func.sum(rows.c.seconds), func.sum(rows.c.scaled_quantity)
    return (
        select(rows.c.source, rows.c.entry, seconds.label("seconds"), quantity.label("scaled_quantity"))
        .group_by(rows.c.source, rows.c.entry)
        .having((seconds != 0) | (quantity != 0))
        .order_by(rows.c.source, rows.c.entry)
    )


def _uneven_documents(connection: Connection, company: str) -> Iterator[str]:
    """Documents whose ledger rows sum to another amount than they were approved with."""

    def booked(amount: ColumnElement[int], document: ColumnElement[str]) -> ColumnElement[int]:
        return func.coalesce(select(func.sum(amount)).where(document == _DOCUMENT.id).scalar_subquery(), 0)

    total = booked(_LEDGER.amount_minor, _LEDGER.document_id) + booked(_FEE.amount_minor, _FEE.document_id)
    query = (
        select(_DOCUMENT.number, _DOCUMENT.id, _DOCUMENT.subtotal_minor, total.label("booked"))
        .where(_DOCUMENT.company == company, _DOCUMENT.withdrawn_at.is_(None), _DOCUMENT.kind != "settlement")
        .where(total != _DOCUMENT.subtotal_minor)
        .order_by(_DOCUMENT.id)
        .limit(NAMED_AT_MOST + 1)
    )
    for row in connection.execute(query):
        yield f"{row.number or row.id} has ledger rows of {row.booked} cents, and lines of {row.subtotal_minor}"
