"""Rows in a currency in which nobody whom they concern is billed: nothing is converted, so they never count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mappings.problems import Place, Problem
from mappings.rows import CapRow, DiscountRow, Patterns, RateRow
from mappings.rules.names import Matcher, fold
from mappings.tables.checks.known import Known, Placed
from mappings.tables.checks.words import hours


def currency_clashes(known: Known) -> Iterator[Problem]:
    """Rates, caps and discounts for clients (named by patterns, or not at all) of whom none has their currency.

    A row that names its clients is refused when it is read; a fee is, too. One in the
    company's own currency that names no client is there for those to come.
    """
    clients = {fold(name): name for name in known.customers_of_work().values()}
    for client in known.tables.clients:
        if client.quickbooks_customer != "=":
            clients.setdefault(fold(client.quickbooks_customer), client.quickbooks_customer)
    billed_in = {name: known.clients.settings(shown).policy.currency for name, shown in clients.items()}
    nouns: tuple[tuple[str, tuple[RateRow | CapRow | DiscountRow, ...]], ...] = (
        ("rate", known.tables.rates),
        ("cap", known.tables.caps),
        ("discount", known.tables.discounts),
    )
    for noun, rows in nouns:
        for row in rows:
            if not row.currency or (not row.client and row.currency == known.company.currency):
                continue
            theirs = _currencies(row.client, billed_in)
            if not theirs or row.currency in theirs:
                continue
            what = (
                f"This {noun} is in {row.currency}, and all clients of whom it speaks are billed in {_listed(theirs)}."
            )
            fix = f"Give its {noun} in {_listed(theirs)}, or set the client's currency in clients."
            yield Problem("currency-of-no-client", what, fix, row.place, warning=True)


def _currencies(clients: Patterns, billed_in: Mapping[str, str]) -> set[str]:
    """In which currencies those of whom a row speaks are billed."""
    matcher = Matcher(clients)
    if not matcher.blank and not matcher.prefixes:
        return {billed_in[name] for name in matcher.exact if name in billed_in}
    return {currency for name, currency in billed_in.items() if matcher.matches(name)}


def rates_in_others(known: Known) -> Iterator[Problem]:
    """Work whose strongest rate is in another currency than its client's. It is blocked."""
    found: dict[tuple[Place, str], tuple[Placed, int]] = {}
    for one in known.placed:
        if one.piece.open_entries and one.rates and all(row.currency not in ("", one.currency) for row in one.rates):
            key = (one.rates[0].place, fold(one.client.name))
            first, seconds = found.get(key, (one, 0))
            found[key] = (first, seconds + one.piece.open_seconds)
    for (place, _), (one, seconds) in found.items():
        client, rate = one.client.name, one.rates[0]
        what = f"{client} is billed in {one.currency}, and this rate, in {rate.currency}, is the strongest for"
        what += f" {hours(seconds)} of its work."
        yield Problem("currency-mismatch", what, f"Add a row like it in {one.currency}.", place, client)


def _listed(currencies: set[str]) -> str:
    return " and ".join(sorted(currencies))
