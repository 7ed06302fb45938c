"""What holds under any caps, discounts and ways to round: no budget is passed, no second lost, nothing billed twice."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import event, given, settings
from hypothesis import strategies as st

from mappings.rules.billing import bill
from mappings.rules.budgets import Budgets, caps_of
from mappings.world import World
from tests.mappings.rules.test_properties import EXAMPLES, edits, worlds
from tests.mappings.rules.worlds import cap, discount, post

OVER = st.sampled_from(["write-down", "hold"])
DISCOUNTS = [
    discount("7.5", client="*", valid_from="2026-09-15"),
    discount("10", project="Web", base="gross", item="Other"),
    discount(amount="33.33", client="Hydro|Acme"),
]


@st.composite
def limited(draw: st.DrawFn) -> World:
    """Random worlds with caps and discounts."""
    now = draw(worlds())
    caps = [
        cap(
            draw(st.sampled_from(["100", "250.55", "600"])),
            draw(OVER),
            "Hydro",
            every=draw(st.sampled_from(["", "month"])),
        ),
        cap(None, draw(OVER), "*", hours=draw(st.sampled_from(["1", "2.5", "10"])), every="quarter"),
        cap("84.33", draw(OVER), "*", project="Web"),
    ]
    chosen = tuple(one for one in caps if draw(st.booleans()))
    found = tuple(one for one in DISCOUNTS if draw(st.booleans()))
    billing = replace(
        now.company.billing,
        hours=draw(st.sampled_from(["exact", "two-decimals"])),
        round_money=draw(st.sampled_from(["line", "entry"])),
    )
    tables = replace(now.tables, caps=chosen, discounts=found)
    return replace(now, tables=tables, company=replace(now.company, billing=billing))


@settings(max_examples=max(EXAMPLES // 3, 1), deadline=None)
@given(st.data())
def test_no_budget_is_passed_and_no_second_lost_through_edits_and_postings(data):
    now = data.draw(limited())
    for _ in range(3):
        made = bill(now)
        assert bill(replace(now, entries=tuple(data.draw(st.permutations(now.entries))))) == made
        posted = post(now, made)
        blocked = {document.key.client for document in made.documents if document.problems}
        assert [one for one in bill(posted).documents if one.key.client not in blocked] == []
        for row in (row for document in made.documents for row in document.allocations):
            event("written down" if row.cap else row.effect)
        for name in ("Hydro", "Acme", "Cascades"):
            budgets = Budgets(caps_of(posted.tables.caps))
            for one in (one.allocation for one in posted.ledger if one.allocation.terms.client == name):
                budgets.count_posted(one)
            assert [budget for budget in budgets.all() if budget.is_passed] == []
        now = data.draw(edits(posted))
