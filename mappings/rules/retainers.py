"""Retainers and covering fees: which work they cover, and in which period of theirs.

A `minimum` covers hours of each period; its work waits for the document in which that ends. A `block` covers hours that
were bought beforehand, by worked day. A fixed fee with `covers = yes` covers all time on its client, project and
service.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from mappings.money import divide_half_up
from mappings.periods import Period
from mappings.rows import FixedFeeRow, RetainerRow, Unused
from mappings.rules.calendar import fee_period, next_period, share
from mappings.rules.names import Matcher, fold, in_window

ONCE = Period(date.min, date.max, "once")
"""The period of what has but one for good."""


@dataclass(frozen=True, slots=True)
class Cover:
    """One retainer or covering fee, ready to be asked. `hours` None covers everything."""

    key: str
    client: str
    """Folded."""
    kind: str
    """minimum, block, fee."""
    services: Matcher
    projects: Matcher
    every: str
    valid_from: date | None
    valid_until: date | None
    hours: Decimal | None
    retainer: RetainerRow | None
    fee: FixedFeeRow | None
    row_name: str
    """Where its row stands."""

    def included_seconds(self, period: Period | None = None) -> int | None:
        """Seconds that one period, or the block, includes; None: all. By the days in force where `prorate` says so."""
        if self.hours is None:
            return None
        whole = Fraction(self.hours) * 3600
        if period is not None and self.retainer is not None and self.retainer.prorate.endswith("+hours"):
            how = self.retainer.prorate.removesuffix("+hours")
            served = (max(period.first, self.valid_from or period.first), self.end(period))
            whole *= share(how, served, (period.first, period.last))
        return divide_half_up(whole.numerator, whole.denominator)

    def end(self, period: Period) -> date:
        """The day on which a period's fee and extra are due: its last, or the last in force where it is prorated."""
        if self.retainer is None or self.retainer.prorate == "no" or self.valid_until is None:
            return period.last
        return min(period.last, self.valid_until)

    def following(self, period: Period) -> Period:
        """The period after one of this retainer's."""
        return next_period(self.every, period, self.valid_from)

    def waits_until(self, day: date) -> date:
        """The first day on which a document can carry work of a day: a minimum's waits for its period's end."""
        return max(day, self.end(self.period(day))) if self.kind == "minimum" else day

    @property
    def unused(self) -> Unused:
        """What its periods hand on."""
        return self.retainer.unused if self.retainer is not None else Unused()

    @property
    def is_pro_rata(self) -> bool:
        return self.retainer is not None and self.retainer.draw == "pro-rata"

    def period(self, day: date) -> Period:
        """The retainer's own period that a day lies in; a block, and a covering fee, has one for good."""
        if self.every == "once":
            return ONCE
        return fee_period(self.every, day, self.valid_from)

    def takes(self, service: str, project: str, day: date) -> bool:
        """Whether the row speaks of this work; names folded."""
        return (
            in_window(day, self.valid_from, self.valid_until)
            and self.services.matches(service)
            and self.projects.matches(project)
        )


def retainer_key(row: RetainerRow) -> str:
    """The row's key in the ledger: its client, project, service and name."""
    return f"retainer|{row.client}|{','.join(row.projects)}|{','.join(row.services)}|{row.name}"


def fee_key(row: FixedFeeRow) -> str:
    """The row's key in the ledger: its client, project, service and description."""
    key = f"fixed-fee|{row.client}|{row.project}|{row.service}|{row.description}"
    return f"{key}|catalogue" if row.of_catalogue else key


def covers(retainers: Iterable[RetainerRow], fees: Iterable[FixedFeeRow]) -> dict[str, tuple[Cover, ...]]:
    """Per client (folded) what covers its work, in the order in which it is drawn.

    Fees first, then each `minimum` by its row, then blocks: of those valid on a day the oldest first.
    """
    found: dict[str, list[Cover]] = {}
    for fee in fees:
        if fee.covers:
            found.setdefault(fold(fee.client), []).append(_of_fee(fee))
    rows = [row for row in retainers if row.kind in _ORDER]
    for row in sorted(rows, key=lambda row: (_ORDER.index(row.kind), row.kind == "block" and _oldest(row))):
        found.setdefault(fold(row.client), []).append(_of_retainer(row))
    return {client: tuple(rows) for client, rows in found.items()}


_ORDER = ("minimum", "block")


def _oldest(row: RetainerRow) -> date:
    return row.valid_from or date.min


def _of_fee(row: FixedFeeRow) -> Cover:
    return Cover(
        key=fee_key(row),
        client=fold(row.client),
        kind="fee",
        services=Matcher((row.service,) if row.service else ()),
        projects=Matcher((row.project,) if row.project else ()),
        every="once" if row.every == "once" else row.every,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        hours=None,
        retainer=None,
        fee=row,
        row_name=str(row.place),
    )


def _of_retainer(row: RetainerRow) -> Cover:
    return Cover(
        key=retainer_key(row),
        client=fold(row.client),
        kind=row.kind,
        services=Matcher(row.services),
        projects=Matcher(row.projects),
        every="once" if row.kind == "block" else row.every,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        hours=row.hours,
        retainer=row,
        fee=None,
        row_name=str(row.place),
    )
