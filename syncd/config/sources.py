"""The blocks `[sources.NAME]`: each kind's keys come from the settings that its connector declares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, get_type_hints

from pydantic import Field as PydanticField
from pydantic import create_model

from connectors import source_class, source_kinds
from mappings.problems import Problem
from syncd.config.descriptions import texts_below_fields
from syncd.config.fields import Address, Day, Money, SecretReference, Section, Stated, Text, Whole, YesNo

LATER_KINDS = (
    *("onedesk", "progressionlive", "nutcache", "stafiz", "welyb", "jira", "tempo", "harvest"),
    *("clockify", "toggl", "everhour", "kimai", "gitlab", "zammad", "zendesk", "freshdesk", "clickup", "asana", "odoo"),
)
"""Kinds that are planned: refused by name, so that nobody looks for a typing mistake."""

SECRET_FIELDS = ("token", "password", "secret")
"""Keys that hold no secret, but where one is kept."""

_TYPES: dict[object, Any] = {str: Text, int: Whole, bool: YesNo, date: Day, Decimal: Money, date | None: Day | None}


@cache
def model_of(kind: str) -> type[Section]:
    """The checked form of a kind's settings: the same keys, defaults and descriptions as its dataclass."""
    settings = source_class(kind).settings_type
    hints = get_type_hints(settings)
    described = texts_below_fields(settings)
    columns: dict[str, Any] = {
        item.name: (
            Annotated[_type_of(item, hints[item.name]), PydanticField(description=described.get(item.name, ""))],
            ... if item.default is MISSING else item.default,
        )
        for item in fields(settings)
    }
    model: type[Section] = create_model(f"{kind}-source", __base__=Section, __doc__=settings.__doc__, **columns)
    return model


def _type_of(item: Field[Any], hint: object) -> Any:
    """How a key is checked: secrets and addresses go by their name, all else by its type."""
    if item.name in SECRET_FIELDS:
        return SecretReference
    if item.name == "url":
        return Address
    if hint is str and item.default is MISSING:
        return Stated
    return _TYPES[hint]


def build(kind: str, checked: Section) -> Any:
    """The connector's own settings from the checked ones."""
    return source_class(kind).settings_type(**{name: getattr(checked, name) for name in type(checked).model_fields})


def secret_references(settings: Any) -> dict[str, str]:
    """Where a source's secrets are kept, by the setting that says so; empty for one that needs none."""
    found = {name: getattr(settings, name, "") for name in SECRET_FIELDS}
    return {name: reference for name, reference in found.items() if reference}


def wrong_values(settings: Any) -> Iterator[tuple[str, Problem]]:
    """What a kind itself finds wrong with the values of its keys, where it has words of its own; key and problem."""
    own = getattr(settings, "wrong_values", None)
    return own() if own else iter(())


def kinds() -> list[str]:
    """Kinds that can be configured."""
    return source_kinds()
