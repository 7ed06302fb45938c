"""What nearly every command begins with: the config, the store, the clocks, and which part of the books is meant."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from mappings.periods import Period, month_of, parse_period
from syncd.clock import BusinessDate, SystemClock
from syncd.commands.options import LAST_MONTH, config_path

if TYPE_CHECKING:
    from syncd.config import Config
    from syncd.cycle import Steps
    from syncd.store.database import Store


@dataclass(frozen=True, slots=True)
class Session:
    """One command's way to everything. `business.now()` is the business date; `clock` is always the real one."""

    config: Config
    store: Store
    clock: SystemClock
    business: BusinessDate
    today: date

    @property
    def company(self) -> str:
        return self.config.company.name


def read_config() -> Config:
    """The configuration that `--config` names; raises ConfigError with everything that is wrong."""
    from syncd.config import load_config

    return load_config(config_path())


@contextmanager
def open_session(
    *, company: str | None = None, now: datetime | None = None, clock: SystemClock | None = None
) -> Iterator[Session]:
    """Read the config and open the store for the time of one command."""
    from syncd.logging import configure
    from syncd.store.database import open_store

    # A command tells by its report; unset, structlog would write between the lines of its standard output.
    configure(level=logging.WARNING)
    config = read_config()
    if company is not None and company.casefold() != config.company.name.casefold():
        raise click.BadParameter(
            f"{config_path()} is about {config.company.name!r}, not {company!r}", param_hint="--company"
        )
    clock = clock or SystemClock()
    timezone = config.company.timezone
    fixed = now.replace(tzinfo=timezone) if now is not None and now.tzinfo is None else now
    business = BusinessDate(clock, fixed)
    store = open_store(config.store_url.reveal(), clock)
    try:
        yield Session(config, store, clock, business, business.today(timezone))
    finally:
        store.close()


def period_of(text: str | None, today: date) -> Period | None:
    """The period that `--period` names; `last-month` is the one before the business date's."""
    if text is None:
        return None
    if text == LAST_MONTH:
        last_day = date.fromordinal(month_of(today).first.toordinal() - 1)
        return month_of(last_day)
    return parse_period(text)


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
