"""Fees that are due: retainers at the end of their periods, fixed fees on their days, each billed once per period."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from mappings.documents import FeeAllocation, Line, LineKind, PostedFee, Reason
from mappings.money import divide_half_up, round_to_minor
from mappings.periods import Period
from mappings.problems import Problem
from mappings.rows import FixedFeeRow, RetainerRow, ServiceRow
from mappings.rules.calendar import fee_period, next_period, prorated, shifted
from mappings.rules.clients import Settings
from mappings.rules.descriptions import Words
from mappings.rules.lines import Draft
from mappings.rules.names import in_window
from mappings.rules.retainers import fee_key, retainer_key
from mappings.rules.services import Services


@dataclass(frozen=True, slots=True)
class FeeDue:
    """One amount of a fee that is owed, less what was billed of it."""

    key: str
    due: str
    day: date
    """The day on which it is due: its document's period ends on it or later."""
    amount_minor: int
    kind: LineKind
    row: RetainerRow | FixedFeeRow
    stretch: Period | tuple[date, date] | None
    """What it pays for; None for a fee that is billed once."""
    group: str
    service: ServiceRow | None
    item: str
    served_until: date | None = None
    credit: bool = False


@dataclass(frozen=True, slots=True)
class BilledFee:
    """The net of a fee's ledger rows for one period."""

    amount_minor: int
    served_until: date | None


@dataclass(frozen=True, slots=True)
class FeeClient:
    """What of a client decides its fees. `begin` is where a row without `from` starts; None: nothing says when."""

    settings: Settings
    begin: date | None
    posted: Callable[[date], bool]
    """Whether the client's document of a day was sent already; a fee without `from` is not billed for it then."""
    until: date
    """The last day of the running period: nothing due later is looked at."""


def billed_fees(fees: tuple[PostedFee, ...]) -> dict[tuple[str, str], BilledFee]:
    """Net amounts per (fee, due); those that cancel are left out, so that they are owed again."""
    net: dict[tuple[str, str], BilledFee] = {}
    for posted in fees:
        fee = posted.fee
        before = net.get((fee.fee, fee.due))
        amount = fee.amount_minor + (before.amount_minor if before else 0)
        net[fee.fee, fee.due] = BilledFee(amount, fee.served_until)
    return {key: fee for key, fee in net.items() if fee.amount_minor}


Found = tuple[list[FeeDue], list[Problem]]
Billed = Mapping[tuple[str, str], BilledFee]


def retainer_fees(row: RetainerRow, client: FeeClient, billed: Billed, services: Services) -> Found:
    """The fee of each of a retainer's periods that its dates touch, due on the period's last day."""
    problems = list(_cannot_bill(row, row.name, client))
    if problems or not row.fee:
        return [], problems
    item, service = _retainer_item(row, services)
    if not item:
        what = f"The retainer {row.name} of {row.client} has no item to be invoiced as."
        fix = "Fill in its item, or name a service of the services table in it."
        return [], [Problem("retainer-without-item", what, fix, row.place, row.client)]
    policy = client.settings.policy
    group = ""
    if policy.one_invoice_per == "project" and len(row.projects) == 1 and not row.projects[0].endswith("*"):
        group = row.projects[0]
    fees = []
    for period in _periods(row.every, row.valid_from, row.valid_until, client):
        key = (retainer_key(row), period.name)
        if period.last > client.until or key in billed or _before(period.last, row.valid_from, client):
            continue
        amount = round_to_minor(row.fee, policy.currency)
        fees.append(FeeDue(*key, period.last, amount, "retainer", row, period, group, service, item))
    return fees, []


def fixed_fees(row: FixedFeeRow, client: FeeClient, billed: Billed, services: Services) -> Found:
    """What a fixed fee owes up to now: whole on each due day in its dates; where it is prorated, by the days served."""
    problems = list(_cannot_bill(row, row.description, client))
    if problems:
        return [], problems
    item, service = _fee_item(row, services)
    if not item:
        what = f"The fixed fee {row.description} of {row.client} names no service, so it has no item to be invoiced as."
        fix = "Fill in its service with a name of the services table."
        return [], [Problem("fixed-fee-without-item", what, fix, row.place, row.client)]
    group = row.project if client.settings.policy.one_invoice_per == "project" else ""
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
        for period in _periods(row.every, row.valid_from, row.valid_until, client):
            first, last = self._stretch(period)
            day = last if row.on == "last-day" else first
            if not in_window(day, row.valid_from, row.valid_until) or day > client.until:
                continue
            if (self._key, period.name) in billed or _before(day, row.valid_from, client):
                continue
            amount = round_to_minor(self._price, self._currency)
            yield self._due(period.name, day, amount, _shown(period, first, last))

    def by_days(self, billed: Billed) -> Iterator[FeeDue]:
        """By the days in force; an `until` that was moved after billing credits the days not served, or adds some."""
        row, client = self._row, self._client
        for period in _periods(row.every, row.valid_from, None, client):
            whole = self._stretch(period)
            first = max(whole[0], row.valid_from or whole[0])
            last = min(whole[1], row.valid_until or whole[1])
            before = billed.get((self._key, period.name))
            if before is not None:
                yield from self._difference(period.name, before, first, last, whole)
                continue
            day = last if row.on == "last-day" else first
            if last < first or day > client.until or _before(day, row.valid_from, client):
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


