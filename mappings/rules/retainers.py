"""Retainers and covering fees: which work they cover, in which period of theirs, and what fee is due.

A `minimum` invoices its fee every period, also with no hour used, and covers hours; what is over is extra. Its work
waits for the document in which its period ends. A fixed fee with `covers = yes` covers all time on its client, project
and service.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mappings.periods import Period
from mappings.rows import FixedFeeRow, RetainerRow
from mappings.rules.calendar import fee_period
from mappings.rules.names import Matcher, fold, in_window


@dataclass(frozen=True, slots=True)
class Cover:
    """One retainer or covering fee, ready to be asked. `hours` None covers everything."""

    key: str
    client: str
    """Folded."""
    services: Matcher
    projects: Matcher
    every: str
    valid_from: date | None
    valid_until: date | None
    hours: Decimal | None
    retainer: RetainerRow | None
    fee: FixedFeeRow | None

    @property
    def included_seconds(self) -> int | None:
        """Seconds that one period includes; None: all."""
        return None if self.hours is None else int(self.hours * 3600)

    @property
    def row_name(self) -> str:
        row = self.retainer or self.fee
        assert row is not None
        return str(row.place)

    def period(self, day: date) -> Period:
        """The retainer's own period that a day lies in; a covering fee has one for good."""
        if self.every == "once":
            return Period(date.min, date.max, "once")
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
    return f"fixed-fee|{row.client}|{row.project}|{row.service}|{row.description}"


def covers(retainers: Iterable[RetainerRow], fees: Iterable[FixedFeeRow]) -> dict[str, tuple[Cover, ...]]:
    """Per client (folded) what covers its work, in the order in which it is asked: fees, then retainers by row."""
    found: dict[str, list[Cover]] = {}
    for fee in fees:
        if fee.covers:
            found.setdefault(fold(fee.client), []).append(_of_fee(fee))
    for row in retainers:
        found.setdefault(fold(row.client), []).append(_of_retainer(row))
    return {client: tuple(rows) for client, rows in found.items()}


def _of_fee(row: FixedFeeRow) -> Cover:
    return Cover(
        key=fee_key(row),
        client=fold(row.client),
        services=Matcher((row.service,) if row.service else ()),
        projects=Matcher((row.project,) if row.project else ()),
        every="once" if row.every == "once" else row.every,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        hours=None,
        retainer=None,
        fee=row,
    )


def _of_retainer(row: RetainerRow) -> Cover:
    return Cover(
        key=retainer_key(row),
        client=fold(row.client),
        services=Matcher(row.services),
        projects=Matcher(row.projects),
        every=row.every,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        hours=row.hours,
        retainer=row,
        fee=None,
    )
