"""Source rates: a rate that an entry carries itself is ignored, counts where no row prices the work, or always."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from mappings.problems import Problem
from mappings.rules.rates import RateMatch
from mappings.steps import Step, step
from mappings.work import WorkItem

_FINEST = Decimal("0.00001")
"""Rates have up to 5 decimals."""


@dataclass(frozen=True, slots=True)
class OwnRate:
    """The rate of an entry itself, per unit of its service; or why it cannot be billed."""

    rate: Decimal
    said: Step
    problem: Problem | None = None


def own_rate(work: WorkItem, source_rates: str, table: RateMatch, client: str, currency: str) -> OwnRate | None:
    """The rate of the entry that counts by `source_rates`, given what the rates table says; None: that of the table."""
    if work.source_rate is None or source_rates == "ignore":
        return None
    if source_rates == "fallback" and (table.row is not None or table.problem is not None):
        return None
    assert source_rates in ("fallback", "override"), source_rates
    rounded = work.source_rate.quantize(_FINEST, ROUND_HALF_UP)
    rate = work.source_rate if work.source_rate == rounded else rounded
    said = step("source-rate", rate=f"{work.source_rate:f}", currency=currency, policy=source_rates)
    if work.source_currency in ("", currency):
        return OwnRate(rate, said)
    theirs = f"a rate in {work.source_currency}"
    about = " › ".join(name for name in (client, work.person, work.service) if name)
    what = f"{about} of {work.worked_on} carries {theirs}, and {client} is billed in {currency}."
    fix = f'Correct it in the source, or price it in {currency} in the rates table with source_rates = "ignore".'
    return OwnRate(rate, said, Problem("currency-mismatch", what, fix, None, client))
