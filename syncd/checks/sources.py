"""One source: whether it answers now, and what its last readings left behind."""

from __future__ import annotations

import shlex

from connectors.source import Health, SourceError
from mappings.problems import Problem
from syncd.checks.check import Check, moment_text
from syncd.config import SecretError
from syncd.cycle import Steps
from syncd.store.sources import SourceState, read_state


def check_source(steps: Steps, name: str) -> Check:
    """Ask the source who it is; tell since when it is down, and whether the fuse has blown."""
    with steps.store.read() as connection:
        known = read_state(connection, steps.config.company.name, name)
    health = _asked(steps, name)
    says = "; ".join(filter(None, (health.says.removesuffix("."), _history(known))))
    problems = (*health.problems, *_fuse(known, name))
    if known.down_since is not None and not any(not problem.warning for problem in health.problems):
        what = f"{name} was not readable since {moment_text(known.down_since)}: {known.last_error} It answers now."
        back = Problem("source-was-down", what, f"Type `syncd pull --source {shlex.quote(name)}`.", warning=True)
        problems = (*problems, back)
    return Check(name, says, problems)


def _asked(steps: Steps, name: str) -> Health:
    try:
        return steps.sources([name])[0].check()
    except SourceError as error:
        return Health("", (Problem("source-down", error.what, error.fix, subject=name),))
    except SecretError as error:
        return Health("", (error.problem,))


def _history(known: SourceState) -> str:
    if known.down_since is not None:
        return f"down since {moment_text(known.down_since)}"
    return f"last read {moment_text(known.last_complete_at)}" if known.last_complete_at else ""


def _fuse(known: SourceState, name: str) -> tuple[Problem, ...]:
    if known.fuse is None:
        return ()
    fix = f"See whether the source is whole. If it is: `syncd pull --accept-vanished {shlex.quote(name)}`."
    return (Problem("fuse-blown", str(known.fuse["what"]), fix, subject=name),)
