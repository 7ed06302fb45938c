"""One thing that was looked at, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mappings.problems import Problem


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `state`: ok, warning, or failed."""

    name: str
    says: str
    problems: tuple[Problem, ...] = ()

    @property
    def state(self) -> str:
        if any(not problem.warning for problem in self.problems):
            return "failed"
        return "warning" if self.problems else "ok"


def moment_text(moment: datetime) -> str:
    """An instant for a sentence; times in checks are UTC, as those in messages are."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"
