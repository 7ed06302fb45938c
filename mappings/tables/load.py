"""From a folder of CSV files and workbooks to the tables of one company, or all that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mappings.problems import Place, Problem, by_place
from mappings.rows import (
    AssignmentRow,
    CapRow,
    CatalogueRow,
    ClientRow,
    DiscountRow,
    ExpenseRow,
    FixedFeeRow,
    HolidayRow,
    IntercompanyRow,
    PersonRow,
    PremiumRow,
    RateRow,
    RetainerRow,
    ServiceRow,
    Tables,
)
from mappings.rules.catalogue_fees import catalogue_fees
from mappings.tables import names, ties
from mappings.tables.assignments import ASSIGNMENTS, assigned
from mappings.tables.caps import CAPS, without_limit
from mappings.tables.clients import CLIENTS, disagreements
from mappings.tables.csv_grid import read_csv
from mappings.tables.discounts import DISCOUNTS, percent_or_amount
from mappings.tables.expenses import EXPENSES
from mappings.tables.fee_checks import due_days, shares
from mappings.tables.fixed_fees import FIXED_FEES
from mappings.tables.grid import Grid, plain_name
from mappings.tables.holidays import HOLIDAYS, counting, public_holidays
from mappings.tables.intercompany import INTERCOMPANY, intercompany_claim, who_and_how_much
from mappings.tables.money_checks import client_currencies, other_currency, other_named_currency, too_fine
from mappings.tables.people import PEOPLE
from mappings.tables.premiums import PREMIUMS, one_price, without_holidays
from mappings.tables.rates import RATES
from mappings.tables.retainer_checks import retainer_columns
from mappings.tables.retainers import RETAINERS
from mappings.tables.services import SERVICES
from mappings.tables.shape import Line, Table, read_table, rows_of
from mappings.tables.values import nearest, quoted

if TYPE_CHECKING:
    from mappings.tables.instead import Instead

TABLES: Mapping[str, Table[Any]] = {
    table.name: table
    for table in (
        *(CLIENTS, SERVICES, PEOPLE, RATES, RETAINERS, FIXED_FEES, PREMIUMS, HOLIDAYS, CAPS, DISCOUNTS),
        *(EXPENSES, ASSIGNMENTS, INTERCOMPANY),
    )
}


@dataclass(slots=True)
class _Lines:
    """All lines of all tables, as read."""

    clients: list[Line[ClientRow]] = field(default_factory=list)
    services: list[Line[ServiceRow]] = field(default_factory=list)
    people: list[Line[PersonRow]] = field(default_factory=list)
    rates: list[Line[RateRow]] = field(default_factory=list)
    retainers: list[Line[RetainerRow]] = field(default_factory=list)
    fixed_fees: list[Line[FixedFeeRow]] = field(default_factory=list)
    premiums: list[Line[PremiumRow]] = field(default_factory=list)
    holidays: list[Line[HolidayRow]] = field(default_factory=list)
    caps: list[Line[CapRow]] = field(default_factory=list)
    discounts: list[Line[DiscountRow]] = field(default_factory=list)
    expenses: list[Line[ExpenseRow]] = field(default_factory=list)
    assignments: list[Line[AssignmentRow]] = field(default_factory=list)
    intercompany: list[Line[IntercompanyRow]] = field(default_factory=list)


def load_tables(
    folder: Path, shown_as: str = "mappings", currency: str = "", region: str = "", instead: Instead | None = None
) -> tuple[Tables, list[Problem]]:
    """Read all tables of a folder: the rows that could be read, and every problem, in the order of their places.

    `shown_as` is the folder's name in messages. `currency` is the company's, for fees that name none;
    `region` the one whose public holidays count. The tables of `instead` replace those of the same name.
    """
    if not folder.is_dir():
        what = f"There is no folder {shown_as} with the tables (clients.csv, services.csv, rates.csv …)."
        return Tables(), [Problem("tables-missing", what, "`syncd init` writes one.", Place(shown_as))]
    grids, problems = grids_of(folder, shown_as)
    if instead is not None:
        grids |= instead.grids
    lines = _Lines()
    for name, grid in grids.items():
        read, mistakes = read_table(TABLES[name], grid)
        setattr(lines, name, read)
        problems += mistakes
    catalogue, mistakes = catalogue_of(folder, shown_as)
    problems += mistakes
    if instead is not None and instead.catalogue is not None:
        catalogue = instead.catalogue
    problems += _across(lines, currency)
    problems += _assigned(lines, catalogue, currency)
    problems += without_holidays(lines.premiums, bool(region or lines.holidays))
    tables = Tables(
        rows_of(lines.clients),
        rows_of(lines.services),
        rows_of(lines.people),
        rows_of(lines.rates),
        rows_of(lines.retainers),
        rows_of(lines.fixed_fees) + catalogue_fees(catalogue, rows_of(lines.assignments)),
        premiums=rows_of(lines.premiums),
        holidays=_holidays(lines, region),
        caps=rows_of(lines.caps),
        discounts=rows_of(lines.discounts),
        expenses=rows_of(lines.expenses),
        intercompany=rows_of(lines.intercompany),
    )
    return tables, by_place(problems)


def catalogue_of(folder: Path, shown_as: str) -> tuple[tuple[CatalogueRow, ...], list[Problem]]:
    path = folder / "catalogue.toml"
    if not path.is_file():
        return (), []
    # Loaded for those who keep a catalogue.
    from mappings.tables.catalogue import read_catalogue

    return read_catalogue(path, f"{shown_as}/{path.name}")


def _assigned(lines: _Lines, catalogue: tuple[CatalogueRow, ...], currency: str) -> Iterator[Problem]:
    """What is wrong with the catalogue and what clients are assigned of it."""
    clients = names.given("client", "clients", lines.clients, "quickbooks_customer", "source_client")
    services = names.given("service", "services", lines.services, "service", "source_service")
    yield from names.unknown(clients, lines.assignments, "client")
    for row in catalogue:
        if not services.open and not services.matches(row.service):
            what = f"No row of services gives the service {quoted(row.service)}."
            yield Problem("service-unknown", what, "Add it to services.", row.place)
    yield from ties.equal_keys(lines.assignments, ties.assignment_claim, "service")
    yield from assigned(lines.assignments, catalogue)
    currencies = client_currencies(rows_of(lines.clients))
    yield from other_currency(lines.assignments, currencies, currency)
    yield from too_fine(lines.assignments, "amount", currencies, currency)


def _holidays(lines: _Lines, region: str) -> tuple[HolidayRow, ...]:
    """The holidays that count; those of a region are only asked for where a premium is for them."""
    rows = counting(rows_of(lines.holidays), region)
    if region and any(row.when.kind == "holiday" for row in rows_of(lines.premiums)):
        rows += public_holidays(region, Place("config.toml"))
    return tuple(rows)


def grids_of(folder: Path, shown_as: str) -> tuple[dict[str, Grid], list[Problem]]:
    """The grid of each table that the folder has; hidden files and a spreadsheet's lock files are not looked at."""
    found: dict[str, Grid] = {}
    problems: list[Problem] = []
    for path in sorted(folder.iterdir()):
        shown = f"{shown_as}/{path.name}"
        if path.name.startswith((".", "~$")) or not path.is_file():
            continue
        for name, grid in _tables_in(path, shown, problems):
            if name in found:
                what = f"The table {name} is given twice, here and in {found[name].place}."
                problems.append(Problem("table-twice", what, "Keep one of the two.", grid.place))
            else:
                found[name] = grid
    return found, problems


