"""What a source no longer gives: marked vanished, unless it is so much that a mistake is likelier than a deletion."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection

from connectors.source import Span
from mappings.problems import Problem
from syncd.config.sections import SafetySection
from syncd.store.work import count_live, live_entries, mark_vanished


@dataclass(frozen=True, slots=True)
class Fuse:
    """It has blown: so many of the live entries of these days were not given any more, and all of them were kept."""

    source: str
    vanished: int
    live: int
    first: date
    last: date
    share_allowed: Decimal
    count_allowed: int

    @property
    def problem(self) -> Problem:
        """What a person is told, with the command that overrides it."""
        share = _percent(Decimal(self.vanished) / self.live)
        what = (
            f"{self.vanished:,} of {self.live:,} entries of {self.source} worked from {self.first} to {self.last} are "
            f"gone. That is {share}%, more than {_percent(self.share_allowed)}% and more than {self.count_allowed:,} "
            "entries: none was marked vanished."
        )
        fix = (
            f"If they were deleted there on purpose: `syncd pull --accept-vanished {self.source}`. "
            "If not, check what its user may see there."
        )
        return Problem("vanished-too-many", what, fix, subject=self.source)


def conclude(
    connection: Connection,
    company: str,
    source: str,
    complete: Sequence[Span],
    seen: Container[str],
    safety: SafetySection | None,
    now: datetime,
    *,
    most: bool = False,
    live_seen: int = 0,
) -> tuple[int, Fuse | None]:
    """Mark the live entries of complete spans that were not seen; none of them if the fuse blows.

    Gives back how many were marked. Without `safety` a person has accepted whatever is gone. `most`: the spans cover
    most of the entries that there are. `live_seen`: so many of those seen are live, or more.
    """
    if most and count_live(connection, company, source) == live_seen:
        # All live entries were seen: counting tells in a tenth of the time of looking each one up.
        return 0, None
    live, gone = 0, []
    for span in _united(complete):
        # One after another: a million ids at once would need more memory than all the rest of a pull.
        for entry in live_entries(connection, company, source, span, most=most):
            live += 1
            if entry not in seen:
                gone.append(entry)
    gone.sort()
    if safety is not None and len(gone) > safety.vanished_count and len(gone) > safety.vanished_share * live:
        first, last = min(span.first for span in complete), max(span.last for span in complete)
        allowed = (safety.vanished_share, safety.vanished_count)
        return 0, Fuse(source, len(gone), live, first, last, *allowed)
    mark_vanished(connection, company, source, gone, now)
    return len(gone), None


def _united(spans: Sequence[Span]) -> list[Span]:
    """The same days in spans that do not overlap, so that no entry is counted twice."""
    united: list[Span] = []
    for span in sorted(spans, key=lambda each: (each.first, each.last)):
        if united and span.first <= united[-1].last:
            united[-1] = Span(united[-1].first, max(united[-1].last, span.last))
        else:
            united.append(span)
    return united


def _percent(share: Decimal) -> str:
    """Of 0.305: 30.5."""
    return f"{round(share * 100, 1):f}".removesuffix(".0")
