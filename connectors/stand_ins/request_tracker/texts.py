"""The stand-in's list of texts. Its queries are JSON, and contents are text, where a single record has base64.

A condition on a field that cannot be searched, or without a value, is left out without a word, as in the real tool.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from connectors.stand_ins.request_tracker.answers import error
from connectors.stand_ins.request_tracker.fields import Fields, attachment_fields
from connectors.stand_ins.request_tracker.pages import page
from connectors.stand_ins.request_tracker.tracker import Attachment
from connectors.stand_ins.request_tracker.view import View
from connectors.stand_ins.server import Answer, Json, NotKnownError

_SEARCHED = frozenset({"id", "TransactionId", "ContentType", "Filename", "Subject"})
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda have, wanted: bool(have.lower() == wanted.lower()),
    ">": lambda have, wanted: int(have) > int(wanted),
    "IN": lambda have, wanted: have in wanted,
    "STARTSWITH": lambda have, wanted: bool(have.lower().startswith(wanted.lower())),
}


def attachments(view: View) -> Answer:
    """Those that all conditions find, in the order of their ids."""
    if view.query.get("orderby", "id") != "id":
        raise NotKnownError(f"orderby={view.query['orderby']}")
    if "Parent" in view.query.get("fields", "").split(","):
        # The program stumbles over the top of a message, which has no parent.
        return error(500, "Internal Server Error")
    query = view.query.get("query", "")
    conditions = json.loads(query) if query.startswith("[") else []
    made = {each.id: each for each in view.tracker.transactions}
    shown = [each for each in view.tracker.attachments if each.transaction_id in made]
    hidden = {each.id for each in shown if not view.sees_transaction(made[each.transaction_id])}
    found = [fields for fields in map(_fields, shown) if all(_holds(fields, each) for each in conditions)]
    if view.query.get("order", "").upper() == "DESC":
        found.reverse()
    return page(view, "attachment", found if conditions else [], hidden=hidden, counted=view.user.superuser)


def _fields(made: Attachment) -> Fields:
    length = str(len(made.content))
    return {**attachment_fields(made), "Content": made.content.decode(), "ContentLength": length}


def _holds(fields: Fields, condition: Json) -> bool:
    name, wanted = condition.get("field", ""), condition.get("value")
    if name not in _SEARCHED or wanted is None:
        return True
    operator = condition.get("operator", "=")
    if operator not in _OPERATORS:
        raise NotKnownError(f"the operator {operator}")
    return _OPERATORS[operator](str(fields[name]), wanted)
