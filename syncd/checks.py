"""What `syncd doctor` looks at: each check says in a sentence how it is, or what is wrong and the fix."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from connectors.source import SourceError
from mappings.catalogue import Books
from mappings.problems import Problem
from mappings.tables import check_tables
from syncd.cycle import Steps
from syncd.engine.key import KeyUnusableError, token_key
from syncd.engine.quickbooks import NotConnectedError, QuickBooksFailure, problem_of
from syncd.engine.tokens import connection_problems
from syncd.store import schema
from syncd.store.migrate import current_revision

_BACK_IN_TIME = timedelta(minutes=5)
_ROOM_BYTES, _LITTLE_ROOM_BYTES = 100 * 2**20, 1024 * 2**20
"""A month of a busy company takes some tens of megabytes; a backup takes as much again."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    says: str
    problems: tuple[Problem, ...] = ()

    @property
    def state(self) -> str:
        if any(not problem.warning for problem in self.problems):
            return "failed"
        return "warning" if self.problems else "ok"


def checks_of(steps: Steps) -> Iterator[Check]:
    """Every check after the config was read, from the nearest to the farthest."""
    yield _tables(steps)
    yield _database(steps)
    yield _clock(steps)
    yield _disk(steps)
    yield _key(steps)
    for name in steps.config.sources:
        yield _source(steps, name)
    yield _quickbooks(steps)


def _tables(steps: Steps) -> Check:
    tables = steps.config.tables
    counts = (
        f"{len(tables.clients)} clients, {len(tables.services)} services, {len(tables.people)} people, "
        f"{len(tables.rates)} rates, {len(tables.retainers)} retainers, {len(tables.fixed_fees)} fixed fees"
    )
    problems = [*check_tables(tables, sources=steps.config.sources)]
    if not tables.clients:
        what = "The clients table has no row, so no work can be billed."
        problems.append(Problem("no-clients", what, "Add a row to mappings/clients.csv.", warning=True))
    return Check("tables", counts, tuple(problems))


def _database(steps: Steps) -> Check:
    with steps.store.read() as connection:
        revision = current_revision(connection)
        entries = connection.execute(select(func.count()).select_from(schema.work)).scalar_one()
        documents = connection.execute(select(func.count()).select_from(schema.document)).scalar_one()
    return Check("database", f"{steps.store.name}, schema {revision}: {entries:,} entries, {documents:,} documents")


def _clock(steps: Steps) -> Check:
    now = steps.clock.now()
    with steps.store.read() as connection:
        last = connection.execute(select(func.max(schema.event.c.at))).scalar_one()
    local = now.astimezone(steps.config.company.timezone)
    says = f"{local:%Y-%m-%d %H:%M} in {steps.config.company.timezone.key}"
    if last is not None and last - now > _BACK_IN_TIME:
        what = f"The clock is behind: the last thing recorded happened at {last:%Y-%m-%d %H:%M} UTC, which is later."
        return Check("clock", says, (Problem("clock-behind", what, "Set the clock, best by NTP."),))
    return Check("clock", says)


def _disk(steps: Steps) -> Check:
    folder = (steps.store.path or steps.config.folder / "x").parent
    free = shutil.disk_usage(folder if folder.exists() else Path()).free
    says = f"{free / 2**30:,.1f} GB free in {folder}"
    if free < _LITTLE_ROOM_BYTES:
        what = f"There is little room left on the disk of {folder}: {free / 2**20:,.0f} MB."
        return Check("disk", says, (Problem("disk-full", what, "Free some space.", warning=free >= _ROOM_BYTES),))
    return Check("disk", says)


def _key(steps: Steps) -> Check:
    path = steps.config.store_key.path
    if path is not None and not path.exists():
        return Check("key", f"{path} is made when QuickBooks is connected")
    try:
        token_key(steps.config.store_key)
    except KeyUnusableError as error:
        return Check("key", "", (Problem("key-unusable", error.what, error.fix),))
    return Check("key", f"tokens are encrypted with {steps.config.store_key.reference}")


def _source(steps: Steps, name: str) -> Check:
    from syncd.config import SecretError

    try:
        health = steps.sources([name])[0].check()
    except SourceError as error:
        return Check(name, "", (Problem("source-down", error.what, error.fix, subject=name),))
    except SecretError as error:
        return Check(name, "", (error.problem,))
    return Check(name, health.says, health.problems)


def _quickbooks(steps: Steps) -> Check:
    """Whether the books answer; a connection that will end soon is told beside it."""
    company, environment = steps.config.company.name, steps.config.quickbooks.environment
    soon = connection_problems(steps.store, company, steps.clock.now())
    try:
        with steps.quickbooks() as opened:
            books = opened.client.books()
    except NotConnectedError as error:
        return Check("QuickBooks", environment, (error.problem,))
    except QuickBooksFailure as error:
        return Check("QuickBooks", environment, (*soon, problem_of(error)))
    says = f"{books.company_name} ({environment}, {books.country}, {books.home_currency})"
    return Check("QuickBooks", says, (*soon, *numbering_problems(steps.config.quickbooks.invoice_number, books)))


def numbering_problems(invoice_number: str, books: Books) -> tuple[Problem, ...]:
    """A setting that QuickBooks' "Custom transaction numbers" (CustomTxnNumbers) contradicts.

    With it on, QuickBooks numbers nothing by itself; with it off, it may put its own number in place of ours.
    """
    if invoice_number == "quickbooks" and books.custom_numbers:
        what = "QuickBooks is to number the invoices, but its “Custom transaction numbers” are on: they get no number."
        fix = "Turn them off in QuickBooks (Account and settings, Sales), or write a pattern in `invoice_number`."
    elif invoice_number != "quickbooks" and not books.custom_numbers:
        what = "“Custom transaction numbers” are off in QuickBooks: it may put its own number in place of ours."
        fix = 'Turn them on in QuickBooks (Account and settings, Sales), or set invoice_number = "quickbooks".'
    else:
        return ()
    return (Problem("numbers-disagree", what, fix, warning=True),)
