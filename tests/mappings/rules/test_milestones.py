"""Milestones, shares of a price, and estimates."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.catalogue import Estimate
from mappings.problems import Problem
from mappings.rows import FixedFeeRow, Share
from mappings.rules.billing import bill
from mappings.steps import say
from mappings.work import Task
from mappings.world import Bill, World
from tests.mappings.rules.worlds import client, day, entry, fee, money, post, shown, world


def task(id: str, done_on: str = "", source: str = "tool", **more: Any) -> Task:  # noqa: A002
    fields = {"done": bool(done_on), "done_on": day(done_on) if done_on else None} | more
    return Task(source=source, id=id, **fields)


def share(part: str, description: str = "Design", of: str = "700", on: str = "2026-10-05", **more: Any) -> FixedFeeRow:
    so_far, written = part.startswith("to "), part.removeprefix("to ")
    fraction = Fraction(written.removesuffix("%")) / (100 if written.endswith("%") else 1)
    return fee("0", description, on=on, percent_of=of, share=Share(fraction, so_far, written), **more)


def of_fees(*fees: FixedFeeRow, tasks: tuple[Task, ...] = (), **more: Any) -> World:
    return world([], fees=fees, tasks={one.key: one for one in tasks}, clients=[client("Hydro")], **more)


def with_fees(before: World, *fees: FixedFeeRow) -> World:
    """A month later, with these fees."""
    return replace(before, today=day("12-03"), tables=replace(before.tables, fixed_fees=fees))


def lines(made: Bill) -> list[tuple[str, str]]:
    return [line for document in made.documents for line in shown(document)]


def code(made: Bill) -> list[tuple[str, bool]]:
    return [(one.code, one.warning) for one in made.problems]


def test_a_milestone_whose_task_nobody_knows_is_told_and_blocks_nothing():
    before = of_fees(fee("700", "Delivery", on="done:42"), fee("50", "Audit", on="2026-10-05"))

    assert (lines(bill(before)), code(bill(before))) == ([("Audit", "50.00")], [("milestone-unclear", True)])


def test_a_milestone_of_which_there_are_two_tasks_names_its_source():
    tasks = (task("42", "10-09"), task("42", source="desk"))

    assert code(bill(of_fees(fee("700", on="done:42"), tasks=tasks))) == [("milestone-unclear", True)]
    assert lines(bill(of_fees(fee("700", on="done:tool:42"), tasks=tasks))) == [("Hosting", "700.00")]
    assert lines(bill(of_fees(fee("700", on="done:desk:42"), tasks=tasks))) == []


def test_a_milestone_whose_day_the_source_does_not_say_is_told():
    assert code(bill(of_fees(fee("700", on="done:42"), tasks=(task("42", done=True),)))) == [
        ("milestone-unclear", True)
    ]


@pytest.mark.parametrize(("done_on", "due"), [("10-31", True), ("11-02", False), ("09-30", False)])
def test_a_milestone_is_of_the_period_in_which_its_task_was_done(done_on: str, due: bool):
    made = bill(of_fees(fee("700", on="done:42"), tasks=(task("42", done_on),), go_live="10-01"))

    assert [one.key.period for one in made.documents] == (["2026-10"] if due else [])


def test_a_milestone_told_after_its_period_was_sent_goes_on_the_next_document():
    before = of_fees(fee("700", on="done:42"), fee("50", "Audit", on="2026-10-05"), tasks=(task("42"),))
    done = task("42", "10-09")
    after = replace(post(before), today=day("12-03"), tasks={done.key: done})

    assert [(one.key.period, one.subtotal_minor) for one in bill(after).documents] == [("2026-11", 70000)]


def test_a_task_opened_again_takes_no_milestone_back():
    before = of_fees(fee("700", on="done:42"), tasks=(task("42", "10-09"),))
    opened = task("42")

    assert bill(replace(post(before), tasks={opened.key: opened})).documents == ()


@pytest.mark.parametrize(("per", "group"), [("task", "tool:42"), ("parent-task", "tool:40"), ("project", "")])
def test_a_milestone_goes_on_the_document_of_its_task(per: str, group: str):
    tasks = (task("42", "10-09", parent="40"), task("40"))
    made = bill(of_fees(fee("700", on="done:42"), tasks=tasks, one_invoice_per=per))

    assert [one.key.group for one in made.documents] == [group]


def test_what_is_written_differently_is_the_same_project():
    before = world(
        [entry("1", "10-03", 1, project="Barrage")], one_invoice_per="project",
        fees=[fee("50", project="BARRAGE", on="2026-10-05")],
    )  # fmt: skip

    assert [(one.key.group, one.subtotal_minor) for one in bill(before).documents] == [("Barrage", 13400)]


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=6),
    st.integers(1, 200_000),
    st.permutations(range(6)),
    st.booleans(),
)
def test_shares_sum_to_their_price_in_whatever_order_they_are_billed(
    weights: list[int], minor: int, order: list[int], in_part: bool
):
    whole = sum(weights) + (7 if in_part else 0)
    rows = [share(f"{weight}/{whole}", f"Part {index}", money(minor)) for index, weight in enumerate(weights)]
    now = of_fees(*(replace(row, on="2027-01-01") for row in rows))
    total = 0
    for index in (index for index in order if index < len(rows)):
        rows[index] = replace(rows[index], on="2026-10-05")
        fees = tuple(row if row.on == "2026-10-05" else replace(row, on="2027-01-01") for row in rows)
        now = replace(now, tables=replace(now.tables, fixed_fees=fees))
        made = bill(now)
        total += sum(document.subtotal_minor for document in made.documents)
        now = post(now, made)

    exact = Fraction(minor * sum(weights), whole)
    assert abs(total - exact) < 1
    assert in_part or total == minor


def test_shares_of_other_projects_are_of_another_price():
    rows = [share("1/3", "A", project="North"), share("1/3", "B", project="South")]

    assert lines(bill(of_fees(*rows))) == [("A: 1/3 of 700.00 CAD", "233.33"), ("B: 1/3 of 700.00 CAD", "233.33")]


def test_a_share_and_what_is_complete_by_now_are_of_one_price():
    rows = [share("30%", "Deposit", "9000"), share("to 35%", "Website", "9000", on="2026-10-20")]

    assert [amount for _, amount in lines(bill(of_fees(*rows)))] == ["2700.00", "450.00"]


def test_what_was_billed_of_a_row_that_is_gone_counts():
    before = post(of_fees(share("to 10%", "Start", "9000")))
    after = with_fees(before, share("to 35%", "More", "9000"))

    assert [amount for _, amount in lines(bill(after))] == ["2250.00"]


def test_less_complete_than_billed_is_a_credit():
    before = post(of_fees(share("to 35%", "Website", "9000")))
    after = with_fees(before, share("to 30%", "Website", "9000"))

    assert [(one.kind, one.subtotal_minor) for one in bill(after).documents] == [("credit-memo", -45000)]


def test_a_price_lowered_below_what_was_billed_blocks_the_next_share():
    before = post(of_fees(share("50%", "A"), share("50%", "B", on="2027-01-01")))
    rows = (share("50%", "A", "300"), share("50%", "B", "300"))
    made = bill(with_fees(before, *rows))

    assert [[one.code for one in document.problems] for document in made.documents] == [["over-the-price"]]


def estimate(state: str = "accepted", total_minor: int = 900_000, **more: Any) -> Estimate:
    fields = {"id": "5", "number": "1023", "customer": "hydro", "currency": "CAD"} | more
    return Estimate(total_minor=total_minor, state=state, **fields)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ([], "estimate-unknown"),
        ([estimate(customer="Acme")], "estimate-unknown"),
        ([estimate("deleted")], "estimate-unknown"),
        ([estimate("pending")], "estimate-not-accepted"),
        ([estimate("rejected")], "estimate-not-accepted"),
        ([estimate(), estimate(id="6")], "estimate-ambiguous"),
        ([estimate(currency="USD")], "currency-mismatch"),
    ],
)
def test_an_estimate_that_cannot_be_billed_is_a_problem_with_its_fix(known: list[Estimate], expected: str):
    [problem] = bill(of_fees(share("30%", of="estimate:1023"), estimates=tuple(known))).problems

    assert (problem.code, bool(problem.fix), problem.warning) == (expected, True, False)


def test_an_estimate_is_asked_for_only_when_a_share_of_it_is_due():
    assert bill(of_fees(share("30%", of="estimate:1023", on="2027-01-01"))).problems == ()


def test_a_rejected_estimate_beside_an_accepted_one_of_the_same_number_does_not_count():
    known = (estimate("rejected", 5), estimate(id="6"))

    assert lines(bill(of_fees(share("30%", of="estimate:1023"), estimates=known))) == [
        ("Design: 30% of estimate 1023", "2700.00")
    ]


def test_an_estimate_lowered_below_what_was_billed_holds_the_next_share():
    before = post(of_fees(share("50%", "A", "estimate:1023"), estimates=(estimate(),)))
    rows = (share("50%", "A", "estimate:1023"), share("50%", "B", "estimate:1023"))
    lowered = replace(with_fees(before, *rows), estimates=(estimate(total_minor=300_000),))
    [document] = bill(lowered).documents

    assert (document.subtotal_minor, [hold.code for hold in document.holds]) == (150_000, ["over-estimate"])


def test_a_share_is_said_in_french():
    before = of_fees(
        share("30%", "Acompte", "9000"), share("to 35%", "Site", "estimate:1023", on="2026-10-20"),
        language="fr-CA", estimates=(estimate(),),
    )  # fmt: skip

    assert [text for text, _ in lines(bill(before))] == [
        "Acompte\u00a0: 30\u00a0% de 9000,00 CAD",
        "Site\u00a0: jusqu'à 35\u00a0% du devis 1023",
    ]


def test_why_a_share_is_what_it_is_is_kept_with_it():
    before = post(of_fees(share("to 10%", "Start", "9000")))
    made = bill(replace(with_fees(before, share("to 35%", "More", "9000", on="done:42")), tasks=_done("42", "11-09")))
    [row] = made.documents[0].fees

    assert [say(one, "en") for one in row.reason.steps] == [
        "The task 42 was done on 2026-11-09.",
        "35% of 9000.00 CAD are complete, less 900.00 CAD of that price that were billed before.",
    ]


def _done(name: str, on: str) -> dict[tuple[str, str], Task]:
    one = task(name, on)
    return {one.key: one}


def test_a_share_in_more_digits_than_its_currency_has_is_a_problem():
    problems: list[Problem] = list(bill(of_fees(share("50%", of="9.005"))).problems)

    assert [one.code for one in problems] == ["too-many-decimals"]
