"""A tool with a million time entries, as pages of JSON, and the source that reads them.

Made up by arithmetic: the same number always gives the same entry. 2,000 clients, 300 people, 300 days.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec

from connectors.source import Cursor, Health, Incremental, Page, Record, Window
from mappings.work import WorkItem

PAGE = 1_000
CLIENTS = 2_000
FIRST_DAY, DAYS = date(2026, 1, 1), 300
SOURCE = "timesheets"

_ENTRY = (
    '{"id":%d,"project":{"id":%d,"name":"Projet %04d"},"issue":%d,"user":{"id":%d,"name":"Personne %03d"},'
    '"activity":{"id":%d,"name":"Service %d"},"minutes":%d,"spent_on":"%s","client":"Client %04d","billable":%s,'
    '"comments":"Réunion avec le client au sujet de la livraison, suivi du dossier %d, corrections demandées hier.",'
    '"created_on":"2026-10-01T12:00:00Z","updated_on":"2026-10-01T12:00:00Z"}'
)


class _Named(msgspec.Struct, frozen=True):
    id: int
    name: str


class _Entry(msgspec.Struct, frozen=True):
    id: int
    project: _Named
    issue: int
    user: _Named
    activity: _Named
    minutes: int
    spent_on: date
    client: str
    billable: bool
    comments: str


_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_DECODE = msgspec.json.Decoder(_Entry)


def answer(first: int, last: int, changed_each: int, clients: int = CLIENTS) -> bytes:
    """One page as the tool would send it; each `changed_each`-th entry has a quarter of an hour more (0: none)."""
    return ("[" + ",".join(_text(number, changed_each, clients) for number in range(first, last)) + "]").encode()


def _text(number: int, changed_each: int, clients: int) -> str:
    client = number * 7_919 % clients
    minutes = 15 * (1 + number % 16) + (15 if changed_each and number % changed_each == 0 else 0)
    day = FIRST_DAY + timedelta(days=number * 104_729 % DAYS)
    person, service, billable = number % 300, number % 8, "true" if number % 10 else "false"
    names = (number, client, client, number // 7, person, person, service, service)
    return _ENTRY % (*names, minutes, day, client, billable, number)


def record(raw: bytes) -> Record:
    """One entry as every source gives it: the record as received, and what it means."""
    entry = _DECODE.decode(raw)
    item = WorkItem(
        source=SOURCE,
        id=str(entry.id),
        worked_on=entry.spent_on,
        seconds=entry.minutes * 60,
        person=entry.user.name,
        client=entry.client,
        project=entry.project.name,
        task=str(entry.issue),
        service=entry.activity.name,
        billable=entry.billable,
        notes=entry.comments,
    )
    return Record(item.id, raw.decode(), item)


@dataclass
class Timesheets:
    """The source: reads all entries in pages."""

    entries: int
    changed_each: int = 0
    clients: int = CLIENTS
    name: str = SOURCE
    incremental: Incremental = Incremental.WORK_DATES

    def check(self) -> Health:
        return Health("made up")

    def pull(self, cursor: Cursor, window: Window) -> Iterator[Page]:
        for records in self.records():
            yield Page(records, {})
        yield Page((), {}, window.span)

    def records(self) -> Iterator[tuple[Record, ...]]:
        """The pages' records: parsing them is a part of what is measured."""
        for page in self.answers():
            yield tuple(record(bytes(raw)) for raw in _LIST.decode(page))

    def answers(self) -> Iterable[bytes]:
        """The tool's pages, made up one after the other."""
        for first in range(0, self.entries, PAGE):
            yield answer(first, min(first + PAGE, self.entries), self.changed_each, self.clients)


@dataclass
class _Kept(Timesheets):
    """The same from pages that are there already."""

    pages: Iterable[bytes] = ()

    def answers(self) -> Iterable[bytes]:
        return self.pages


@contextmanager
def kept(entries: int, changed_each: int) -> Iterator[Timesheets]:
    """A source to be read once, its pages made up before: making them takes no part in what is measured."""
    with tempfile.TemporaryFile() as file:
        file.writelines(page + b"\n" for page in Timesheets(entries, changed_each).answers())
        file.seek(0)
        yield _Kept(entries, changed_each, pages=file)
