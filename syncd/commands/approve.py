"""syncd approve"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from syncd.commands.options import command as declare
from syncd.commands.options import json_option, selection_options

if TYPE_CHECKING:
    from mappings.documents import DocumentKey
    from mappings.problems import Problem
    from syncd.commands.session import Session, Sessions
    from syncd.engine.draft import Drafted, DraftReport
    from syncd.reports.approve import Approval


class DayText(click.ParamType[date]):
    """An ISO day."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a day: write 2026-11-01", param, ctx)


@declare(
    "approve",
    examples="""
syncd approve --all
syncd approve Hydro-Québec "Nord Ltd" --period last-month
syncd approve plan.json""",
)
@click.argument("clients", nargs=-1, metavar="[CLIENT]...|[PLAN.json]")
@click.option("--all", "everything", is_flag=True, help="Every draft that is not blocked, held ones included.")
@click.option(
    "--dated",
    type=DayText(),
    metavar="DATE",
    help="Date these documents so, because the books are closed for the last day of their period.",
)
@selection_options
@json_option
def command(
    clients: tuple[str, ...],
    everything: bool,
    dated: date | None,
    company: str | None,
    client: str | None,
    period: str | None,
    now: datetime | None,
    as_json: bool,
) -> int:
    """Approve drafts for sending: those of the named clients, all, or exactly those of a plan.

    A draft that has changed since `syncd preview` showed it is refused. Of a plan, all are approved or none.
    """
    plan = Path(clients[0]) if len(clients) == 1 and clients[0].endswith(".json") else None
    named = clients if plan is None else ()
    named = (*named, client) if client else named
    if sum((everything, plan is not None, bool(named))) != 1:
        raise click.UsageError("Name clients, or a plan, or --all.")
    if dated is not None and not named:
        raise click.UsageError("--dated is for named clients.")
    from syncd.commands.each import Answer, answer_each
    from syncd.commands.session import open_sessions
    from syncd.reports.approve import SCHEMA, approval_text

    with open_sessions(company=company, now=now) as sessions:
        promised = _read_plan(plan) if plan is not None else None
        sessions, clients_of = _meant(sessions, named, promised)

        def act(session: Session) -> Answer:
            report = _approve(session, clients_of.get(session.company, ()), promised, period, dated)
            return Answer(
                SCHEMA, report, lambda: approval_text(report), report.next_command, 1 if report.refused else 0
            )

        return answer_each(sessions, act, as_json=as_json, at_once=True)


def _meant(
    sessions: Sessions, named: tuple[str, ...], promised: Plan | None
) -> tuple[Sessions, dict[str, tuple[str, ...]]]:
    """The companies that the plan or the named clients mean, and of each its clients as its books spell them."""
    from dataclasses import replace

    from syncd.commands.things import companies_of_clients

    if promised is not None:
        each = tuple(session for session in sessions.each if session.company == promised.company)
        if not each:
            raise click.UsageError(f"{promised.path} is a plan for {promised.company}, not for {sessions.names}.")
        return replace(sessions, each=each), {}
    clients_of = companies_of_clients(sessions, named)
    if not named:
        return sessions, {}
    return replace(sessions, each=tuple(row for row in sessions.each if row.company in clients_of)), clients_of


def _approve(
    session: Session, clients: tuple[str, ...], promised: Plan | None, period: str | None, dated: date | None
) -> Approval:
    from mappings.world import Run
    from syncd.commands.decisions import person
    from syncd.commands.session import period_of, steps_of
    from syncd.engine.approve import approve
    from syncd.reports.approve import report_approval

    shown = promised.shown if promised else None
    by, run = person(), Run(period=period_of(period or (promised.period if promised else None), session.today))
    steps_of(session, "syncd approve").prepare(session.today, run)
    report = approve(
        session.store,
        session.config,
        today=session.today,
        clock=session.clock,
        by=by,
        wanted=_wanted(clients, shown),
        shown=shown,
        run=run,
        dated=dated,
    )
    blocked = () if clients or shown is not None else _blocked(report.drafts)
    return report_approval(session.company, report, blocked, by=by, now=session.clock.now())


def _wanted(clients: tuple[str, ...], shown: dict[DocumentKey, str] | None) -> Callable[[Drafted], bool]:
    if shown is not None:
        return lambda item: item.document.key in shown
    if clients:
        return lambda item: item.document.key.client in clients
    return lambda item: not item.document.problems


def _blocked(drafts: DraftReport) -> tuple[Problem, ...]:
    """The first problem of each draft that is left alone, with its client's name."""
    from dataclasses import replace

    found = []
    for item in drafts.documents:
        key = item.document.key
        if item.state == "open" and item.document.problems:
            first = item.document.problems[0]
            name = " ".join(filter(None, (key.client, key.period, key.group)))
            found.append(replace(first, what=f"{name}: {first.what}", subject=key.client))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file that `syncd preview --out` has written promises."""

    path: Path
    company: str
    shown: dict[DocumentKey, str]
    """Key → hash."""
    period: str | None


def _read_plan(path: Path) -> Plan:
    from mappings.documents import DocumentKey
    from syncd.reports.preview import PLAN_SCHEMA

    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise click.UsageError(f"There is no plan {path}. `syncd preview --out {path}` writes one.") from None
    except ValueError:
        raise click.UsageError(f"{path} is not a plan: it is not JSON.") from None
    if not isinstance(plan, dict) or plan.get("schema") != PLAN_SCHEMA:
        raise click.UsageError(f"{path} is not a plan that `syncd preview --out` of this version has written.")
    shown = {
        DocumentKey(row["client"], row["period"], row["group"], row["sequence"]): row["hash"]
        for row in plan["documents"]
    }
    return Plan(path, plan["company"], shown, plan["period"] or None)
