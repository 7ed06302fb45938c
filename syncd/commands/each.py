"""One command over several companies: what is found of each is printed below its name, and none stops another."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from syncd.commands.output import complain, next_command, say, show, speaking_of, tell
from syncd.commands.session import Session, Sessions

if TYPE_CHECKING:
    from rich.console import RenderableType

SCHEMA = "syncd.companies/1"
AT_ONCE = 24
"""Companies that are worked on at once, at most: each waits for its own QuickBooks nearly all of the time."""
_RANKS = (0, 2, 75, 1, 64)
"""Exit codes from the best to the worst: done, changes (`preview --detailed-exitcode`), held, failed, usage."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command has found out of one company, ready to be printed."""

    schema: str
    report: object
    """A report, or a dictionary of what JSON knows; with the company's name as its `company`."""
    text: Callable[[], Iterable[RenderableType]]
    next_command: str = ""
    code: int = 0
    raised: Exception | None = None
    """What ends the command after its report was printed; then nothing is suggested next."""


def answer_each(
    sessions: Sessions, act: Callable[[Session], Answer], *, as_json: bool = False, at_once: bool = False
) -> int:
    """Let the command act on each company and print what it answers; give back the exit code, of several the worst.

    A company that does not know a name which was given (a client, a source) is left out, unless none does. With
    `at_once` the companies' acts run beside each other, each in a thread of its own.
    """
    if not sessions.together:
        (session,) = sessions.each
        return _one(session, act(session), as_json)
    made = _acts(sessions, act, at_once=at_once)
    codes: list[int] = []
    bodies: list[dict[str, Any]] = []
    unknown: list[tuple[Session, click.UsageError]] = []
    for session, answer in made:
        if isinstance(answer, click.UsageError):
            unknown.append((session, answer))
            continue
        with speaking_of(session.company if len(sessions.each) > 1 else ""):
            if as_json:
                codes.append(_collect(session, answer, bodies))
            else:
                codes.append(_below_heading(session, answer, first=not codes))
    if unknown and not codes:
        raise _known_nowhere(unknown)
    if as_json:
        from syncd.reports.as_json import json_text

        say(json_text({"schema": SCHEMA, "companies": bodies}))
    return worst(codes)


def worst(codes: Iterable[int]) -> int:
    """The exit code of several companies together."""
    return max(codes, key=_RANKS.index, default=0)


def _one(session: Session, answer: Answer, as_json: bool) -> int:
    """The whole of what a command prints where it is about one company."""
    from syncd.reports.as_json import to_json

    if as_json:
        say(to_json(answer.schema, answer.report, session.config.company.timezone))
    else:
        tell(answer.text())
    if answer.raised is not None:
        raise answer.raised
    if answer.next_command and not as_json:
        next_command(answer.next_command)
    return answer.code


def _acts(
    sessions: Sessions, act: Callable[[Session], Answer], *, at_once: bool
) -> Iterator[tuple[Session, Answer | Exception]]:
    """Each company with what its act answers or raises, in the order of the file."""

    def safely(session: Session) -> Answer | Exception:
        try:
            return act(session)
        except Exception as error:  # noqa: BLE001 - said below the company's name; the others go on.
            return error

    if at_once and len(sessions.each) > 1:
        with ThreadPoolExecutor(min(len(sessions.each), AT_ONCE), thread_name_prefix="company") as pool:
            try:
                yield from zip(sessions.each, pool.map(safely, sessions.each), strict=True)
            except BaseException:
                # Ctrl-C: the others end their waits too, and with them this command.
                sessions.clock.stopping.set()
                raise
        return
    for session in sessions.each:
        if sessions.clock.stopping.is_set():
            yield session, click.Abort()
        else:
            yield session, safely(session)


def _below_heading(session: Session, answer: Answer | Exception, *, first: bool) -> int:
    from rich.text import Text

    show(*(() if first else (Text(""),)), Text(f"═══ {session.company} ═══", style="bold"))
    if isinstance(answer, Exception):
        return _complain_of(session, answer)[0]
    tell(answer.text())
    if answer.raised is not None:
        return _complain_of(session, answer.raised)[0]
    if answer.next_command:
        next_command(answer.next_command)
    return answer.code


def _collect(session: Session, answer: Answer | Exception, bodies: list[dict[str, Any]]) -> int:
    """Add a company's report to the list, or what kept it from being made."""
    from syncd.reports.as_json import json_body

    if isinstance(answer, Exception):
        code, said = _complain_of(session, answer)
        bodies.append({"company": session.company, "error": said})
        return code
    bodies.append(json_body(answer.schema, answer.report, session.config.company.timezone))
    return answer.code if answer.raised is None else _complain_of(session, answer.raised)[0]


def _complain_of(session: Session, error: Exception) -> tuple[int, str]:
    """Say on stderr why a company's part of the command failed; give back the exit code, and what was said."""
    from syncd.commands.errors import explain_error

    said = io.StringIO()
    with redirect_stderr(said):
        code = explain_error(error)
    complain(f"{session.company}:\n{said.getvalue().rstrip()}")
    return code, said.getvalue().strip()


def _known_nowhere(unknown: list[tuple[Session, click.UsageError]]) -> click.UsageError:
    """One message for a name that no company knows; theirs may differ by the nearest names."""
    first = unknown[0][1]
    if len({error.format_message() for _, error in unknown}) == 1:
        return first
    lines = [f"{session.company}: {error.format_message()}" for session, error in unknown]
    return click.UsageError("none of the companies knows it.\n" + "\n".join(lines))
