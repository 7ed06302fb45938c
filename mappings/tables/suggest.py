"""Which name of the books, or of our tables, a tool's name may mean. People decide; nothing is linked by score.

Measured on real names, different clients score up to 94 and true pairs from 86: so a row is proposed as certain only
when both names are the same after normalising and only one name is. Else the best and the runner-up are shown.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from mappings.problems import Place
from mappings.rows import Patterns, Tables
from mappings.rules.names import Matcher, fold
from mappings.tables.resolve import normalise

SUGGESTED_FROM, RUNNER_UP_FROM = 70, 50
"""Scores from which a name is worth showing, and from which another one is worth showing beside it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A name as sources give it, with the work that bears it; `seconds` may be negative (corrections)."""

    name: str
    sources: tuple[str, ...]
    entries: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name that may be meant; `score` is from 0 to 100, 100 for the same."""

    name: str
    score: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One name that no row of `table` covers, and what it may be. `row` are the cells to add if `best` is meant.

    `certain`: the two names are the same after normalising, and no other is.
    """

    table: str
    seen: Seen
    certain: bool
    best: Candidate | None
    runner_up: Candidate | None
    row: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class UnseenProject:
    """A project that a table names and no pulled work has, with the seen names that are most like it."""

    table: str
    name: str
    place: Place
    best: Candidate
    runner_up: Candidate | None


Names = Mapping[tuple[str, str], tuple[int, int]]
"""(source, name) → entries and seconds of the work that bears it."""


def suggest_clients(tables: Tables, seen: Names, customers: Collection[str]) -> list[Suggestion]:
    """For each source's client without a row: the QuickBooks customers (fully qualified names) that it may be."""
    covered = [(Matcher(row.source_client), Matcher(row.source)) for row in tables.clients]
    found = []
    for name in _uncovered(seen, covered):
        certain, best, runner_up = _nearest(name.name, customers)
        row = {"source_client": name.name, "quickbooks_customer": best.name if best else ""}
        found.append(_suggestion("clients", name, certain, best, runner_up, row))
    return found


def suggest_services(tables: Tables, seen: Names, items: Collection[str]) -> list[Suggestion]:
    """For each source's service without a row: our services, and QuickBooks items, that it may be."""
    covered = [(Matcher(row.source_service), Matcher(row.source)) for row in tables.services]
    ours = {row.service: row.quickbooks_item for row in reversed(tables.services) if row.service}
    found = []
    for name in _uncovered(seen, covered):
        certain, best, runner_up = _nearest(name.name, {*ours, *items})
        row = {"source_service": name.name, "quickbooks_item": best.name if best else ""}
        if best is not None and best.name in ours:
            row |= {"service": best.name, "quickbooks_item": ours[best.name]}
        found.append(_suggestion("services", name, certain, best, runner_up, row))
    return found


def suggest_people(tables: Tables, seen: Names) -> list[Suggestion]:
    """For each person whom no row covers and who resembles a person of our table, or of another source.

    A person needs no row: who resembles nobody is not mentioned, and keeps the source's name.
    """
    covered = [(Matcher(row.source_person), Matcher(row.source)) for row in tables.people]
    ours = {row.person for row in tables.people if row.person}
    found = []
    for name in _uncovered(seen, covered):
        others = {other for source, other in seen if source not in name.sources and fold(other) != fold(name.name)}
        certain, best, runner_up = _nearest(name.name, ours | others)
        if best is not None:
            row = {"source_person": name.name, "person": best.name}
            found.append(_suggestion("people", name, certain, best, runner_up, row))
    return found


def unseen_projects(tables: Tables, seen: Iterable[str]) -> list[UnseenProject]:
    """Projects in rates, retainers and fixed fees that no pulled work has, though a seen one is called much alike."""
    names = sorted({name for name in seen if name})
    folded = [fold(name) for name in names]
    rows: list[tuple[str, Place, Patterns]] = [("rates", row.place, row.project) for row in tables.rates]
    rows += [("retainers", row.place, row.projects) for row in tables.retainers]
    rows += [("fixed_fees", row.place, (row.project,) if row.project else ()) for row in tables.fixed_fees]
    found = []
    for table, place, patterns in rows:
        for pattern in patterns:
            if any(Matcher((pattern,)).matches(name) for name in folded):
                continue
            _, best, runner_up = _nearest(pattern.removesuffix("*"), names)
            if best is not None:
                found.append(UnseenProject(table, pattern, place, best, runner_up))
    return found


def _uncovered(seen: Names, covered: Sequence[tuple[Matcher, Matcher]]) -> list[Seen]:
    """Names that no row matches, those that differ by case alone as one, most work first."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for source, name in sorted(seen):
        known = (names.matches(fold(name)) and sources.matches(fold(source)) for names, sources in covered)
        if name and not any(known):
            groups.setdefault(fold(name), []).append((source, name))
    found = [
        Seen(
            keys[0][1],
            tuple(dict.fromkeys(source for source, _ in keys)),
            sum(seen[key][0] for key in keys),
            sum(seen[key][1] for key in keys),
        )
        for keys in groups.values()
    ]
    return sorted(found, key=lambda name: (-name.seconds, name.name))


def _nearest(name: str, pool: Collection[str]) -> tuple[bool, Candidate | None, Candidate | None]:
    """Whether one name alone is the same, the best, and the next best; a sub-customer counts by its own name too."""
    wanted = normalise(name)
    scored = []
    for known in pool:
        forms = {normalise(known), normalise(known.rpartition(":")[2])}
        score = max(100 if form == wanted else _likeness(wanted, form) for form in forms)
        scored.append(Candidate(known, score))
    scored.sort(key=lambda candidate: (-candidate.score, candidate.name))
    best = next((candidate for candidate in scored[:1] if candidate.score >= SUGGESTED_FROM), None)
    runner_up = next((candidate for candidate in scored[1:2] if best and candidate.score >= RUNNER_UP_FROM), None)
    return sum(candidate.score == 100 for candidate in scored) == 1, best, runner_up


def _likeness(one: str, other: str) -> int:
    """How alike two different names are, 0 to 99; accents are commonly left out, so they count for little."""
    return min(99, round(fuzz.WRatio(_bare(one), _bare(other))))


def _bare(name: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))


def _suggestion(
    table: str,
    seen: Seen,
    certain: bool,
    best: Candidate | None,
    runner_up: Candidate | None,
    row: Mapping[str, str],
) -> Suggestion:
    """A name that a cell cannot say (several names, a pattern, a formula) is for a person to write."""
    plain = "|" not in seen.name and not seen.name.endswith("*") and seen.name[0] not in "=+-@"
    return Suggestion(table, seen, certain and plain, best, runner_up, row if plain and best else {})
