"""Fixed fees: a price on a calendar or once, whole or by the days served; billed once per row and period."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from mappings.money import divide_half_up, round_to_minor
from mappings.periods import Period
from mappings.problems import Problem
from mappings.rows import FixedFeeRow, ServiceRow
from mappings.rules.calendar import prorated, shifted
from mappings.rules.fees import Billed, BilledFee, FeeClient, FeeDue, Found, cannot_bill, is_before, periods_of
from mappings.rules.grouping import group_of_fee
from mappings.rules.names import in_window
from mappings.rules.retainers import fee_key
from mappings.rules.services import Services


def fixed_fees(row: FixedFeeRow, client: FeeClient, billed: Billed, services: Services) -> Found:
    """What a fixed fee owes up to now: whole on each due day in its dates; where it is prorated, by the days served."""
    problems = list(cannot_bill(row, row.description, client))
    if problems:
        return [], problems
    item, service = services.sold_as(row.service, row.description)
    if not item:
        what = f"The fixed fee {row.description} of {row.client} names no service, so it has no item to be invoiced as."
        fix = "Fill in its service with a name of the services table."
        return [], [Problem("fixed-fee-without-item", what, fix, row.place, row.client)]
    group = group_of_fee(row.project, None, client.settings.policy, {})
    make = _FixedFee(row, client, group, service, item)
    if row.every == "once":
        return list(make.once(billed)), []
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
        """On its date, if that lies in from..until and since go-live."""
        day, since = date.fromisoformat(self._row.on), self._client.settings.since
        in_force = in_window(day, self._row.valid_from, self._row.valid_until) and in_window(day, since, None)
        if in_force and day <= self._client.until and (self._key, "once") not in billed:
            yield self._due("once", day, round_to_minor(self._price, self._currency), None)

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
            yield self._due(period.name, day, amount, _shown(period, first, last))

    def by_days(self, billed: Billed) -> Iterator[FeeDue]:
        """By the days in force; an `until` that was moved after billing credits the days not served, or adds some."""
        row, client = self._row, self._client
        for period in periods_of(row.every, row.valid_from, None, client):
            whole = self._stretch(period)
            first = max(whole[0], row.valid_from or whole[0])
            last = min(whole[1], row.valid_until or whole[1])
            before = billed.get((self._key, period.name))
            if before is not None:
                yield from self._difference(period.name, before, first, last, whole)
                continue
            day = last if row.on == "last-day" else first
            if last < first or day > client.until or is_before(day, row.valid_from, client):
                continue
            amount = prorated(self._price, self._currency, row.prorate, (first, last), whole)
            yield replace(self._due(period.name, day, amount, _shown(period, first, last)), served_until=last)

    def _difference(
        self, due: str, before: BilledFee, first: date, last: date, whole: tuple[date, date]
    ) -> Iterator[FeeDue]:
        served = before.served_until
        if served is None or served == last or (last < first and served < first):
            return
        kept = max(last, first - timedelta(days=1))
        paid = prorated(self._price, self._currency, self._row.prorate, (first, served), whole)
        owed = prorated(self._price, self._currency, self._row.prorate, (first, kept), whole)
        # What was billed counts, not what the row says now: a changed amount touches nothing that is posted.
        now = _less(before.amount_minor, owed, paid) if last < served else before.amount_minor + owed - paid
        stretch = (
            (max(last + timedelta(days=1), first), served) if last < served else (served + timedelta(days=1), last)
        )
        if now != before.amount_minor:
            fee = self._due(due, stretch[0], now - before.amount_minor, stretch)
            yield replace(fee, served_until=kept, credit=last < served)

    def _stretch(self, period: Period) -> tuple[date, date]:
        if self._row.on == "last-day":
            return period.first, period.last
        return shifted(period, int(self._row.on), self._row.every, self._row.valid_from)

    def _due(self, due: str, day: date, amount: int, stretch: Period | tuple[date, date] | None) -> FeeDue:
        return FeeDue(
            self._key, due, day, amount, "fixed-fee", self._row, stretch, self._group, self._service, self._item
        )  # fmt: skip


def _shown(period: Period, first: date, last: date) -> Period | tuple[date, date]:
    return period if (first, last) == (period.first, period.last) else (first, last)


def _less(billed: int, owed: int, paid: int) -> int:
    """What remains of a billed amount when fewer days are served."""
    return divide_half_up(billed * owed, paid) if paid > 0 else billed
