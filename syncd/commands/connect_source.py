"""`syncd connect NAME`: the key of a source is tried, and kept only if the source takes it."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from connectors.source import Health
    from syncd.commands.session import Session

_LONGEST_KEY = 4096


def connect_source(session: Session, name: str) -> int:
    """Ask for the keys of a source that are kept in files, try all, and keep them; an exit code."""
    from syncd.commands.output import complain, next_command, problems_text, say
    from syncd.config import Secret
    from syncd.config.secret_files import write_secret
    from syncd.config.sources import secret_references

    settings = session.config.sources[name]
    references = secret_references(settings)
    typed: dict[str, str] = {}
    for setting, reference in references.items():
        if not reference.startswith("file:"):
            say(_where(name, setting, reference))
            continue
        key = _ask(name, setting)
        if not _usable(key):
            complain("syncd: no key was given (one line, without blanks), so nothing was changed.")
            return 1
        typed[reference] = key
    if not references:
        say(f"{name} is of the kind {settings.kind} and needs no key.")
    health = _tried(session, name, typed)
    if any(not problem.warning for problem in health.problems):
        complain(problems_text(health.problems))
        if typed:
            complain(f"The key was not kept: {', '.join(typed)} is as it was.")
        return 1
    for reference, key in typed.items():
        path = Secret(reference, session.config.folder).path
        assert path is not None, "a file has a path"
        write_secret(path, key)
        say(f"Wrote {path}, readable for this user only.")
    say(f"{name}: {health.says}")
    if health.problems:
        say(problems_text(health.problems))
    next_command(f"syncd pull --source {shlex.quote(name)}")
    return 0


def _where(name: str, setting: str, reference: str) -> str:
    """Where a secret belongs that syncd does not keep itself."""
    way, _, key = reference.partition(":")
    if way == "env":
        return (
            f"The {setting} of {name} is taken from the environment variable {key}: set it where `syncd run` is "
            "started (EnvironmentFile= of its unit) and where you type commands."
        )
    return (
        f"The {setting} of {name} is the systemd credential {key}: give it to the unit with LoadCredential={key}:PATH."
    )


def _ask(name: str, setting: str) -> str:
    """What a person types, unseen; in a script, the first line of standard input."""
    from syncd.commands.output import say

    if sys.stdin.isatty():
        typed: str = click.prompt(
            f"The {setting} of {name} (not shown)", hide_input=True, default="", show_default=False
        )
        return typed.strip()
    say(f"The {setting} of {name}, on a line of standard input:")
    return sys.stdin.readline().strip()


def _usable(key: str) -> bool:
    """Keys go into headers of HTTP: a line of visible characters, whatever else it is."""
    return 0 < len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable() and " " not in key


def _tried(session: Session, name: str, secrets: Mapping[str, str]) -> Health:
    """How the source answers with these secrets, and those that are in their place."""
    from connectors.source import Health, SourceError
    from mappings.problems import Problem
    from syncd.commands.session import steps_of
    from syncd.config import SecretError

    try:
        return steps_of(session, "syncd connect").sources([name], secrets)[0].check()
    except SourceError as error:
        return Health(error.what, (Problem("source-down", error.what, error.fix, subject=name),))
    except SecretError as error:
        return Health(error.problem.what, (error.problem,))
