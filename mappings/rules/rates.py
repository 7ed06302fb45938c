"""Rate: which row of the rates table prices a piece of work, and why it won over the next best.

The columns are in order of strength: task, project, client, person, role, team, service. Of two matching rows, the one
that fills the first column in which they differ wins; an exact value beats a pattern. Two rows left equal for the same
day are a problem that names both lines, never "the first".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from operator import getitem

from mappings.problems import Problem
from mappings.rows import RateRow
from mappings.rules.names import NO_MATCH, Matcher, Seasons, fold, in_window
from mappings.steps import Step, step

COLUMNS = ("task", "project", "client", "person", "role", "team", "service")

Names = tuple[str, ...]
"""What a piece of work says in each of COLUMNS, folded."""


@dataclass(frozen=True, slots=True)
class RateMatch:
    """The winning row, or the problem; `runner_up` says which row lost, and why."""

    row: RateRow | None = None
    runner_up: Step | str = ""
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    strength: tuple[int, ...]
    index: int
    row: RateRow


class _SpokenOf(dict[str, str]):
    """A column's names: each one that a row speaks of as itself, any other as blank."""

    def __init__(self, matchers: Sequence[Matcher]) -> None:
        super().__init__((name, name) for matcher in matchers for name in matcher.exact)
        self._prefixes = tuple(prefix for matcher in matchers for prefix in matcher.prefixes)

    def __missing__(self, name: str) -> str:
        return name if self._prefixes and name.startswith(self._prefixes) else ""


class Rates:
    """The rates table, indexed for look-ups by what the work says and its day."""

    def __init__(self, rows: tuple[RateRow, ...]) -> None:
        self._rows = [(tuple(Matcher(getattr(row, column)) for column in COLUMNS), row) for row in rows]
        self._spoken_of = tuple(_SpokenOf([matchers[at] for matchers, _ in self._rows]) for at in range(len(COLUMNS)))
        self._seasons = Seasons((row.valid_from, row.valid_until) for row in rows)
        self._indexed: dict[tuple[int, str], list[int]] = defaultdict(list)
        self._general: list[int] = []
        for index, (matchers, _) in enumerate(self._rows):
            self._index(index, matchers)
        self._matching: dict[Names, list[_Candidate]] = {}
        self._found: dict[tuple[Names, int, str], RateMatch] = {}
        self._reasons: dict[Step, Step] = {}
        self._contests: dict[tuple[Names, int], tuple[tuple[RateRow, ...], tuple[RateRow, ...]]] = {}

    def _index(self, index: int, matchers: tuple[Matcher, ...]) -> None:
        """File a row under the exact values of its first column that has nothing else; the rest is always tried."""
        for at, matcher in enumerate(matchers):
            if matcher.exact and not matcher.prefixes:
                for name in matcher.exact:
                    self._indexed[at, name].append(index)
                return
        self._general.append(index)

    def find(self, names: Names, day: date, currency: str) -> RateMatch:
        """The row in force on a day for a client of this currency. A row in the future does not exist yet."""
        # Names of which no row speaks are all alike, so that work that differs in nothing else shares an answer.
        asked = tuple(map(getitem, self._spoken_of, names))
        key = (asked, self._seasons.of(day), currency)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._find(asked, day, currency)
        return found

    def contest(self, names: Names, day: date) -> tuple[tuple[RateRow, ...], tuple[RateRow, ...]]:
        """The strongest rows in force for these names, of whatever currency, and those that lose to them."""
        asked = tuple(map(getitem, self._spoken_of, names))
        key = (asked, self._seasons.of(day))
        found = self._contests.get(key)
        if found is None:
            in_force = self._in_force(asked, day)
            best = max((candidate.strength for candidate in in_force), default=None)
            strongest = tuple(candidate.row for candidate in in_force if candidate.strength == best)
            found = strongest, tuple(candidate.row for candidate in in_force if candidate.strength != best)
            self._contests[key] = found
        return found

    def _in_force(self, names: Names, day: date) -> list[_Candidate]:
        return [
            candidate
            for candidate in self._candidates(names)
            if in_window(day, candidate.row.valid_from, candidate.row.valid_until)
        ]

    def _find(self, names: Names, day: date, currency: str) -> RateMatch:
        in_force = self._in_force(names, day)
        if not in_force:
            return RateMatch()
        best = max(candidate.strength for candidate in in_force)
        equal = [candidate for candidate in in_force if candidate.strength == best]
        ours = [candidate for candidate in equal if candidate.row.currency in ("", currency)]
        equal = ours or equal
        if len(equal) > 1:
            places = f"{equal[0].row.place} and {equal[1].row.place}"
            # Not the day that was asked for: the answer is kept, and told of other work as well.
            begins = max((one.row.valid_from for one in equal[:2] if one.row.valid_from), default=None)
            since = f" from {begins} on" if begins else ""
            what = f"{places} are equally strong rates for the same work{since}."
            return RateMatch(
                problem=Problem("rates-equal", what, "Give one of them an until, or delete one.", equal[1].row.place)
            )
        weaker = [candidate for candidate in in_force if candidate.strength < best]
        foreign = [candidate for candidate in in_force if candidate.strength == best and candidate is not equal[0]]
        runner_up = max(foreign or weaker, key=lambda candidate: (candidate.strength, -candidate.index), default=None)
        return RateMatch(equal[0].row, self._why(equal[0], runner_up) if runner_up else "")

    def _why(self, winner: _Candidate, loser: _Candidate) -> Step:
        """Why a row lost; what is said twice is one value."""
        said = _why(winner, loser)
        return self._reasons.setdefault(said, said)

    def _candidates(self, names: Names) -> list[_Candidate]:
        found = self._matching.get(names)
        if found is not None:
            return found
        indexes = set(self._general)
        for at, name in enumerate(names):
            indexes.update(self._indexed.get((at, name), ()))
        found = []
        for index in sorted(indexes):
            matchers, row = self._rows[index]
            strength = tuple(matcher.strength(name) for matcher, name in zip(matchers, names, strict=True))
            if NO_MATCH not in strength:
                found.append(_Candidate(strength, index, row))
        self._matching[names] = found
        return found


def names_of(task: str, project: str, client: str, person: str, role: str, team: str, service: str) -> Names:
    """Fold what a piece of work says, in the order of COLUMNS."""
    return (fold(task), fold(project), fold(client), fold(person), fold(role), fold(team), fold(service))


def _why(winner: _Candidate, loser: _Candidate) -> Step:
    """ "mappings/rates.csv:4 (65.00) names no project"."""
    row, rate = loser.row.place, loser.row.rate
    for column, won, lost in zip(COLUMNS, winner.strength, loser.strength, strict=True):
        if won != lost:
            return step("weaker-blank" if lost == 0 else "weaker-pattern", row=row, rate=rate, column=column)
    return step("other-currency", row=row, rate=rate, currency=loser.row.currency)
