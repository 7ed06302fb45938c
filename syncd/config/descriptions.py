"""The text below each field of a class, which Python does not keep: read when asked for, as most starts need none."""

from __future__ import annotations

import ast
import inspect
import textwrap
from typing import Any

from pydantic import BaseModel


def description_of(model: type[BaseModel], key: str) -> str:
    """What a setting means, in one line; "" where nothing is said."""
    said = model.model_fields[key].description
    if said is not None:
        return said
    declared = next(kind for kind in model.__mro__ if key in vars(kind).get("__annotations__", ()))
    return texts_below_fields(declared).get(key, "")


def texts_below_fields(declared: type[Any]) -> dict[str, str]:
    """Each field of a class that has a text below it, and that text in one line."""
    body = ast.parse(textwrap.dedent(inspect.getsource(declared))).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(after, ast.Expr):
            found[field.target.id] = " ".join(str(ast.literal_eval(after.value)).split())
    return found
