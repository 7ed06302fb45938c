"""Approved pairs: a document of one company and the invoice of another for the hours on it.

Posting to two companies cannot be atomic. The borrower's document is sent first, the lender's right after it; a pair of
which the second was refused stops all further pairs of the two companies until a person mends or voids it.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, insert, or_, select, union_all, update

from mappings.problems import Problem
from syncd.store import schema
from syncd.store.events import append_event

_FIRST, _TWIN = schema.document.alias("first"), schema.document.alias("twin")
_SENT, _NEXT = schema.outbox.alias("sent"), schema.outbox.alias("next")
_PAIR = schema.pair.c


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair of which the second is not in QuickBooks yet."""

    lender: str
    borrower: str
    document_id: str
    number: str
    first_id: str
    first_number: str
    first_done: bool
    state: str
    """Of the second's sending."""
    problem: str

    @property
    def half_posted(self) -> bool:
        """The first is in QuickBooks, and the second was definitely refused."""
        return self.first_done and self.state == "refused"

    @property
    def named(self) -> str:
        """The second, as people know it."""
        return self.number or self.document_id

    @property
    def first_named(self) -> str:
        return self.first_number or self.first_id


def join_pair(connection: Connection, *, company: str, document_id: str, borrower: str, first_id: str) -> None:
    """Record that two documents were approved together, in the transaction that approves them."""
    row = {"company": company, "document_id": document_id, "borrower": borrower, "first_id": first_id}
    connection.execute(insert(schema.pair).values(row))


