"""Which QuickBooks item a source's service is, and who the person is: rows by (source, name)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from mappings.problems import Place, Problem
from mappings.rows import Patterns, PersonRow, ServiceRow
from mappings.rules.names import NO_MATCH, Matcher, fold


class _Row(Protocol):
    @property
    def place(self) -> Place: ...
    @property
    def source(self) -> Patterns: ...


RowType = TypeVar("RowType", bound=_Row)


@dataclass(frozen=True, slots=True)
class ServiceMatch:
    """The services row of one source's service; `name` is ours."""

    name: str
    row: ServiceRow | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class PersonMatch:
    """Who a source's person is; one who is not listed keeps the source's name."""

    name: str
    role: str = ""
    team: str = ""
    row: PersonRow | None = None
    problem: Problem | None = None


class Services:
    """The services table."""

    def __init__(self, rows: tuple[ServiceRow, ...]) -> None:
        self.rows = rows
        self._matchers = [(Matcher(row.source_service), Matcher(row.source), row) for row in rows]
        self._found: dict[tuple[str, str], ServiceMatch] = {}

    def find(self, source: str, service: str) -> ServiceMatch:
        """The item of a source's service; "" is work that names none."""
        key = (source, service)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._find(source, service)
        return found

    def _find(self, source: str, service: str) -> ServiceMatch:
        rows = strongest(self._matchers, source, service)
        about = service or "Work without a service"
        if not rows:
            what = f"{about} (source {source}) is not in the services table."
            fix = f"Add a row: source_service {service!r}, quickbooks_item = the item that it is billed as."
            return ServiceMatch(service, problem=Problem("unmapped-service", what, fix))
        if len(rows) > 1:
            return ServiceMatch(service, problem=equal_rows(about, rows))
        return ServiceMatch(rows[0].service or service, rows[0])

    def of_ours(self, name: str) -> ServiceRow | None:
        """The first row that gives this name of ours, or one like this pattern: as what a fee that names it is sold."""
        wanted = Matcher((name,))
        for row in self.rows:
            given = (row.service,) if row.service else row.source_service
            if any(wanted.matches(fold(one)) for one in given):
                return row
        return None

    def sold_as(self, service: str, called: str) -> tuple[str, ServiceRow | None]:
        """The item of a fee, and its row: that of the service that the fee names.

        If it names none: of a service that is called like the fee, of work without a service, or the only one.
        """
        if service:
            row = self.of_ours(service)
        else:
            row = self.of_ours(called) or self.find("", "").row
            if row is None and len({one.quickbooks_item for one in self.rows}) == 1:
                row = self.rows[0]
        return (row.quickbooks_item, row) if row else ("", None)


class People:
    """The people table."""

    def __init__(self, rows: tuple[PersonRow, ...]) -> None:
        self._matchers = [(Matcher(row.source_person), Matcher(row.source), row) for row in rows]
        self._found: dict[tuple[str, str], PersonMatch] = {}

    def find(self, source: str, person: str) -> PersonMatch:
        """Our name, role and team of a source's person."""
        key = (source, person)
        found = self._found.get(key)
        if found is None:
            rows = strongest(self._matchers, source, person)
            if len(rows) > 1:
                found = PersonMatch(person, problem=equal_rows(person, rows))
            elif rows:
                found = PersonMatch(rows[0].person or person, rows[0].role, rows[0].team, rows[0])
            else:
                found = PersonMatch(person)
            self._found[key] = found
        return found


def strongest(matchers: Sequence[tuple[Matcher, Matcher, RowType]], source: str, name: str) -> list[RowType]:
    """The rows that speak most exactly of a name; the name's column counts before the source's."""
    matches = []
    for names, sources, row in matchers:
        strength = (names.strength(fold(name)), sources.strength(fold(source)))
        if NO_MATCH not in strength:
            matches.append((strength, row))
    best = max((strength for strength, _ in matches), default=None)
    return [row for strength, row in matches if strength == best]


def equal_rows(about: str, rows: Sequence[_Row]) -> Problem:
    """The problem that two rows speak of one name equally."""
    what = f"{rows[0].place} and {rows[1].place} are about {about} equally."
    return Problem("rows-equal", what, "Delete one of the two rows, or make one narrower.", rows[1].place)
