"""Catalogue fees: a service of the catalogue that a client is assigned is a fixed fee, billed once per period.

Each period that the assignment's dates touch is billed whole, on the period's last day; one that comes once, on the
assignment's last day. The assignment's own amount goes before the catalogue's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from mappings.rows import AssignmentRow, CatalogueRow, FixedFeeRow
from mappings.rules.calendar import fee_period
from mappings.rules.names import fold

_Project = tuple[str, str]


def catalogue_fees(catalogue: Iterable[CatalogueRow], assignments: Iterable[AssignmentRow]) -> tuple[FixedFeeRow, ...]:
    """The fixed fees of all assignments, in their order; rows that lack a price or their service are left out."""
    services = {fold(row.service): row for row in catalogue}
    rows = tuple(assignments)
    projects = {(fold(row.client), fold(row.project)): row for row in rows if not row.service}
    found = []
    for row in rows:
        service = services.get(fold(row.service)) if row.service else None
        amount = row.amount if row.amount is not None else service.amount if service else None
        if service is not None and amount is not None:
            first, last = _dates(row, projects)
            if service.every != "once" or first or last:
                found.append(_fee(row, service, amount, first, last))
    return tuple(found)


def _dates(row: AssignmentRow, projects: Mapping[_Project, AssignmentRow]) -> tuple[date | None, date | None]:
    """From when until when a service is assigned: what it does not say itself, its project says."""
    project = projects.get((fold(row.client), fold(row.project))) if row.project else None
    first = row.valid_from or (project.valid_from if project else None)
    return first, row.valid_until or (project.valid_until if project else None)


def _fee(
    row: AssignmentRow, service: CatalogueRow, amount: Decimal, first: date | None, last: date | None
) -> FixedFeeRow:
    on = "last-day"
    if service.every == "once":
        due = last or first
        assert due is not None, "an assignment that is billed once has a date"
        on = due.isoformat()
    elif last is not None:
        # A period that is only touched is owed, too: its work was begun.
        last = fee_period(service.every, last, first).last
    return FixedFeeRow(
        place=row.place,
        client=row.client,
        description=service.service,
        amount=amount,
        project=row.project,
        service=service.service,
        currency=row.currency,
        every=service.every,
        on=on,
        valid_from=first,
        valid_until=last,
        of_catalogue=True,
    )
