"""True-up: a minimum spend. Where a period's usage is less than the fee, one line makes up the difference.

Usage is what was billed of the period's time, products and fixed fees, after discount, before tax, by worked day. The
line stands on the document in which the period ends. What comes later is measured against the fee as it was then: late
usage first takes back the true-up, less usage adds to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mappings.documents import Document, FeeAllocation, Line, PostedFee, Reason
from mappings.money import divide_half_up, plain, round_to_minor
from mappings.periods import Period
from mappings.problems import Problem
from mappings.rows import RetainerRow, ServiceRow
from mappings.rules.calendar import prorated, share
from mappings.rules.descriptions import Words
from mappings.rules.fees import FeeClient, cannot_bill, is_before, periods_of
from mappings.rules.grouping import alike, group_of_fee
from mappings.rules.lines import Draft
from mappings.rules.names import Matcher, in_window
from mappings.rules.parts import Parts
from mappings.rules.retainer_fees import retainer_item
from mappings.rules.retainers import retainer_key
from mappings.rules.served_days import prorated_said
from mappings.rules.services import Services
from mappings.rules.usage import Booked, Used, counted, usage
from mappings.steps import Step, step

KIND = "spend"


@dataclass(frozen=True, slots=True)
class TrueUp:
    """What a period's true-up is now, less what was billed of it. `draft` is None where nothing is to be billed."""

    group: str
    draft: Draft | None
    row: FeeAllocation
    waits: Problem | None = None
    """Why it cannot leave where some of the client's work is blocked: that may be usage, too."""

    def join(self, parts: dict[str, Parts], documents: Mapping[str, Document]) -> str:
        """Put it on the document of its group, and give back that group.

        A row of which nothing is to be billed stands on whatever document there is.
        """
        group = alike(self.group, parts)
        if self.draft is not None:
            parts[group].fees.append((self.draft, self.row))
        else:
            group = group if group in documents else min(documents, default=group)
            parts[group].settled.append(self.row)
        if self.waits is not None and any(documents[name].problems for name in documents if name != group):
            parts[group].problems.append(self.waits)
        return group


@dataclass(frozen=True, slots=True)
class _Settled:
    """What was billed of a period: the sum of its lines, the fee that usage was measured against, and up to when."""

    amount_minor: int
    fee_minor: int
    served_until: date