def _tables_in(path: Path, shown: str, problems: list[Problem]) -> Iterator[tuple[str, Grid]]:
    if path.suffix.lower() == ".csv":
        name = plain_name(path.stem)
        if name in TABLES:
            yield name, read_csv(path, shown, TABLES[name].names)
        else:
            problems.append(_unknown_table(name, Place(shown), f"The file {path.name}", ""))
    elif path.suffix.lower() == ".xlsx":
        # Loaded for those who keep their tables in a workbook.
        from mappings.tables.xlsx_grid import read_workbook

        sheets = read_workbook(path, shown)
        if isinstance(sheets, Problem):
            problems.append(sheets)
            return
        for sheet, grid in sheets.items():
            name = plain_name(sheet)
            if name in TABLES:
                yield name, grid
            elif grid.header:  # An empty sheet says nothing: new workbooks often have some.
                there = f" The sheets of this workbook are {', '.join(sheets)}."
                problems.append(_unknown_table(name, grid.place, f"The sheet {sheet}", there))


def _unknown_table(name: str, place: Place, called: str, there: str) -> Problem:
    near = nearest(name, TABLES)
    fix = f"Did you mean {near}?" if near else f"The tables are {', '.join(TABLES)}."
    code = "sheet-unknown" if place.sheet else "table-unknown"
    return Problem(code, f"{called} is not a table.{there}", fix, place)


