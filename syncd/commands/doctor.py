"""syncd doctor"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

import click

from syncd.commands.options import command as declare
from syncd.commands.options import company_option, json_option

if TYPE_CHECKING:
    from rich.text import Text

    from syncd.checks import Check
    from syncd.commands.session import Session
    from syncd.config import Config

SCHEMA = "syncd.doctor/1"


@declare(
    "doctor",
    examples="""
syncd doctor
syncd doctor --explain""",
)
@company_option
@click.option("--explain", is_flag=True, help="Print every setting with its value here, its default and its meaning.")
@json_option
def command(company: str | None, explain: bool, as_json: bool) -> int:
    """Check all that the daemon needs, from files and clock to each source and QuickBooks; print each problem's fix.

    It changes nothing, but for reading one record of each source and of QuickBooks.
    """
    from syncd.checks import checks_of
    from syncd.commands.each import Answer, answer_each
    from syncd.commands.output import tell
    from syncd.commands.session import open_sessions, steps_of

    if explain:
        if as_json:
            raise click.UsageError("--explain prints text only.")
        return _explain_each(company)

    def act(session: Session) -> Answer:
        checks = []
        for check in checks_of(steps_of(session, "syncd doctor")):
            checks.append(check)
            if not (as_json or sessions.together):
                # As soon as it is done: a source may take its time.
                tell(_check_text(check))
        failed = [check for check in checks if check.state == "failed"]
        report = _report(session.company, session.clock.now(), checks)
        told = checks if sessions.together else []
        text = partial(chain.from_iterable, map(_check_text, told))
        return Answer(SCHEMA, report, text, _next(failed), 1 if failed else 0)

    with open_sessions(company=company) as sessions:
        return answer_each(sessions, act, as_json=as_json)


def _next(failed: list[Check]) -> str:
    missing = {problem.code for check in failed for problem in check.problems}
    if missing & {"not-connected", "connection-broken", "connection-expired"}:
        return "syncd connect quickbooks"
    return "syncd doctor" if failed else "syncd pull"


def _check_text(check: Check) -> Iterator[Text | str]:
    from syncd.commands.output import problems_text
    from syncd.reports.text import text

    mark, style = {"ok": ("ok", "green"), "warning": ("look", "yellow"), "failed": ("FAIL", "bold red")}[check.state]
    yield text((f"{mark:<5}", style), f"{check.name}: {check.says}".rstrip(": "))
    if check.problems:
        indented = problems_text(check.problems).replace("\n", "\n      ")
        yield f"      {indented}"


def _report(company: str, now: datetime, checks: list[Check]) -> dict[str, object]:
    from syncd.reports.as_json import problem_value

    return {
        "company": company,
        "as_of": now.isoformat(timespec="seconds"),
        "ok": all(check.state != "failed" for check in checks),
        "checks": [
            {
                "name": check.name,
                "state": check.state,
                "says": check.says,
                "problems": [problem_value(problem) for problem in check.problems],
            }
            for check in checks
        ],
    }


def _explain_each(company: str | None) -> int:
    from syncd.commands.output import next_command, say
    from syncd.commands.session import chosen, read_companies

    companies = read_companies(company)
    for config in chosen(companies, company):
        if companies.listed:
            say(f"\n═══ {config.company.name} ═══")
        _explain(config)
    next_command("syncd doctor")
    return 0


def _explain(config: Config) -> None:
    """Every setting as it counts here."""
    from syncd.commands.output import say
    from syncd.config.explain import all_settings

    table = ""
    for setting in all_settings():
        if setting.kind and setting.kind not in {source.kind for source in config.sources.values()}:
            continue
        name = f"{setting.table} (kind {setting.kind})" if setting.kind else setting.table
        if name != table:
            say(f"\n[{name}]")
            table = name
        default = "required" if setting.required else f"default {setting.default or 'empty'}"
        words = f"  one of: {', '.join(setting.values)}" if setting.values else ""
        say(f"{setting.key} = {_value(config, setting.table, setting.key)}")
        say(f"    {setting.meaning} ({default}){words}")


def _value(config: Config, table: str, key: str) -> str:
    """The value that counts, as it would be written; of a source, each one's. Secrets are named, never read."""
    from syncd.config.explain import toml_value

    if table == "sources.NAME":
        return ", ".join(
            f"{toml_value(getattr(settings, key))} ({name})"
            for name, settings in config.sources.items()
            if hasattr(settings, key)
        )
    if table == "store":
        return toml_value({"url": config.store_url, "key": config.store_key}[key])
    place: object = {
        "company": config.company,
        "quickbooks": config.quickbooks,
        "billing": config.company.billing,
        "billing.rounding": config.company.billing.rounding,
        "approval": config.company.approval,
        "safety": config.safety,
        "daemon": config.daemon,
    }[table]
    return toml_value(getattr(place, key)) if hasattr(place, key) else ""
