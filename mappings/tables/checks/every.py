"""All checks of the tables that need the work that is known, one after the other."""

from __future__ import annotations

from mappings.problems import Problem, by_place
from mappings.tables.checks.currencies import currency_clashes, rates_in_others
from mappings.tables.checks.dates import dead_rows
from mappings.tables.checks.equal import equal_rows
from mappings.tables.checks.known import Known
from mappings.tables.checks.lost import lost_rows
from mappings.tables.checks.retainers import idle_retainers
from mappings.tables.checks.unknown import unknown_names


def check_work(known: Known) -> list[Problem]:
    """What looks wrong in the tables beside the work that is known, in the order of their rows.

    Warnings, but for rates of equal strength or in another currency: these block the work for which they are.
    """
    return by_place(
        [
            *dead_rows(known.tables, known.go_live),
            *unknown_names(known),
            *lost_rows(known),
            *equal_rows(known),
            *idle_retainers(known),
            *currency_clashes(known),
            *rates_in_others(known),
        ]
    )
