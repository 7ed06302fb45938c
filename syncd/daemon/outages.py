"""What is down, said once when it goes down and once when it is back, however often it is tried meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import structlog

from mappings.problems import Problem
from syncd.clock import Clock

T = TypeVar("T")
_EVENTS = {"tables": ("tables-wrong", "tables-right")}
"""What the log calls it where "down" and "up" would be odd."""
_log = structlog.get_logger("syncd.daemon")


@dataclass(frozen=True, slots=True)
class Outage:
    """One thing that does not work. `thing`: `source`, `quickbooks`, `database` or `tables`; `name`: which of them."""

    company: str
    thing: str
    name: str
    code: str
    since: datetime


class Outages:
    """All that is down now. May be used by several threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: dict[tuple[str, str, str], Outage] = {}
        self._lock = threading.Lock()

    def down(
        self,
        thing: str,
        problem: Problem,
        *,
        company: str = "",
        name: str = "",
        since: datetime | None = None,
    ) -> None:
        """It does not work. Said when that is news: when it worked before, or the problem has another code."""
        key = (company, thing, name)
        with self._lock:
            before = self._open.get(key)
            first = before.since if before else since or self._clock.now()
            self._open[key] = Outage(company, thing, name, problem.code, first)
        if before is None or before.code != problem.code:
            words = _words(company=company, name=name, problem=problem.code, why=problem.what, fix=problem.fix)
            _log.warning(_EVENTS.get(thing, (f"{thing}-down",))[0], **words)

    def up(self, thing: str, *, company: str = "", name: str = "", since: datetime | None = None) -> None:
        """It works. Said when it did not before; `since`: since when, if an earlier process has noticed it."""
        with self._lock:
            before = self._open.pop((company, thing, name), None)
        first = before.since if before else since
        if first is not None:
            seconds = round((self._clock.now() - first).total_seconds())
            _log.info(
                _EVENTS.get(thing, (f"{thing}-up",))[-1], **_words(company=company, name=name), down_seconds=seconds
            )

    def all(self) -> list[Outage]:
        """What is down, the longest first."""
        with self._lock:
            return sorted(self._open.values(), key=lambda outage: outage.since)


class Told:
    """What was logged already, so that it is not logged again while it stays as it is."""

    def __init__(self) -> None:
        self._told: dict[str, set[Any]] = {}
        self._lock = threading.Lock()

    def news(self, topic: str, things: Iterable[T], *, all_of_them: bool = False) -> set[T]:
        """Those that were not told yet. `all_of_them`: what is not among them is over, and would be news again."""
        given = set(things)
        with self._lock:
            known = self._told.setdefault(topic, set())
            news = given - known
            self._told[topic] = given if all_of_them else known | given
        return news


def _words(**words: str) -> Mapping[str, str]:
    return {name: word for name, word in words.items() if word}
