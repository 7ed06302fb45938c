"""What can be done with an entity: create, update, void, delete and send, with the checks that all share."""

from dataclasses import dataclass
from typing import Any

from connectors.emulator import documents, estimates, faults, lists, payments
from connectors.emulator.books import Books, Data
from connectors.emulator.entities import ENTITIES
from connectors.emulator.fields import read_members


@dataclass(frozen=True)
class Options:
    """What decides an operation besides its body."""

    allow_duplicate_number: bool = False
    language: str = "en"
    # How far a send moves the SyncToken: not known of the real service, so it can be chosen.
    send_token_delta: int = 1


def write(books: Books, entity: str, operation: str, body: Any, options: Options) -> Data:
    """Stage an operation and return what the answer shows; raises a Fault and stages nothing that may be kept."""
    if operation not in ENTITIES[entity].operations:
        raise faults.unsupported(f"{operation} of {entity}")
    members = read_members(entity, body, ENTITIES[entity].fields)
    if operation == "create":
        return _create(books, entity, members, options)
    identity = members.pop("Id", None)
    if identity is None:
        raise faults.missing("Id")
    old = books.get(entity, identity)
    _check_token(old, members.pop("SyncToken", None))
    sparse = members.pop("sparse", False) or False
    if operation == "delete":
        if entity == "Payment":
            payments.delete(books, old)
        elif entity == "Estimate":
            estimates.delete(books, old)
        else:
            documents.delete(books, entity, old)
        return {"domain": "QBO", "status": "Deleted", "Id": identity}
    if operation == "void":
        return (
            payments.void(books, old) if entity == "Payment" else documents.void(books, entity, old, options.language)
        )
    return _update(books, entity, old, members, options, sparse=sparse)


def send(books: Books, entity: str, identity: str, address: str | None, options: Options) -> Data:
    """Stage the mailing of a document."""
    if "send" not in ENTITIES[entity].operations:
        raise faults.unsupported(f"send of {entity}")
    return documents.send(books, entity, books.get(entity, identity), address, options.send_token_delta)


def _create(books: Books, entity: str, members: Data, options: Options) -> Data:
    members = {name: value for name, value in members.items() if name not in {"Id", "SyncToken", "sparse"}}
    if entity == "Payment":
        return payments.create(books, members)
    if entity == "Estimate":
        return estimates.create(books, members)
    if ENTITIES[entity].is_transaction:
        return documents.create(books, entity, members, allow_duplicate=options.allow_duplicate_number)
    return lists.create(books, entity, members)


def _update(books: Books, entity: str, old: Data, members: Data, options: Options, *, sparse: bool) -> Data:
    if entity == "Payment":
        return payments.update(books, old, members, sparse=sparse)
    if entity == "Estimate":
        return estimates.update(books, old, members, sparse=sparse)
    if ENTITIES[entity].is_transaction:
        allow = options.allow_duplicate_number
        return documents.update(books, entity, old, members, sparse=sparse, allow_duplicate=allow)
    return lists.update(books, entity, old, members, sparse=sparse)


def _check_token(old: Data, token: str | None) -> None:
    if token is None:
        raise faults.missing("SyncToken")
    if token != old["SyncToken"]:
        raise faults.stale()
