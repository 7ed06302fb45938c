"""Documents as JSON, and the hash that an approval is bound to."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace

import msgspec

from mappings.documents import Document, DocumentKey, Reason

_NAMESPACE = uuid.UUID("6f0c5d6e-6f55-4f5c-9c39-5b5f3a9c2a17")
"""Fixed for good: documents are known by ids made under it."""


def encode(value: object) -> str:
    """A vocabulary value (or a list of them) as JSON text; decimals are strings."""
    return msgspec.json.encode(value, order="deterministic").decode()


def decode_document(text: str) -> Document:
    """The document that `encode` wrote."""
    return msgspec.json.decode(text, type=Document)


def content_hash(document: Document) -> str:
    """SHA-256 over all that decides what QuickBooks receives and what the ledger holds.

    Problems and holds are left out: they decide whether it may leave, not what leaves. So are the reasons and revision
    numbers: inserting a row above another in a table, or a note changed in the source, changes no bill.
    """
    bare = replace(
        document,
        problems=(),
        holds=(),
        allocations=tuple(replace(row, reason=Reason(), revision=0) for row in document.allocations),
        fees=tuple(replace(row, reason=Reason()) for row in document.fees),
    )
    return hashlib.sha256(encode(bare).encode()).hexdigest()


def document_id_of(company: str, key: DocumentKey, version: int) -> str:
    """Under which id a version of a draft is sent: made of nothing that a restored database would have lost."""
    identity = "|".join((company, key.client, key.period, key.group, str(key.sequence), str(version)))
    return str(uuid.uuid5(_NAMESPACE, identity))
