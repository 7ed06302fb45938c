"""Random worlds in all periods and groups: order and division change nothing, and nothing is billed twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from mappings.periods import parse_period
from mappings.rules.billing import bill
from mappings.work import Task
from mappings.world import Bill, Entry, Run, World
from tests.mappings.rules.worlds import client, day, edited, entry, fee, later, post, retainer, world

SEEDS = 60
_TASKS = "12345"


def random_world(random: Random) -> World:
    choose = random.choice
    policies = {
        "period": choose(["month", "week", "on-completion", "manual"]),
        "one_invoice_per": choose(["client", "project", "parent-task", "task", "purchase-order", "person"]),
        "lines_per": choose(["week", "rate", "service", "task"]),
        "late_work": choose(["next-invoice", "ask"]),
    }
    tasks = {one.key: one for one in (random_task(random, name) for name in _TASKS)}
    fees = [fee("10", every="month", valid_from="2026-09-01"), fee("7", "Launch", on="done:2")]
    retainers = [retainer("2", "100", valid_from="2026-10-01", extra_rate="90")] if random.random() < 0.4 else []
    return world(
        [random_entry(random, number) for number in range(random.randint(1, 10))],
        today=choose(["10-20", "11-03", "12-02"]), tasks=tasks, fees=fees, retainers=retainers,
        clients=[client("Hydro"), client("Acme")], **policies,
    )  # fmt: skip


def random_task(random: Random, name: str, **more: Any) -> Task:
    done = random.random() < 0.6
    known = done and random.random() < 0.8
    done_on = day("10-01") + timedelta(days=random.randint(0, 40)) if known else None
    return Task("tool", name, parent=random.choice(["", *_TASKS]), done=done, done_on=done_on, **more)


def random_entry(random: Random, number: int) -> Entry:
    choose = random.choice
    return entry(
        str(number), f"10-{random.randint(1, 28):02}", choose([1, 2, 0.5, -1]), choose(["Hydro", "Acme"]),
        task=choose(["", *_TASKS]), person=choose(["Marie", "Paul"]), project=choose(["A", "B", ""]),
        purchase_order=choose(["", "P1"]),
    )  # fmt: skip


def run_of(world: World) -> Run:
    """What bills everything that is over: by hand, a range up to yesterday."""
    by_hand = world.company.billing.period == "manual"
    return Run(parse_period(f"2026-10-01..{world.today - timedelta(days=1)}") if by_hand else None)


def changed(random: Random, before: World) -> World:
    """Some days later, one entry and one task are other than they were."""
    one = random.choice(before.entries)
    kind = random.random()
    if kind < 0.5:
        now = edited(one, random.choice([1, 2, 3]), task=random.choice(_TASKS))
    elif kind < 0.7:
        now = edited(one, deleted=not one.deleted)
    else:
        now = random_entry(random, 1000 + len(before.entries))
    today = before.today + timedelta(days=random.randint(0, 20))
    task = random_task(random, random.choice(_TASKS))
    after = later(before, today.isoformat(), now)
    return replace(after, tasks={**after.tasks, task.key: task})


def open_documents(made: Bill) -> list[object]:
    return [one.key for one in made.documents if not one.problems]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_order_and_division_change_nothing_and_nothing_is_billed_twice(seed: int):
    random = Random(seed)
    now = random_world(random)
    for _ in range(5):
        run = run_of(now)
        made = bill(now, run)
        shuffled = tuple(random.sample(now.entries, len(now.entries)))
        assert bill(replace(now, entries=shuffled), run) == made
        if not now.ledger:
            assert [one for name in ("Acme", "Hydro") for one in alone(now, run, name)] == list(made.documents)
        now = post(now, made)
        assert open_documents(bill(now, run)) == []
        now = changed(random, now)


def alone(whole: World, run: Run, name: str) -> tuple[object, ...]:
    """The documents of one client, of a world that has nothing of the others."""
    mine = tuple(one for one in whole.entries if one.work.client == name)
    return bill(replace(whole, entries=mine, clients=frozenset({name.lower()})), run).documents