def _across(lines: _Lines, currency: str) -> Iterator[Problem]:
    """What is wrong between rows and between tables."""
    yield from ties.equal_rows(lines.clients, ties.client_claim, "source_client")
    yield from ties.equal_rows(lines.services, ties.service_claim, "source_service")
    yield from ties.equal_rows(lines.people, ties.person_claim, "source_person")
    yield from ties.equal_rows(lines.expenses, ties.expense_claim, "category")
    yield from ties.equal_rates(lines.rates)
    yield from ties.equal_keys(lines.retainers, ties.retainer_claim, "name")
    yield from ties.equal_keys(lines.fixed_fees, ties.fee_claim, "description")
    yield from ties.equal_rows(lines.discounts, ties.discount_claim, "client")
    yield from disagreements(lines.clients)
    yield from due_days(lines.fixed_fees)
    yield from retainer_columns(lines.retainers)
    yield from one_price(lines.premiums)
    yield from shares(lines.fixed_fees)
    yield from without_limit(lines.caps)
    yield from percent_or_amount(lines.discounts)
    yield from ties.equal_rows(lines.intercompany, intercompany_claim, "borrower")
    yield from who_and_how_much(lines.intercompany)
    yield from _unknown_names(lines)
    currencies = client_currencies(rows_of(lines.clients))
    yield from other_named_currency(lines.rates, "rate", currencies, currency)
    yield from other_named_currency(lines.caps, "cap", currencies, currency)
    yield from other_named_currency(lines.discounts, "discount", currencies, currency)
    yield from other_currency(lines.retainers, currencies, currency)
    yield from other_currency(lines.fixed_fees, currencies, currency)
    yield from too_fine(lines.retainers, "fee", currencies, currency)
    yield from too_fine(lines.fixed_fees, "amount", currencies, currency)
    yield from too_fine(lines.caps, "amount", currencies, currency)
    yield from too_fine(lines.discounts, "amount", currencies, currency)


def _unknown_names(lines: _Lines) -> Iterator[Problem]:
    clients = names.given("client", "clients", lines.clients, "quickbooks_customer", "source_client")
    services = names.given("service", "services", lines.services, "service", "source_service")
    roles = names.given("role", "people", lines.people, "role")
    teams = names.given("team", "people", lines.people, "team")
    yield from names.unknown(clients, lines.rates, "client")
    yield from names.unknown(clients, lines.retainers, "client")
    yield from names.unknown(clients, lines.fixed_fees, "client")
    yield from names.unknown(clients, lines.caps, "client")
    yield from names.unknown(clients, lines.discounts, "client")
    yield from names.unknown(clients, lines.premiums, "client")
    yield from names.unknown(services, lines.premiums, "service")
    # A rate of unit `each` may be the price of a category that has no services row.
    categories = names.given("service", "expenses", lines.expenses, "", "category")
    yield from names.unknown(names.either(services, categories), lines.rates, "service")
    yield from names.unknown(services, lines.retainers, "services")
    yield from names.unknown(services, lines.fixed_fees, "service")
    yield from names.unknown(roles, lines.rates, "role")
    yield from names.unknown(teams, lines.rates, "team")
    yield from names.unknown(teams, lines.intercompany, "team")
