"""What commands share: their class, the options that several take, and where `--config` is remembered."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click as plain_click
import rich_click as click

from mappings.periods import parse_period

Function = TypeVar("Function", bound=Callable[..., Any])

_CONFIG_KEY, _GIVEN_KEY = "syncd.config", "syncd.config.given"
LAST_MONTH, LAST_QUARTER, LAST_YEAR = "last-month", "last-quarter", "last-year"
LAST = (LAST_MONTH, LAST_QUARTER, LAST_YEAR)


def plain_help(command: plain_click.Command, context: plain_click.Context) -> str:
    """Help as plain text: what pipes and files get, without loading the library that draws boxes."""
    plain, formatter = plain_click.Command, plain_click.HelpFormatter(max_width=100, width=100)
    plain.format_usage(command, context, formatter)
    plain.format_help_text(command, context, formatter)
    plain.format_options(command, context, formatter)
    if isinstance(command, plain_click.Group):
        plain_click.Group.format_commands(command, context, formatter)
    plain.format_epilog(command, context, formatter)
    return formatter.getvalue().rstrip("\n")


class Command(click.RichCommand):
    """A command with an example under its help."""

    def get_help(self, ctx: plain_click.Context) -> str:
        return super().get_help(ctx) if sys.stdout.isatty() else plain_help(self, ctx)


def command(name: str, *, examples: str) -> Callable[[Callable[..., Any]], plain_click.Command]:
    """Declare a command: its help is the function's docstring, its examples one command line each."""

    def declare(function: Callable[..., Any]) -> plain_click.Command:
        lines = "\n".join(f"  {line}" for line in examples.strip().splitlines())
        epilog = f"\b\nExample{'s' if len(examples.strip().splitlines()) > 1 else ''}:\n{lines}"
        settings = {"help_option_names": ["-h", "--help"]}
        decorated = config_option()(function)
        return click.command(name, cls=Command, epilog=epilog, context_settings=settings)(decorated)

    return declare


def config_option(envvar: str | None = None) -> Callable[[Function], Function]:
    """`--config PATH`, before or after the name of the command; after it wins."""

    def remember(context: plain_click.Context, parameter: plain_click.Parameter, value: Path | None) -> None:
        if value is not None:
            context.find_root().meta[_CONFIG_KEY] = value
            source = context.get_parameter_source(str(parameter.name))
            context.find_root().meta[_GIVEN_KEY] = source is plain_click.core.ParameterSource.COMMANDLINE

    return click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar=envvar,
        expose_value=False,
        callback=remember,
        metavar="PATH",
        help="The company's config.toml (or SYNCD_CONFIG; otherwise ./config.toml).",
    )


def config_path() -> Path:
    """The config file that this call is about."""
    path = plain_click.get_current_context().find_root().meta.get(_CONFIG_KEY, Path("config.toml"))
    assert isinstance(path, Path)
    return path


def given_config() -> Path | None:
    """The config file if this call names it: what is suggested next must name it too."""
    context = plain_click.get_current_context(silent=True)
    return config_path() if context is not None and context.find_root().meta.get(_GIVEN_KEY) else None


class PeriodName(click.ParamType[str]):
    """A period as people type it; `last-month` and the like are resolved once the business date is known."""

    name = "period"

    def convert(self, value: Any, param: plain_click.Parameter | None, ctx: plain_click.Context | None) -> str:
        text = str(value).strip()
        if text not in LAST:
            try:
                parse_period(text)
            except ValueError as error:
                self.fail(f"{error}, or {', '.join(LAST)}", param, ctx)
        return text


class NowText(click.ParamType[datetime]):
    """An ISO day or instant; without offset it is local to the company, a day alone means its noon."""

    name = "iso"

    def convert(self, value: Any, param: plain_click.Parameter | None, ctx: plain_click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        text = f"{value}T12:00" if re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value)) else str(value)
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            self.fail(f"{value!r} is not a date: write 2026-11-03 or 2026-11-03T09:00-05:00", param, ctx)


company_option = click.option("--company", metavar="NAME", help="Only this company of the config.")
client_option = click.option("--client", metavar="NAME", help="Only this client, by its name in QuickBooks.")
period_option = click.option(
    "--period",
    type=PeriodName(),
    metavar="PERIOD",
    help="2026-10, 2026-W41, 2026-10-H1, 2026-10-01..2026-10-17, 2026-10-17, last-month, last-quarter or last-year.",
)
worked_option = click.option(
    "--period", type=PeriodName(), metavar="PERIOD", required=True, help="By the days worked: 2026-10, last-quarter …"
)
now_option = click.option("--now", type=NowText(), hidden=True, help="The business date, for tests and catch-up runs.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON (docs/json.md).")


def selection_options(function: Function) -> Function:
    """--company, --client, --period and the hidden --now: which part of the books a command is about."""
    for option in (now_option, period_option, client_option, company_option):
        function = option(function)
    return function
