"""Names of pulled work that the tables do not cover, with what they may be in QuickBooks or in our own tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from mappings.problems import Problem
from mappings.tables.append import append_rows, csv_of
from mappings.tables.suggest import (
    Names,
    Suggestion,
    UnseenProject,
    suggest_clients,
    suggest_people,
    suggest_services,
    unseen_projects,
)
from mappings.work import WorkItem
from syncd.config import Config
from syncd.engine.reference import load_catalogue, reference_problem
from syncd.store.database import Store
from syncd.store.work import load_entries


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What `syncd mappings suggest` shows. `problems` say why something could not be compared."""

    company: str
    suggestions: tuple[Suggestion, ...]
    projects: tuple[UnseenProject, ...]
    problems: tuple[Problem, ...] = ()


def suggestions(store: Store, config: Config) -> Suggestions:
    """Compare the names of all pulled work with the tables, and what they do not cover with QuickBooks' lists."""
    company, tables = config.company.name, config.tables
    with store.read() as connection:
        items = [entry.work for entry in load_entries(connection, company) if not entry.deleted]
        timed = [item for item in items if item.kind == "time"]
        catalogue = load_catalogue(connection, company)
        unread = reference_problem(connection, company)

    def named(kind: str) -> set[str]:
        return {row.name for row in catalogue.named if row.kind == kind and row.active}

    found = [
        *suggest_clients(tables, _names(items, lambda item: item.client), named("customer")),
        *suggest_services(tables, _names(timed, lambda item: item.service), named("item")),
        *suggest_people(tables, _names(items, lambda item: item.person)),
    ]
    projects = unseen_projects(tables, {item.project for item in items})
    return Suggestions(company, tuple(found), tuple(projects), (unread,) if unread is not None else ())


def _names(items: Iterable[WorkItem], name: Callable[[WorkItem], str]) -> Names:
    entries: Counter[tuple[str, str]] = Counter()
    seconds: Counter[tuple[str, str]] = Counter()
    for item in items:
        key = (item.source, name(item))
        entries[key] += 1
        seconds[key] += item.seconds
    return {key: (count, seconds[key]) for key, count in entries.items()}


def write_certain(config: Config, found: Suggestions) -> tuple[tuple[Path, int], ...]:
    """Add the rows that are certain to the CSV tables, and return each file with the number of rows; raises OSError.

    Workbooks, and rows for which a file lacks a column, are left to their owner.
    """
    written = []
    for table in ("clients", "services", "people"):
        rows = [row.row for row in found.suggestions if row.table == table and row.certain]
        path = csv_of(config.folder / "mappings", table)
        count = append_rows(path, table, rows) if rows and path is not None else 0
        if path is not None and count:
            written.append((path, count))
    return tuple(written)
