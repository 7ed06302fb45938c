"""What is said of work that a retainer covers, or that is over its hours."""

from __future__ import annotations

from functools import lru_cache

from mappings.rules.hours_ledger import CoverKey
from mappings.rules.retainers import Cover
from mappings.steps import Step, step


@lru_cache(maxsize=1024)
def covered_said(key: CoverKey, billed: int, drawn: int | None) -> Step:
    """How much a period covers, and at a premium how much that draws."""
    if drawn is None or drawn == billed:
        return step("covered", seconds=billed, period=key[1])
    return step("covered-at-premium", seconds=billed, drawn_seconds=drawn, period=key[1])


def extra_said(cover: Cover, key: CoverKey, billed: int, currency: str) -> tuple[Step, ...]:
    """How much is over a period's hours, and at what rate where the retainer's row names one."""
    rate = "" if cover.retainer is None or cover.retainer.extra_rate is None else f"{cover.retainer.extra_rate:f}"
    return _extra_said(cover.is_pro_rata, key[1], billed, rate, currency, cover.row_name)


@lru_cache(maxsize=1024)
def _extra_said(pro_rata: bool, period: str, billed: int, rate: str, currency: str, row: str) -> tuple[Step, ...]:
    extra = step("extra-pro-rata" if pro_rata else "extra", seconds=billed, period=period)
    return (extra, step("extra-rate", rate=rate, currency=currency, row=row)) if rate else (extra,)
