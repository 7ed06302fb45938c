"""What the tables say of one piece of work: its customer, item, terms and what covers it. Look-ups are remembered."""

from __future__ import annotations

from dataclasses import replace

from mappings.documents import Reason, Terms
from mappings.periods import week_of
from mappings.problems import Problem
from mappings.rows import ClientRow, RateRow, ServiceRow, Tables
from mappings.rules.budgets import caps_of
from mappings.rules.charges import with_step
from mappings.rules.clients import Clients, ClientTable, Settings
from mappings.rules.discounts import Discounts
from mappings.rules.expenses import Expenses
from mappings.rules.grouping import default_order, group_of
from mappings.rules.item_rating import EACH, ItemRates, item_reason, item_terms, not_billable, other_currency
from mappings.rules.names import fold
from mappings.rules.premiums import Premiums
from mappings.rules.rates import RateMatch, Rates, names_of
from mappings.rules.retainers import Cover, covers
from mappings.rules.services import People, PersonMatch, ServiceMatch, Services
from mappings.rules.source_rates import own_rate
from mappings.settings import Rounding
from mappings.values import value
from mappings.work import WorkItem
from mappings.world import World


@value(frozen=True, slots=True)
class Rated:
    """One piece of work by today's tables for its worked day.

    `problem` blocks it; `not_billable` is a code and a sentence. `terms` are at the base rate; a covered piece of work
    may have none (`rate_problem` says why, and counts only where some of it is not covered).
    """

    client: str
    person: str = ""
    group: str = ""
    settings: Settings | None = None
    terms: Terms | None = None
    rounding: Rounding = Rounding()
    covers: tuple[Cover, ...] = ()
    reason: Reason = Reason()
    problem: Problem | None = None
    rate_problem: Problem | None = None
    not_billable: tuple[str, str] | None = None


