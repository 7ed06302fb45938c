"""What a tool's name may mean: certain only when one name alone is the same, else the best and the runner-up."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from mappings.problems import Place
from mappings.rows import ClientRow, PersonRow, RateRow, ServiceRow, Tables
from mappings.tables.suggest import (
    Candidate,
    Names,
    Suggestion,
    suggest_clients,
    suggest_people,
    suggest_services,
    unseen_projects,
)

HERE = Place("mappings/some.csv", 2)


def seen(*names: str, source: str = "helpdesk") -> dict[tuple[str, str], tuple[int, int]]:
    return {(source, name): (2, 3_600) for name in names}


def rate_of(*projects: str) -> RateRow:
    return RateRow(HERE, (), projects, (), (), (), (), (), Decimal(70))


def clients(names: Names, *customers: str, rows: Sequence[ClientRow] = ()) -> list[Suggestion]:
    return suggest_clients(Tables(clients=tuple(rows)), names, customers)


@pytest.mark.parametrize("name", ["Hydro-Québec", "  hydro-québec ", "HYDRO-QUE\N{COMBINING ACUTE ACCENT}BEC"])
def test_a_name_that_is_the_same_after_normalising_is_certain(name: str) -> None:
    (found,) = clients(seen(name), "Hydro-Québec", "Hydro One")
    assert found.certain
    assert found.best == Candidate("Hydro-Québec", 100)
    assert found.row == {"source_client": name, "quickbooks_customer": "Hydro-Québec"}


def test_two_names_that_are_the_same_are_never_certain() -> None:
    (found,) = clients(seen("Hydro"), "Hydro", "HYDRO")
    assert not found.certain
    assert (found.best, found.runner_up) == (Candidate("HYDRO", 100), Candidate("Hydro", 100))


def test_a_near_name_is_shown_with_its_runner_up_and_never_certain() -> None:
    (found,) = clients(seen("Atelier Boreal"), "Ateliers Boréal inc.", "Atelier du Nord", "Zinc ltée")
    assert not found.certain
    assert found.best is not None
    assert found.best.name == "Ateliers Boréal inc."
    assert found.runner_up is not None
    assert found.runner_up.name == "Atelier du Nord"
    assert 50 <= found.runner_up.score < found.best.score < 100


def test_an_accent_more_or_less_makes_another_name() -> None:
    (found,) = clients(seen("Metro"), "Métro")
    assert not found.certain
    assert found.best is not None
    assert found.best.score < 100


def test_a_sub_customer_is_the_same_by_its_own_name() -> None:
    (found,) = clients(seen("Entrepôt"), "Coop:Entrepôt", "Coop")
    assert found.certain
    assert found.row["quickbooks_customer"] == "Coop:Entrepôt"


def test_a_name_like_no_other_has_no_candidate() -> None:
    (found,) = clients(seen("Zzyzx"), "Hydro-Québec")
    assert (found.best, found.runner_up, found.row) == (None, None, {})


def test_a_name_that_a_row_covers_is_not_mentioned() -> None:
    row = ClientRow(HERE, source=(), source_client=("Hydro*",), quickbooks_customer="Hydro-Québec")
    assert clients(seen("Hydro-Québec Distribution"), "Hydro-Québec", rows=[row]) == []


def test_a_row_of_one_source_leaves_the_others_open() -> None:
    row = ClientRow(HERE, source=("timesheets",), source_client=("HQ",), quickbooks_customer="Hydro-Québec")
    (found,) = clients(seen("HQ") | seen("HQ", source="timesheets"), "HQ", rows=[row])
    assert found.seen.sources == ("helpdesk",)


def test_names_of_several_sources_are_one_with_their_work_added_up() -> None:
    (found,) = clients(seen("HQ") | seen("hq", source="timesheets"), "HQ")
    assert (found.seen.sources, found.seen.entries, found.seen.seconds) == (("helpdesk", "timesheets"), 4, 7_200)


@pytest.mark.parametrize("name", ["A|B", "A*", "=A", "@A"])
def test_a_name_that_no_cell_can_say_is_for_a_person(name: str) -> None:
    (found,) = clients(seen(name), name)
    assert not found.certain
    assert found.row == {}


def test_a_service_of_ours_brings_its_item() -> None:
    row = ServiceRow(HERE, source=(), source_service=("Dev",), service="Développement", quickbooks_item="Item 7")
    (found,) = suggest_services(Tables(services=(row,)), seen("développement"), ["Consultation"])
    assert found.certain
    assert found.row == {
        "source_service": "développement",
        "service": "Développement",
        "quickbooks_item": "Item 7",
    }


def test_an_item_of_quickbooks_is_the_service_of_the_same_name() -> None:
    (found,) = suggest_services(Tables(), seen("Consultation"), ["Consultation", "Conseil"])
    assert found.certain
    assert found.row == {"source_service": "Consultation", "quickbooks_item": "Consultation"}


def test_a_person_is_compared_with_the_table_and_the_other_sources() -> None:
    row = PersonRow(HERE, source=(), source_person=("aroy",), person="Amélie Roy")
    names = seen("Amelie Roy", "Nobody Else") | seen("Amelie Roi", source="timesheets")
    found = suggest_people(Tables(people=(row,)), names)
    assert [(one.seen.name, one.best.name if one.best else "") for one in found] == [
        ("Amelie Roi", "Amelie Roy"),
        ("Amelie Roy", "Amélie Roy"),
    ]
    assert not any(one.certain for one in found)


def test_a_project_that_no_work_has_is_told_with_the_nearest() -> None:
    rates = (rate_of("Refonte Web"), rate_of("Refonte*", "Unrelated"))
    (found,) = unseen_projects(Tables(rates=rates), ["Refonte du Web", "Support"])
    assert (found.table, found.name, found.best.name) == ("rates", "Refonte Web", "Refonte du Web")


def test_the_order_is_by_work_and_then_by_name() -> None:
    names = {("a", "Small"): (1, 60), ("a", "Large"): (1, 600), ("a", "Also small"): (1, 60)}
    assert [one.seen.name for one in clients(names)] == ["Large", "Also small", "Small"]
