"""Decisions about rates over random histories: each is billed once, and then nothing is left to decide."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from mappings.periods import parse_period
from mappings.rules.billing import bill
from mappings.rules.rerate_plan import plan_rerates
from mappings.world import Entry, World
from tests.mappings.rules.worlds import cap, clocked, edited, later, minutes, post, premium, rate, retainer, world

YEAR = parse_period("2026-01-01..2027-12-31")
DAYS = ("12-02", "2027-01-03", "2027-02-03", "2027-03-03")


def first_month(random: Random) -> list[Entry]:
    made = []
    for number in range(random.randint(2, 7)):
        day = f"10-{random.randint(1, 4):02}"
        length, client = random.choice((7, 20, 50, 90, 400)), random.choice(("Hydro", "Acme"))
        if random.random() < 0.5:
            made.append(minutes(str(number), day, length, client=client))
        else:
            made.append(clocked(str(number), f"{day} {random.randint(8, 22):02}:10", length / 60, client=client))
    return made


def a_world(random: Random) -> World:
    choices: dict[str, Any] = {}
    if random.random() < 0.5:
        choices["rounding"] = (15, "up", random.choice(("entry", "day", "line")))
    if random.random() < 0.4:
        choices["retainers"] = [retainer("2", "150", **random.choice(({}, {"extra_rate": "118"})))]
    if random.random() < 0.4:
        choices["premiums"] = [premium("late", "17:00-08:00", factor="1.5")]
    if random.random() < 0.3:
        choices["caps"] = [cap("300", random.choice(("write-down", "hold", "warn")))]
    if random.random() < 0.3:
        choices["round_money"] = "entry"
    return world(first_month(random), **choices)


def change(random: Random, one: Entry) -> Entry:
    kind = random.random()
    if kind < 0.4:
        return edited(one, random.choice(("0.25", "1", "3")))
    if kind < 0.55:
        return edited(one, deleted=True)
    if kind < 0.7:
        return edited(one, client=random.choice(("Hydro", "Acme")))
    return edited(one, notes="typo") if kind < 0.85 else edited(one, worked_on="10-04")


def decide(before: World) -> World:
    found = plan_rerates(before, YEAR).changes
    kept = [one for one in before.rerates if (one.source, one.entry) not in found]
    return replace(before, rerates=(*kept, *(one for change in found.values() for one in change.wanted)))


def cents(before: World) -> dict[str, int]:
    """Per client what is invoiced of time on the ledger."""
    sums: dict[str, int] = defaultdict(int)
    for posted in before.ledger:
        sums[posted.allocation.terms.client] += posted.allocation.amount_minor
    return sums


@pytest.mark.parametrize("seed", range(120))
def test_each_decision_is_billed_once(seed: int) -> None:
    random = Random(seed)
    now = post(a_world(random))
    for day in DAYS[:-1]:
        now = replace(now, tables=replace(now.tables, rates=(rate(random.choice(("70", "84", "90.50", "133.33"))),)))
        changed = [change(random, one) for one in now.entries if not one.deleted and random.random() < 0.3]
        now = later(now, day, *changed)
        expected = cents(now)
        if random.random() < 0.7:
            if not changed and not now.tables.caps:
                for line in plan_rerates(now, YEAR).lines:
                    expected[line.client] += line.after_minor - line.before_minor
                assert Counter(cents(post(decide(now)))) == Counter(expected)
            now = decide(now)
            assert not any(one.is_new for one in plan_rerates(now, YEAR).changes.values())
        now = post(now)
        again = bill(now)
        assert [row for document in again.documents for row in document.allocations] == []
    settled = post(decide(later(now, DAYS[-1])))

    # What a premium or a retainer of the table no longer gives would be told; here the tables keep them.
    assert plan_rerates(settled, YEAR).problems == ()
    assert plan_rerates(settled, YEAR).lines == ()
