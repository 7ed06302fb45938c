"""Clients billed by hand, on completion, and progressively: when work is due, and on which document."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mappings.periods import parse_period
from mappings.rules.billing import bill
from mappings.work import Task
from mappings.world import Bill, Run, World
from tests.mappings.rules.worlds import amounts, codes, day, edited, entry, fee, later, post, retainer, shown, world


def task(id: str, done_on: str = "", parent: str = "", **more: Any) -> Task:  # noqa: A002
    fields = {"source": "tool", "done": bool(done_on), "done_on": day(done_on) if done_on else None} | more
    return Task(id=id, parent=parent, **fields)


def on_completion(*entries: Any, tasks: list[Task], today: str = "11-03", per: str = "task", **more: Any) -> World:
    known = {one.key: one for one in tasks}
    return world(entries, today=today, tasks=known, period="on-completion", one_invoice_per=per, **more)


def with_tasks(before: World, *tasks: Task) -> World:
    return replace(before, tasks={**before.tasks, **{one.key: one for one in tasks}})


def keys(made: Bill) -> list[tuple[str, str, str]]:
    return [(one.key.period, one.key.group, f"{one.dated:%m-%d}") for one in made.documents]


def test_completed_work_is_drafted_on_the_day_itself():
    before = on_completion(entry("1", "10-02", 2, task="7"), tasks=[task("7", "10-05")], today="10-05")

    assert keys(bill(before)) == [("2026-10-05", "tool:7", "10-05")]


def test_a_task_that_will_be_done_is_not_done():
    before = on_completion(entry("1", "10-02", 2, task="7"), tasks=[task("7", "10-05")], today="10-04")

    assert (bill(before).documents, codes(bill(before))) == ((), {"1": [("waiting", "task-not-done", 7200)]})


def test_a_task_done_without_a_date_is_billed_on_the_last_day_it_was_worked_on():
    done = [task("7", done=True)]
    works = [entry("1", "10-02", 2, task="7"), entry("2", "10-09", 1, task="7")]

    assert keys(bill(on_completion(*works, tasks=done))) == [("2026-10-09", "tool:7", "10-09")]


def test_another_clients_work_on_the_same_task_says_nothing_of_the_day():
    works = [entry("1", "10-02", 2, task="7"), entry("2", "10-09", 1, "Acme", task="7")]
    made = bill(on_completion(*works, tasks=[task("7", done=True)]))

    assert [(one.key.client, one.key.period) for one in made.documents] == [
        ("Acme", "2026-10-09"), ("Hydro", "2026-10-02"),
    ]  # fmt: skip


def test_a_completion_that_is_told_late_has_its_own_document_all_the_same():
    before = on_completion(
        entry("1", "10-02", 2, task="7"), entry("2", "10-03", 1, task="8"), tasks=[task("7", "10-20"), task("8")]
    )
    after = with_tasks(post(before), task("8", "10-06"))

    assert keys(bill(after)) == [("2026-10-06", "tool:8", "10-06")]


@pytest.mark.parametrize("policy", ["next-invoice", "ask"])
def test_work_that_comes_after_its_task_was_billed_is_late(policy: str):
    before = on_completion(
        entry("1", "10-02", 2, task="7"), tasks=[task("7", "10-20")], today="10-25", late_work=policy
    )
    after = later(post(before), "11-03", entry("2", "10-04", 1, task="7"))
    made = bill(after)

    if policy == "ask":
        assert (made.documents, codes(made)) == ((), {"2": [("waiting", "late-work-ask", 3600)]})
    else:
        assert [shown(one) for one in made.documents] == [[("Consultation (late: October 2026)", "84.00")]]
        assert keys(made) == [("2026-10", "tool:7", "10-31")]


def test_a_completion_on_a_months_last_day_and_the_months_fees_are_two_documents():
    before = on_completion(
        entry("1", "10-02", 2, task="7"), tasks=[task("7", "10-31")], fees=[fee("50", every="month")], per="client"
    )

    assert amounts(bill(before)) == {("Hydro", "2026-10"): ["50.00"], ("Hydro", "2026-10-31"): ["168.00"]}


def test_a_month_keeps_its_fees_though_a_later_day_was_billed_first():
    before = on_completion(
        entry("1", "11-01", 2, task="7"), tasks=[task("7", "11-02")], today="11-02", go_live="10-01",
        fees=[fee("50", every="month")],
    )  # fmt: skip
    made = bill(before)
    completions = replace(made, documents=tuple(one for one in made.documents if one.key.period == "2026-11-02"))

    assert keys(bill(post(before, completions))) == [("2026-10", "", "10-31")]


def test_a_change_of_completed_work_is_credited_with_the_month():
    before = on_completion(entry("1", "10-02", 2, task="7"), tasks=[task("7", "10-20")], today="10-25")
    after = later(post(before), "11-03", edited(before.entries[0], 1.5))

    assert [(one.key.period, one.kind, one.subtotal_minor) for one in bill(after).documents] == [
        ("2026-10", "credit-memo", -4200)
    ]


def test_work_that_moves_to_a_task_done_since_goes_on_that_tasks_document():
    tasks = [task("7", "10-20"), task("8", "11-02")]
    before = on_completion(entry("1", "10-02", 2, task="7"), tasks=tasks, today="10-25")
    after = later(post(before), "11-03", edited(before.entries[0], task="8"))
    made = bill(after)

    assert keys(made) == [("2026-10", "tool:7", "10-31"), ("2026-11-02", "tool:8", "11-02")]
    assert [one.subtotal_minor for one in made.documents] == [-16800, 16800]


def test_a_task_that_is_opened_again_takes_back_nothing():
    before = on_completion(entry("1", "10-02", 2, task="7"), tasks=[task("7", "10-20")])
    after = with_tasks(post(before), task("7"))

    assert (bill(after).documents, bill(after).standings) == ((), ())


def test_what_a_retainer_covers_goes_with_its_fee_and_waits_for_no_task():
    before = on_completion(
        entry("1", "10-02", 2, task="7"), tasks=[task("7")], retainers=[retainer("1", "300", extra_rate="100")]
    )

    assert amounts(bill(before)) == {("Hydro", "2026-10"): ["300.00", "100.00"]}


def test_sub_tasks_at_any_depth_are_gathered_under_the_topmost_task():
    tree = [task("1", "10-20"), task("2", "10-02", "1"), task("3", "10-01", "2")]
    works = [entry("a", "10-01", 1, task="3"), entry("b", "10-02", 2, task="2"), entry("c", "10-03", 3, task="1")]
    made = bill(on_completion(*works, tasks=tree, per="parent-task"))

    assert (keys(made), amounts(made)) == (
        [("2026-10-20", "tool:1", "10-20")], {("Hydro", "2026-10-20"): ["504.00"]},
    )  # fmt: skip


def test_tasks_that_stand_above_one_another_are_one_group():
    circle = [task("1", "10-20", "2"), task("2", "10-20", "1"), task("3", "10-20", "2")]
    works = [entry(name, "10-01", 1, task=name) for name in "123"]

    assert keys(bill(on_completion(*works, tasks=circle, per="parent-task"))) == [("2026-10-20", "tool:1", "10-20")]


def test_a_run_over_a_month_takes_the_completions_in_it():
    tasks = [task("7", "09-30"), task("8", "10-06")]
    works = [entry("1", "09-02", 2, task="7"), entry("2", "10-03", 1, task="8")]
    before = on_completion(*works, tasks=tasks)

    assert keys(bill(before, Run(parse_period("2026-10")))) == [("2026-10-06", "tool:8", "10-06")]
    assert keys(bill(before, Run(parse_period("2026-09-30")))) == [("2026-09-30", "tool:7", "09-30")]
    assert codes(bill(before, Run(parse_period("2026-10"))))["1"] == [("waiting", "not-in-this-run", 7200)]


def test_progressive_billing_bills_no_sub_task_twice():
    tree = [task("1"), task("2", "10-10", "1"), task("3", "", "1")]
    works = [entry("a", "10-01", 1, task="2"), entry("b", "10-02", 2, task="3"), entry("c", "10-03", 4)]
    before = world(works, tasks={one.key: one for one in tree}, one_invoice_per="parent-task")
    first = bill(before)
    after = with_tasks(later(post(before), "12-03"), task("3", "11-20", "1"))

    assert [(one.key.group, one.subtotal_minor) for one in first.documents] == [("", 33600), ("tool:1", 8400)]
    assert [(one.key.period, one.key.group, one.subtotal_minor) for one in bill(after).documents] == [
        ("2026-11", "tool:1", 16800)
    ]
    assert bill(post(after)).documents == ()


def by_hand(*entries: Any, **more: Any) -> World:
    return world(entries, period="manual", **more)


def test_a_range_may_be_billed_again_and_yields_what_is_new():
    before = by_hand(entry("1", "10-02", 2))
    run = Run(parse_period("2026-10-01..2026-10-17"))
    after = later(post(before, bill(before, run)), "11-03", entry("2", "10-05", 1))

    assert keys(bill(after)) == []
    (document,) = bill(after, run).documents
    assert (document.key.sequence, document.subtotal_minor) == (2, 8400)


def test_late_work_of_a_range_that_was_billed_is_asked_about():
    before = by_hand(entry("1", "10-02", 2), late_work="ask")
    after = post(before, bill(before, Run(parse_period("2026-10-01..2026-10-17"))))
    after = later(after, "11-03", entry("2", "10-05", 1), entry("3", "10-20", 1))
    made = bill(after, Run(parse_period("2026-10-01..2026-10-31")))

    assert (amounts(made), codes(made)["2"]) == (
        {("Hydro", "2026-10-01..2026-10-31"): ["84.00"]}, [("waiting", "late-work-ask", 3600)],
    )  # fmt: skip


def test_an_approved_range_that_is_not_sent_yet_stays_drafted():
    before = replace(by_hand(entry("1", "10-02", 2)), open_keys=frozenset({("Hydro", "2026-10-01..2026-10-17")}))

    assert keys(bill(before)) == [("2026-10-01..2026-10-17", "", "10-17")]


def test_a_range_that_is_not_over_is_only_shown():
    made = bill(by_hand(entry("1", "10-02", 2), today="10-10"), Run(parse_period("2026-10-01..2026-10-17")))

    assert (made.documents, [one.key.period for one in made.running]) == ((), ["2026-10-01..2026-10-17"])


def test_sign_off_by_silence_counts_from_the_months_end():
    work = entry("1", "10-02", 2)
    policies = {"client_must_approve_hours": True, "after_days_without_answer": 5}
    run = Run(parse_period("2026-10"))

    assert codes(bill(by_hand(work, today="11-04", **policies), run))["1"][0][1] == "not-signed-off"
    assert keys(bill(by_hand(work, today="11-05", **policies), run)) == [("2026-10", "", "10-31")]
