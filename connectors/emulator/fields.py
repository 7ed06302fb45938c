"""The kinds of members that entities have, and how a request's JSON is checked against them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.emulator import faults
from connectors.emulator.numbers import decimal_of


@dataclass(frozen=True)
class Field:
    """One member of an entity: its kind decides how it is read."""

    kind: str
    length: int = 0
    target: str = ""
    choices: tuple[str, ...] = ()
    members: Mapping[str, "Field"] = field(default_factory=dict)


def text(length: int) -> Field:
    """A string of at most so many characters."""
    return Field("text", length)


def ref(target: str) -> Field:
    """A reference {"value": id, "name": …} to another entity; the name is never read."""
    return Field("ref", target=target)


def choice(*choices: str) -> Field:
    """One of these words."""
    return Field("choice", choices=choices)


def group(**members: Field) -> Field:
    """An object with these members."""
    return Field("group", members=members)


def many(**members: Field) -> Field:
    """A list of objects with these members."""
    return Field("many", members=members)


NUMBER = Field("number")
FLAG = Field("flag")
DAY = Field("day")
# QuickBooks keeps these itself: a client may send them back as read, and they are not looked at.
READ_ONLY = Field("read-only")
# Known to QuickBooks, without a meaning here: refused by name, so that nobody trusts an effect that never comes.
NOT_MODELLED = Field("not-modelled")

# Numbers have at most ten digits before the point and five behind it.
MOST_WHOLE_DIGITS = 10
MOST_DECIMALS = 5
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class _Checker:
    """Walks one request body; mistakes in values are gathered, mistakes in its shape end the reading."""

    def __init__(self, entity: str) -> None:
        self.entity = entity
        self.errors: list[faults.Error] = []

    def members(self, value: Mapping[str, Any], known: Mapping[str, Field], path: str) -> dict[str, Any]:
        clean: dict[str, Any] = {}
        for name, member in value.items():
            place = f"{path}{name}"
            kind = known.get(name)
            if kind is None:
                raise faults.unknown_member(f"com.intuit.schema.finance.v3.{self.entity}", place)
            if member is None or kind.kind == "read-only":
                continue
            if kind.kind == "not-modelled":
                raise faults.not_modelled(f"{self.entity}.{place}")
            clean[name] = None if _is_empty(member) else self.value(member, kind, place)
        return clean

    def value(self, value: Any, kind: Field, place: str) -> Any:
        reader = getattr(self, f"_{kind.kind}")
        return reader(value, kind, place)

    def _text(self, value: Any, kind: Field, place: str) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise faults.unreadable(f"{place}: a text is expected; it")
        if len(str(value)) > kind.length:
            self.errors.append(faults.too_long(place, len(str(value)), kind.length))
        return str(value)

    def _number(self, value: Any, kind: Field, place: str) -> Decimal:
        number = decimal_of(value)
        if number is None:
            raise faults.unreadable(f"{place}: {value!r} is not a number; it")
        _sign, digits, exponent = number.normalize().as_tuple()
        decimals = max(0, -int(exponent))
        whole = max(0, len(digits) + int(exponent))
        if decimals > MOST_DECIMALS or whole > MOST_WHOLE_DIGITS:
            self.errors.append(faults.too_long(place, whole + decimals, MOST_WHOLE_DIGITS + MOST_DECIMALS))
        return number

    def _flag(self, value: Any, kind: Field, place: str) -> bool:
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in {"true", "false"}:
            return value.lower() == "true"
        raise faults.unreadable(f"{place}: {value!r} is not true or false; it")

    def _day(self, value: Any, kind: Field, place: str) -> str:
        if isinstance(value, str) and _DAY.fullmatch(value):
            try:
                return date.fromisoformat(value).isoformat()
            except ValueError:
                pass
        raise faults.unreadable(f"{place}: {value!r} is not a date (YYYY-MM-DD); it")

    def _choice(self, value: Any, kind: Field, place: str) -> str:
        if value not in kind.choices:
            self.errors.append(faults.bad_enumeration(place, str(value)))
        return str(value)

    def _ref(self, value: Any, kind: Field, place: str) -> dict[str, str]:
        if not isinstance(value, dict):
            raise faults.unreadable(f"{place}: a reference is expected; it")
        for member in value:
            if member not in {"value", "name", "type"}:
                raise faults.unknown_member("com.intuit.schema.finance.v3.ReferenceType", f"{place}.{member}")
        identity = value.get("value")
        if isinstance(identity, bool) or not isinstance(identity, str | int):
            raise faults.unreadable(f"{place}.value: an id is expected; it")
        return {"value": str(identity)}

    def _group(self, value: Any, kind: Field, place: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise faults.unreadable(f"{place}: an object is expected; it")
        return without_empty(self.members(value, kind.members, f"{place}."))

    def _many(self, value: Any, kind: Field, place: str) -> list[dict[str, Any]]:
        if not isinstance(value, list):
            raise faults.unreadable(f"{place}: a list is expected; it")
        return [self._group(item, kind, place) for item in value]


def _is_empty(value: Any) -> bool:
    """Tell whether a value clears its member: "", {} or a reference to ""."""
    return value in ("", {}) or (isinstance(value, dict) and set(value) <= {"value", "name"} and not value.get("value"))


def without_empty(members: Mapping[str, Any]) -> dict[str, Any]:
    """Drop the members that were sent empty."""
    return {name: value for name, value in members.items() if value is not None}


def read_members(entity: str, body: Any, known: Mapping[str, Field]) -> dict[str, Any]:
    """Check a request's body and return its writable members, typed; an emptied member is None.

    Raises a fault that holds every mistake in values (2050, 2170), or the first one in shape (2010).
    """
    if not isinstance(body, dict):
        raise faults.unreadable("an object is expected; the body")
    checker = _Checker(entity)
    clean = checker.members(body, known, "")
    if checker.errors:
        raise faults.Fault(tuple(checker.errors))
    return clean


def references(
    members: Mapping[str, Any], known: Mapping[str, Field], path: str = ""
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield (place, target, reference) for each reference in cleaned members, nested ones included."""
    for name, value in members.items():
        kind = known.get(name)
        if kind is None or value is None:
            continue
        if kind.kind == "ref":
            yield f"{path}{name}", kind.target, value
        elif kind.kind == "group":
            yield from references(value, kind.members, f"{path}{name}.")
        elif kind.kind == "many":
            for item in value:
                yield from references(item, kind.members, f"{path}{name}.")
