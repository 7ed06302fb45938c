"""syncd init"""

from __future__ import annotations

import os
import shlex
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

import click

from syncd.commands.options import command as declare

if TYPE_CHECKING:
    from syncd.config.templates import Answers

ENVIRONMENTS = ("emulator", "sandbox", "production")
TOOLS = {"redmine": "Redmine", "request-tracker": "Request Tracker"}
"""Sources with an address, by their kind."""
SOURCE_KINDS = ("files", *TOOLS)


class TimezoneName(click.ParamType[str]):
    """The name of a time zone."""

    name = "timezone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in available_timezones():
            self.fail(f"{value!r} is not a time zone: write one such as America/Toronto", param, ctx)
        return str(value)


@declare(
    "init",
    examples="""
syncd init
syncd init atelier --company "Atelier Boréal inc." --since 2026-11-01 --yes""",
)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
@click.option("--company", metavar="NAME", help="The company's name, as it stands on reports.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Go-live: work before this day is never looked at.  [default: the first of this month]",
)
@click.option("--timezone", type=TimezoneName(), metavar="ZONE", help="The company's zone.  [default: America/Toronto]")
@click.option("--language", metavar="TAG", help="Of what stands on invoices.  [default: fr-CA]")
@click.option("--currency", metavar="CODE", help="The home currency of the books.  [default: CAD]")
@click.option(
    "--environment",
    type=click.Choice(ENVIRONMENTS),
    help="Which QuickBooks.  [default: emulator]",
)
@click.option("--client-id", metavar="ID", help="Of your app at developer.intuit.com; the emulator needs none.")
@click.option(
    "--source",
    "source_kind",
    type=click.Choice(SOURCE_KINDS),
    help="Where the hours are.  [default: files]",
)
@click.option("--source-at", metavar="PATH|URL", help="The source's files or address.  [default: inbox/*.csv]")
@click.option("--yes", is_flag=True, help="Ask nothing: what is not given takes its default.")
def command(folder: Path, yes: bool, **given: Any) -> int:
    """Write a commented config.toml and the tables of mappings/, in FOLDER or here.

    With the emulator the tables have the rows of an example company; otherwise only their headings. What exists is
    never overwritten.
    """
    from syncd.commands.output import next_command, say
    from syncd.config.companies import top_file_above
    from syncd.config.templates import write_starter

    answers = _answers(given, asking=not yes and sys.stdin.isatty())
    for path in write_starter(folder, answers):
        say(f"wrote {path}")
    above = top_file_above(folder.resolve())
    if above is None:
        config = "" if folder == Path() else f"--config {shlex.quote(str(folder / 'config.toml'))} "
        next_command(f"syncd {config}doctor")
        return 0
    top, listed = above
    if not listed:
        shown = os.path.relpath(folder.resolve(), top.parent)
        say(f'\nTo let {top} list this company, add "{shown}/" to companies there.')
    next_command(f"syncd --config {shlex.quote(str(top))} doctor --company {shlex.quote(answers.company)}")
    return 0


_QUESTIONS = {
    "company": "Company",
    "timezone": "Time zone",
    "currency": "Home currency",
    "since": "Go-live (work before this day is never looked at)",
    "environment": "QuickBooks: emulator, sandbox or production",
    "source_kind": "Where the hours are: files, redmine or request-tracker",
}

_KINDS: dict[str, click.ParamType[Any]] = {
    "timezone": TimezoneName(),
    "since": click.DateTime(["%Y-%m-%d"]),
    "environment": click.Choice(ENVIRONMENTS),
    "source_kind": click.Choice(SOURCE_KINDS),
}


def _answers(given: dict[str, Any], *, asking: bool) -> Answers:
    """What was given by flags, then asked for, then the defaults."""
    from dataclasses import fields

    from syncd.config.templates import Answers

    known = {name: value for name, value in given.items() if value is not None}
    if "since" in known and isinstance(known["since"], datetime):
        known["since"] = known["since"].date()
    defaults: dict[str, Any] = {field.name: field.default for field in fields(Answers)}
    defaults["since"] = _first_of_month()
    defaults["company"] = Path.cwd().name
    if asking:
        for name, question in _QUESTIONS.items():
            if name not in known:
                default, kind = str(defaults[name]), _KINDS.get(name)
                answer = click.prompt(question, default=default, type=kind, show_choices=False)
                known[name] = answer.date() if isinstance(answer, datetime) else answer
        if (tool := TOOLS.get(known["source_kind"])) and "source_at" not in known:
            known["source_at"] = click.prompt(f"{tool}'s address")
        if known.get("environment") != "emulator" and "client_id" not in known:
            known["client_id"] = click.prompt("Client id of your app at developer.intuit.com")
    kind = known.get("source_kind")
    if kind in TOOLS and "source_at" not in known:
        raise click.UsageError(f"--source {kind} needs --source-at, its address, such as https://{kind}.example")
    if known.get("environment", "emulator") != "emulator" and "client_id" not in known:
        raise click.UsageError(f"--environment {known['environment']} needs --client-id")
    if not asking and "company" not in known:
        raise click.UsageError("--company is needed where nobody can be asked.")
    answers: dict[str, Any] = {"since": defaults["since"]} | known
    return Answers(**answers)


def _first_of_month() -> date:
    from syncd.clock import SystemClock

    return SystemClock().now().date().replace(day=1)
