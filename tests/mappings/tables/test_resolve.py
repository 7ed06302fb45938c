"""Names of our tables in QuickBooks' lists: found, pinned, or blocked with what to do."""

from __future__ import annotations

import pytest

from mappings.catalogue import Catalogue, Kind, Named
from mappings.problems import Problem
from mappings.tables.resolve import Resolver


def resolver(*rows: Named, pins: dict[tuple[Kind, str], str] | None = None) -> Resolver:
    return Resolver(Catalogue(named=rows, pins=pins or {}))


def customer(identity: str, name: str, *, active: bool = True) -> Named:
    return Named("customer", identity, name, active)


def code_of(found: Named | Problem) -> str:
    assert isinstance(found, Problem), found
    return found.code


@pytest.mark.parametrize("written", ["Hydro-Québec", "HYDRO-QUÉBEC", "  Hydro-Québec ", "Hydro-Que\u0301bec"])
def test_case_spaces_and_the_form_of_accents_do_not_matter(written: str) -> None:
    found = resolver(customer("12", "Hydro-Québec")).find("customer", written)

    assert found == customer("12", "Hydro-Québec")


def test_a_name_that_is_only_near_is_suggested_and_never_linked() -> None:
    found = resolver(customer("12", "Hydro-Québec")).find("customer", "Hydro Quebec")

    assert code_of(found) == "unknown-customer"
    assert isinstance(found, Problem)
    assert "“Hydro-Québec”" in found.fix


def test_what_was_found_is_pinned_and_a_rename_is_followed() -> None:
    first = resolver(customer("12", "Hydro"))
    first.find("customer", "Hydro")

    renamed = resolver(customer("12", "Énergie"), customer("13", "Hydro"), pins=dict(first.pins))

    assert renamed.find("customer", "Hydro") == customer("12", "Énergie")


def test_two_active_rows_of_one_name_are_ambiguous_and_an_inactive_one_does_not_count() -> None:
    two = resolver(customer("12", "Hydro"), customer("13", "hydro"))
    one = resolver(customer("12", "Hydro"), customer("13", "hydro", active=False))

    assert code_of(two.find("customer", "Hydro")) == "ambiguous-customer"
    assert one.find("customer", "Hydro") == customer("12", "Hydro")


def test_a_pinned_row_that_is_inactive_or_gone_blocks_even_if_another_has_the_name() -> None:
    pins: dict[tuple[Kind, str], str] = {("customer", "Hydro"): "12"}

    inactive = resolver(customer("12", "Hydro", active=False), customer("13", "Hydro"), pins=pins)
    gone = resolver(customer("13", "Hydro"), pins=pins)

    assert code_of(inactive.find("customer", "Hydro")) == "inactive-customer"
    assert code_of(gone.find("customer", "Hydro")) == "inactive-customer"


def test_a_sub_customer_is_known_by_its_own_name_or_its_full_one() -> None:
    lists = resolver(customer("12", "Ville"), customer("13", "Ville:Loisirs"))

    assert lists.find("customer", "Loisirs") == customer("13", "Ville:Loisirs")
    assert lists.find("customer", "ville:loisirs") == customer("13", "Ville:Loisirs")


def test_a_full_name_goes_before_a_sub_customers_own_and_two_own_names_are_ambiguous() -> None:
    top = resolver(customer("12", "Loisirs"), customer("13", "Ville:Loisirs"))
    subs = resolver(customer("12", "Nord:Loisirs"), customer("13", "Ville:Loisirs"))

    assert top.find("customer", "Loisirs") == customer("12", "Loisirs")
    assert code_of(subs.find("customer", "Loisirs")) == "ambiguous-customer"
