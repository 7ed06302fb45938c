"""Takes the snapshot that a status report is made from: every row of it from one read transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import Connection

from mappings.rows import RetainerRow
from syncd.engine.adopt_unknown import unknown_documents
from syncd.engine.marks import DOCUMENTS_READ, read_mark
from syncd.engine.pairs import open_pairs
from syncd.engine.restored import copied_at, deleted_unknown
from syncd.reports.deposits import read_deposits
from syncd.reports.read_hours import read_hours
from syncd.reports.read_items import prove_items
from syncd.reports.read_money import (
    read_balances,
    read_documents,
    read_mismatches,
    read_movements,
    read_open_items,
    read_remote,
)
from syncd.reports.read_needs import read_connection, read_drafts, read_drifts, read_outbox, read_sources
from syncd.reports.read_retainers import read_retainers
from syncd.reports.retainers import retainers_of
from syncd.reports.snapshot import Snapshot
from syncd.reports.values import Selection


def take_snapshot(
    connection: Connection,
    company: str,
    *,
    currency: str,
    now: datetime,
    today: date,
    selection: Selection,
    sources: Iterable[str] = (),
    environment: str = "",
    retainers: Iterable[RetainerRow] = (),
) -> Snapshot:
    """Read all that a status report of one company rests on.

    `currency` is the company's own, for rows of books that know only one. `sources` are the names in the config,
    `environment` is QuickBooks' as the config says. `retainers` are the tables' rows: they say when a block has ended.
    """
    retainers = tuple(retainers)
    read, read_at = read_sources(connection, company), read_mark(connection, company, DOCUMENTS_READ)
    documents = read_documents(connection, company, selection, read_at)
    remote = read_remote(connection, company, currency, selection)
    return Snapshot(
        company=company,
        currency=currency,
        selection=selection,
        taken_at=now,
        today=today,
        hours=read_hours(connection, company, selection),
        items=prove_items(connection, company, selection),
        documents=documents,
        remote=remote,
        mismatches=read_mismatches(connection, company, currency, selection, read_at, documents, remote),
        movements=read_movements(connection, company, currency, selection),
        balances=read_balances(connection, company, currency, selection),
        open_items=read_open_items(connection, company, currency, selection),
        retainers=retainers_of(read_retainers(connection, company, selection), retainers, selection, today),
        deposits=read_deposits(connection, company, selection, retainers),
        documents_read_at=read_at,
        drafts=read_drafts(connection, company, selection),
        outbox=read_outbox(connection, company, selection),
        drifts=read_drifts(connection, company, selection),
        sources=read,
        connection=read_connection(connection, company, environment),
        unknown=tuple(unknown_documents(connection, company)),
        deleted_unknown=deleted_unknown(connection, company),
        copied_at=copied_at(connection, company),
        half_posted=tuple(pair for pair in open_pairs(connection, company) if pair.half_posted),
        never_read=tuple(name for name in sources if name not in {state.name for state in read}),
    )
