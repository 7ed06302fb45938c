"""Each table, column, setting and value has a scenario whose result is another with another value: none is idle."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from syncd.store.database import Store
from tests.mappings.scenarios.driving import driving
from tests.mappings.scenarios.pins import CLIENTS_OWN, NO_MONEY, PINS, REFUSED, THROUGH_THE_STORE, TWO_COMPANIES
from tests.mappings.scenarios.policies import all_values, outcome, put_in_clients, with_other
from tests.mappings.scenarios.reading import HERE, TablesRefusedError, read_expected


def _own(value: str) -> str:
    """The setting that a column of clients replaces; "" for all else."""
    table, _, rest = value.partition(".")
    name = rest.partition("=")[0]
    return f"{CLIENTS_OWN[name]}.{rest}" if table == "clients" and name in CLIENTS_OWN else ""


OWN = [value for value in all_values() if _own(value)]
BY_RULES = [value for value in PINS if value not in THROUGH_THE_STORE]


def test_every_value_that_the_code_knows_has_a_scenario():
    known = {value for value in all_values() if value.partition(".")[0] not in TWO_COMPANIES}
    assert known - {*PINS, *NO_MONEY, *OWN} == set(), "add the value, its scenario and another value to pins.py"
    assert {*PINS, *NO_MONEY} - known == set(), "the code knows these no more"
    assert {scenario for scenario, _ in PINS.values()} <= {path.name for path in HERE.iterdir()}


@cache
def _before(scenario: str) -> list[object]:
    return outcome(HERE / scenario, read_expected(HERE / scenario))


@pytest.mark.parametrize("value", BY_RULES)
def test_another_value_comes_to_something_else(value: str, tmp_path: Path):
    scenario, other = PINS[value]
    place = tmp_path / scenario
    changed = with_other(HERE / scenario, read_expected(HERE / scenario), value, other, place)
    if value in REFUSED:
        with pytest.raises(TablesRefusedError):
            outcome(place, changed)
    else:
        assert outcome(place, changed) != _before(scenario)


@pytest.mark.parametrize("value", OWN)
def test_what_a_client_says_goes_before_the_company(value: str, tmp_path: Path):
    """The company has the other value, and each client the one that is pinned: the result is as it was."""
    scenario, other = PINS[_own(value)]
    folder = HERE / scenario
    changed = with_other(folder, read_expected(folder), _own(value), other, tmp_path / scenario)
    put_in_clients(tmp_path / scenario, read_expected(folder), _own(value))
    assert outcome(tmp_path / scenario, changed) == _before(scenario)


def test_what_rests_on_history_is_no_idle_value_either(tmp_path: Path, sqlite_store: Store):
    """One scenario holds by three signs and approves one document; without any of them, with a lower limit, none."""
    (scenario,) = {PINS[value][0] for value in THROUGH_THE_STORE}
    expected = read_expected(HERE / scenario)
    assert set(expected["approval"]["hold_when"]) == {
        value.partition("=")[2] for value in THROUGH_THE_STORE if "=" in value
    }
    changed: dict[str, Any] = expected
    for number, value in enumerate(THROUGH_THE_STORE):
        changed = with_other(HERE / scenario, changed, value, PINS[value][1], tmp_path / f"{number}")
    held, approved = _held_and_approved(HERE / scenario, changed, tmp_path, sqlite_store)
    assert (held, approved) == ([], [])


def _held_and_approved(
    folder: Path, expected: Mapping[str, Any], place: Path, store: Store
) -> tuple[list[str], list[tuple[str, str]]]:
    held, approved = [], []
    with driving(folder, expected, place, store) as driver:
        for number, step in enumerate(expected["step"], start=1):
            driver.begin(number, step)
            report = driver.draft(step["today"])
            held += [hold.code for each in report.documents for hold in each.document.holds]
            approved += driver.approve_by_policy(report)
            driver.send(step["today"])
    return held, approved
