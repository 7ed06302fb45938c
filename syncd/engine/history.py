"""What was billed before, for the rules that hold a document because it is unusual."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal

from sqlalchemy import Connection, bindparam, select

from mappings.documents import DEPOSIT, DRAW, Posted
from mappings.rules.holds import History, usual_rate
from syncd.store import schema

_USUAL_DOCUMENTS = 3
"""`30%-above-usual` compares with the mean of this many (the last three)."""

_TABLE, _FEE = schema.document.c, schema.fee_ledger.c
_TOTALS = (
    select(_TABLE.id, _TABLE.client, _TABLE.subtotal_minor)
    .where(_TABLE.company == bindparam("of_company"), _TABLE.client.in_(bindparam("of_names", expanding=True)))
    .where(_TABLE.withdrawn_at.is_(None), _TABLE.kind.in_(("invoice", "credit-memo")))
    # A deposit is no income, so it says nothing of what is usual.
    .where(~select(_FEE.id).where(_FEE.document_id == _TABLE.id, _FEE.due.in_((DEPOSIT, DRAW))).exists())
    .order_by(_TABLE.period_last, _TABLE.approved_at)
)


def read_history(
    connection: Connection, company: str, names: Collection[str], ledger: Iterable[Posted], unsent: set[str]
) -> History:
    """The history of some clients (our names) before the drafts: of documents that were sent, not of the `unsent`."""
    totals: dict[str, tuple[int, ...]] = {}
    for row in connection.execute(_TOTALS, {"of_company": company, "of_names": list(names)}):
        if row.id not in unsent:
            totals[row.client] = (*totals.get(row.client, ()), row.subtotal_minor)[-_USUAL_DOCUMENTS:]
    return History(posted=frozenset(totals), totals_minor=totals, rates=_last_rates(ledger))


def _last_rates(ledger: Iterable[Posted]) -> dict[tuple[str, str, str], frozenset[Decimal]]:
    """Per client, person and service, the rates of the last document that charged any (reversals charge nothing)."""
    last: dict[tuple[str, str, str], tuple[str, frozenset[Decimal]]] = {}
    for posted in ledger:
        row = posted.allocation
        rate = usual_rate(row.terms)
        if row.effect != "invoiced" or row.seconds <= 0 or rate is None:
            continue
        key = (row.terms.client, row.person, row.terms.service)
        document, rates = last.get(key, ("", frozenset()))
        last[key] = (posted.document, (rates if document == posted.document else frozenset()) | {rate})
    return {key: rates for key, (_, rates) in last.items()}
