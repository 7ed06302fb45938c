"""The company's files: who may read and write them, what the tables hold, and the key of the tokens."""

from __future__ import annotations

import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from mappings.problems import Problem
from mappings.tables import check_tables as table_problems
from syncd.checks.check import Check
from syncd.config import Config, Secret
from syncd.config.sources import secret_references
from syncd.cycle import Steps
from syncd.engine.key import KeyUnusableError, token_key

_OTHERS, _OTHERS_WRITE = 0o007, 0o002


def check_files(steps: Steps) -> Check:
    """Whether anybody on this machine could read a secret, or change what is billed."""
    config = steps.config
    tables = sorted(path for path in (config.folder / "mappings").glob("*") if path.is_file())
    secrets = tuple(_secret_files(config))
    problems = [
        *_open_to_all((config.path, config.folder / "mappings", *tables), _OTHERS_WRITE, "file-writable", "change"),
        *_open_to_all(secrets, _OTHERS, "secret-readable", "read or change"),
    ]
    says = f"{config.path}, {len(tables)} files in mappings/, {len(secrets)} files with a secret"
    return Check("files", says, tuple(problems))


def _secret_files(config: Config) -> Iterator[Path]:
    """Files that hold a secret, but for the key, which has a check of its own."""
    references = [ref for settings in config.sources.values() for ref in secret_references(settings).values()]
    given = [Secret(reference, config.folder) for reference in references]
    if config.quickbooks.client_secret is not None:
        given.append(config.quickbooks.client_secret)
    for secret in (*given, config.store_url):
        if secret.reference.startswith("file:") and secret.path is not None:
            yield secret.path


def _open_to_all(paths: tuple[Path, ...], forbidden: int, code: str, may: str) -> Iterator[Problem]:
    for path in paths:
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
        except OSError:
            continue  # A file that is missing is told by what needs it.
        if mode & forbidden:
            change = "o-w" if forbidden == _OTHERS_WRITE else "600"
            what = f"Everybody on this machine may {may} {path}."
            yield Problem(code, what, f"Type `chmod {change} {shlex.quote(str(path))}`.", warning=True)


def check_tables(steps: Steps) -> Check:
    """How many rows the tables have, and what looks wrong in them as a whole."""
    tables = steps.config.tables
    counts = (
        f"{len(tables.clients)} clients, {len(tables.services)} services, {len(tables.people)} people, "
        f"{len(tables.rates)} rates, {len(tables.retainers)} retainers, {len(tables.fixed_fees)} fixed fees"
    )
    problems = [*table_problems(tables, sources=steps.config.sources)]
    if not tables.clients:
        what = "The clients table has no row, so no work can be billed."
        problems.append(Problem("no-clients", what, "Add a row to mappings/clients.csv.", warning=True))
    return Check("tables", counts, tuple(problems))


def check_key(steps: Steps) -> Check:
    """Whether the key can be used, for its owner alone."""
    path = steps.config.store_key.path
    if path is not None and not path.exists():
        return Check("key", f"{path} is made when QuickBooks is connected")
    try:
        token_key(steps.config.store_key)
    except KeyUnusableError as error:
        return Check("key", "", (Problem("key-unusable", error.what, error.fix),))
    return Check("key", f"tokens are encrypted with {steps.config.store_key.reference}")
