"""Look in QuickBooks for what may have been done: by number, by customer and day, and always by our own marker."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.quickbooks.client import QuickBooksClient
from connectors.quickbooks.documents import same_document
from connectors.quickbooks.entities import Entity
from connectors.quickbooks.errors import RefusedError, holder_of_number
from connectors.quickbooks.marker import find_marker
from connectors.quickbooks.values import text_of
from connectors.quickbooks.wire import Json, parse_json
from mappings.problems import Problem
from syncd.engine.push_run import Task

NUMBER_TAKEN = "number-taken"
"""Another document has the number: `syncd retry` takes the next one."""
NUMBER_KEPT = "changed-before-adopted"
"""Our own document has it, and was changed by a person before we knew of it."""
_GONE = "610"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look has shown: it is there (`quickbooks_id`), a person must look (`problem`), or it is absent."""

    quickbooks_id: str = ""
    emailed: bool = False
    exists: bool = False
    """It is there, though `problem` keeps it from being adopted."""
    problem: Problem | None = None
    what: str = ""


def look(client: QuickBooksClient, task: Task) -> Seen:
    """Whether the operation of a row in doubt was done; raises what keeps it from looking."""
    return _look_for_email(client, task) if task.row.operation == "send" else _look_for_document(client, task)


def _look_for_email(client: QuickBooksClient, task: Task) -> Seen:
    quickbooks_id = parse_json(task.row.payload)["Id"]
    try:
        found = client.get(task.entity, quickbooks_id)
    except RefusedError as error:
        if _GONE not in error.codes:
            raise
        what = (
            f"{task.name} ({task.document.client}) was deleted in QuickBooks before its e-mail was known to have left."
        )
        return Seen(problem=Problem("deleted-before-e-mail", what, f"Type `syncd show {task.name}`."), what="deleted")
    delivered = text_of(found, "DeliveryInfo", "DeliveryTime")
    if text_of(found, "EmailStatus") == "EmailSent" or delivered:
        return Seen(quickbooks_id, emailed=True, what=f"EmailSent {delivered}".strip())
    return Seen(what=f"EmailStatus {text_of(found, 'EmailStatus') or 'none'}")


def _look_for_document(client: QuickBooksClient, task: Task) -> Seen:
    """Found by our marker it is ours, even if a person has changed it since: drift will show what."""
    found = client.look_for(task.entity, parse_json(task.row.payload))
    if len(found.ours) > 1:
        return Seen(
            problem=_several(task, [text_of(row, "Id") for _, row in found.ours]),
            exists=True,
            what="found several times",
        )
    if found.ours:
        return _ours(*found.ours[0])
    if found.others:
        entity, other = found.others[0]
        return Seen(problem=_taken(task, entity, text_of(other, "Id")), what="absent, its number is another's")
    return Seen(what="neither by number nor by customer and day")


def look_at_number(client: QuickBooksClient, task: Task, error: RefusedError) -> Seen:
    """Whose document has the number that QuickBooks says is taken: adopted only if it is ours and unchanged."""
    payload = parse_json(task.row.payload)
    found = client.look_for(task.entity, payload)
    ours = list(found.ours) or _named_by(client, task, error, payload)
    if len(ours) > 1:
        return Seen(
            problem=_several(task, [text_of(row, "Id") for _, row in ours]), exists=True, what="found several times"
        )
    if not ours:
        entity, other = found.others[0] if found.others else (task.entity, {"Id": holder_of_number(error)})
        return Seen(problem=_taken(task, entity, text_of(other, "Id")), what="its number is another's")
    entity, row = ours[0]
    if not same_document(row, payload):
        what = f"{task.name} ({task.document.client}) is in QuickBooks already (id {row['Id']}), and was changed there."
        fix = (
            f"Undo that change in QuickBooks, or keep it; then type `syncd retry {task.name}`, which takes it as it is."
        )
        return Seen(exists=True, problem=Problem(NUMBER_KEPT, what, fix), what="ours, but changed")
    return _ours(entity, row)


def _named_by(client: QuickBooksClient, task: Task, error: RefusedError, payload: Json) -> list[tuple[Entity, Json]]:
    """The document that the refusal itself names: a list may lag behind."""
    holder = holder_of_number(error)
    if not holder:
        return []
    try:
        row = client.get(task.entity, holder)
    except RefusedError:
        return []  # The number is that of a transaction of another kind.
    ours = find_marker(text_of(row, "PrivateNote")) == find_marker(text_of(payload, "PrivateNote"))
    return [(task.entity, row)] if ours else []


def _ours(entity: Entity, row: Json) -> Seen:
    return Seen(
        text_of(row, "Id"),
        emailed=text_of(row, "EmailStatus") == "EmailSent",
        what=f"{entity} {text_of(row, 'Id')} carries our marker",
    )


def _several(task: Task, ids: list[str]) -> Problem:
    return Problem(
        "found-several-times",
        f"{task.name} ({task.document.client}) is in QuickBooks more than once: ids {', '.join(ids)}.",
        f"Delete the copies in QuickBooks, or their note, then type `syncd retry {task.name}`.",
    )


def _taken(task: Task, entity: Entity, quickbooks_id: str) -> Problem:
    kind = {"Invoice": "invoice", "CreditMemo": "credit memo"}.get(entity, "transaction")
    return Problem(
        NUMBER_TAKEN,
        f"The number {task.name} ({task.document.client}) is another {kind}'s in QuickBooks (id {quickbooks_id}).",
        f"Type `syncd retry {task.name}` to give it the next number.",
    )
