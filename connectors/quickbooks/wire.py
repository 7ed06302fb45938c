"""JSON as it goes over the wire, with exact numbers in both directions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

Json = dict[str, Any]
"""A JSON object of QuickBooks; its numbers are int or Decimal, never float."""


def parse_json(text: str) -> Any:
    """Parse with exact decimals; raises ValueError for what is not JSON, NaN and the infinities included."""

    def refuse(constant: str) -> Any:
        raise ValueError(f"{constant} is no JSON number")

    return json.loads(text, parse_float=Decimal, parse_constant=refuse)


def write_json(value: Any) -> str:
    """Write JSON with exact numbers: a Decimal as the digits it holds, never as a string; a float is a defect."""
    return "".join(_pieces(value))


def _pieces(value: Any) -> Iterator[str]:
    if isinstance(value, Decimal):
        assert value.is_finite(), value
        yield f"{value:f}"
    elif isinstance(value, Mapping):
        yield "{"
        for index, (key, inner) in enumerate(value.items()):
            yield ("," if index else "") + json.dumps(str(key), ensure_ascii=False) + ":"
            yield from _pieces(inner)
        yield "}"
    elif isinstance(value, (list, tuple)):
        yield "["
        for index, inner in enumerate(value):
            yield "," if index else ""
            yield from _pieces(inner)
        yield "]"
    elif value is None or isinstance(value, (str, bool, int)):
        yield json.dumps(value, ensure_ascii=False)
    else:
        raise TypeError(f"{type(value).__name__} cannot be sent to QuickBooks")
