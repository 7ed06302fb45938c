"""What is said of work that a retainer covers, or that is over its hours."""

from __future__ import annotations

from collections.abc import Iterator

from mappings.rules.hours_ledger import CoverKey
from mappings.rules.retainers import Cover
from mappings.steps import Step, step


def covered_said(key: CoverKey, billed: int, drawn: int | None) -> Step:
    """How much a period covers, and at a premium how much that draws."""
    if drawn is None or drawn == billed:
        return step("covered", seconds=billed, period=key[1])
    return step("covered-at-premium", seconds=billed, drawn_seconds=drawn, period=key[1])


def extra_said(cover: Cover, key: CoverKey, billed: int, currency: str) -> Iterator[Step]:
    """How much is over a period's hours, and at what rate where the retainer's row names one."""
    retainer = cover.retainer
    pro_rata = retainer is not None and retainer.draw == "pro-rata"
    yield step("extra-pro-rata" if pro_rata else "extra", seconds=billed, period=key[1])
    if retainer is not None and retainer.extra_rate is not None:
        yield step("extra-rate", rate=f"{retainer.extra_rate:f}", currency=currency, row=cover.row_name)
