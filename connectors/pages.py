"""Readings of many requests: each answer is a sign of life, so that whoever waits can tell slow from dead."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import TypeVar

from connectors.source import Cursor, Page, Record, Span

T = TypeVar("T")
RECORDS_PER_PAGE = 500


def alive(reading: Generator[None, None, T], cursor: Cursor) -> Generator[Page, None, T]:
    """The reading's result; each of its answers is an empty page, by which the engine sees that the pull goes on."""
    while True:
        try:
            next(reading)
        except StopIteration as end:
            result: T = end.value
            return result
        yield Page((), cursor)


def result_of(reading: Generator[None, None, T]) -> T:
    """The reading's result, when nobody waits for signs of life."""
    while True:
        try:
            next(reading)
        except StopIteration as end:
            result: T = end.value
            return result


def in_pages(records: Sequence[Record], before: Cursor, after: Cursor, complete: Span | None) -> Iterator[Page]:
    """The records, some at a time; the last page has the cursor to go on from, and says what was seen whole."""
    pages = [tuple(records[first : first + RECORDS_PER_PAGE]) for first in range(0, len(records), RECORDS_PER_PAGE)]
    for page in pages[:-1]:
        yield Page(page, before)
    yield Page(pages[-1] if pages else (), after, complete)
