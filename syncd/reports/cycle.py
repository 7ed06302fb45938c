"""What one whole cycle did, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from rich.console import RenderableType
from rich.text import Text

from mappings.problems import Problem
from syncd.reports.approve import ApprovedDocument
from syncd.reports.pull import Pulled, pull_text
from syncd.reports.push import Pushed, push_text
from syncd.reports.status import ProofSummary
from syncd.reports.text import table, verdict

SCHEMA = "syncd.run/1"


@dataclass(frozen=True, slots=True)
class Drafts:
    """How many documents were drafted, and what became of them."""

    documents: int
    blocked: int
    held: int
    withdrawn: int
    approved_by_policy: tuple[ApprovedDocument, ...]


@dataclass(frozen=True, slots=True)
class CycleReport:
    """One cycle. `push` and `payments` are null where QuickBooks could not be asked: `problems` says why."""

    company: str
    as_of: datetime
    today: date
    pull: Pulled
    drafts: Drafts
    push: Pushed | None
    payments_changed: int | None
    problems: tuple[Problem, ...]
    proofs: tuple[ProofSummary, ...]
    next_command: str

    @property
    def failed(self) -> bool:
        refused = self.push is not None and self.push.failed
        return self.pull.failed or refused or any(not problem.warning for problem in self.problems)


def cycle_text(report: CycleReport) -> Iterator[RenderableType]:
    """The report for a terminal."""
    yield from pull_text(report.pull)
    drafts = report.drafts
    yield Text(
        f"\nDocuments drafted: {drafts.documents:,}; {drafts.blocked:,} blocked, {drafts.held:,} held, "
        f"{len(drafts.approved_by_policy):,} approved by policy, {drafts.withdrawn:,} taken back."
    )
    if report.push is not None:
        yield from push_text(report.push)
    if report.payments_changed is not None:
        yield Text(f"Documents and payments changed in QuickBooks: {report.payments_changed:,}.")
    for problem in report.problems:
        yield Text(f"{problem.what} {problem.fix}", style="yellow" if problem.warning else "red")
    made = table("Proof", "Difference", "", numbers=(1,))
    for proof in report.proofs:
        made.add_row(proof.code, verdict(proof.holds, proof.difference), proof.currency or "hours")
    yield Text("")
    yield made
