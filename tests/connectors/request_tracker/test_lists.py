"""Lists are read to their last row, whatever the server says of their length."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

import httpx
import pytest

from connectors.http import RefusedError
from connectors.request_tracker.lists import Query, Rows, id_of
from connectors.source import SourceError
from tests.connectors.request_tracker.shelf import Row, Shelf, numbered

T = TypeVar("T")
QUERY = Query("transactions", "TimeTaken != 0", "TimeTaken")


def result(reading: Generator[None, None, T]) -> T:
    """What a reading gives back in the end."""
    while True:
        try:
            next(reading)
        except StopIteration as end:
            found: T = end.value
            return found


def ids(rows: Rows) -> list[int]:
    return [id_of(raw, "transactions") for raw in rows.raws]


def read(shelf: Shelf) -> Rows:
    return result(shelf.lists.read(QUERY))


def test_an_empty_page_whose_number_of_pages_is_a_float_is_an_empty_list() -> None:
    shelf = Shelf({"transactions": []})

    assert (read(shelf), len(shelf.asked)) == (Rows((), True), 1)


@pytest.mark.parametrize("count", [1, 99, 100, 101, 200, 201])
def test_every_row_is_read_and_the_list_is_whole(count: int) -> None:
    rows = read(Shelf({"transactions": numbered(range(1, count + 1))}))

    assert (ids(rows), rows.whole) == (list(range(1, count + 1)), True)


def test_ids_are_read_as_text_and_as_numbers() -> None:
    assert ids(read(Shelf({"transactions": [{"id": "7"}, {"id": 8}]}))) == [7, 8]


def test_a_server_with_smaller_pages_is_read_to_the_end() -> None:
    rows = read(Shelf({"transactions": numbered(range(1, 61))}, page_cap=25))

    assert (len(rows.raws), rows.whole) == (60, True)


def test_a_list_with_hidden_rows_is_read_to_the_end_but_not_whole() -> None:
    rows = read(Shelf({"transactions": numbered(range(1, 301))}, hidden={5, *range(101, 230)}))

    assert (len(rows.raws), rows.whole) == (170, False)


def test_a_server_that_does_not_count_is_read_past_pages_of_hidden_rows() -> None:
    rows = read(Shelf({"transactions": numbered(range(1, 501))}, hidden=set(range(1, 400)), counts=False))

    assert (ids(rows), rows.whole) == (list(range(400, 501)), False)


def test_a_server_that_does_not_count_costs_one_more_request() -> None:
    shelf = Shelf({"transactions": numbered([1, 2])}, counts=False)

    assert (ids(read(shelf)), len(shelf.asked)) == ([1, 2], 2)


def test_a_row_that_goes_while_reading_costs_no_other() -> None:
    shelf = Shelf({"transactions": numbered(range(1, 131))})
    reading = shelf.lists.read(QUERY)
    next(reading)
    del shelf.rows["transactions"][3]

    assert ids(result(reading)) == list(range(1, 131))


def test_rows_that_come_while_reading_are_read() -> None:
    shelf = Shelf({"transactions": numbered(range(1, 131))})
    reading = shelf.lists.read(QUERY)
    next(reading)
    shelf.rows["transactions"] += numbered(range(131, 240))

    assert len(ids(result(reading))) == 239


@pytest.mark.parametrize("given", [[3, 2], [2, 2], [0, 1]], ids=["order", "twice", "filter"])
def test_a_server_that_ignores_filter_or_order_is_not_believed(given: list[int]) -> None:
    rows: list[Row] = numbered(given)
    answer = httpx.Response(200, json={"items": rows, "total": len(rows)})

    with pytest.raises(SourceError, match="transactions gave"):
        read(Shelf({}, other=lambda _: answer))


def test_a_server_that_gives_empty_pages_without_end_is_left() -> None:
    answer = httpx.Response(200, json={"items": [], "total": 10**9})

    with pytest.raises(SourceError, match="empty pages without end"):
        read(Shelf({}, other=lambda _: answer))


def test_an_answer_without_items_is_not_an_empty_list() -> None:
    with pytest.raises(RefusedError, match="without its items"):
        read(Shelf({}, other=lambda _: httpx.Response(200, json={"total": 0})))


def test_a_record_without_an_id_is_refused() -> None:
    with pytest.raises(RefusedError, match="without an id"):
        read(Shelf({}, other=lambda _: httpx.Response(200, json={"items": [{"type": "transaction"}], "total": 1})))
