"""What is allowed in the tables and still likely a mistake: warnings for `syncd mappings check`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import timedelta
from itertools import pairwise

from mappings.problems import Problem, by_place
from mappings.rows import ClientRow, PersonRow, RateRow, ServiceRow, Tables
from mappings.tables.ties import Key, rate_claim
from mappings.tables.values import nearest


def check_tables(tables: Tables, sources: Collection[str] = ()) -> list[Problem]:
    """All warnings about tables that could be read; `sources` are the names of the configured sources."""
    return by_place([*_rate_gaps(tables), *_clients_without_rate(tables), *_unknown_sources(tables, sources)])


def _rate_gaps(tables: Tables) -> Iterator[Problem]:
    """Days between two rates for the same work that neither covers: work on them would find no such rate."""
    by_key: dict[Key, list[RateRow]] = defaultdict(list)
    for row in tables.rates:
        for key in rate_claim(row).keys:
            by_key[key].append(row)
    reported = set()
    for rows in by_key.values():
        ordered = sorted(rows, key=lambda row: rate_claim(row).first)
        for before, after in pairwise(ordered):
            if before.valid_until is None or after.valid_from is None or (before.place, after.place) in reported:
                continue
            first, last = before.valid_until + timedelta(days=1), after.valid_from - timedelta(days=1)
            if first <= last:
                reported.add((before.place, after.place))
                what = f"From {first} until {last}, neither this rate nor the one in {before.place} counts."
                yield Problem("rates-gap", what, "Move the until or the from.", after.place, warning=True)


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
