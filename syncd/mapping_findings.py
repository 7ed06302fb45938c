"""All that `mappings check` finds: in the tables alone, beside QuickBooks' lists, and beside the work that is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from mappings.catalogue import Catalogue
from mappings.problems import Place, Problem
from mappings.rules.names import fold
from mappings.tables import check_tables
from mappings.tables.checks.every import check_work
from mappings.tables.checks.known import Known
from mappings.tables.checks.unmapped import Unmapped, unmapped_problem, unmapped_work
from mappings.tables.resolve import Resolver
from syncd.config import Config
from syncd.engine.reference import load_catalogue
from syncd.known_work import read_known
from syncd.mapped_names import unresolved_names
from syncd.store import schema
from syncd.store.database import Store
from syncd.undrafted_fees import undrafted_fees


@dataclass(frozen=True, slots=True)
class Findings:
    """`problems` in the order in which they are shown; `unmapped` is the work behind the last of them."""

    problems: tuple[Problem, ...]
    unmapped: tuple[Unmapped, ...]


def find_all(store: Store, config: Config, today: date) -> Findings:
    """Every finding, by today's tables and the lists and work that were read last."""
    known = read_known(store, config)
    with store.read() as connection:
        catalogue = load_catalogue(connection, config.company.name)
    names = {kind: [row.name for row in catalogue.named if row.kind == kind and row.active] for kind in _LISTS}
    unmapped = unmapped_work(known, names["customer"], names["item"])
    problems = [
        *check_tables(config.tables, config.sources, known),
        *check_work(known),
        *unresolved_names(store, config),
        *_other_currencies(known, catalogue),
        *undrafted_fees(store, config, known, today),
        *map(unmapped_problem, unmapped),
        *_extra_without_rate(store, config.company.name, known, unmapped),
    ]
    return Findings(tuple(problems), tuple(unmapped))


_LISTS = ("customer", "item")


def _other_currencies(known: Known, catalogue: Catalogue) -> Iterator[Problem]:
    """Clients that are billed in another currency than their customer has in QuickBooks, which can never change."""
    if catalogue.books is None:
        return
    places: dict[str, tuple[str, Place | None]] = {}
    for one in known.placed:
        if one.client.row is not None:
            places.setdefault(fold(one.client.name), (one.client.name, one.client.row.place))
    for row in known.tables.clients:
        if row.quickbooks_customer != "=":
            places[fold(row.quickbooks_customer)] = (row.quickbooks_customer, row.place)
    resolver = Resolver(catalogue)
    for name, place in places.values():
        customer = resolver.find("customer", name)
        if isinstance(customer, Problem):
            continue  # That it is not there is told by itself.
        ours = known.clients.settings(name).policy.currency
        theirs = customer.currency or catalogue.books.home_currency
        if ours != theirs:
            what = f"{name} is billed in {ours}, but the customer's currency in QuickBooks is {theirs}."
            fix = f"Set the client's currency to {theirs} in the clients table, with rates in {theirs}."
            yield Problem("currency-mismatch", what, fix, place, name)


def _extra_without_rate(store: Store, company: str, known: Known, told: list[Unmapped]) -> Iterator[Problem]:
    """Work over a retainer's hours that has no rate: what is over, only the last draft knows."""
    standing = schema.standing.c
    query = (
        select(standing.client, standing.what, func.count())
        .where(standing.company == company, standing.state == "blocked", standing.code == "no-rate")
        .group_by(standing.client, standing.what)
        .order_by(standing.client, standing.what)
    )
    already = {fold(one.name) for one in told if one.code == "no-rate"}
    with store.read() as connection:
        rows = connection.execute(query).all()
    for client, what, count in rows:
        if fold(client) in known.lookups.covers and fold(client) not in already:
            fix = "Fill in the retainer's extra_rate, or add a rate; then type `syncd preview`."
            yield Problem("no-rate", f"{what.rstrip('.')} ({count:,} entries).", fix, None, client)
