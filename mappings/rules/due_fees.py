"""All fees of one client that are due: of retainers, deposits and fixed fees; true-ups are made of the documents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mappings.catalogue import Estimate
from mappings.documents import PostedFee
from mappings.problems import Problem
from mappings.rows import FixedFeeRow, RetainerRow
from mappings.rules.deposits import KIND as MONEY
from mappings.rules.deposits import deposit_fees
from mappings.rules.fees import Billed, FeeClient, FeeDue, Found
from mappings.rules.fixed_fees import fixed_fees
from mappings.rules.retainer_fees import retainer_fees
from mappings.rules.services import Services
from mappings.rules.shares import ShareDue, share_fees
from mappings.rules.true_up import KIND as SPEND


def due_fees(
    rows: Sequence[RetainerRow | FixedFeeRow],
    client: FeeClient,
    billed: Billed,
    services: Services,
    posted: Sequence[PostedFee],
    estimates: Sequence[Estimate],
) -> Found:
    """The fees of a client's rows, in their order; shares of one price are split together."""
    parts = [row for row in rows if isinstance(row, FixedFeeRow) and row.share is not None]
    shares, problems = share_fees(parts, client, billed, posted, estimates)
    fees: list[FeeDue] = []
    for found, wrong in _of_each(rows, client, billed, services, shares):
        fees.extend(found)
        problems.extend(wrong)
    return fees, problems


def _of_each(
    rows: Iterable[RetainerRow | FixedFeeRow],
    client: FeeClient,
    billed: Billed,
    services: Services,
    shares: Sequence[ShareDue],
) -> Iterable[tuple[list[FeeDue], list[Problem]]]:
    for row in rows:
        if isinstance(row, FixedFeeRow):
            yield fixed_fees(row, client, billed, services, shares)
        elif row.kind == MONEY:
            yield deposit_fees(row, client, billed)
        elif row.kind != SPEND:
            yield retainer_fees(row, client, billed, services)
