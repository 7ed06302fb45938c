"""From what pydantic says about a value to problems in our words, at their place in the file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mappings.problems import Problem
from mappings.tables import LATER, nearest
from syncd.config.descriptions import description_of
from syncd.config.locate import Path, TomlPlaces

LATER_SETTINGS: set[Path] = set()
"""Settings that are planned and refused by name."""


class ConfigError(Exception):
    """The configuration cannot be used; `problems` says all that is wrong, in the order of their places."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems in the configuration, the first: {problems[0]}")
        self.problems = list(problems)


def mistakes(error: ValidationError, model: type[BaseModel], places: TomlPlaces, prefix: Path = ()) -> list[Problem]:
    """One problem for each mistake in what should have been `model`, which stands at `prefix` in the file."""
    return [_problem(detail, model, places, prefix) for detail in error.errors(include_url=False)]


def _problem(detail: ErrorDetails, model: type[BaseModel], places: TomlPlaces, prefix: Path) -> Problem:
    context: dict[str, Any] = detail.get("ctx", {})
    path = (*prefix, *detail["loc"])
    if detail["type"] == "extra_forbidden":
        return _unknown_setting(path, places, list(_within(model, detail["loc"][:-1]).model_fields))
    if detail["type"] == "missing":
        return _missing_setting(path, places, description_of(_within(model, detail["loc"][:-1]), str(path[-1])))
    if detail["type"] in ("model_type", "dict_type"):
        return not_a_table(path, places)
    if detail["type"] == "tuple_type":
        return Problem(
            "value-wrong-type", f"{path[-1]} must be a list in square brackets.", place=places.of_value(path)
        )
    assert "what" in context, f"a setting is checked in pydantic's own words: {detail}"
    return Problem(detail["type"], context["what"], context["fix"], places.of_value(path))


def _within(model: type[BaseModel], path: Path) -> type[BaseModel]:
    """The model of a table inside another one."""
    for name in path:
        inner = model.model_fields[str(name)].annotation
        assert isinstance(inner, type)
        assert issubclass(inner, BaseModel)
        model = inner
    return model


def _unknown_setting(path: Path, places: TomlPlaces, known: Sequence[str]) -> Problem:
    """A key or table that does not exist, or not yet."""
    place, name = places.of_key(path), str(path[-1])
    where = f"[{'.'.join(map(str, path[:-1]))}]" if len(path) > 1 else "config.toml"
    if path in LATER_SETTINGS:
        what = f"The setting {name} of {where} is not implemented in this version."
        return Problem(LATER, what, "Delete it.", place)
    near = nearest(name, known)
    fix = f"Did you mean {near}?" if near else f"There are {', '.join(known)}."
    what = f"{where} has no setting {name}." if len(path) > 1 else f"There is no [{name}] in config.toml."
    return Problem("setting-unknown", what, fix, place)


def _missing_setting(path: Path, places: TomlPlaces, meaning: str) -> Problem:
    """A required key that is not there; shown at its table, with what it means."""
    table = path[:-1]
    what = f"[{'.'.join(map(str, table))}] needs {path[-1]}."
    return Problem("setting-missing", what, meaning, places.of_key(table))


def not_a_table(path: Path, places: TomlPlaces) -> Problem:
    """A value where a table belongs."""
    name = ".".join(map(str, path))
    return Problem("value-wrong-type", f"{name} must be a table.", f"Write [{name}].", places.of_value(path))
