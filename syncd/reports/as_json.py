"""Reports as JSON: money as strings with the currency's digits, seconds as integers, instants with their offset."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from mappings.periods import Period
from mappings.problems import Place, Problem
from syncd.reports.values import Money


def to_json(schema: str, report: object, timezone: ZoneInfo) -> str:
    """One report as JSON text: its schema's name, then its fields by name. Instants are in the company's zone."""
    return json_text(json_body(schema, report, timezone))


def json_body(schema: str, report: object, timezone: ZoneInfo) -> dict[str, Any]:
    """One report as what JSON knows."""
    body = plain_value(report, timezone)
    assert isinstance(body, dict)
    return {"schema": schema} | body


def json_text(body: dict[str, Any]) -> str:
    """JSON as it is printed."""
    return json.dumps(body, ensure_ascii=False, indent=2)


def plain_value(value: object, timezone: ZoneInfo) -> Any:
    """A value of a report as what JSON knows."""
    match value:
        case None | bool() | int() | str():
            return value
        case Money() | Decimal():
            return f"{value}"
        case datetime():
            return value.astimezone(timezone).isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case Period():
            return value.name
        case Place():
            return str(value)
        case Problem():
            return problem_value(value)
        case dict():
            return {str(key): plain_value(item, timezone) for key, item in value.items()}
        case tuple() | list():
            return [plain_value(item, timezone) for item in value]
    assert is_dataclass(value), f"a report holds no {type(value).__name__}"
    return {item.name: plain_value(getattr(value, item.name), timezone) for item in fields(value)}


def problem_value(problem: Problem) -> dict[str, object]:
    """A problem as JSON; `place` is where it stands, as text."""
    return {
        "code": problem.code,
        "what": problem.what,
        "fix": problem.fix,
        "place": str(problem.place) if problem.place else "",
        "subject": problem.subject,
        "warning": problem.warning,
    }
