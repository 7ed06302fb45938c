"""What was adopted of QuickBooks' documents of ours, and what this database still does not know."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from rich.console import RenderableType
from rich.text import Text

from syncd.engine.adopt import AdoptReport
from syncd.engine.adopt_unknown import Unknown
from syncd.reports.text import table

SCHEMA = "syncd.adopt/1"


@dataclass(frozen=True, slots=True)
class AdoptedDocument:
    """A document that is ours from now on in this database, too."""

    document_id: str
    number: str
    client: str
    quickbooks_id: str


@dataclass(frozen=True, slots=True)
class UnknownDocument:
    """A document with our mark in QuickBooks that no draft agrees with. `state`: live, voided, deleted."""

    number: str
    quickbooks_type: str
    quickbooks_id: str
    dated: date
    state: str


@dataclass(frozen=True, slots=True)
class Adopted:
    """One adoption: `unknown` waits for a person, and so does what is new for its clients."""

    company: str
    as_of: datetime
    adopted: tuple[AdoptedDocument, ...]
    unknown: tuple[UnknownDocument, ...]
    next_command: str


def report_adopt(company: str, report: AdoptReport, *, now: datetime) -> Adopted:
    """The adoption as it went."""
    adopted = tuple(
        AdoptedDocument(row.document_id, row.number, row.client, row.quickbooks_id) for row in report.adopted
    )
    left = tuple(unknown_document(row) for row in report.left)
    command = f"syncd adopt {shlex.quote(report.left[0].name)}" if left else "syncd status"
    return Adopted(company, now, adopted, left, command)


def unknown_document(row: Unknown) -> UnknownDocument:
    """One of them as reports show it."""
    return UnknownDocument(row.name, row.type, row.id, row.dated, row.state)


def adopt_text(report: Adopted) -> Iterator[RenderableType]:
    """The report for a terminal."""
    if not report.adopted and not report.unknown:
        yield Text("This database knows every document of ours in QuickBooks.")
    if report.adopted:
        made = table("Adopted", "Client", "QuickBooks id")
        for row in report.adopted:
            made.add_row(row.number or row.document_id, Text(row.client), row.quickbooks_id)
        yield made
    if report.unknown:
        made = table("Not known here", "Type", "Dated", "State", "QuickBooks id")
        for one in report.unknown:
            made.add_row(one.number, one.quickbooks_type, one.dated.isoformat(), one.state, one.quickbooks_id)
        yield made
        yield Text(
            "No draft agrees with these. `syncd adopt NUMBER` takes one's lines as what was billed, oldest first."
        )
