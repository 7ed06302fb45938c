"""What nearly every command begins with: the config, the store, the clocks, and which part of the books is meant."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import click

from mappings.periods import Period, month_of, parse_period
from syncd.clock import BusinessDate, SystemClock
from syncd.commands.options import LAST, LAST_MONTH, LAST_QUARTER, LAST_YEAR, config_path
from syncd.commands.output import speaking_of

if TYPE_CHECKING:
    from syncd.config import Companies, Config
    from syncd.cycle import Steps
    from syncd.store.database import Store


@dataclass(frozen=True, slots=True)
class Session:
    """One command's way to one company. `business.now()` is the business date; `clock` is always the real one."""

    config: Config
    store: Store
    clock: SystemClock
    business: BusinessDate
    today: date

    @property
    def company(self) -> str:
        return self.config.company.name


@dataclass(frozen=True, slots=True)
class Sessions:
    """The companies that a command is about, in the order of the file, over the one database that they share."""

    each: tuple[Session, ...]
    store: Store
    clock: SystemClock
    together: bool
    """Whether a file that lists companies is meant as a whole: each report then stands below its company's name."""

    @property
    def names(self) -> str:
        """The companies, for messages."""
        return ", ".join(session.company for session in self.each)


def read_companies(company: str | None = None) -> Companies:
    """The configuration that `--config` names; raises ConfigError with everything that is wrong.

    About one company of several, only what is wrong with that one counts.
    """
    from syncd.config import load_companies

    return load_companies(config_path(), only=company)


@contextmanager
def open_sessions(
    *, company: str | None = None, now: datetime | None = None, clock: SystemClock | None = None, logs: bool = True
) -> Iterator[Sessions]:
    """Read the config and open the store for the time of one command that is about each company, or the one named.

    `logs` is False for a command that only reads the store, of which nothing is logged: it need not load the logs.
    """
    from syncd.store.database import open_store

    if logs:
        from syncd.logging import configure

        # A command tells by its report; unset, structlog would write between the lines of its standard output.
        configure(level=logging.WARNING)
    companies = read_companies(company)
    configs = chosen(companies, company)
    clock = clock or SystemClock()
    store = open_store(companies.store_url.reveal(), clock)
    try:
        each = tuple(_session(config, store, clock, now) for config in configs)
        with speaking_of(each[0].company if len(each) == 1 and companies.several else ""):
            yield Sessions(each, store, clock, together=companies.listed and company is None)
    finally:
        store.close()


def chosen(companies: Companies, name: str | None) -> tuple[Config, ...]:
    """The company that `--company` means, or all; an unknown one is refused, with the nearest name."""
    from mappings.tables import nearest

    if name is None:
        return companies.configs
    for config in companies.configs:
        if config.company.name.casefold() == name.casefold():
            return (config,)
    if not companies.listed:
        what = f"{companies.path} is about {companies.names[0]!r}, not {name!r}"
    else:
        near = nearest(name, companies.names)
        hint = f"did you mean {near!r}?" if near else f"it lists: {', '.join(companies.names)}"
        what = f"{companies.path} lists no company {name!r}; {hint}"
    raise click.BadParameter(what, param_hint="--company")


def _session(config: Config, store: Store, clock: SystemClock, now: datetime | None) -> Session:
    timezone = config.company.timezone
    business = BusinessDate(clock, now.replace(tzinfo=timezone) if now is not None and now.tzinfo is None else now)
    return Session(config, store, clock, business, business.today(timezone))


@contextmanager
def open_session(
    *,
    company: str | None = None,
    now: datetime | None = None,
    clock: SystemClock | None = None,
    called: str = "",
    known: Callable[[Session], bool] = lambda _session: True,
) -> Iterator[Session]:
    """Open the one company that a command is about: the only one, the one named, or the only one that knows the thing.

    `called` is that thing in words, for the message when none of several companies knows it or more than one does.
    """
    with open_sessions(company=company, now=now, clock=clock) as sessions:
        session = sessions.each[0] if len(sessions.each) == 1 else _only(sessions, called, known)
        with speaking_of(session.company if len(sessions.each) > 1 else None):
            yield session


def _only(sessions: Sessions, called: str, known: Callable[[Session], bool]) -> Session:
    if not called:
        raise click.UsageError(f"Say which company with --company: {sessions.names}")
    found = [session for session in sessions.each if known(session)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise click.UsageError(f"None of the companies has {called}: {sessions.names}")
    names = ", ".join(session.company for session in found)
    raise click.UsageError(f"Several companies have {called}. Say which with --company: {names}")


def period_of(text: str | None, today: date) -> Period | None:
    """The period that `--period` names; `last-month` and the like are those before the business date's."""
    if text is None:
        return None
    if text not in LAST:
        return parse_period(text)
    months = {LAST_MONTH: 1, LAST_QUARTER: 3, LAST_YEAR: 12}[text]
    running = month_of(today).first
    end = running.replace(month=running.month - (running.month - 1) % months)
    last = month_of(end - timedelta(days=1))
    if text == LAST_MONTH:
        return last
    first = last.first.replace(month=last.first.month - months + 1)
    return Period(first, last.last, f"{first}..{last.last}")


def client_of(session: Session, name: str | None) -> str:
    """The client as our books spell it; an unknown one is refused, with the nearest names."""
    if not name:
        return ""
    from mappings.tables import nearest
    from syncd.reports.clients import known_clients

    with session.store.read() as connection:
        known = known_clients(connection, session.company)
    for candidate in known:
        if candidate.casefold() == name.casefold():
            return candidate
    near = nearest(name, known)
    hint = f"did you mean {near!r}?" if near else f"known are: {', '.join(known) or 'none yet (syncd pull)'}"
    raise click.BadParameter(f"no work and no document of a client {name!r}; {hint}", param_hint="--client")


def steps_of(session: Session, command: str) -> Steps:
    """The journey's steps for this session, done in the name of `command`."""
    from syncd.cycle import Steps
    from syncd.store.holders import this_process

    return Steps(session.store, session.config, session.clock, this_process(command))
