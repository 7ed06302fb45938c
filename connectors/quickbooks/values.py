"""Small readings of QuickBooks' JSON: references, numbers, days, instants."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.quickbooks.errors import AmbiguousError
from mappings.money import round_to_minor


class UnexpectedAnswerError(AmbiguousError):
    """A good answer that lacks what it must hold; after a write that leaves doubt."""


def text_of(obj: Mapping[str, Any], *path: str) -> str:
    """The text at a path of members ("CustomerRef", "value"), "" where there is none."""
    value: Any = obj
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return "" if value is None or isinstance(value, (Mapping, list)) else str(value)


def decimal_of(obj: Mapping[str, Any], *path: str) -> Decimal | None:
    """The number at a path, written as a JSON number or as text; None where there is none."""
    text = text_of(obj, *path).strip()
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise UnexpectedAnswerError(f"{'.'.join(path)} is not a number: {text[:40]}") from error
    if not number.is_finite():
        raise UnexpectedAnswerError(f"{'.'.join(path)} is not a number: {text[:40]}")
    return number


def minor_of(obj: Mapping[str, Any], currency: str, *path: str) -> int:
    """An amount at a path in minor units; 0 where there is none."""
    return round_to_minor(decimal_of(obj, *path) or Decimal(0), currency)


def day_of(obj: Mapping[str, Any], *path: str) -> date | None:
    """A calendar day at a path ("2026-10-31", a time after it is left out); None where there is none."""
    text = text_of(obj, *path)
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError as error:
        raise UnexpectedAnswerError(f"{'.'.join(path)} is not a day: {text[:40]}") from error


def instant_of(obj: Mapping[str, Any], *path: str) -> datetime | None:
    """An instant at a path, always with its offset; None where there is none."""
    text = text_of(obj, *path)
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnexpectedAnswerError(f"{'.'.join(path)} is not a time: {text[:40]}") from error
    if instant.tzinfo is None:
        raise UnexpectedAnswerError(f"{'.'.join(path)} lacks its offset: {text[:40]}")
    return instant
