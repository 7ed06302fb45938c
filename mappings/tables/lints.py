"""What is allowed in the tables and still likely a mistake: warnings for `syncd mappings check`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from mappings.problems import Problem, by_place
from mappings.rows import ClientRow, PersonRow, ServiceRow, Tables
from mappings.tables.values import nearest

if TYPE_CHECKING:
    from mappings.tables.checks.known import Known


def check_tables(tables: Tables, sources: Collection[str] = (), known: Known | None = None) -> list[Problem]:
    """All warnings about tables that could be read; `sources` are the names of the configured sources.

    `known` is the work that is known, where gaps are to say how much of it lies in them.
    """
    # Only who checks needs it, and every command loads the readers.
    from mappings.tables.checks.gaps import rate_gaps

    return by_place([*rate_gaps(tables, known), *_clients_without_rate(tables), *_unknown_sources(tables, sources)])


def _clients_without_rate(tables: Tables) -> Iterator[Problem]:
    """A customer for whom no rate row can ever match, because all rows name other clients."""
    if any(not row.client for row in tables.rates):
        return
    patterns = [pattern.casefold() for row in tables.rates for pattern in row.client]
    for row in tables.clients:
        name = row.quickbooks_customer.casefold()
        covered = any(name.startswith(p[:-1]) if p.endswith("*") else name == p for p in patterns)
        if name != "=" and not covered:
            what = f"No row of rates can count for {row.quickbooks_customer}."
            fix = "Add one, or a rate that names no client."
            yield Problem("client-without-rate", what, fix, row.place, warning=True)


def _unknown_sources(tables: Tables, sources: Collection[str]) -> Iterator[Problem]:
    """Rows for a source that config.toml does not have; rows of a source that was taken out may stay."""
    if not sources:
        return
    rows: list[ClientRow | ServiceRow | PersonRow] = [*tables.clients, *tables.services, *tables.people]
    for row in rows:
        for name in row.source:
            if name.endswith("*") or name.casefold() in {source.casefold() for source in sources}:
                continue
            near = nearest(name, sources)
            fix = f"Did you mean {near}?" if near else f"The sources are {', '.join(sources)}."
            yield Problem("source-unknown", f"config.toml has no source {name}.", fix, row.place, warning=True)