class Lookups:
    """The tables of one company, indexed once for any number of worlds that have them."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.clients = ClientTable(tables.clients)
        self.services = Services(tables.services)
        self.people = People(tables.people)
        self.rates = Rates(tuple(row for row in tables.rates if row.unit != EACH))
        self.named_rates = Rates(tuple(row for row in tables.rates if row.unit not in (EACH, "")))
        self.item_rates = ItemRates(tables)
        self.expenses = Expenses(tables.expenses, self.services)
        self.premiums = Premiums(tables.premiums, tables.holidays)
        self.covers = covers(tables.retainers, tables.fixed_fees)
        self.caps = caps_of(tables.caps)
        self.discounts = Discounts(tables.discounts)


class Rater:
    """All tables of one world, ready to be asked about one piece of work after another."""

    def __init__(self, world: World, lookups: Lookups) -> None:
        assert lookups.tables is world.tables, "look-ups in other tables"
        self._world = world
        booked = {row.allocation.terms.client for row in world.ledger} | set(world.last_posted)
        self.clients = Clients(lookups.clients, world.company, world.go_live, tuple(sorted(booked)))
        # Of two spellings in the sources the first in order is used, whichever arrived first.
        for name in sorted({entry.work.client for entry in world.entries} | world.names):
            self.clients.spell(name)
        self.services, self.people, self.premiums = lookups.services, lookups.people, lookups.premiums
        self.covers, self._lookups = lookups.covers, lookups
        self.caps, self.discounts = lookups.caps, lookups.discounts
        self._terms: dict[tuple[object, ...], Terms] = {}
        self._reasons: dict[tuple[object, ...], Reason] = {}
        self._day_seconds = int(world.company.billing.hours_per_day * 3600)

    def rate(self, work: WorkItem) -> Rated:
        """The customer, service, person and rate of a piece of work."""
        go_live = self._world.go_live
        match = self.clients.find(work.source, work.client, work.worked_on)
        if go_live is not None and work.worked_on < go_live:
            what = f"Worked on {work.worked_on}, before the go-live on {go_live}."
            return Rated(match.name, not_billable=("before-go-live", what))
        if match.problem is not None:
            return Rated(match.name, problem=match.problem)
        if match.not_billable is not None:
            return Rated(match.name, not_billable=match.not_billable)
        settings = self.clients.settings(match.name)
        service = self.services.find(work.source, work.service)
        person = self.people.find(work.source, work.person)
        group = group_of(work, settings.policy, person.name, self._world.tasks)
        if work.kind != "time":
            assert match.row is not None
            return self._rate_item(work, match.row, settings, group, person)
        if service.row is not None and not service.row.billable:
            what = f"The service {service.name} is not billed ({service.row.place})."
            return Rated(match.name, person.name, group, settings, not_billable=("service-not-billable", what))
        problem = service.problem or person.problem
        if problem is not None:
            problem = replace(problem, subject=match.name)
            return Rated(match.name, person.name, group, settings, problem=problem)
        assert match.row is not None
        assert service.row is not None
        covering: tuple[Cover, ...] = ()
        mine = self.covers.get(fold(match.name), ())
        if mine:
            name, project = fold(service.name), fold(work.project)
            covering = tuple(cover for cover in mine if cover.takes(name, project, work.worked_on))
        currency = settings.policy.currency
        names = names_of(work.task, work.project, match.name, person.name, person.role, person.team, service.name)
        # A row that names no unit is for the service's: of a service sold each, not for hours.
        rates = self._lookups.named_rates if service.row.unit == EACH else self._lookups.rates
        rate = rates.find(names, work.worked_on, currency)
        own = own_rate(work, self._world.company.billing.source_rates, rate, match.name, currency)
        rate_problem = own.problem if own else rate.problem and replace(rate.problem, subject=match.name)
        if own is None and rate_problem is None:
            rate_problem = _unusable(rate.row, work, match.name, service.name, currency)
        usable = None if rate_problem or own else rate.row
        label = _label(work, settings.policy.lines_per, service.name, person.name)
        terms = self._terms_of(work, settings, group, label, service, usable)
        reason = self._reason_of(match.row, service.row, person, rate, usable)
        if own is not None and rate_problem is None:
            terms, reason = (
                replace(terms, rate=own.rate, unit="hour" if terms.unit == EACH else terms.unit),
                with_step(replace(reason, runner_up=""), own.said),
            )
        terms = self._discounted(terms, work)
        return Rated(
            match.name, person.name, group, settings, terms, settings.rounding, covering, reason,
            rate_problem=rate_problem,
        )  # fmt: skip

    def _rate_item(self, work: WorkItem, row: ClientRow, settings: Settings, group: str, person: PersonMatch) -> Rated:
        """A priced item: its category's item, at its own amount or that of a rate row of unit `each`."""
        policy, client = settings.policy, settings.policy.client
        category = self._lookups.expenses.find(work)
        if not category.billable:
            return Rated(client, person.name, group, settings, not_billable=not_billable(category))
        problem = category.problem or person.problem or other_currency(work, client, policy.currency)
        rate = RateMatch()
        if problem is None and work.amount is None:
            names = names_of(work.task, work.project, client, person.name, person.role, person.team, category.name)
            rate = self._lookups.item_rates.of(category.unit).find(names, work.worked_on, policy.currency)
            problem = rate.problem or _unusable(rate.row, work, client, category.name, policy.currency)
        if problem is not None:
            return Rated(client, person.name, group, settings, problem=replace(problem, subject=client))
        label = _label(work, policy.lines_per, category.name, person.name)
        tax_code = self._world.company.billing.tax_code
        terms = self._discounted(item_terms(work, policy, group, label, category, rate.row, tax_code), work)
        reason = item_reason(row, category, person.row, rate)
        return Rated(client, person.name, group, settings, terms, reason=reason)

    def _terms_of(
        self, work: WorkItem, settings: Settings, group: str, label: str, service: ServiceMatch, rate: RateRow | None
    ) -> Terms:
        policy, row = settings.policy, service.row
        assert row is not None
        key = (
            *(policy.client, group, label, service.name),
            *(id(row), id(rate), work.worked_on.year, work.worked_on.month, work.purchase_order),
        )
        found = self._terms.get(key)
        if found is None:
            unit = (rate.unit if rate else "") or row.unit
            found = self._terms[key] = Terms(
                client=policy.client,
                group=group,
                label=label,
                service=service.name,
                item=row.quickbooks_item,
                rate=rate.rate if rate else None,
                unit=unit,
                seconds_per_unit=self._day_seconds if unit == "day" else 3600,
                currency=policy.currency,
                tax_code=policy.tax_code or row.tax_code or self._world.company.billing.tax_code,
                class_name=row.class_name or policy.class_name,
                service_month=f"{work.worked_on:%Y-%m}",
                purchase_order=work.purchase_order or default_order(policy),
            )
        return found

    def _discounted(self, terms: Terms, work: WorkItem) -> Terms:
        """The terms with the discounts of the worked day; equal ones are one value."""
        expense = work.kind == "expense"
        found = self.discounts.on(terms.client, work.project, terms.service, work.worked_on, expense=expense)
        if not found:
            return terms
        return self._terms.setdefault((terms, found), replace(terms, discounts=found))

    def _reason_of(
        self, client: ClientRow, service: ServiceRow, person: PersonMatch, rate: RateMatch, usable: RateRow | None
    ) -> Reason:
        key = (id(client), id(service), id(person.row), id(usable), id(rate.runner_up))
        found = self._reasons.get(key)
        if found is None:
            found = self._reasons[key] = Reason(
                client_row=str(client.place),
                service_row=str(service.place),
                person_row=str(person.row.place) if person.row else "",
                rate_row=str(usable.place) if usable else "",
                rate_dates=f"{usable.valid_from or ''}..{usable.valid_until or ''}" if usable else "",
                runner_up=rate.runner_up,
            )
        return found


def _label(work: WorkItem, lines_per: str, service: str, person: str) -> str:
    """What `lines_per` groups by. Ids of tasks and entries are told apart by their source."""
    if lines_per == "service":
        return service
    if lines_per == "entry":
        return f"{work.source}:{work.id}"
    if lines_per == "day":
        return work.worked_on.isoformat()
    if lines_per == "week":
        return week_of(work.worked_on).first.isoformat()
    if lines_per == "task":
        return f"{work.source}:{work.task}" if work.task else ""
    if lines_per == "person":
        return person
    if lines_per == "project":
        return work.project
    # Another rate is always another line: where the rate alone makes lines, there is nothing else to tell apart.
    assert lines_per in ("one", "rate"), lines_per
    return ""


def _unusable(row: RateRow | None, work: WorkItem, client: str, service: str, currency: str) -> Problem | None:
    """Why there is no usable rate: no row, or one in another currency. Nothing is converted silently."""
    if row is not None and row.currency in ("", currency):
        return None
    about = " › ".join(name for name in (client, service, work.project) if name)
    if row is None:
        what = f"No row of the rates table prices {about} on {work.worked_on}."
        fix = f"Add a row for the client {client} or the service {service or '(blank)'} that is in force on that day."
        return Problem("no-rate", what, fix, None, client)
    what = f"The rate of {about} is in {row.currency} ({row.place}), and {client} is billed in {currency}."
    return Problem("currency-mismatch", what, f"Add a rate in {currency}.", row.place, client)
