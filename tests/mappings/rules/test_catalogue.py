"""Services of the catalogue that clients are assigned: once per period, at their own price or the catalogue's."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from mappings.problems import Place
from mappings.rows import AssignmentRow, CatalogueRow
from mappings.rules.billing import bill
from mappings.rules.catalogue_fees import catalogue_fees
from mappings.world import World
from tests.mappings.rules.worlds import amounts, client, day, fee, post, world
from tests.mappings.rules.worlds import service as sold


def service(every: str, amount: str | None = "120", name: str = "Bookkeeping") -> CatalogueRow:
    return CatalogueRow(Place("mappings/catalogue.toml", 1), name, every, None if amount is None else Decimal(amount))


def assigned(name: str = "Bookkeeping", **more: Any) -> AssignmentRow:
    for column in ("valid_from", "valid_until"):
        more[column] = day(more[column]) if column in more else None
    if "amount" in more:
        more["amount"] = Decimal(more["amount"])
    return AssignmentRow(Place("mappings/assignments.csv", 2), "Hydro", name, **more)


def of(catalogue: list[CatalogueRow], *rows: AssignmentRow, today: str = "12-03", **more: Any) -> World:
    fees = [*catalogue_fees(catalogue, rows), *more.pop("fees", [])]
    services = [sold("books", "Consulting", "Bookkeeping")]
    return world([], today=today, fees=fees, clients=[client("Hydro")], services=services, **more)


@pytest.mark.parametrize(
    ("dates", "billed"),
    [
        ({"valid_from": "10-01"}, ["2026-10", "2026-11"]),
        ({"valid_from": "10-31", "valid_until": "11-01"}, ["2026-10", "2026-11"]),
        ({"valid_from": "10-01", "valid_until": "10-31"}, ["2026-10"]),
        ({"valid_from": "12-01"}, []),
    ],
)
def test_each_month_that_an_assignment_touches_is_billed_whole(dates: dict[str, str], billed: list[str]):
    found = amounts(bill(of([service("month")], assigned(**dates))))

    assert found == {("Hydro", month): ["120.00"] for month in billed}


def test_what_was_billed_is_not_billed_again_when_its_price_or_dates_change():
    before = post(of([service("month")], assigned(valid_from="10-01")))
    after = of([service("month", "150")], assigned(valid_from="10-15", amount="90"))

    assert bill(replace(before, tables=after.tables)).documents == ()


def test_a_year_counts_from_the_month_of_the_assignment():
    found = bill(of([service("year", "880")], assigned(valid_from="2025-12-15"))).documents

    assert [(one.key.period, one.lines[0].description) for one in found] == [
        ("2026-11", "Bookkeeping, December 2025 to November 2026")
    ]


@pytest.mark.parametrize(
    ("dates", "period"),
    [
        ({"valid_from": "10-10"}, "2026-10"),
        ({"valid_from": "10-10", "valid_until": "11-20"}, "2026-11"),
        ({"valid_from": "10-10", "valid_until": "12-20"}, ""),
    ],
)
def test_a_service_that_comes_once_is_billed_when_it_ends(dates: dict[str, str], period: str):
    found = bill(of([service("once")], assigned(**dates))).documents

    assert [one.key.period for one in found] == ([period] if period else [])


def test_a_service_ends_with_its_project():
    rows = (assigned("", project="Dam", valid_from="10-01", valid_until="10-31"), assigned(project="dam"))

    assert amounts(bill(of([service("month")], *rows))) == {("Hydro", "2026-10"): ["120.00"]}


def test_a_fixed_fee_of_the_same_name_is_another_fee():
    row = fee("50", "Bookkeeping", service="Bookkeeping", every="month", valid_from="10-01")

    assert amounts(bill(of([service("month")], assigned(valid_from="11-01"), fees=[row]))) == {
        ("Hydro", "2026-10"): ["50.00"],
        ("Hydro", "2026-11"): ["50.00", "120.00"],
    }


def test_an_assignment_without_any_price_makes_no_fee():
    assert catalogue_fees([service("month", None)], [assigned()]) == ()
