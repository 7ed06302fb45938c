"""The table assignments: which services of the catalogue a client has, and the dates of projects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mappings.problems import Problem
from mappings.rows import AssignmentRow, CatalogueRow
from mappings.tables.shape import Column, Line, Table
from mappings.tables.values import any_amount, currency, day, nearest, quoted

ASSIGNMENTS = Table(
    "assignments",
    AssignmentRow,
    (
        Column("client", required=True, filled=True),
        Column("service"),
        Column("project"),
        Column("from", day, field="valid_from"),
        Column("until", day, field="valid_until"),
        Column("amount", any_amount),
        Column("currency", currency),
    ),
    about=("client", "service", "project"),
)


def assigned(lines: Iterable[Line[AssignmentRow]], catalogue: Iterable[CatalogueRow]) -> Iterator[Problem]:
    """What the rows must say together, and with the catalogue."""
    services = {row.service.casefold(): row for row in catalogue}
    rows = [line for line in lines if line.row is not None]
    projects = {_project(line.row): line.row for line in rows if line.row is not None and not line.row.service}
    for line in rows:
        assert line.row is not None
        if line.row.service:
            yield from _service(line, line.row, services)
            yield from _after_project(line, line.row, projects.get(_project(line.row)))
        else:
            yield from _dates(line, line.row)


def _project(row: AssignmentRow | None) -> tuple[str, str]:
    assert row is not None
    return (row.client.casefold(), row.project.casefold())


def _service(line: Line[AssignmentRow], row: AssignmentRow, services: Mapping[str, CatalogueRow]) -> Iterator[Problem]:
    known = services.get(row.service.casefold())
    if known is None:
        near = nearest(row.service, [one.service for one in services.values()])
        fix = f"Did you mean {quoted(near)}?" if near else "Add it to catalogue.toml as a [[service]]."
        what = f"catalogue.toml has no service {quoted(row.service)}."
        yield Problem("service-not-in-catalogue", what, fix, line.at("service"))
        return
    if row.amount is None and known.amount is None:
        what = f"{line.about} has no price: neither here nor in catalogue.toml."
        yield Problem("assignment-without-price", what, "Fill in its amount.", line.at("amount"))
    if known.every == "once" and row.valid_from is None and row.valid_until is None:
        what = f"{line.about} is billed once, and nothing says when."
        yield Problem("assignment-without-date", what, "Fill in its until, or its from.", line.at("until"))


def _after_project(line: Line[AssignmentRow], row: AssignmentRow, project: AssignmentRow | None) -> Iterator[Problem]:
    last = project.valid_until if project else None
    if project is not None and last is not None and row.valid_until is not None and row.valid_until > last:
        what = f"{line.about} ends after its project ({last}, {project.place})."
        yield Problem("assignment-after-project", what, "Set its until back, or the project's later.", line.at("until"))


def _dates(line: Line[AssignmentRow], row: AssignmentRow) -> Iterator[Problem]:
    """A row without a service says the dates of a project, and nothing else."""
    if not row.project:
        what = f"{line.about} names neither a service nor a project."
        yield Problem("assignment-of-nothing", what, "Fill in its service, or its project.", line.at("service"))
    for column, given in (("amount", row.amount is not None), ("currency", bool(row.currency))):
        if given:
            what = f"{line.about} has no service: it says the dates of a project, and {column} means nothing for it."
            yield Problem("assignment-of-nothing", what, f"Fill in its service, or empty {column}.", line.at(column))
