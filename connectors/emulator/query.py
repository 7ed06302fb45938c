"""The query language: SELECT * | COUNT(*) FROM Entity WHERE a op 'v' AND … ORDERBY a STARTPOSITION n MAXRESULTS m."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.emulator import faults
from connectors.emulator.books import Books, Data
from connectors.emulator.clock import parse_instant
from connectors.emulator.entities import ENTITIES, Entity
from connectors.emulator.numbers import decimal_of, write_json

MOST_RESULTS = 1000
DEFAULT_RESULTS = 100

_TOKEN = re.compile(r"\s*(?:'((?:[^'\\]|\\.)*)'|(<=|>=|[=<>(),*])|([A-Za-z_][\w.]*)|(-?\d+(?:\.\d+)?))")


@dataclass(frozen=True)
class Token:
    """One piece of a query: a quoted text, a sign, a word or a number."""

    kind: str
    text: str


@dataclass(frozen=True)
class Condition:
    """One comparison of the WHERE clause; `values` are texts as written."""

    member: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Query:
    """A query that was understood."""

    entity: Entity
    count: bool
    conditions: tuple[Condition, ...]
    order: tuple[tuple[str, bool], ...]
    start: int
    most: int


def tokens(text: str) -> list[Token]:
    """Cut a query into its pieces."""
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise faults.bad_query(f"cannot read the query from: {text[at : at + 30]}")
        quoted, sign, word, number = match.groups()
        if quoted is not None:
            found.append(Token("text", re.sub(r"\\(.)", r"\1", quoted)))
        elif sign is not None:
            found.append(Token("sign", sign))
        elif word is not None:
            found.append(Token("word", word))
        else:
            found.append(Token("number", number))
        at = match.end()
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self.rest = tokens(text)

    def word(self, *words: str) -> bool:
        """Take these words when they come next, in any case of letters."""
        ahead = [token.text.upper() for token in self.rest[: len(words)] if token.kind in {"word", "sign"}]
        if ahead != list(words):
            return False
        del self.rest[: len(words)]
        return True

    def expect(self, *words: str) -> None:
        if not self.word(*words):
            raise faults.bad_query(f"{' '.join(words)} is expected{self.here()}")

    def here(self) -> str:
        return f" before: {self.rest[0].text}" if self.rest else " at the end"

    def take(self, *kinds: str) -> Token:
        if not self.rest or self.rest[0].kind not in kinds:
            raise faults.bad_query(f"a {' or '.join(kinds)} is expected{self.here()}")
        return self.rest.pop(0)


def parse(text: str) -> Query:
    """Understand a query; raises 4001."""
    reader = _Reader(text)
    reader.expect("SELECT")
    count = reader.word("COUNT", "(", "*", ")")
    if not count:
        reader.expect("*")
    reader.expect("FROM")
    name = reader.take("word").text
    if name not in ENTITIES:
        raise faults.bad_query(f"invalid context declaration: {name}")
    entity = ENTITIES[name]
    conditions = _conditions(reader, entity) if reader.word("WHERE") else ()
    order = _order(reader, entity) if reader.word("ORDERBY") or reader.word("ORDER", "BY") else ()
    start, most = 1, DEFAULT_RESULTS
    while reader.rest:
        if reader.word("STARTPOSITION"):
            start = _whole(reader, 1, None)
        elif reader.word("MAXRESULTS"):
            most = _whole(reader, 1, MOST_RESULTS)
        else:
            raise faults.bad_query(f"not understood: {reader.rest[0].text}")
    return Query(entity, count, tuple(conditions), tuple(order), start, most)


def _whole(reader: _Reader, least: int, most: int | None) -> int:
    token = reader.take("number", "text")
    if not token.text.lstrip("-").isdigit():
        raise faults.bad_query(f"{token.text} is not a whole number")
    number = int(token.text)
    if number < least:
        raise faults.bad_query(f"value {number} is too small. Min allowed value is {least}")
    if most is not None and number > most:
        raise faults.bad_query(f"value {number} is too large. Max allowed value is {most}")
    return number


def _member(reader: _Reader, entity: Entity) -> str:
    name = reader.take("word").text
    if name not in entity.filters:
        if name.split(".")[0] in entity.fields:
            raise faults.bad_query(f"property '{name}' is not queryable")
        raise faults.bad_query(f"Property {name} not found for Entity {entity.name}")
    return name


def _conditions(reader: _Reader, entity: Entity) -> list[Condition]:
    found = [_condition(reader, entity)]
    while reader.word("AND"):
        found.append(_condition(reader, entity))
    if reader.word("OR"):
        raise faults.bad_query("OR is not supported")
    return found


def _condition(reader: _Reader, entity: Entity) -> Condition:
    member = _member(reader, entity)
    kind = entity.filters[member]
    if reader.word("IN"):
        reader.expect("(")
        values = [_value(reader, member, kind)]
        while reader.word(","):
            values.append(_value(reader, member, kind))
        reader.expect(")")
        return Condition(member, "IN", tuple(values))
    if reader.word("LIKE"):
        return Condition(member, "LIKE", (reader.take("text").text,))
    sign = reader.take("sign").text
    if sign not in {"=", "<", ">", "<=", ">="}:
        raise faults.bad_query(f"{sign} is not an operator")
    return Condition(member, sign, (_value(reader, member, kind),))


def _value(reader: _Reader, member: str, kind: str) -> str:
    token = reader.take("text", "word", "number")
    if token.kind == "word" and token.text.lower() not in {"true", "false"}:
        raise faults.bad_query(f"the value of {member} must stand in single quotes: {token.text}")
    if _comparable(kind, token.text) is None:
        raise faults.bad_query(f"invalid value for {member}: {token.text}")
    return token.text


def _order(reader: _Reader, entity: Entity) -> list[tuple[str, bool]]:
    order = []
    while True:
        member = _member(reader, entity)
        descending = reader.word("DESC")
        if not descending:
            reader.word("ASC")
        order.append((member, descending))
        if not reader.word(","):
            return order


def _comparable(kind: str, value: Any) -> Any:
    """Return a value in the form in which its kind is compared; None when it cannot be."""
    if value is None:
        return None
    if kind == "flag":
        return {"true": True, "false": False}.get(str(value).lower())
    if kind == "number":
        return decimal_of(value)
    if kind in {"id", "ref"}:
        # Ids are compared as the numbers they are; the codes TAX and NON come after all numbers.
        return (0, int(value), "") if str(value).isdigit() else (1, 0, str(value))
    if kind == "instant":
        instant = parse_instant(str(value))
        return instant.astimezone(UTC) if instant else None
    return str(value)


def member_value(data: Data, member: str, kind: str) -> Any:
    """Return the value of a member, comparable; None when it is absent."""
    if kind == "ref":
        return _comparable(kind, data.get(member, {}).get("value"))
    if kind == "email":
        return data.get(member, {}).get("Address")
    value: Any = data
    for part in member.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return _comparable(kind, value)


def _test(condition: Condition, kind: str) -> Callable[[Data], bool]:
    if condition.operator == "LIKE":
        pattern = re.compile(".*".join(re.escape(part) for part in condition.values[0].split("%")), re.DOTALL)
        return lambda data: pattern.fullmatch(str(_shown(data, condition.member, kind))) is not None
    wanted = [_comparable(kind, value) for value in condition.values]
    first = wanted[0]

    def test(data: Data) -> bool:
        value = member_value(data, condition.member, kind)
        if value is None:
            return False
        match condition.operator:
            case "<":
                return bool(value < first)
            case ">":
                return bool(value > first)
            case "<=":
                return bool(value <= first)
            case ">=":
                return bool(value >= first)
        return value in wanted

    return test


def _shown(data: Data, member: str, kind: str) -> Any:
    value = member_value(data, member, kind)
    return "" if value is None else data.get(member) if kind == "id" else value


def select(books: Books, query: Query, lag_seconds: float) -> list[Data]:
    """Return all that matches, in order, before paging."""
    entity = query.entity
    tests = [_test(condition, entity.filters[condition.member]) for condition in query.conditions]
    rows = [data for data in books.seen(entity.name, lag_seconds) if all(test(data) for test in tests)]
    if "Active" in entity.filters and not any(condition.member == "Active" for condition in query.conditions):
        rows = [data for data in rows if data.get("Active", True)]
    rows.sort(key=lambda data: _comparable("id", data["Id"]))
    if query.order:
        for member, descending in reversed(query.order):
            rows.sort(key=_sort_key(member, entity.filters[member]), reverse=descending)
    elif entity.order:
        rows.sort(key=lambda data: str(data[entity.order or "Id"]))
    else:
        rows.reverse()
        rows.sort(key=lambda data: _instant(data), reverse=True)
    return rows


def _instant(data: Data) -> datetime:
    instant = member_value(data, "MetaData.LastUpdatedTime", "instant")
    assert isinstance(instant, datetime)
    return instant


def _sort_key(member: str, kind: str) -> Callable[[Data], tuple[bool, Any]]:
    def key(data: Data) -> tuple[bool, Any]:
        value = member_value(data, member, kind)
        return (value is not None, value if value is not None else 0)

    return key


def answer(books: Books, text: str, lag_seconds: float = 0) -> str:
    """Carry out a query and return the JSON text of its QueryResponse; `{}` when nothing matches."""
    query = parse(text)
    rows = select(books, query, lag_seconds)
    if query.count:
        return f'{{"totalCount":{len(rows)}}}'
    page = rows[query.start - 1 : query.start - 1 + query.most]
    if not page:
        return "{}"
    current = [_text(books, query.entity.name, data) for data in page]
    total = f',"totalCount":{Decimal(len(page))}' if query.entity.is_transaction else ""
    name = query.entity.name
    return f'{{"{name}":[{",".join(current)}],"startPosition":{query.start},"maxResults":{len(page)}{total}}}'


def _text(books: Books, entity: str, data: Data) -> str:
    record = books.record(entity, data["Id"])
    return record.text() if record.data is data else write_json(data)
