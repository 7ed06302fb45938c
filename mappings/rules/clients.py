"""Which customer a source's client is, and the policies in force for that customer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from mappings.problems import Problem
from mappings.rows import ClientRow
from mappings.rules.names import NO_MATCH, Matcher, Seasons, fold, in_window
from mappings.settings import Company, Rounding
from mappings.world import Policy

_POLICY = (
    *("period", "one_invoice_per", "lines_per", "language", "currency", "terms", "tax_code"),
    *("purchase_order", "email_to", "class_name", "department"),
)
_ROUNDING = ("step_minutes", "direction", "applies_to", "minimum_minutes")


@dataclass(frozen=True, slots=True)
class ClientMatch:
    """What the clients table says of one source's client on one day.

    `name` is our client, or the source's where no row says. `not_billable` is a code and a sentence for work that is
    out of bounds; a problem blocks it.
    """

    name: str
    row: ClientRow | None = None
    problem: Problem | None = None
    not_billable: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """The policies of one customer, merged from its rows and the company's defaults."""

    policy: Policy
    rounding: Rounding
    since: date | None
    """The customer's go-live, the company's included."""
    problems: tuple[Problem, ...] = ()


class ClientTable:
    """The clients table, indexed by the names in it."""

    def __init__(self, rows: tuple[ClientRow, ...]) -> None:
        self.rows = [(Matcher(row.source_client), Matcher(row.source), row) for row in rows]
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._general: list[int] = []
        self.by_customer: dict[str, list[ClientRow]] = defaultdict(list)
        self.spelling: dict[str, str] = {}
        """Each customer that the table names, folded, as it first spells it."""
        for index, (names, _, row) in enumerate(self.rows):
            if row.quickbooks_customer != "=":
                self.by_customer[fold(row.quickbooks_customer)].append(row)
                self.spelling.setdefault(fold(row.quickbooks_customer), row.quickbooks_customer)
            for name in names.exact:
                self._by_name[name].append(index)
            if names.blank or names.prefixes:
                self._general.append(index)
        self.seasons = Seasons((row.since, row.until) for row in rows)
        self._customers: dict[tuple[str, str], frozenset[str]] = {}

    def about(self, folded: str) -> list[int]:
        """The rows that may match a source's client, in their order."""
        return sorted({*self._by_name.get(folded, ()), *self._general})

    def customers(self, source: str, client: str) -> frozenset[str]:
        """All that a source's client may be on any day, folded: by a row, or by its own name where no row speaks."""
        known = self._customers.get((source, client))
        if known is not None:
            return known
        name, tool = fold(client), fold(source)
        found = {name}
        for index in self.about(name):
            names, sources, row = self.rows[index]
            if names.matches(name) and sources.matches(tool) and row.quickbooks_customer != "=":
                found.add(fold(row.quickbooks_customer))
        return self._customers.setdefault((source, client), frozenset(found))


