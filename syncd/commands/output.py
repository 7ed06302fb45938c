"""How commands speak: reports on stdout, what is wrong on stderr, and commands that name the config they were given."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import groupby
from typing import TYPE_CHECKING

import click

from mappings.problems import Place, Problem

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

PIPE_WIDTH = 120
"""Columns where nobody looks at a terminal: files and pipes are read later, on any screen."""


def console(*, stderr: bool = False) -> Console:
    """A console that draws colours on a terminal alone, and plain text of a fixed width in a pipe."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = shutil.get_terminal_size((PIPE_WIDTH, 24)).columns if stream.isatty() else None
    if width is None and "COLUMNS" not in os.environ:
        width = PIPE_WIDTH
    return Console(file=stream, width=width, highlight=False, soft_wrap=False, emoji=False)


def show(*parts: RenderableType) -> None:
    """Print a report's parts, one after another; in a pipe without the blanks that tables end with."""
    out = console()
    if out.is_terminal:
        for part in parts:
            out.print(part, markup=False)
        return
    with out.capture() as captured:
        for part in parts:
            out.print(part, markup=False)
    click.echo("\n".join(line.rstrip() for line in captured.get().rstrip("\n").split("\n")))


def tell(parts: Iterable[RenderableType]) -> None:
    """Print a report's parts as they come; plain strings as they are, however long their lines."""
    for is_plain, some in groupby(parts, key=lambda part: isinstance(part, str)):
        if is_plain:
            for part in some:
                say(str(part))
        else:
            show(*some)


def say(text: str) -> None:
    """One plain line on stdout."""
    click.echo(text)


def complain(text: str) -> None:
    """One plain line on stderr."""
    click.echo(text, err=True)


_COMPANY: ContextVar[str] = ContextVar("company", default="")


@contextmanager
def speaking_of(company: str | None) -> Iterator[None]:
    """Within it, commands to type next name this company, one of several; "" for none, None leaves it as it is."""
    token = _COMPANY.set(_COMPANY.get() if company is None else company)
    try:
        yield
    finally:
        _COMPANY.reset(token)


def this_config(command: str) -> str:
    """A command to type next, with `--config` if this one was given it, and `--company` where there are several."""
    from syncd.commands.options import given_config

    if not command.startswith("syncd "):
        return command
    company, path = _COMPANY.get(), given_config()
    if company and _takes_company(command.split()[1]):
        command += f" --company {shlex.quote(company)}"
    return command if path is None else f"syncd --config {shlex.quote(str(path))} {command.removeprefix('syncd ')}"


def _takes_company(name: str) -> bool:
    from syncd.commands.group import root

    found = root.get_command(click.Context(root), name)
    return found is not None and any(parameter.name == "company" for parameter in found.params)


def next_command(command: str) -> None:
    """The line with which each listing ends."""
    say(f"\nNext: {this_config(command)}")


def problems_text(problems: Iterable[Problem]) -> str:
    """Problems as people read them: place, code, the marked excerpt, what is wrong, and the fix."""
    return "\n".join(_problem_text(problem) for problem in problems)


def _problem_text(problem: Problem) -> str:
    place = problem.place
    head = f"{place}: {problem.code}" if place else problem.code
    if problem.warning:
        head += " (warning)"
    lines = [head, *(_excerpt(place) if place and place.excerpt else ()), f"  {problem.what}"]
    if problem.fix:
        lines.append(f"  {_about_company(problem.fix)}")
    return "\n".join(lines)


def _about_company(fix: str) -> str:
    """The advice with its commands as they are typed where there are several companies."""
    if not _COMPANY.get():
        return fix
    return re.sub(r"`(syncd [^`]+)`", lambda match: f"`{this_config(match[1])}`", fix)


def _excerpt(place: Place) -> list[str]:
    number = str(place.line) if place.line else ""
    lines = [f"  {number} | {place.excerpt}"]
    if place.mark_length:
        lines.append(f"  {' ' * len(number)} | {' ' * place.mark_start}{'^' * place.mark_length}")
    return lines
