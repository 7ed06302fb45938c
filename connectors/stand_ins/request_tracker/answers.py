"""How the stand-in writes records into JSON: references, moments, and the two kinds of ids."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.stand_ins.request_tracker.fields import Fields, queue_fields, user_fields
from connectors.stand_ins.request_tracker.tracker import Queue, User
from connectors.stand_ins.server import Answer, Asked, Json

ROOT = "/REST/2.0"


def record_answer(record: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """What was asked for, in the content type that the tool gives to all but errors and new records."""
    return Answer(status, record, headers=dict(headers or {}), content_type='application/json; charset="utf-8"')


def error(status: int, message: str) -> Answer:
    """A refusal, in the only shape that the tool has for it."""
    return Answer(status, {"message": message})


def url_of(asked: Asked, kind: str, number: str | int) -> str:
    """The address of one record."""
    return f"{asked.base_url}{ROOT}/{kind}/{number}"


def reference(asked: Asked, kind: str, number: str | int) -> Json:
    """A record as others name it."""
    return {"type": kind, "id": str(number), "_url": url_of(asked, kind, number)}


def shown(asked: Asked, query: Mapping[str, str], name: str, value: object) -> object:
    """A field's value as JSON: numbers are strings, an unset moment is 1970, people and queues are references."""
    if isinstance(value, list):
        return [shown(asked, query, name, each) for each in value]
    if isinstance(value, User):
        return reference(asked, "user", value.name) | _more(asked, query, name, user_fields(value))
    if isinstance(value, Queue):
        return reference(asked, "queue", value.id) | _more(asked, query, name, queue_fields(value))
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, bytes):
        return base64.encodebytes(value).decode()
    return str(value) if isinstance(value, int) else value


def _more(asked: Asked, query: Mapping[str, str], name: str, fields: Fields) -> Json:
    """The fields of a record within a record, asked for as `fields[Queue]=Name`."""
    wanted = filter(None, query.get(f"fields[{name}]", "").split(","))
    return {each: shown(asked, {}, each, fields.get(each, "")) for each in wanted}
