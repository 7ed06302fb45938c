"""Document numbers: ours, in sequence, at most 21 characters, one sequence for invoices and credit memos."""

from __future__ import annotations

import re

from sqlalchemy import Connection, insert, select, update

from mappings.documents import Document
from syncd.config import Config
from syncd.store import schema

_SEQUENCE = re.compile(r"\{seq(?::0?(\d+))?\}")


def document_number(connection: Connection, config: Config, document: Document) -> str | None:
    """The number of a document that is being approved; None where QuickBooks numbers.

    A document that was withdrawn before anything was sent hands its number on to the one that replaces it, so that no
    gap has to be explained.
    """
    pattern = config.quickbooks.invoice_number
    if pattern == "quickbooks":
        return None
    return _handed_on(connection, config.company.name, document) or next_number(connection, config, document)


def next_number(connection: Connection, config: Config, document: Document) -> str:
    """Take the next number of the document's sequence; with {year} in the pattern each year counts from 1."""
    pattern = config.quickbooks.invoice_number
    dated = pattern.replace("{year}", f"{document.dated:%Y}").replace("{month}", f"{document.dated:%m}")
    table = schema.number_sequence.c
    company = config.company.name
    here = (table.company == company) & (table.scope == dated)
    last = connection.execute(
        update(schema.number_sequence).where(here).values(last=table.last + 1).returning(table.last)
    ).scalar()
    if last is None:
        last = 1
        connection.execute(insert(schema.number_sequence).values(company=company, scope=dated, last=last))
    number = _SEQUENCE.sub(lambda match: f"{last:0{match[1] or 1}}", dated)
    assert len(number) <= 21, "the configuration checks the pattern's length"
    return number


def note_number(connection: Connection, config: Config, number: str) -> None:
    """Count a number as taken that QuickBooks has and we did not give out, where it is one of our sequences."""
    pattern = config.quickbooks.invoice_number
    expression = re.escape(_SEQUENCE.sub("\0", pattern)).replace(re.escape("{year}"), r"(?P<year>\d{4})", 1)
    expression = expression.replace(re.escape("{month}"), r"(?P<month>\d{2})", 1).replace("\0", r"(?P<seq>\d+)")
    found = None if pattern == "quickbooks" else re.fullmatch(expression, number)
    if found is None:
        return
    parts = found.groupdict()
    scope = pattern.replace("{year}", parts.get("year", "")).replace("{month}", parts.get("month", ""))
    table, company, last = schema.number_sequence.c, config.company.name, int(parts["seq"])
    here = (table.company == company) & (table.scope == scope)
    known = connection.execute(select(table.last).where(here)).scalar()
    if known is None:
        connection.execute(insert(schema.number_sequence).values(company=company, scope=scope, last=last))
    elif known < last:
        connection.execute(update(schema.number_sequence).where(here).values(last=last))


def _handed_on(connection: Connection, company: str, document: Document) -> str | None:
    table, key = schema.document.c, document.key
    standing = select(table.number).where(
        table.company == company, table.withdrawn_at.is_(None), table.number.is_not(None)
    )
    query = (
        select(table.number)
        .where(table.company == company, table.client == key.client, table.period == key.period)
        .where(table.group_name == key.group, table.sequence == key.sequence)
        .where(table.withdrawn_at.is_not(None), table.number.is_not(None), table.number.not_in(standing))
        .order_by(table.version.desc())
        .limit(1)
    )
    return connection.execute(query).scalar()
