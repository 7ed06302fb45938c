"""Which companies lend people to which: the only thing that the files of several companies say of each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mappings.problems import Problem
from mappings.rows import Tables
from mappings.settings import Company
from mappings.tables import nearest
from mappings.tables.values import quoted
from syncd.config.load import Config


def with_lenders(configs: Sequence[Config]) -> list[Config]:
    """Each company with those that lend to it, as they are by themselves."""
    return [replace(one, lenders=lenders_of(one, configs)) for one in configs]


def lenders_of(borrower: Config, configs: Iterable[Config]) -> tuple[Config, ...]:
    """The companies whose intercompany tables name this one."""
    others = (one for one in configs if one.company.name != borrower.company.name)
    return tuple(replace(one, lenders=()) for one in others if lends(one.tables, borrower.company.name))


def lends(tables: Tables, borrower: str) -> bool:
    """Whether these tables lend anybody to a company."""
    return any(row.borrower.casefold() == borrower.casefold() for row in tables.intercompany)


def lending_problems(company: Company, tables: Tables, others: Sequence[Company]) -> Iterator[Problem]:
    """What is wrong with a lender's rows beside the other companies of the same file."""
    known = {one.name.casefold(): one for one in others}
    for row in tables.intercompany:
        borrower = known.get(row.borrower.casefold())
        if row.borrower.casefold() == company.name.casefold():
            what = f"{company.name} cannot lend to itself."
            yield Problem("borrower-itself", what, "Name the other company.", row.place)
        elif borrower is None:
            near = nearest(row.borrower, [one.name for one in others])
            fix = f"Did you mean {quoted(near)}?" if near else "Companies are listed in a config.toml above theirs."
            what = f"No other company of this daemon is called {quoted(row.borrower)}."
            yield Problem("borrower-unknown", what, fix, row.place)
        elif borrower.currency != company.currency:
            what = f"{borrower.name} keeps its books in {borrower.currency}, and {company.name} in {company.currency}."
            fix = "Only companies of one currency can lend to each other."
            yield Problem("borrower-currency", what, fix, row.place)