def open_pairs(connection: Connection, company: str) -> list[Pair]:
    """The pairs of a company, as lender or borrower, of which the second is not in QuickBooks yet."""
    query = (
        select(
            _PAIR.company, _PAIR.borrower, _PAIR.document_id, _TWIN.c.number, _PAIR.first_id,
            _FIRST.c.number.label("first_number"), _FIRST.c.kind, _SENT.c.state.label("sent"),
            _NEXT.c.state, _NEXT.c.problem,
        )
        .join(_FIRST, _FIRST.c.id == _PAIR.first_id)
        .join(_TWIN, _TWIN.c.id == _PAIR.document_id)
        .join(_NEXT, and_(_NEXT.c.document_id == _PAIR.document_id, _NEXT.c.operation == "create"))
        .outerjoin(_SENT, and_(_SENT.c.document_id == _PAIR.first_id, _SENT.c.operation == "create"))
        .where(or_(_PAIR.company == company, _PAIR.borrower == company))
        .where(_FIRST.c.withdrawn_at.is_(None), _TWIN.c.withdrawn_at.is_(None))
        .where(_NEXT.c.state.not_in(("done", "withdrawn")))
        .order_by(_NEXT.c.id)
    )  # fmt: skip
    return [
        Pair(
            row.company, row.borrower, row.document_id, row.number or "", row.first_id, row.first_number or "",
            row.kind == "settlement" or row.sent == "done", row.state, row.problem or "",
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def kept_back(connection: Connection, company: str, now: datetime) -> dict[str, Problem]:
    """Documents of a company that are not sent for the first time because of the other one of their pair, and why."""
    pairs = open_pairs(connection, company)
    stuck = {(one.lender, one.borrower): one for one in reversed(pairs) if one.half_posted}
    found: dict[str, Problem] = {}
    for one in pairs:
        own = one.document_id if one.lender == company else one.first_id
        other = stuck.get((one.lender, one.borrower))
        if other is not None:
            found[own] = half_posted(other)
        elif one.lender == company and not one.first_done:
            what = f"{one.named} waits for {one.first_named} of {one.borrower}, which is sent before it."
            found[own] = Problem("first-not-sent", what, f"Type `syncd push --company {shlex.quote(one.borrower)}`.")
        elif one.borrower == company and not one.first_done and not _can_be_sent(connection, one.lender, now):
            what = (
                f"{one.first_named} has hours of {one.lender}, whose QuickBooks cannot be written to: neither is sent."
            )
            found[own] = Problem("lender-not-ready", what, f"Type `syncd status --company {shlex.quote(one.lender)}`.")
    return found


def half_posted(pair: Pair) -> Problem:
    """What is said of a pair of which only the first is in QuickBooks, with its two ways out."""
    lender, borrower = shlex.quote(pair.lender), shlex.quote(pair.borrower)
    return Problem(
        "half-posted-pair",
        f"{pair.first_named} of {pair.borrower} is in QuickBooks, and {pair.named} of {pair.lender}, which belongs "
        "to it, was refused: no further pair of the two is sent.",
        f"Mend what it was refused for and type `syncd retry {shlex.quote(pair.named)} --company {lender}`; or void "
        f"{pair.first_named} in QuickBooks, then type `syncd reconcile --company {borrower}` and `syncd release "
        f"{shlex.quote(pair.first_named)} --company {borrower}`, which takes both back.",
    )


def to_follow(connection: Connection, lender: str, borrower: str) -> frozenset[str]:
    """The lender's documents to send now that the borrower's are in QuickBooks."""
    pairs = [one for one in open_pairs(connection, lender) if (one.lender, one.borrower) == (lender, borrower)]
    if any(one.half_posted for one in pairs):
        return frozenset()
    return frozenset(one.document_id for one in pairs if one.first_done and one.state == "ready")


def withdraw_twins(connection: Connection, first_id: str, because: str, now: datetime) -> None:
    """Take back what was approved with a document and not sent, in the transaction that takes that one back."""
    query = (
        select(_PAIR.document_id, _PAIR.company, schema.outbox.c.id)
        .join(schema.outbox, schema.outbox.c.document_id == _PAIR.document_id)
        .join(_TWIN, _TWIN.c.id == _PAIR.document_id)
        .where(_PAIR.first_id == first_id, _TWIN.c.withdrawn_at.is_(None))
        .where(schema.outbox.c.operation == "create", schema.outbox.c.state.in_(("ready", "refused")))
        .where(schema.outbox.c.doubted.is_(False))
    )
    document, outbox = schema.document.c, schema.outbox.c
    for row in list(connection.execute(query)):
        connection.execute(
            update(schema.outbox).where(outbox.id == row.id).values(state="withdrawn", changed_at=now, problem=None)
        )
        connection.execute(
            update(schema.document)
            .where(document.id == row.document_id)
            .values(withdrawn_at=now, withdrawn_because=because)
        )
        append_event(connection, row.company, "withdrawn", row.document_id, {"because": because}, now)


def standing_partner(connection: Connection, document_id: str) -> Problem | None:
    """Why the work of a voided document may not be billed again yet: the other one of its pair stands."""
    for partner in _partners(connection, document_id):
        if partner.decision is None and partner.state == "live":
            return Problem(
                "pair-stands",
                f"{partner.number or partner.id} of {partner.company} bills the same hours and stands in QuickBooks.",
                f"Void it too, then type `syncd reconcile --company {shlex.quote(partner.company)}`.",
            )
    return None


def is_in_doubt(connection: Connection, document_id: str) -> bool:
    """Whether what was approved with a document is perhaps in QuickBooks."""
    outbox = schema.outbox.c
    query = (
        select(outbox.id)
        .join(schema.pair, _PAIR.document_id == outbox.document_id)
        .where(_PAIR.first_id == document_id, outbox.operation == "create")
        .where(or_(outbox.state.in_(("sending", "unknown")), and_(outbox.state == "refused", outbox.doubted)))
    )
    return connection.execute(query.limit(1)).first() is not None


def _partners(connection: Connection, document_id: str) -> Iterable[Row[Any]]:
    """The other documents of a document's pairs that are in QuickBooks, with their state there as last read."""
    document, remote = schema.document.c, schema.remote_document.c
    type_there = case((document.kind == "invoice", "Invoice"), else_="CreditMemo")
    others = union_all(
        select(_PAIR.document_id).where(_PAIR.first_id == document_id),
        select(_PAIR.first_id).where(_PAIR.document_id == document_id),
    )
    there = and_(remote.company == document.company, remote.type == type_there, remote.id == document.quickbooks_id)
    query = (
        select(document.id, document.company, document.number, document.decision)
        .add_columns(func.coalesce(remote.state, "live").label("state"))
        .outerjoin(schema.remote_document, there)
        .where(document.id.in_(others), document.withdrawn_at.is_(None), document.quickbooks_id.is_not(None))
    )
    return connection.execute(query).all()


def _can_be_sent(connection: Connection, company: str, now: datetime) -> bool:
    """Whether a company is connected to QuickBooks, which is not asking for silence."""
    table = schema.connection.c
    row = connection.execute(
        select(table.tokens, table.broken_because, table.paused_until).where(table.company == company)
    ).one_or_none()
    if row is None or row.tokens is None or row.broken_because is not None:
        return False
    return row.paused_until is None or row.paused_until <= now
