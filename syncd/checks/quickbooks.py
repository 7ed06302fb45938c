"""The books in QuickBooks: whether they answer, until when, and what in them contradicts config.toml."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import select

from mappings.catalogue import Books
from mappings.problems import Problem
from syncd.checks.check import Check
from syncd.config import Config
from syncd.cycle import Steps
from syncd.engine.finishing import NUMBERLESS_FIX, NUMBERLESS_WHAT, leaves_without_number
from syncd.engine.quickbooks import NotConnectedError, QuickBooksFailure, problem_of
from syncd.engine.tokens import connection_problems
from syncd.store import schema


def check_quickbooks(steps: Steps) -> Check:
    """Ask the books for their name and preferences; a connection that will end soon is told beside it."""
    company, environment = steps.config.company.name, steps.config.quickbooks.environment
    now = steps.clock.now()
    try:
        with steps.quickbooks() as opened:
            books = opened.client.books()
    except NotConnectedError as error:
        return Check("QuickBooks", environment, (error.problem,))
    except QuickBooksFailure as error:
        told = problem_of(error)
        known = [each for each in connection_problems(steps.store, company, now) if each.code != told.code]
        return Check("QuickBooks", f"{environment}{_ages(steps, now)}", (*known, told))
    # Read after asking: the question may have renewed what was about to lapse.
    soon = connection_problems(steps.store, company, now)
    today = now.astimezone(steps.config.company.timezone).date()
    says = f"{books.company_name} ({environment}, {books.country}, {books.home_currency}){_ages(steps, now)}"
    return Check("QuickBooks", f"{says}; {_state_of(books)}", (*soon, *books_problems(steps.config, books, today)))


def _ages(steps: Steps, now: datetime) -> str:
    """Since when it is connected, and until when it is, used and not used."""
    table = schema.connection.c
    query = select(table.connected_at, table.refresh_expires_at, table.hard_expires_at)
    with steps.store.read() as connection:
        row = connection.execute(query.where(table.company == steps.config.company.name)).one_or_none()
    if row is None:
        return ""
    parts = [f"connected {(now - row.connected_at).days} days ago"]
    if row.refresh_expires_at is not None:
        parts.append(f"lapses unused on {row.refresh_expires_at:%Y-%m-%d}")
    if row.hard_expires_at is not None:
        parts.append(f"ends on {row.hard_expires_at:%Y-%m-%d}")
    return "; " + ", ".join(parts)


def _state_of(books: Books) -> str:
    tax = "automated by QuickBooks" if books.automatic_tax else "on" if books.sales_tax else "off"
    closed = f"closed up to {books.closed_until}" if books.closed_until else "no closed books"
    numbers = "on" if books.custom_numbers else "off"
    several = "several currencies" if books.multicurrency else "one currency"
    return f"sales tax {tax}, {closed}, custom transaction numbers {numbers}, {several}"


def books_problems(config: Config, books: Books, today: date) -> tuple[Problem, ...]:
    """Settings in QuickBooks that contradict config.toml, or will block what is due next."""
    return (*_currency(config, books), *_numbering(config, books), *_closed(books, today), *_taxes(config, books))


def _currency(config: Config, books: Books) -> Iterator[Problem]:
    currency = config.company.currency
    if books.home_currency != currency:
        what = f"config.toml says {currency}, and the home currency of {books.company_name} is {books.home_currency}."
        fix = f'Set currency = "{books.home_currency}" in [company], or connect the company that belongs to it.'
        yield Problem("home-currency-differs", what, fix)


def _numbering(config: Config, books: Books) -> Iterator[Problem]:
    """A setting that QuickBooks' "Custom transaction numbers" (CustomTxnNumbers) contradicts."""
    if leaves_without_number(config, books):
        yield Problem("numbers-disagree", NUMBERLESS_WHAT, f"{NUMBERLESS_FIX} Until then every invoice is blocked.")
    elif config.quickbooks.invoice_number != "quickbooks" and not books.custom_numbers:
        what = "“Custom transaction numbers” are off in QuickBooks: it may put its own number in place of ours."
        fix = 'Turn them on in QuickBooks (Account and settings, Sales), or set invoice_number = "quickbooks".'
        yield Problem("numbers-disagree", what, fix, warning=True)


def _closed(books: Books, today: date) -> Iterator[Problem]:
    """Last month's invoices are dated on its last day."""
    last_month = today.replace(day=1) - timedelta(days=1)
    if books.closed_until is not None and books.closed_until >= last_month:
        what = f"The books are closed up to {books.closed_until}: an invoice dated up to then is blocked."
        fix = "Reopen them in QuickBooks, or date it later: `syncd approve CLIENT --dated DAY`."
        yield Problem("books-closed", what, fix, warning=True)


def _taxes(config: Config, books: Books) -> Iterator[Problem]:
    named = {config.company.billing.tax_code, *(row.tax_code for row in config.tables.clients)}
    named |= {row.tax_code for row in config.tables.services}
    if any(named) and not books.sales_tax:
        what = "Sales tax is off in QuickBooks, and tax codes are named here: it would compute no tax."
        fix = "Turn it on in QuickBooks (Taxes), or take the tax codes out of config.toml and the tables."
        yield Problem("sales-tax-off", what, fix, warning=True)
