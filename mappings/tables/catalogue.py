"""catalogue.toml: the services that clients may be assigned, how often each comes, and its price."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from mappings.problems import Place, Problem
from mappings.rows import CatalogueRow
from mappings.tables.values import LATER, listed, nearest, quoted

FILE = "catalogue.toml"
_EVERY = ("month", "quarter", "year", "once")
_KEYS = ("service", "every", "amount", "bill")


def read_catalogue(path: Path, shown: str) -> tuple[tuple[CatalogueRow, ...], list[Problem]]:
    """The services of a catalogue, and every problem in it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        document = tomllib.loads(text)
    except UnicodeDecodeError:
        what = f"{shown} is not encoded in UTF-8."
        return (), [Problem("text-undecodable", what, "Save the file as UTF-8.", Place(shown))]
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        place = Place(shown, int(line[1])) if line else Place(shown)
        return (), [Problem("toml-syntax", f"{shown} is not TOML: {error}.", "Mend this line.", place)]
    places = _Places(shown, text)
    problems = [
        Problem("key-unknown", f"{shown} has no {quoted(key)}.", "It is a list of [[service]].", Place(shown))
        for key in document
        if key != "service"
    ]
    given = document.get("service", [])
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        fix = "Write each service under a line [[service]]."
        return (), [*problems, Problem("catalogue-shape", f"{shown} is a list of services.", fix, Place(shown))]
    rows: list[CatalogueRow] = []
    for index, one in enumerate(given):
        row = _row(one, index, places, problems)
        if row is not None:
            rows.append(row)
    problems += _twice(rows)
    return tuple(rows), problems


class _Places:
    """Where each service and each of its keys stands: the reader of TOML does not say."""

    def __init__(self, shown: str, text: str) -> None:
        self._shown, self._lines = shown, text.splitlines()
        self._starts = [
            number for number, line in enumerate(self._lines) if re.match(r"\s*\[\[\s*[\"']?service[\"']?\s*\]\]", line)
        ]

    def of(self, index: int, key: str = "") -> Place:
        if index >= len(self._starts):
            return Place(self._shown)
        start = self._starts[index]
        end = self._starts[index + 1] if index + 1 < len(self._starts) else len(self._lines)
        for number in range(start + 1, end) if key else ():
            if re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", self._lines[number]):
                return self._at(number)
        return self._at(start)

    def _at(self, number: int) -> Place:
        line = self._lines[number]
        return Place(self._shown, number + 1, 0, excerpt=line, mark_length=len(line))


def _row(given: Mapping[str, Any], index: int, places: _Places, problems: list[Problem]) -> CatalogueRow | None:
    before = len(problems)
    problems += _unknown_keys(given, index, places)
    service, every = given.get("service"), given.get("every")
    if not isinstance(service, str) or not service.strip():
        fix = 'Write service = "…", a name of the services table.'
        problems.append(Problem("service-missing", "This service has no name.", fix, places.of(index, "service")))
    if every not in _EVERY:
        what = f"every must be {listed(_EVERY)}{'' if every is None else f', not {quoted(str(every))}'}."
        problems.append(Problem("value-unknown", what, "", places.of(index, "every")))
    amount = _amount(given.get("amount"))
    if amount is None and "amount" in given:
        what = f"amount must be an amount such as {quoted('880.00')}, not {quoted(str(given['amount']))}."
        problems.append(
            Problem("amount-not-a-number", what, "Write it in quotation marks.", places.of(index, "amount"))
        )
    bill = given.get("bill", "calendar")
    if bill == "done":
        what = "bill = done is not implemented in this version: it waits for tasks that syncd creates."
        problems.append(Problem(LATER, what, "Here, bill can be calendar.", places.of(index, "bill")))
    elif bill != "calendar":
        what = f"bill must be calendar, not {quoted(str(bill))}."
        problems.append(Problem("value-unknown", what, "", places.of(index, "bill")))
    if len(problems) > before:
        return None
    return CatalogueRow(places.of(index), str(service).strip(), str(every), amount)


def _unknown_keys(given: Mapping[str, Any], index: int, places: _Places) -> Iterator[Problem]:
    for key in given:
        if key == "tasks":
            what = "tasks is not implemented in this version: syncd creates no tasks yet."
            yield Problem(LATER, what, "Take it out.", places.of(index, key))
        elif key not in _KEYS:
            near = nearest(key, _KEYS)
            fix = f"Did you mean {near}?" if near else f"A service has {', '.join(_KEYS)}."
            yield Problem("key-unknown", f"A service has no {quoted(key)}.", fix, places.of(index, key))


def _amount(value: object) -> Decimal | None:
    """An exact amount: a text, or a whole number; a number with decimals would not be exact."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _twice(rows: list[CatalogueRow]) -> Iterator[Problem]:
    seen: dict[str, CatalogueRow] = {}
    for row in rows:
        first = seen.setdefault(row.service.casefold(), row)
        if first is not row:
            what = f"The service {quoted(row.service)} is in {first.place} already."
            yield Problem("name-twice", what, "Delete one of the two.", row.place)
