"""Estimates: the accepted estimate in QuickBooks that a fee is a share of."""

from __future__ import annotations

from collections.abc import Iterable

from mappings.catalogue import Estimate
from mappings.problems import Problem
from mappings.rows import ESTIMATE, FixedFeeRow
from mappings.rules.names import fold

_USABLE = ("accepted", "closed", "converted")
"""An invoice that is made from an accepted estimate in QuickBooks closes it."""


def estimate_number(row: FixedFeeRow) -> str:
    """The number of the estimate that a fee is a share of; "" where it is a share of an amount, or none."""
    return row.percent_of.removeprefix(ESTIMATE) if row.percent_of.startswith(ESTIMATE) else ""


def find_estimate(row: FixedFeeRow, currency: str, estimates: Iterable[Estimate]) -> Estimate | Problem:
    """The estimate that a row names, of its own client."""
    number = estimate_number(row)
    known = [one for one in estimates if fold(one.number) == fold(number) and one.state != "deleted"]
    mine = [one for one in known if fold(one.customer) == fold(row.client)]
    usable = [one for one in mine if one.state in _USABLE]
    about = f"{row.description} of {row.client} is a share of the estimate {number}"

    def problem(code: str, what: str, fix: str) -> Problem:
        return Problem(code, what, fix, row.place, row.client)

    if not known:
        fix = "Write its number as QuickBooks has it; estimates are read with the other lists (`syncd mappings check`)."
        return problem("estimate-unknown", f"{about}, which QuickBooks does not have.", fix)
    if not mine:
        theirs = ", ".join(sorted({one.customer for one in known}))
        return problem("estimate-unknown", f"{about}, which is of {theirs}.", "Name an estimate of this client.")
    if not usable:
        what = f"{about}, which is {mine[0].state} in QuickBooks."
        return problem("estimate-not-accepted", what, "Mark it as accepted in QuickBooks once the client agreed.")
    if len(usable) > 1:
        return problem(
            "estimate-ambiguous", f"{about}, of which there are {len(usable)}.", "Renumber one in QuickBooks."
        )
    if usable[0].currency not in ("", currency):
        what = f"{about}, which is in {usable[0].currency}, and the client is billed in {currency}."
        return problem("currency-mismatch", what, f"Write an estimate in {currency}.")
    return usable[0]
