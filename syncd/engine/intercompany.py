"""The one place where a company's draft looks at another's tables and books: hours that were lent to it.

A document of the borrower with such hours has a mirror, the lender's invoice to it. Both are drafted by the borrower's
draft and approved in one transaction; the mirror is no draft of the lender's own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import msgspec
from sqlalchemy import Connection, select

from mappings.catalogue import Kind
from mappings.documents import Document, DocumentKey, FeeAllocation
from mappings.money import plain
from mappings.problems import Problem
from mappings.rules.intercompany import Lender, by_entry, fee_key
from mappings.rules.services import People
from mappings.tables.resolve import Resolver
from syncd.config import Config
from syncd.engine.content import content_hash
from syncd.engine.finishing import Finisher
from syncd.engine.history import read_history
from syncd.engine.kept import kept_of
from syncd.engine.reference import with_decided
from syncd.store import schema
from syncd.store.bulk import chunks
from syncd.store.database import Store

_READ_FEE = msgspec.json.Decoder(FeeAllocation)
Pins: TypeAlias = Mapping[tuple[Kind, str], str]


@dataclass(frozen=True, slots=True)
class Mirror:
    """What a lender bills the borrower for one document of the borrower's."""

    lender: Config
    document: Document
    hash: str


@dataclass(frozen=True, slots=True)
class Mirrored:
    """The borrower's documents with their mirrors; what blocks a mirror blocks its document too."""

    documents: tuple[Document, ...]
    mirrors: Mapping[DocumentKey, tuple[Mirror, ...]]
    pins: Mapping[str, Pins]
    """Of each lender, the names that were resolved for the first time."""


def mirrored(
    store: Store, config: Config, people: People, documents: Sequence[Document], again: Collection[str]
) -> Mirrored:
    """Derive the mirrors of these documents. `again` are the approved documents that these may replace."""
    mirrors: dict[DocumentKey, tuple[Mirror, ...]] = {}
    pins: dict[str, Pins] = {}
    for lender in config.lenders:
        lending = Lender(lender.company, lender.tables, config.company.name, people)
        with store.read() as connection:
            posted = by_entry(_posted(connection, lender, config.company.name, documents, again))
            made = {one.key: lending.invoice(one, posted) for one in documents}
            customers = {one.key.client for one in made.values() if one is not None}
            finish = _finisher(connection, store, lender, customers, again) if customers else None
        for key, draft in made.items():
            if draft is not None and finish is not None:
                finished = finish(draft)
                mirror = Mirror(lender, finished, content_hash(finished))
                mirrors[key] = (*mirrors.get(key, ()), mirror)
        if finish is not None:
            pins[lender.company.name] = finish.resolver.pins
    blocked = tuple(_blocked(one, mirrors.get(one.key, ()), config.company.name) for one in documents)
    return Mirrored(blocked, mirrors, pins)


def pair_hash(document: Document, mirrors: Iterable[Mirror]) -> str:
    """The content hash of a document and of all that is approved with it: the document's own where it is alone."""
    own, others = content_hash(document), [f"{one.lender.company.name}:{one.hash}" for one in mirrors]
    return hashlib.sha256("|".join((own, *others)).encode()).hexdigest() if others else own


def told(document: Document, mirrors: Iterable[Mirror], borrower: str) -> Iterable[Problem]:
    """What a person who looks at a draft reads of its mirrors."""
    for one in mirrors:
        amount, name = plain(one.document.subtotal_minor, one.document.currency), one.lender.company.name
        what = (
            f"{document.key.client} {document.key.period} has hours of {name}: its invoice of {amount} "
            f"{one.document.currency} before tax to {borrower} is approved and sent with it."
        )
        yield Problem("intercompany", what, subject=document.key.client, warning=True)


def lenders_basis(connection: Connection, store: Store, config: Config) -> tuple[object, ...]:
    """All of the lenders that the borrower's drafts rest on: their tables and QuickBooks' lists."""
    kept = [kept_of(store, lender, fresh=False) for lender in config.lenders]
    return tuple((one.digest, repr(one.config.quickbooks), one.lists(connection).change) for one in kept)


def _blocked(document: Document, mirrors: Iterable[Mirror], borrower: str) -> Document:
    """Drafted and approved together, or neither."""
    found = [
        Problem(
            "intercompany-blocked",
            f"The invoice of {one.lender.company.name} to {borrower} for its hours is blocked: {problem.what}",
            problem.fix,
            problem.place,
            document.key.client,
        )
        for one in mirrors
        for problem in one.document.problems
    ]
    return replace(document, problems=(*document.problems, *found)) if found else document


def _finisher(
    connection: Connection, store: Store, lender: Config, customers: Collection[str], again: Collection[str]
) -> Finisher:
    name = lender.company.name
    lists = kept_of(store, lender, fresh=False).lists(connection)
    catalogue = with_decided(connection, name, lists.lists, customers)
    unsent = set(_twins(connection, again))
    history = read_history(connection, name, customers, (), unsent)
    return Finisher(lender, catalogue, Resolver(catalogue, index=lists.index), history, {})


def _posted(
    connection: Connection, lender: Config, borrower: str, documents: Iterable[Document], again: Collection[str]
) -> Iterable[FeeAllocation]:
    """The lender's ledger rows of the entries on these documents, oldest first."""
    fee, document = schema.fee_ledger.c, schema.document.c
    keys = {fee_key(borrower, row.source, row.entry) for one in documents for row in one.allocations}
    unsent = set(_twins(connection, again))
    query = (
        select(fee.id, fee.detail, fee.document_id)
        .join(schema.document, document.id == fee.document_id)
        .where(fee.company == lender.company.name, document.withdrawn_at.is_(None))
    )
    rows = [row for some in chunks(sorted(keys)) for row in connection.execute(query.where(fee.fee.in_(some)))]
    return [_READ_FEE.decode(row.detail) for row in sorted(rows) if row.document_id not in unsent]


def _twins(connection: Connection, documents: Collection[str]) -> Iterable[str]:
    pair = schema.pair.c
    for some in chunks(sorted(documents)):
        yield from connection.execute(select(pair.document_id).where(pair.first_id.in_(some))).scalars()
