"""Each step that rules keep, as one scenario's ledger tells it; what no scenario can show is named."""

from __future__ import annotations

from functools import cache

import pytest

from mappings.steps import _SENTENCES, Step, say
from tests.mappings.scenarios.reading import FOLDERS, bill_steps, read_expected

SHOWN = {
    "weaker-blank": ("rate_precedence", "mappings/rates.csv:2"),
    "weaker-pattern": ("project_and_task_rates", "(125.00), which names the task by a pattern"),
    "other-currency": ("weekly_in_dollars_and_french", "mappings/rates.csv:2 (84.00), which is in CAD"),
    "source-rate": ("source_rates_fallback", '55.50 CAD, which counts by source_rates = "fallback".'),
    "late": ("late_work", "It came after its period was billed"),
    "silence-approves": ("client_must_approve_hours", "within 5 days after 2026-10-31: treated as approved."),
    "split-at-midnight": ("day_split_at_a_month_s_end", "over midnight: 4.00 h of its 6.00 h are of 2026-11-01."),
    "increments": ("increments_by_entry", "Increments: 0.82 h worked are billed as 1.00 h."),
    "premium": (
        "premium_added",
        "Premium On site (always, mappings/premiums.csv:2): 2.00 h at 92.50 instead of 80.00.",
    ),
    "premium-lost": ("premium_highest_wins", "applied as well; its 120.00 is not higher than that of Emergency."),
    "covered": ("block_bought_and_lapsed", "4.00 h are covered in its term."),
    "covered-at-premium": ("block_oldest_first", "1.60 h at a premium draw 2.00 h and are covered in its term."),
    "covered-now-extra": ("retainer_net_ends_short", "2.00 h covered in 2026-10 are now extra."),
    "extra": ("block_oldest_first", "0.80 h are over the hours of its term: extra."),
    "extra-pro-rata": ("retainer_drawn_pro_rata", "3.00 h are this entry's part of what is over the hours of 2026-10"),
    "extra-rate": ("block_oldest_first", "Extra costs 85 CAD an hour (mappings/retainers.csv:2)"),
    "extra-now-covered": ("retainer_over_its_hours", "Less work in 2026-10: 1.00 h of extra are now covered."),
    "item": ("expense_at_a_rate", "120 at 0.58 CAD."),
    "item-rebate": ("expense_with_rebate_and_markup", "Less a rebate of 10 %."),
    "item-markup": ("expense_with_rebate_and_markup", "Plus its category's markup of 8 %."),
    "changed": ("hours_edited_after_posting", "4.00 h were billed, 3.60 h are owed."),
    "item-changed": ("expense_corrected_after_posting", "3 were billed, 2 are owed."),
    "item-repriced": ("expense_corrected_after_posting", "taken back at the old one and billed at the new one."),
    "deleted": ("deleted_after_posting_takes_back_its_cents", "Deleted in the source"),
    "moved": ("moved_to_another_client", "changed in the source: what was billed is taken back."),
    "within-cap": ("cap_reached_in_the_middle_of_an_entry", "by this entry: 117.00 CAD of it are billed."),
    "within-cap-hours": ("cap_in_hours_anew_each_month", "by this entry: 1.00 h of it are billed."),
    "over-cap": ("cap_reached_in_the_middle_of_an_entry", "(mappings/caps.csv:2): 79.00 CAD are written down."),
    "over-cap-hours": ("cap_in_hours_anew_each_month", "(mappings/caps.csv:2): 1.00 h are written down."),
    "discount": ("discount_after_the_cap", "10 % of 300.00 comes off."),
    "discount-amount": (
        "discount_in_thirds",
        "100.00 come off the document; the lines of this part of it sum to 98.00.",
    ),
    "discount-on-gross": ("discount_on_gross", "It stands outside tax"),
    "milestone": ("milestone_when_its_task_is_done", "The task 42 was done on 2026-11-18."),
    "share": ("share_in_thirds", "1/3 of 700.00 CAD; 466.67 CAD of that price were billed before."),
    "share-so-far": ("estimate_complete_so_far", "35% of 9000.00 CAD are complete, less 900.00 CAD"),
    "prorated": ("fixed_fee_prorated_calendar", "in force from 2026-10-20 to 2026-10-31: 12 of 31 days."),
    "prorated-30": ("spend_prorated_30", "11 of 30 days, each month having 30."),
    "days-not-served": ("fixed_fee_until_set_back", "from 2026-10-22 to 2026-10-31 were billed and are credited."),
    "deposit": ("deposit_invoiced_paid_drawn", "a liability until it is drawn, never income."),
    "deposit-drawn": ("deposit_invoiced_paid_drawn", "386.32 of the deposit pay open invoices; 113.68 of it are left."),
    "true-up": ("spend_prorated_30", "84.00 were used of the minimum of 159.13 for 2026-10."),
    "true-up-changed": ("spend_late_usage", "420.00 are used by now of the minimum of 500.00 for 2026-10; 164.00"),
}
ELSEWHERE = {
    *("not-billable-now", "days-added"),  # tests/mappings/rules/test_steps_of_changes.py
    *("written-off", "taken-back", "adopted-by-lines"),  # Made by the engine: decisions of a person, adoption.
    *(
        "rerated",
        "lent-rate",
        "lent-share",
        "lent-back",
    ),  # Of what more than one company, or a decision, is needed for.
}
"""Steps that no scenario's ledger holds."""


@cache
def steps_of(name: str) -> tuple[Step, ...]:
    """All steps on the ledger of a scenario."""
    (folder,) = [folder for folder in FOLDERS if folder.name == name]
    return tuple(
        one
        for billed in bill_steps(folder, read_expected(folder))
        for document in billed.made.documents
        for row in (*document.allocations, *document.fees)
        for one in (*row.reason.steps, row.reason.runner_up)
        if isinstance(one, Step)
    )


@pytest.mark.parametrize("code", SHOWN)
def test_a_step_tells_what_its_scenario_is_about(code: str):
    name, sentence = SHOWN[code]
    told = {say(one, "en-CA") for one in steps_of(name) if one.code == code}

    assert [one for one in told if sentence in one], told


def test_every_step_is_shown_by_a_scenario_or_elsewhere():
    assert set(SHOWN) | ELSEWHERE == set(_SENTENCES)
    assert set(SHOWN) & ELSEWHERE == set()