class TrueUps:
    """The minimum spends of one client, over what was billed, and what this run has drafted already."""

    def __init__(
        self,
        rows: Iterable[RetainerRow],
        client: FeeClient,
        services: Services,
        tax_code: str,
        booked: Iterable[Booked],
        fees: Iterable[PostedFee],
    ) -> None:
        self._client, self._tax_code = client, tax_code
        self.problems: list[Problem] = []
        self._rows: list[_Row] = []
        for row in rows:
            wrong, made = _read(row, client, services)
            self.problems.extend(wrong)
            self._rows.extend(made)
        self._used: list[Used] = []
        self._settled: dict[tuple[str, str], _Settled] = {}
        if self._rows:
            for document in booked:
                self._used.extend(counted(usage(document)))
            for posted in fees:
                self._settle(posted.fee)

    def days(self) -> Iterator[date]:
        """When periods end that need a document, also without work: not settled yet, or an `until` set back."""
        for row in self._rows:
            for period in self._open_periods(row):
                yield row.due(period)
            for period, settled in self._settled_periods(row):
                if self._owed(row, period, settled, self._used) != settled.amount_minor:
                    yield row.due(period)

    def of(
        self, period: Period, place: Callable[[date], Period | None], documents: Iterable[Document], words: Words
    ) -> list[TrueUp]:
        """The true-ups that belong on the documents of a billing period, which are made but for these."""
        if not self._rows:
            return []
        now = [*self._used, *_of_documents(documents)]
        found: list[TrueUp] = []
        for row in self._rows:
            due_now = (due for due in self._open_periods(row) if place(row.due(due)) == period)
            found.extend(self._first(row, due, now, words) for due in due_now)
            for due, settled in self._settled_periods(row):
                changed = self._change(row, due, settled, now, words)
                if changed is not None:
                    found.append(changed)
        return found

    def book(self, documents: Iterable[Document]) -> None:
        """Count drafts of this run as billed, for its later ones."""
        if not self._rows:
            return
        made = list(documents)
        self._used.extend(_of_documents(made))
        for document in made:
            for fee in document.fees:
                self._settle(fee)

    def _settle(self, fee: FeeAllocation) -> None:
        if fee.whole_minor is None or fee.served_until is None:
            return
        before = self._settled.get((fee.fee, fee.due))
        amount = fee.amount_minor + (before.amount_minor if before else 0)
        self._settled[fee.fee, fee.due] = _Settled(amount, fee.whole_minor, fee.served_until)

    def _open_periods(self, row: _Row) -> Iterator[Period]:
        for period in periods_of(row.row.every, row.row.valid_from, row.row.valid_until, self._client):
            due = row.due(period)
            is_owed = due <= self._client.until and not is_before(due, row.row.valid_from, self._client)
            if is_owed and (row.key, period.name) not in self._settled:
                yield period

    def _settled_periods(self, row: _Row) -> Iterator[tuple[Period, _Settled]]:
        for period in periods_of(row.row.every, row.row.valid_from, None, self._client):
            settled = self._settled.get((row.key, period.name))
            if settled is not None:
                yield period, settled

    def _first(self, row: _Row, period: Period, now: Iterable[Used], words: Words) -> TrueUp:
        fee, used = row.fee_minor(period, self._client), row.used_minor(period, row.end(period), now)
        return self._true_up(row, period, max(fee - used, 0), fee, used, words)

    def _change(self, row: _Row, period: Period, settled: _Settled, now: Iterable[Used], words: Words) -> TrueUp | None:
        """What usage of later days, or an `until` that was set back, makes of a true-up that was billed."""
        amount = self._owed(row, period, settled, now) - settled.amount_minor
        if not amount:
            return None
        fee, end = row.still_served(period, settled.fee_minor, settled.served_until)
        used = row.used_minor(period, end, now)
        return self._true_up(row, period, amount, fee, used, words, billed=settled.amount_minor)

    def _owed(self, row: _Row, period: Period, settled: _Settled, now: Iterable[Used]) -> int:
        fee, end = row.still_served(period, settled.fee_minor, settled.served_until)
        return max(fee - row.used_minor(period, end, now), 0)

    def _true_up(
        self, row: _Row, period: Period, amount: int, fee: int, used: int, words: Words, *, billed: int | None = None
    ) -> TrueUp:
        """The line and ledger row; `billed` is what a true-up that changes was billed at."""
        policy = self._client.settings.policy
        told = [plain(one, policy.currency) for one in (used, fee)]
        said = step("true-up", used=told[0], minimum=told[1], period=period.name)
        if billed is not None:
            before = plain(billed, policy.currency)
            said = step("true-up-changed", used=told[0], minimum=told[1], period=period.name, billed=before)
        allocation = FeeAllocation(
            row.key,
            period.name,
            amount,
            0,
            row.end(period),
            Reason(retainer_row=str(row.row.place), steps=(*row.prorated_said(period, policy.currency), said)),
            day=row.due(period),
            whole_minor=fee,
        )
        if not amount:
            return TrueUp(row.group, None, allocation)
        waits = row.waits(period) if billed is None else None
        service = row.service
        line = Line(
            number=0,
            kind="retainer",
            description=words.true_up(row.row.name, period, *told, is_change=billed is not None),
            item=row.item,
            tax_code=policy.tax_code or (service.tax_code if service else "") or self._tax_code,
            amount_minor=amount,
            quantity=Decimal(1),
            rate=None,
            unit="each",
            class_name=(service.class_name if service else "") or policy.class_name,
            service_date=row.due(period),
            service_month=f"{row.due(period):%Y-%m}",
        )
        return TrueUp(row.group, Draft((9, row.due(period), row.key, period.name), line, ()), allocation, waits)


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a minimum spend, ready to be asked."""

    row: RetainerRow
    key: str
    group: str
    item: str
    service: ServiceRow | None
    services: Matcher
    projects: Matcher

    def waits(self, period: Period) -> Problem:
        """What blocks a true-up beside blocked work."""
        name, client = self.row.name, self.row.client
        what = f"What {name} of {client} lacks for {period.name} is not known: some of its work is blocked."
        fix = "Put right what blocks the client's other documents."
        return Problem("true-up-waits", what, fix, self.row.place, client)

    def end(self, period: Period) -> date:
        """The last day of a period that the row is in force."""
        return min(period.last, self.row.valid_until or period.last)

    def due(self, period: Period) -> date:
        """The day on which a period's true-up is due: its last, or the last in force where it is prorated."""
        return period.last if self.row.prorate == "no" else self.end(period)

    def fee_minor(self, period: Period, client: FeeClient) -> int:
        """The least that a period must bring: whole, or by the days in force."""
        currency = client.settings.policy.currency
        if self.row.prorate == "no":
            return round_to_minor(self.row.fee, currency)
        return prorated(
            self.row.fee, currency, self.row.prorate, self._served(period, self.end(period)), _whole(period)
        )

    def prorated_said(self, period: Period, currency: str) -> tuple[Step, ...]:
        """Why the minimum is less than the row's fee."""
        if self.row.prorate == "no":
            return ()
        served = self._served(period, self.end(period))
        return prorated_said(self.row.prorate, self.row.fee, currency, served, _whole(period))

    def still_served(self, period: Period, fee_minor: int, served_until: date) -> tuple[int, date]:
        """The fee as it was billed, less the days that an `until` set back later has taken away; and its last day."""
        if self.row.prorate == "no" or self.end(period) >= served_until:
            return fee_minor, served_until
        now, before = (
            share(self.row.prorate, self._served(period, last), _whole(period))
            for last in (self.end(period), served_until)
        )
        left = fee_minor * now / before
        return divide_half_up(left.numerator, left.denominator), self.end(period)

    def used_minor(self, period: Period, end: date, rows: Iterable[Used]) -> int:
        """The period's usage while the row is in force."""
        return sum(
            one.amount_minor
            for one in rows
            if one.day in period
            and in_window(one.day, self.row.valid_from, end)
            and self.services.matches(one.service)
            and self.projects.matches(one.project)
        )

    def _served(self, period: Period, last: date) -> tuple[date, date]:
        return max(period.first, self.row.valid_from or period.first), last


def _whole(period: Period) -> tuple[date, date]:
    return period.first, period.last


def _read(row: RetainerRow, client: FeeClient, services: Services) -> tuple[list[Problem], list[_Row]]:
    problems = list(cannot_bill(row, row.name, client))
    item, service = retainer_item(row, services)
    if not item:
        what = f"The retainer {row.name} of {row.client} has no item to be invoiced as."
        fix = "Fill in its item, or name a service of the services table in it."
        problems.append(Problem("retainer-without-item", what, fix, row.place, row.client))
    if problems:
        return problems, []
    only = row.projects[0] if len(row.projects) == 1 and not row.projects[0].endswith("*") else ""
    group = group_of_fee(only, None, client.settings.policy, {})
    matchers = (Matcher(row.services), Matcher(row.projects))
    return [], [_Row(row, retainer_key(row), group, item, service, *matchers)]


def _of_documents(documents: Iterable[Document]) -> list[Used]:
    return [
        one
        for document in documents
        for one in counted(usage(Booked(document.period.last, list(document.allocations), list(document.fees))))
    ]
