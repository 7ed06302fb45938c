"""What a push did, document by document, and what it leaves for later or for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mappings.problems import Problem

Result = Literal["sent", "adopted", "e-mailed", "applied", "unknown", "refused", "waiting", "withdrawn"]

DONE: tuple[Result, ...] = ("sent", "adopted", "e-mailed", "applied")
"""Results after which QuickBooks has something new, or something of which it was not known."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One operation on one document. `not_before`: when syncd goes on with it by itself."""

    document_id: str
    operation: str
    number: str
    client: str
    result: Result
    quickbooks_id: str = ""
    problem: Problem | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class PushReport:
    """All outcomes, oldest document first; `problems` are the company's: why it stopped, if it did."""

    outcomes: tuple[Outcome, ...] = ()
    problems: tuple[Problem, ...] = ()
    paused_until: datetime | None = None
    """QuickBooks asked for silence until then."""

    def of(self, result: Result) -> tuple[Outcome, ...]:
        """The outcomes with this result."""
        return tuple(outcome for outcome in self.outcomes if outcome.result == result)

    @property
    def sent(self) -> tuple[Outcome, ...]:
        return self.of("sent")

    @property
    def adopted(self) -> tuple[Outcome, ...]:
        """In QuickBooks already, by an earlier attempt whose answer was lost."""
        return self.of("adopted")

    @property
    def emailed(self) -> tuple[Outcome, ...]:
        return self.of("e-mailed")

    @property
    def applied(self) -> tuple[Outcome, ...]:
        """Credit memos applied to an invoice by a payment of 0."""
        return self.of("applied")

    @property
    def unknown(self) -> tuple[Outcome, ...]:
        """Perhaps in QuickBooks: looked for after the quarantine."""
        return self.of("unknown")

    @property
    def refused(self) -> tuple[Outcome, ...]:
        """Needs a person: `problem` says what to do."""
        return self.of("refused")

    @property
    def waiting(self) -> tuple[Outcome, ...]:
        """Not sent yet, and not by their own fault."""
        return self.of("waiting")

    @property
    def next_at(self) -> datetime | None:
        """When there is something to do again without anybody's help; None: nothing waits for a moment."""
        moments = [row.not_before for row in (*self.unknown, *self.waiting) if row.not_before is not None]
        if self.paused_until is not None and (self.unknown or self.waiting):
            moments = [max(moment, self.paused_until) for moment in moments] or [self.paused_until]
        return min(moments, default=None)
