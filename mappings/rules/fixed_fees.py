"""Fixed fees: a price on a calendar or once, whole or by the days served; billed once per row and period."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from mappings.money import round_to_minor
from mappings.periods import Period
from mappings.problems import Problem
from mappings.rows import FixedFeeRow, ServiceRow
from mappings.rules.calendar import shifted
from mappings.rules.fees import Billed, FeeClient, FeeDue, Found, cannot_bill, is_before, periods_of
from mappings.rules.grouping import group_of_fee
from mappings.rules.names import in_window
from mappings.rules.retainers import fee_key
from mappings.rules.served_days import Prorated, by_days, shown
from mappings.rules.services import Services
from mappings.rules.shares import ShareDue
from mappings.steps import step


def fixed_fees(
    row: FixedFeeRow, client: FeeClient, billed: Billed, services: Services, shares: Sequence[ShareDue] = ()
) -> Found:
    """What a fixed fee owes up to now: whole on each due day in its dates; where it is prorated, by the days served.

    `shares` are those that are due of the prices that rows are shares of.
    """
    problems = list(cannot_bill(row, row.description, client))
    if problems:
        return [], problems
    unclear = [problem for problem in (client.milestones.problem(row),) if problem is not None]
    item, service = services.sold_as(row.service, row.description)
    if not item:
        what = f"The fixed fee {row.description} of {row.client} names no service, so it has no item to be invoiced as."
        fix = "Fill in its service with a name of the services table."
        return [], [Problem("fixed-fee-without-item", what, fix, row.place, row.client)]
    task = client.milestones.task(row)
    group = group_of_fee(row.project, task.key if task else None, client.settings.policy, client.tasks)
    make = _FixedFee(row, client, group, service, item)
    if row.share is not None:
        return list(make.shares(shares)), unclear
    if row.every == "once":
        return list(make.once(billed)), unclear
    if row.prorate == "no":
        return list(make.whole(billed)), []
    return list(make.by_days(billed)), []


class _FixedFee:
    def __init__(self, row: FixedFeeRow, client: FeeClient, group: str, service: ServiceRow | None, item: str) -> None:
        self._row, self._client, self._group = row, client, group
        self._service, self._item = service, item
        self._key = fee_key(row)
        self._currency = client.settings.policy.currency
        self._price = row.amount * row.quantity

    def once(self, billed: Billed) -> Iterator[FeeDue]:
        """On its date, or when its task is done, if that lies in from..until and since go-live."""
        day, since = self._client.milestones.day(self._row), self._client.settings.since
        if day is None:
            return
        in_force = in_window(day, self._row.valid_from, self._row.valid_until) and in_window(day, since, None)
        if in_force and day <= self._client.until and (self._key, "once") not in billed:
            yield self._due("once", day, round_to_minor(self._price, self._currency), None)

    def shares(self, due: Sequence[ShareDue]) -> Iterator[FeeDue]:
        """Those of this row."""
        share = self._row.share
        assert share is not None
        for one in due:
            if one.row is self._row:
                fee = self._due(one.due, one.day, one.amount_minor, None)
                yield replace(fee, price=one.price, hold=one.hold, steps=(*fee.steps, one.why))

    def whole(self, billed: Billed) -> Iterator[FeeDue]:
        """The whole amount on each due day that lies in from..until."""
        row, client = self._row, self._client
        for period in periods_of(row.every, row.valid_from, row.valid_until, client):
            first, last = self._stretch(period)
            day = last if row.on == "last-day" else first
            if not in_window(day, row.valid_from, row.valid_until) or day > client.until:
                continue
            if (self._key, period.name) in billed or is_before(day, row.valid_from, client):
                continue
            amount = round_to_minor(self._price, self._currency)
            yield self._due(period.name, day, amount, shown(period, first, last))

    def by_days(self, billed: Billed) -> Iterator[FeeDue]:
        """By the days in force; an `until` that was moved after billing credits the days not served, or adds some."""
        row, client = self._row, self._client
        fee = Prorated(
            self._key, self._price, self._currency, row.prorate, row.valid_from, row.valid_until, row.on == "last-day"
        )
        periods = periods_of(row.every, row.valid_from, None, client)
        for served in by_days(fee, ((period, self._stretch(period)) for period in periods), billed):
            if not served.is_change and (served.day > client.until or is_before(served.day, row.valid_from, client)):
                continue
            due = self._due(served.due, served.day, served.amount_minor, served.stretch)
            yield replace(due, served_until=served.served_until, credit=served.credit, steps=served.steps)

    def _stretch(self, period: Period) -> tuple[date, date]:
        if self._row.on == "last-day":
            return period.first, period.last
        return shifted(period, int(self._row.on), self._row.every, self._row.valid_from)

    def _due(self, due: str, day: date, amount: int, stretch: Period | tuple[date, date] | None) -> FeeDue:
        done = (step("milestone", task=self._row.milestone, day=day),) if self._row.milestone else ()
        return FeeDue(
            self._key, due, day, amount, "fixed-fee", self._row, stretch, self._group, self._service, self._item,
            steps=done,
        )  # fmt: skip