class Clients:
    """Which customer a source's client is on a day, and each customer's policies."""

    def __init__(self, table: ClientTable, company: Company, go_live: date | None, spellings: tuple[str, ...]) -> None:
        self._table, self._company, self._go_live = table, company, go_live
        self._found: dict[tuple[str, str, int], ClientMatch] = {}
        self._settings: dict[str, Settings] = {}
        # QuickBooks' names differ by more than case. What the books already hold keeps its spelling, then the table's.
        self._spelling: dict[str, str] = {}
        for name in spellings:
            self._spelling.setdefault(fold(name), name)

    def spell(self, name: str) -> str:
        """A customer's name in the one spelling that documents use."""
        folded = fold(name)
        return self._spelling.setdefault(folded, self._table.spelling.get(folded, name))

    def find(self, source: str, client: str, day: date) -> ClientMatch:
        """The customer that a source's client is on a day."""
        season = (source, client, self._table.seasons.of(day))
        found = self._found.get(season)
        if found is None:
            found = self._found[season] = self._find(source, client, day)
        return found

    def knows(self, name: str) -> bool:
        """Whether any row makes a customer of this name (for fees, which no work need accompany)."""
        return bool(self._rows_of(fold(name)))

    def settings(self, name: str) -> Settings:
        """The policies in force for one customer."""
        folded = fold(name)
        found = self._settings.get(folded)
        if found is None:
            found = self._settings[folded] = self._merge(name, self._rows_of(folded))
        return found

    def _find(self, source: str, client: str, day: date) -> ClientMatch:
        name, tool = fold(client), fold(source)
        matches = []
        for index in self._table.about(name):
            names, sources, row = self._table.rows[index]
            strength = (names.strength(name), sources.strength(tool))
            if NO_MATCH not in strength:
                matches.append((strength, row))
        in_force = [match for match in matches if in_window(day, match[1].since, match[1].until)]
        if not in_force:
            return self._out_of_force(source, client, day, [row for _, row in matches])
        best = max(strength for strength, _ in in_force)
        rows = [row for strength, row in in_force if strength == best]
        if len(rows) > 1:
            return ClientMatch(client, problem=_equal(client, rows))
        row = rows[0]
        return ClientMatch(self.spell(client if row.quickbooks_customer == "=" else row.quickbooks_customer), row)

    def _out_of_force(self, source: str, client: str, day: date, rows: list[ClientRow]) -> ClientMatch:
        later = [(row.since, row) for row in rows if row.since is not None and day < row.since]
        if later:
            since, row = min(later, key=lambda match: match[0])
            name = self.spell(client if row.quickbooks_customer == "=" else row.quickbooks_customer)
            what = f"{name} is billed since {since} ({row.place}); this was worked on {day}."
            return ClientMatch(name, row, not_billable=("before-go-live", what))
        if rows:
            row = rows[0]
            what = f"The row of {client or 'work without a client'} ends on {row.until}, and there is work on {day}."
            fix = "Set its until later, or add a row for the days after it."
            return ClientMatch(client, problem=Problem("client-ended", what, fix, row.place, client))
        shown = client or "Work without a client"
        what = f"{shown} (source {source}) is not in the clients table."
        fix = f"Add a row: source_client {client!r}, quickbooks_customer = its name in QuickBooks, or =."
        return ClientMatch(client, problem=Problem("unmapped-client", what, fix, None, client))

    def _rows_of(self, folded: str) -> list[ClientRow]:
        """The rows that speak of a customer: those that name it, and the strongest that say "=" for its name."""
        same = []
        for index in self._table.about(folded):
            names, _, row = self._table.rows[index]
            strength = names.strength(folded)
            if row.quickbooks_customer == "=" and strength != NO_MATCH:
                same.append((strength, row))
        best = max((strength for strength, _ in same), default=NO_MATCH)
        return [*self._table.by_customer.get(folded, ()), *(row for strength, row in same if strength == best)]

    def _merge(self, name: str, rows: list[ClientRow]) -> Settings:
        billing = self._company.billing
        merged: dict[str, object] = {}
        problems = []
        for field in (*_POLICY, *_ROUNDING):
            said = [row for row in rows if getattr(row, field) not in ("", None)]
            if said:
                merged[field] = getattr(said[0], field)
            other = [row for row in said if getattr(row, field) != merged[field]]
            if other:
                problems.append(_conflict(name, field, said[0], other[0]))
        defaults: Mapping[str, object] = {
            "period": billing.period,
            "one_invoice_per": billing.one_invoice_per,
            "lines_per": billing.lines_per,
            "language": self._company.language,
            "currency": self._company.currency,
            "terms": billing.terms,
        }
        values = {field: merged.get(field, defaults.get(field, "")) for field in _POLICY}
        rounding = {field: merged.get(field, getattr(billing.rounding, field)) for field in _ROUNDING}
        starts = [row.since for row in rows]
        since = min((start for start in starts if start), default=None) if all(starts) else None
        bounds = [day for day in (since, self._go_live) if day is not None]
        return Settings(
            Policy(client=self.spell(name), **values),  # type: ignore[arg-type]
            Rounding(**rounding),  # type: ignore[arg-type]
            max(bounds, default=None),
            tuple(problems),
        )


def _equal(client: str, rows: list[ClientRow]) -> Problem:
    what = f"{rows[0].place} and {rows[1].place} are about {client or 'work without a client'} equally."
    return Problem("rows-equal", what, "Delete one of the two rows, or make one narrower.", rows[1].place, client)


def _conflict(name: str, field: str, first: ClientRow, second: ClientRow) -> Problem:
    column = field.removesuffix("_name")
    values = f"{getattr(first, field)!r} in {first.place} and {getattr(second, field)!r} in {second.place}"
    what = f"{column} of {name} is {values}."
    return Problem("clients-disagree", what, "Make the rows of one customer agree.", second.place, name)
