"""`mappings check` over all scenarios: silent, but where a scenario is about what it finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from mappings.tables import check_tables
from mappings.tables.checks.every import check_work
from mappings.tables.checks.known import Known
from mappings.tables.checks.pieces import piece_of
from mappings.tables.checks.unmapped import unmapped_problem, unmapped_work
from tests.mappings.scenarios.reading import FOLDERS, bill_steps, read_expected

ABOUT = {
    "expense_blocks_its_own_invoice": {"unmapped-category"},
    "no_rate_blocks_its_own_invoice": {"no-rate"},
    "source_rates_ignored": {"no-rate"},
    "unmapped_client": {"unmapped-client"},
    "rate_precedence": {"row-always-loses"},
    "two_tools": {"row-always-loses"},
}


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_the_check_says_what_a_scenario_is_about_and_nothing_else(folder: Path) -> None:
    found = set()
    for step in bill_steps(folder, read_expected(folder)):
        world = step.world
        known = Known(
            world.tables,
            world.company,
            world.go_live,
            [piece_of(entry.work) for entry in world.entries if not entry.deleted],
            projects={task.project for task in world.tasks.values()},
            tasks={task.id for task in world.tasks.values()},
        )
        problems = [*check_tables(world.tables, known=known), *check_work(known)]
        found |= {problem.code for problem in problems}
        found |= {unmapped_problem(one).code for one in unmapped_work(known, (), ())}

    assert found == ABOUT.get(folder.name, set())
