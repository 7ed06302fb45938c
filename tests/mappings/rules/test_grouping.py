"""Grouping: on which document work goes, and what becomes of its group when the source or a policy changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mappings.rules.billing import bill
from mappings.world import Bill
from tests.mappings.rules.worlds import client, edited, entry, fee, later, post, rate, retainer, shown, world


def groups(made: Bill) -> list[tuple[str, int, str]]:
    return [(one.key.group, one.subtotal_minor, one.purchase_order) for one in made.documents]


def by_order(*entries: Any, order: str = "", **more: Any) -> Bill:
    return bill(
        world(entries, one_invoice_per="purchase-order", clients=[client("Hydro", purchase_order=order)], **more)
    )


def test_work_that_carries_no_order_is_under_the_clients():
    works = [entry("1", "10-03", 1, purchase_order="P-1"), entry("2", "10-03", 2), entry("3", "10-04", 1)]

    assert groups(by_order(*works, order="P-1")) == [("P-1", 33600, "P-1")]


def test_an_order_that_is_required_and_missing_has_a_document_of_its_own_and_is_held():
    works = [entry("1", "10-03", 1, purchase_order="P-1"), entry("2", "10-03", 2)]
    made = by_order(*works, order="required", hold_when=("no-purchase-order",))

    assert groups(made) == [("", 16800, ""), ("P-1", 8400, "P-1")]
    assert [[hold.code for hold in one.holds] for one in made.documents] == [["no-purchase-order"], []]


def test_the_same_id_in_two_tools_is_two_tasks():
    works = [entry("1", "10-03", 1, task="7"), entry("2", "10-03", 2, task="7", source="desk")]

    assert [group for group, _, _ in groups(bill(world(works, one_invoice_per="task")))] == ["desk:7", "tool:7"]


def test_a_correction_goes_on_a_document_of_the_group_that_was_billed():
    before = world([entry("1", "10-03", 2, project="Dam")], one_invoice_per="project")
    after = later(post(before), "12-03", edited(before.entries[0], 3))
    billing = replace(after.company.billing, one_invoice_per="client")
    [document] = bill(replace(after, company=replace(after.company, billing=billing))).documents

    assert (document.key.group, document.subtotal_minor) == ("Dam", 8400)


def test_work_that_moves_to_another_project_is_taken_back_there_and_charged_here():
    before = world([entry("1", "10-03", 2, project="Dam")], one_invoice_per="project")
    after = later(post(before), "12-03", edited(before.entries[0], project="Grid"))

    assert [(group, amount) for group, amount, _ in groups(bill(after))] == [("Dam", -16800), ("Grid", 16800)]


def test_work_without_a_rate_blocks_only_its_own_document():
    works = [entry("1", "10-03", 1, person="Marie"), entry("2", "10-03", 1, person="Paul")]
    made = bill(world(works, one_invoice_per="person", rates=[rate("84", person="Marie")]))

    assert [(one.key.group, [problem.code for problem in one.problems]) for one in made.documents] == [
        ("Marie", []), ("Paul", ["no-rate"]),
    ]  # fmt: skip


def test_extra_without_a_rate_blocks_the_document_of_its_task():
    works = [entry("1", "10-03", 3, task="7")]
    made = bill(world(works, one_invoice_per="task", rates=[], retainers=[retainer("2", "100", valid_from="10-01")]))

    assert [(one.key.group, [problem.code for problem in one.problems]) for one in made.documents] == [
        ("", []), ("tool:7", ["no-rate"]),
    ]  # fmt: skip


def test_a_fee_of_a_project_joins_its_work_and_another_is_apart():
    fees = [fee("50", project="Dam", on="2026-10-05"), fee("9", "Audit", on="2026-10-05")]
    made = bill(world([entry("1", "10-03", 1, project="Dam")], one_invoice_per="project", fees=fees))

    assert [(one.key.group, one.subtotal_minor) for one in made.documents] == [("", 900), ("Dam", 13400)]


def test_a_line_per_week_of_two_months_is_two_lines():
    works = [entry("1", "09-30", 1), entry("2", "10-01", 2)]
    [document] = bill(world(works, today="10-06", period="week", lines_per="week")).documents

    assert [text for text, _ in shown(document)] == [
        "Consultation, week of 2026-09-28, September 2026",
        "Consultation, week of 2026-09-28, October 2026",
    ]


def test_a_rate_is_told_with_all_its_decimals():
    works = [entry("1", "10-03", 1)]

    def said(amount: str, **more: Any) -> str:
        [document] = bill(world(works, lines_per="rate", rates=[rate(amount, **more)])).documents
        return shown(document)[0][0]

    assert said("84.125") == "Consultation, 84.125 CAD an hour, October 2026"
    assert said("600", unit="day") == "Consultation, 600.00 CAD a day, October 2026"
