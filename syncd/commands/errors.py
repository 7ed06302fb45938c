"""The single place that turns exceptions into advice and an exit code. A person never sees a traceback."""

from __future__ import annotations

import errno
import os
import sys
import traceback
import uuid
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import click

from syncd.commands.output import complain, problems_text, this_config

FAILED, USAGE, HELD = 1, 64, 75


def explain_error(error: BaseException) -> int:
    """Say on stderr what went wrong and what to do; give back the exit code."""
    if isinstance(error, click.exceptions.Exit):
        return int(error.exit_code)
    if isinstance(error, click.UsageError):
        return _usage(error)
    if isinstance(error, click.ClickException):
        complain(f"syncd: {error.format_message()}")
        return FAILED
    if isinstance(error, click.Abort | KeyboardInterrupt):
        complain("Stopped. Whatever was under way is finished by the next run.")
        return FAILED
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else FAILED
    if isinstance(error, BrokenPipeError):
        return _broken_pipe()
    for kind in type(error).__mro__:
        known = _KNOWN.get(f"{kind.__module__}.{kind.__qualname__}")
        if known is not None:
            return known(error)
    return _unexpected(error)


def _usage(error: click.UsageError) -> int:
    path = error.ctx.command_path if error.ctx else "syncd"
    message = error.format_message()
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        complain(message)
        return USAGE
    complain(f"{path}: {message[:1].lower()}{message[1:]}")
    complain(f"Type `{path} --help` to see how it is used.")
    return USAGE


def _broken_pipe() -> int:
    # The reader (a pager, `head`) has gone; nothing more can be said, and Python must not try at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILED


def _problems(error: BaseException) -> int:
    problems = error.problems  # type: ignore[attr-defined]
    complain(problems_text(problems))
    wrong = [problem for problem in problems if not problem.warning]
    complain(f"\n{len(wrong)} problem{'' if len(wrong) == 1 else 's'}. After mending: {this_config('syncd doctor')}")
    return FAILED


def _one_problem(error: BaseException) -> int:
    complain(problems_text([error.problem]))  # type: ignore[attr-defined]
    return FAILED


def _all_problems(error: BaseException) -> int:
    complain(problems_text(error.problems))  # type: ignore[attr-defined]
    return FAILED


def _what_and_fix(error: BaseException) -> int:
    complain(f"syncd: {error.what}")  # type: ignore[attr-defined]
    fix = getattr(error, "fix", "") or getattr(error, "advice", "")
    if fix:
        complain(f"  {fix}")
    return FAILED


def _quickbooks(error: BaseException) -> int:
    from syncd.engine.quickbooks import problem_of

    complain(problems_text([problem_of(error)]))
    return FAILED


def _held(error: BaseException) -> int:
    complain(f"syncd: {error}")
    complain("  Type the command again when it is done.")
    return HELD


def _running(error: BaseException) -> int:
    complain(f"syncd: {error}")
    complain("  One daemon serves a database; the other commands work beside it.")
    return HELD


def _plain(error: BaseException) -> int:
    complain(f"syncd: {error}")
    return FAILED


_FILE_FIXES = {
    errno.ENOSPC: "Free some space, then type the command again.",
    errno.EROFS: "Choose a folder on a disk that can be written.",
    errno.EACCES: "Give the user that runs syncd permission, or choose another place.",
    errno.EPERM: "Give the user that runs syncd permission, or choose another place.",
}


def _file(error: BaseException) -> int:
    name = getattr(error, "filename", None)
    said = getattr(error, "strerror", None) or str(error)
    complain(f"syncd: {name}: {str(said).lower()}." if name else f"syncd: {said}.")
    fix = _FILE_FIXES.get(getattr(error, "errno", None) or 0)
    if fix:
        complain(f"  {fix}")
    return FAILED


_KNOWN: dict[str, Callable[[BaseException], int]] = {
    "syncd.config.mistakes.ConfigError": _problems,
    "syncd.config.secrets.SecretError": _one_problem,
    "syncd.engine.simulate.TablesWrongError": _all_problems,
    "syncd.store.errors.StoreError": _what_and_fix,
    "syncd.store.leases.LeaseHeldError": _held,
    "syncd.store.leases.LeaseLostError": _held,
    "syncd.store.runlock.AlreadyRunningError": _running,
    "syncd.engine.key.KeyUnusableError": _what_and_fix,
    "syncd.engine.draft.DraftsMovedError": _held,
    "syncd.engine.quickbooks.NotConnectedError": _one_problem,
    "connectors.quickbooks.oauth.OAuthError": _quickbooks,
    "connectors.quickbooks.tokens.NeedsReconnectError": _quickbooks,
    "connectors.http.AddressError": _quickbooks,
    "connectors.source.SourceError": _what_and_fix,
    "connectors.quickbooks.errors.QuickBooksError": _quickbooks,
    "connectors.quickbooks.consent.CallbackError": _plain,
    "connectors.quickbooks.callback.PortTakenError": _what_and_fix,
    "builtins.OSError": _file,
}
"""By name, so that nothing needs to be imported to explain that nothing could be imported."""


def _unexpected(error: BaseException) -> int:
    reference = uuid.uuid4().hex[:8]
    where = _write_down(reference, error)
    complain(f"syncd: something happened that it was not made for ({type(error).__name__}, reference {reference}).")
    if where:
        complain(f"  The details are in {where}. Please report them with the reference.")
    return FAILED


def _write_down(reference: str, error: BaseException) -> Path | None:
    """Append the traceback, without secrets, to a file of this user's; None when none can be written."""
    from connectors.redaction import redact
    from syncd.clock import SystemClock

    text = redact("".join(traceback.format_exception(error)))
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    path = Path(base) / "syncd" / "errors.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(f"{SystemClock().now().astimezone(UTC).isoformat()} reference {reference}\n{text}\n")
    except OSError:
        return None
    return path