def _periods(every: str, first: date | None, last: date | None, client: FeeClient) -> Iterator[Period]:
    """The fee's periods from the one in which it starts (one before, for stretches over its edge) to the running one."""
    begin = first or client.begin
    assert begin is not None
    since = client.settings.since
    if since is not None and since > begin:
        begin = since
    period = fee_period(every, begin, first)
    period = fee_period(every, period.first - timedelta(days=1), first)
    while period.first <= client.until and (last is None or period.first <= last):
        yield period
        period = next_period(every, period, first)


def _less(billed: int, owed: int, paid: int) -> int:
    """What remains of a billed amount when fewer days are served."""
    return divide_half_up(billed * owed, paid) if paid > 0 else billed


def _before(day: date, valid_from: date | None, client: FeeClient) -> bool:
    """Whether what is due on a day is before the fee's time: go-live, or for rows without `from` what was posted."""
    since = client.settings.since
    if since is not None and day < since:
        return True
    if valid_from is not None:
        return day < valid_from
    return client.posted(day) or (client.begin is not None and day < client.begin)


def _cannot_bill(row: RetainerRow | FixedFeeRow, name: str, client: FeeClient) -> Iterator[Problem]:
    policy = client.settings.policy
    if row.currency not in ("", policy.currency):
        what = f"{name} is in {row.currency}, and {row.client} is billed in {policy.currency}."
        yield Problem("currency-mismatch", what, f"Give the amount in {policy.currency}.", row.place, row.client)
    repeated = row.every != "once"
    if repeated and row.valid_from is None and client.begin is None:
        what = f"Nothing says since when {name} is owed: no from, no go-live, and {row.client} has no work."
        yield Problem("fee-without-start", what, "Fill in its from.", row.place, row.client)


def _retainer_item(row: RetainerRow, services: Services) -> tuple[str, ServiceRow | None]:
    named = services.of_ours(row.services[0]) if row.services else None
    if row.item:
        return row.item, named if named and named.quickbooks_item == row.item else None
    return (named.quickbooks_item, named) if named else ("", None)


def _fee_item(row: FixedFeeRow, services: Services) -> tuple[str, ServiceRow | None]:
    """Its service's item; without one, that of a service named like the fee, of work without a service, or the only one."""
    if row.service:
        named = services.of_ours(row.service)
    else:
        named = services.of_ours(row.description) or services.find("", "").row
        if named is None and len({one.quickbooks_item for one in services.rows}) == 1:
            named = services.rows[0]
    return (named.quickbooks_item, named) if named else ("", None)


def fee_draft(
    fee: FeeDue, client: FeeClient, words: Words, tax_code: str, used: tuple[int, int | None]
) -> tuple[Draft, FeeAllocation]:
    """The line of a fee, and its ledger row (with the line's number still 0)."""
    row, policy = fee.row, client.settings.policy
    rate: Decimal | None
    if isinstance(row, RetainerRow):
        assert isinstance(fee.stretch, Period)
        description = words.retainer(row.name, fee.stretch, *used)
        count, rate = Decimal(1), row.fee
    else:
        stretch = fee.stretch
        shown = (
            "" if stretch is None else words.period(stretch) if isinstance(stretch, Period) else words.days(*stretch)
        )
        description = words.fee(row.description, shown, fee.credit)
        whole = fee.amount_minor == round_to_minor(row.amount * row.quantity, policy.currency)
        count, rate = (row.quantity, row.amount) if whole else (Decimal(1), None)
    service = fee.service
    line = Line(
        number=0,
        kind=fee.kind,
        description=description,
        item=fee.item,
        tax_code=policy.tax_code or (service.tax_code if service else "") or tax_code,
        amount_minor=fee.amount_minor,
        quantity=count,
        rate=rate,
        unit="each",
        class_name=(service.class_name if service else "") or policy.class_name,
        service_date=fee.day,
        service_month=f"{fee.day:%Y-%m}",
    )
    reason = Reason(retainer_row=str(row.place)) if fee.kind == "retainer" else Reason(rate_row=str(row.place))
    allocation = FeeAllocation(fee.key, fee.due, fee.amount_minor, 0, fee.served_until, reason)
    order = (0 if fee.kind == "retainer" else 1, fee.day, fee.key, fee.due)
    return Draft(order, line, ()), allocation
