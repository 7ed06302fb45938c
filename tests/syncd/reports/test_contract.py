"""The page about JSON is held to the report types, and what is printed to both."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mappings.documents import Hold
from mappings.problems import Place, Problem
from syncd.reports.as_json import to_json
from syncd.reports.explain import DOCUMENT_SCHEMA, ENTRY_SCHEMA, explain_document, explain_entry
from syncd.reports.find import find_document
from syncd.reports.show import SCHEMA as SHOW
from syncd.reports.show import show_document
from syncd.reports.status import SCHEMA as STATUS
from syncd.store.database import Store
from tests.syncd.reports.contract import REPORTS, objects
from tests.syncd.reports.ledgers import COMPANY, Books, billed, marker

PAGE = (Path(__file__).parents[3] / "docs" / "json.md").read_text(encoding="utf-8")
TORONTO = ZoneInfo("America/Toronto")


def documented() -> dict[str, dict[str, str]]:
    found = {}
    for part in PAGE.split("\n### ")[1:]:
        name, body = part.split("\n", 1)
        found[name] = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|$", body, re.MULTILINE))
    return found


def test_the_page_has_every_object_with_its_fields_and_their_kinds() -> None:
    assert documented() == objects()


def test_the_page_has_every_schema_with_its_object() -> None:
    listed = dict(re.findall(r"^\| `(syncd\.\S+)` \| .* \| \[(\w+)\]", PAGE, re.MULTILINE))

    assert listed == {schema: report.__name__ for schema, report in REPORTS.items()}


@pytest.fixture
def books(sqlite_store: Store) -> Books:
    made = Books(sqlite_store)
    made.work("1", 9000)
    made.work("2", 3600)
    made.document("AB-01", 21000, 1050, allocations=(billed("1", 9000, 21000, billed_seconds=9900),))
    made.stand("2", 3600, "blocked", "unmapped-client")
    made.remote("01", 22050, tax=1050, balance=12050, marker=marker("AB-01"), due=date(2026, 10, 1))
    made.remote("51", 10000, kind="Payment", balance=0)
    made.customer("Hydro", 12050)
    made.read_at()
    made.draft("Nord", problems=(Problem("no-rate", "No rate.", "Add one.", Place("mappings/rates.csv", 4, 2)),))
    made.draft("Sud", holds=(Hold("new-client", "Nothing was posted yet."),))
    return made


def shape(value: object, kind: str) -> None:
    """Assert that a printed value is what the page says of its kind."""
    if value is None:
        assert kind.endswith("or null")
        return
    kind = kind.removesuffix(" or null")
    if kind.startswith("list of "):
        assert isinstance(value, list)
        for item in value:
            shape(item, kind.removeprefix("list of "))
    elif kind in documented():
        assert isinstance(value, dict)
        assert list(value) == list(documented()[kind])
        for name, item in value.items():
            shape(item, documented()[kind][name])
    else:
        patterns = {
            "amount": r"-?\d+(\.\d+)?",
            "decimal": r"-?\d+(\.\d+)?",
            "instant": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-0[45]:00",
            "day": r"\d{4}-\d\d-\d\d",
            "text": r"(?s).*",
            "integer": r"-?\d+",
            "true or false": "True|False",
        }
        assert isinstance(value, {"integer": int, "true or false": bool}.get(kind, str))
        assert re.fullmatch(patterns[kind], str(value)), (kind, value)


def test_the_status_that_is_printed_is_the_one_on_the_page(books: Books) -> None:
    printed = json.loads(to_json(STATUS, books.status(), TORONTO))

    assert printed.pop("schema") == "syncd.status/1"
    shape(printed, "StatusReport")
    assert printed["as_of"] == "2026-11-03T12:00:00-05:00"
    assert printed["ageing"][0]["days_31_60"] == "120.50"
    assert [need["code"] for need in printed["needs"]] == [
        "not-connected",
        "never-read",
        "unmapped-client",
        "blocked",
        "held",
    ]


def test_a_shown_document_is_the_one_on_the_page(books: Books) -> None:
    with books.store.read() as connection:
        row = find_document(connection, COMPANY, "AB-01")
        assert row is not None
        shown = show_document(connection, COMPANY, row, date(2026, 11, 3))
    printed = json.loads(to_json(SHOW, shown, TORONTO))

    del printed["schema"]
    shape(printed, "ShownDocument")
    assert (printed["state"], printed["remote"]["balance"]) == ("overdue", "120.50")


def test_explanations_are_those_on_the_page(books: Books) -> None:
    with books.store.read() as connection:
        row = find_document(connection, COMPANY, "AB-01")
        document = explain_document(COMPANY, row)
        entry = explain_entry(connection, COMPANY, "times", "1")
    of_document = json.loads(to_json(DOCUMENT_SCHEMA, document, TORONTO))
    of_entry = json.loads(to_json(ENTRY_SCHEMA, entry, TORONTO))

    shape({name: value for name, value in of_document.items() if name != "schema"}, "ExplainedDocument")
    shape({name: value for name, value in of_entry.items() if name != "schema"}, "ExplainedEntry")
    share = of_document["lines"][0]["shares"][0]
    assert share["tables"][1] == {
        "decides": "rate",
        "row": "mappings/rates.csv:3",
        "note": "from 2026-01-01; mappings/rates.csv:2 names no client",
    }
    assert of_document["lines"][0]["arithmetic"] == "2.5 hour (9,000 s) × 84 = 210.00 CAD"
    assert (of_entry["pulled_seconds"], of_entry["accounted_seconds"]) == (9000, 9000)
