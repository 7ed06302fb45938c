"""The root command: it knows which module holds which command, and loads none but the one that is asked for."""

from __future__ import annotations

import gc
import importlib
import sys
from typing import Any, NoReturn

import rich_click as click

from syncd import __version__
from syncd.commands.loading import collect_seldom
from syncd.commands.options import Command, config_option, plain_help

PANELS: dict[str, dict[str, str]] = {
    "Set up": {
        "init": "initialise",
        "doctor": "doctor",
        "connect": "connect",
        "mappings": "mappings",
    },
    "Every period": {
        "pull": "pull",
        "preview": "preview",
        "approve": "approve",
        "push": "push",
        "reconcile": "reconcile",
        "status": "status",
        "run": "run",
    },
    "Look closer and decide": {
        "show": "show",
        "explain": "explain",
        "retry": "retry",
        "adopt": "adopt",
        "drift": "drift",
        "rerate": "rerate",
        "release": "release",
        "write-off": "write_off",
    },
    "Keep and try": {
        "simulate": "simulate",
        "demo": "demo",
        "backup": "backup",
        "emulator": "emulator",
    },
}
"""Command → module of this package, in the order in which help lists them."""

COMMANDS = {name: module for panel in PANELS.values() for name, module in panel.items()}


class LazyGroup(click.RichGroup):
    """A group whose commands are imported when they are needed: `syncd --help` must answer at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"syncd.commands.{COMMANDS[cmd_name]}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, but for a command that does not exist name the one that is most like it."""
        if args[0] not in COMMANDS:
            from difflib import get_close_matches

            if like := get_close_matches(args[0], COMMANDS, n=1):
                ctx.fail(f"no such command {args[0]!r}. Did you mean {like[0]!r}?")
        return super().resolve_command(ctx, args)

    def get_help(self, ctx: click.Context) -> str:
        return super().get_help(ctx) if sys.stdout.isatty() else plain_help(self, ctx)


@click.group(
    "syncd",
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Begin with: syncd init",
)
@click.version_option(__version__, prog_name="syncd")
@config_option(envvar="SYNCD_CONFIG")
def root() -> None:
    """Turns hours into paid invoices: timesheets in, QuickBooks Online invoices out, payments back."""


root.panels = [click.RichCommandPanel(name, commands=list(commands)) for name, commands in PANELS.items()]


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run one command and leave with its exit code: 0 done, 1 failed, 64 usage, 75 somebody else is at it."""
    collect_seldom()
    code = invoke(arguments)
    # The end of the process gives all memory back: looking for garbage in it once more took 60 ms after a status.
    gc.freeze()
    sys.exit(code)


def invoke(arguments: list[str] | None = None) -> int:
    """Run one command; every exception that reaches this place becomes advice and an exit code."""
    try:
        result: Any = root.main(arguments, prog_name="syncd", standalone_mode=False)
    except BaseException as error:  # noqa: BLE001 - the single place where errors turn into words for a person.
        from syncd.commands.errors import explain_error

        return explain_error(error)
    return result if isinstance(result, int) else 0


__all__ = ["COMMANDS", "Command", "invoke", "main", "root"]
