"""Request Tracker's search language, as far as a reader of tickets and transactions needs it.

`FIELD OPERATOR VALUE`, joined by AND and OR, with parentheses. Of several joining words on one level the last one
counts for the whole level, as in the real parser. A field that does not exist is an error with its name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.stand_ins.server import NotKnownError

Getter = Callable[[str], Any]
"""Gives a record's value of a field: int, str or datetime, by the field's kind."""
Predicate = Callable[[Getter], bool]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<paren>[()])
    | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    | (?P<operator>!=|>=|<=|=|>|<)
    | (?P<word>[+-]?[\w.]+(?:\{[^}]*\})?)
    )""",
    re.VERBOSE,
)
_WORD_OPERATORS = ("NOT LIKE", "LIKE", "NOT STARTSWITH", "STARTSWITH", "NOT ENDSWITH", "ENDSWITH", "IS NOT", "IS")
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: bool(left == right),
    "!=": lambda left, right: bool(left != right),
    ">": lambda left, right: bool(left > right),
    ">=": lambda left, right: bool(left >= right),
    "<": lambda left, right: bool(left < right),
    "<=": lambda left, right: bool(left <= right),
    "LIKE": lambda left, right: right in left,
    "STARTSWITH": lambda left, right: bool(left.startswith(right)),
    "ENDSWITH": lambda left, right: bool(left.endswith(right)),
}


INACTIVE = frozenset({"resolved", "rejected", "deleted"})
"""The states that end a ticket in the lifecycle that every queue has at first."""


class SearchError(Exception):
    """The query cannot be run; the message is the one that the caller gets with 400."""


class Search:
    """A parsed query. `fields` gives each field's kind: "int", "text" or "date"."""

    def __init__(self, query: str, fields: Mapping[str, str]) -> None:
        self._fields = {name.lower(): (name, kind) for name, kind in fields.items()}
        self._query = query
        self._tokens = _tokens(query)
        self._at = 0
        self.named: set[str] = set()
        """The fields that the query mentions."""
        self.matches = self._level(closing=False)

    def _level(self, *, closing: bool) -> Predicate:
        """Conditions up to the closing parenthesis, or to the end."""
        parts: list[Predicate] = [self._condition()]
        joined = "AND"
        while self._at < len(self._tokens):
            word = self._take("AGGREGATOR")
            if word == ")" and closing:
                return _joined(parts, joined)
            joined = word.upper()
            if joined not in ("AND", "OR"):
                raise SearchError(f"Wrong query, expecting a AGGREGATOR in '{word}'")
            parts.append(self._condition())
        if closing:
            raise SearchError(f"Incomplete query, 1 unclosed paren in '{self._query}'")
        return _joined(parts, joined)

    def _condition(self) -> Predicate:
        word = self._take("KEYWORD or OPEN_PAREN")
        if word == "(":
            return self._level(closing=True)
        known = self._fields.get(word.lower())
        if known is None:
            raise SearchError(f"Unknown field: {word}")
        name, kind = known
        self.named.add(name)
        operator, value = self._operator(), _unquoted(self._take("VALUE"))
        return _compared(name, kind, operator, value)

    def _operator(self) -> str:
        first = self._take("OPERATOR").upper()
        second = self._tokens[self._at].upper() if self._at < len(self._tokens) else ""
        if f"{first} {second}" in _WORD_OPERATORS:
            self._at += 1
            return f"{first} {second}"
        if first not in (*_COMPARISONS, *_WORD_OPERATORS):
            raise SearchError(f"Wrong query, expecting a OPERATOR in '>{first}<--here'")
        return first

    def _take(self, wanted: str) -> str:
        if self._at == len(self._tokens):
            last = {"VALUE": "OPERATOR", "OPERATOR": "KEYWORD"}.get(wanted, "AGGREGATOR")
            said = f"Incomplete query, last element ({last}) is not close paren or value in '{self._query}'"
            raise SearchError(said)
        self._at += 1
        return self._tokens[self._at - 1]


def _tokens(query: str) -> list[str]:
    found, at = [], 0
    text = query.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise SearchError(f"Wrong query at '>{text[at:]}<--here'")
        found.append(match[0].strip())
        at = match.end()
    return found


def _unquoted(token: str) -> str:
    if token[:1] in ("'", '"'):
        return re.sub(r"\\(.)", r"\1", token[1:-1])
    return token


def _joined(parts: list[Predicate], word: str) -> Predicate:
    if word == "OR":
        return lambda get: any(part(get) for part in parts)
    return lambda get: all(part(get) for part in parts)


def _compared(name: str, kind: str, operator: str, value: str) -> Predicate:
    negated, positive = operator.startswith("NOT "), operator.removeprefix("NOT ")
    if positive not in _COMPARISONS:
        raise NotKnownError(f"the operator {operator}")
    compare = _COMPARISONS[positive]
    if kind == "int":
        if not re.fullmatch(r"[+-]?\d+", value):
            raise NotKnownError(f"{name} {operator} {value}")
        number = int(value)
        return lambda get: compare(get(name), number) is not negated
    if kind == "date":
        return _dated(name, positive, value)
    wanted = value.lower()
    if name == "Status" and wanted in ("__active__", "__inactive__"):
        is_wanted = (wanted == "__inactive__") is (positive == "=")
        return lambda get: (get(name) in INACTIVE) is is_wanted
    return lambda get: compare(str(get(name)).lower(), wanted) is not negated


def _dated(name: str, operator: str, value: str) -> Predicate:
    """An instant, compared; "=" means any time of that day."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise NotKnownError(f"the date {value}") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if operator == "=":
        day = moment.replace(hour=0, minute=0, second=0)
        return lambda get: day <= get(name) < day + timedelta(days=1)
    if operator not in (">", ">=", "<", "<="):
        raise SearchError(f"Invalid Date Op: {operator}")
    compare = _COMPARISONS[operator]
    return lambda get: compare(get(name), moment)
