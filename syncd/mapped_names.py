"""Names in config and tables against QuickBooks' lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mappings.catalogue import Kind
from mappings.problems import Place, Problem
from mappings.tables.resolve import Resolver
from syncd.config import Config
from syncd.engine.reference import load_catalogue, reference_problem
from syncd.store.database import Store


def unresolved_names(store: Store, config: Config) -> list[Problem]:
    """Each name that QuickBooks does not have (or has twice, or inactive), once, with the row that says it."""
    with store.read() as connection:
        unread = reference_problem(connection, config.company.name)
        catalogue = load_catalogue(connection, config.company.name)
    if unread is not None:
        return [replace(unread, warning=True)]
    resolver = Resolver(catalogue)
    assert catalogue.books is not None, "its absence is the problem above"
    words = {"TAX", "NON"} if catalogue.books.country == "US" else set()
    problems, seen = [], set()
    for kind, name, place in _names(config):
        if not name or (kind, name) in seen or (kind == "tax-code" and name in words):
            continue
        seen.add((kind, name))
        found = resolver.find(kind, name)
        if isinstance(found, Problem):
            problems.append(replace(found, place=place))
    return problems


def _names(config: Config) -> Iterator[tuple[Kind, str, Place]]:
    """Every name that must be one of QuickBooks'. A client of `=` is checked when its work is drafted."""
    billing, whole_file = config.company.billing, Place(config.path.name)
    yield "term", billing.terms, whole_file
    yield "tax-code", billing.tax_code, whole_file
    yield "tax-code", billing.no_tax_code, whole_file
    for client in config.tables.clients:
        yield "customer", "" if client.quickbooks_customer == "=" else client.quickbooks_customer, client.place
        yield "tax-code", client.tax_code, client.place
        yield "term", client.terms, client.place
        yield "class", client.class_name, client.place
        yield "department", client.department, client.place
    for service in config.tables.services:
        yield "item", service.quickbooks_item, service.place
        yield "tax-code", service.tax_code, service.place
        yield "class", service.class_name, service.place
    for expense in config.tables.expenses:
        yield "item", expense.quickbooks_item, expense.place
        yield "tax-code", expense.tax_code, expense.place
    for discount in config.tables.discounts:
        yield "item", discount.quickbooks_item, discount.place
    for retainer in config.tables.retainers:
        yield "item", retainer.item, retainer.place
