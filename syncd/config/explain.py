"""Every setting with its default and meaning, taken from what checks it: no help or page can drift from it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, get_args, get_origin
from zoneinfo import ZoneInfo

from pydantic import BaseModel, PlainValidator
from pydantic.fields import FieldInfo

from syncd.config import sources
from syncd.config.companies import TopFile
from syncd.config.descriptions import description_of
from syncd.config.fields import OneOf
from syncd.config.secrets import Secret
from syncd.config.sections import ConfigFile


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of config.toml."""

    table: str
    """ "billing.rounding"; "sources.NAME" for the keys of a source."""
    kind: str
    """The kind of source that has it, else ""."""
    key: str
    required: bool
    default: str
    """As it would be written in the file; "" for a required setting, or where there is nothing to write."""
    meaning: str
    values: tuple[str, ...]
    """The words that it takes, where they are few."""


def all_settings() -> list[Setting]:
    """Every setting, in the order of config.example.toml."""
    found: list[Setting] = []
    for table, field in ConfigFile.model_fields.items():
        if table == "sources":
            for kind in sources.kinds():
                found += _of_model("sources.NAME", sources.model_of(kind), kind)
        else:
            assert isinstance(field.annotation, type)
            found += _of_model(table, field.annotation)
    return found


def companies_setting() -> Setting:
    """The one setting that only a file which lists companies has, beside [store]."""
    (found,) = (setting for setting in _of_model("", TopFile) if setting.key == "companies")
    return found


def _of_model(table: str, model: type[BaseModel], kind: str = "") -> Iterator[Setting]:
    inner = []
    for key, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            inner += list(_of_model(f"{table}.{key}", field.annotation))
            continue
        meaning = description_of(model, key)
        if kind and key == "kind":
            yield Setting(table, kind, key, True, "", f"{toml_value(kind)}: which connector reads it.", (kind,))
            continue
        required = field.is_required()
        yield Setting(table, kind, key, required, "" if required else toml_value(field.default), meaning, _words(field))
    yield from inner


def _words(field: FieldInfo) -> tuple[str, ...]:
    """The words of a setting, or of each item of a list."""
    metadata: Iterable[Any] = field.metadata
    for argument in get_args(field.annotation):
        if get_origin(argument) is Annotated:
            metadata = [*metadata, *argument.__metadata__]
    for item in metadata:
        if isinstance(item, PlainValidator) and isinstance(item.func, OneOf):
            return item.func.choice.values
    return ()


def toml_value(value: object) -> str:
    """A default as it would be written in config.toml."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal | date):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, timedelta):
        return _quoted(_duration(value))
    if isinstance(value, time):
        return _quoted(f"{value:%H:%M}")
    if isinstance(value, ZoneInfo):
        return _quoted(value.key)
    return _quoted(value.reference if isinstance(value, Secret) else str(value))


def _duration(value: timedelta) -> str:
    """The largest unit of which it is a whole number: "15 minutes"."""
    seconds = int(value.total_seconds())
    unit, size = next(
        (unit, size) for unit, size in (("hour", 3600), ("minute", 60), ("second", 1)) if not seconds % size
    )
    count = seconds // size
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
