"""One whole cycle: pull, QuickBooks' lists, draft, approve by policy, push, payments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from mappings.problems import Problem
from mappings.world import Run
from syncd.commands.each import Answer
from syncd.commands.output import complain, console
from syncd.commands.pull import WAIT_SECONDS
from syncd.commands.session import Session, steps_of
from syncd.commands.status import make_report
from syncd.cycle import Steps
from syncd.engine.push_report import DONE, Outcome
from syncd.engine.quickbooks import NotConnectedError, QuickBooks, QuickBooksFailure, problem_of
from syncd.reports.approve import approved_document
from syncd.reports.cycle import SCHEMA, CycleReport, Drafts, cycle_text
from syncd.reports.pull import Pulled, report_pull
from syncd.reports.push import Pushed, report_push

if TYPE_CHECKING:
    from rich.progress import Progress


def cycle(session: Session) -> Answer:
    """Do the cycle of one company with a bar for each step on a terminal, a line elsewhere."""
    with _progress() as progress:
        report = _cycle(session, steps_of(session, "syncd run"), progress)
    return Answer(SCHEMA, report, lambda: cycle_text(report), report.next_command, 1 if report.failed else 0)


@contextmanager
def _progress() -> Iterator[Progress | None]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    out = console(stderr=True)
    if not out.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out) as progress:
        yield progress


@contextmanager
def _step(progress: Progress | None, name: str, parts: int = 1) -> Iterator[None]:
    """Show that a step is under way, and then that it is done."""
    if progress is None:
        complain(f"{name} …")
        yield
        return
    task = progress.add_task(name, total=parts)
    yield
    progress.update(task, completed=parts)


def _cycle(session: Session, steps: Steps, progress: Progress | None) -> CycleReport:
    pulled = _pull(session, steps, progress)
    problems: list[Problem] = []
    pushed, changed, drafts = None, None, None
    try:
        with steps.quickbooks() as opened:
            with _step(progress, "QuickBooks' lists"):
                steps.reference(opened)
            with _step(progress, "Payments"):
                read, adopted = steps.meet(opened, session.today, wait_seconds=WAIT_SECONDS)
            changed, problems = read.changed, [*problems, *read.problems]
            drafts = _draft(session, steps, progress, opened)
            pushed = _push(session, steps, progress, opened, adopted.adopted)
            if any(row.result in DONE for row in pushed.documents):
                with _step(progress, "What was sent, as QuickBooks has it"):
                    changed += steps.payments(opened, wait_seconds=WAIT_SECONDS).changed
    except NotConnectedError as error:
        problems.append(error.problem)
    except QuickBooksFailure as error:
        problems.append(problem_of(error))
    status = make_report(session, None, None)
    return CycleReport(
        company=session.company,
        as_of=session.clock.now(),
        today=session.today,
        pull=pulled,
        drafts=drafts or _draft(session, steps, progress, None),
        push=pushed,
        payments_changed=changed,
        problems=tuple(problems),
        proofs=status.proofs,
        next_command=status.next_command,
    )


def _pull(session: Session, steps: Steps, progress: Progress | None) -> Pulled:
    with _step(progress, "Pull", len(session.config.sources)):
        found = steps.pull(session.today, wait_seconds=WAIT_SECONDS)
    busy = next((report.busy for report in found if report.busy), None)
    if busy is not None:
        raise busy
    return report_pull(session.company, found, now=session.clock.now(), today=session.today)


def _draft(session: Session, steps: Steps, progress: Progress | None, opened: QuickBooks | None) -> Drafts:
    with _step(progress, "Draft"):
        drafts = steps.draft(session.today, Run(), opened)
    with _step(progress, "Approve by policy"):
        approved = steps.auto_approve(drafts)
    blocked = [item for item in drafts.documents if item.document.problems]
    held = [item for item in drafts.documents if item.document.holds and not item.document.problems]
    return Drafts(
        len(drafts.documents),
        len(blocked),
        len(held),
        len(drafts.withdrawn),
        tuple(approved_document(row) for row in approved),
    )


def _push(
    session: Session, steps: Steps, progress: Progress | None, opened: QuickBooks, adopted: tuple[Outcome, ...]
) -> Pushed:
    with _step(progress, "Push"):
        report = steps.push(opened, wait_seconds=WAIT_SECONDS)
    report = replace(report, outcomes=(*adopted, *report.outcomes))
    return report_push(session.company, report, now=session.clock.now())
