"""What holds in every world: each second exactly once, order does not matter, running twice is running once.

`bill` itself asserts that no second is lost or doubled, and that lines sum to their document, whenever it runs here.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import event, given, settings
from hypothesis import strategies as st

from mappings.rules.billing import bill
from mappings.world import Entry, World
from tests.mappings.rules.worlds import client, entry, fee, later, minutes, post, rate, retainer, service, world

EXAMPLES = int(os.environ.get("SYNCD_EXAMPLES", "25"))
"""Worlds per property; set SYNCD_EXAMPLES higher for a long search."""

DAYS = st.dates(date(2026, 9, 1), date(2026, 11, 30))
HOURS = st.sampled_from([0, 1, 7, 10, 20, 50, 60, 61, 90, 240, 480, -30, -60])
KINDS = st.sampled_from(["", "week", "half-month"])
FIELDS = st.fixed_dictionaries(
    {
        "client": st.sampled_from(["Hydro", "Acme", "Cascades", "Unmapped"]),
        "person": st.sampled_from(["Marie", "Luc"]),
        "project": st.sampled_from(["", "Web"]),
        "task": st.sampled_from(["", "7"]),
        "service": st.sampled_from(["Consultation", "Support", "Free", "Unknown"]),
        "billable": st.sampled_from([True, True, True, False]),
        "sign_off": st.sampled_from(["approved", "approved", "unknown", "refused"]),
    }
)


@st.composite
def entries(draw: st.DrawFn, known: bool = False) -> list[Entry]:
    made = []
    for number in range(draw(st.integers(1, 12))):
        fields = draw(FIELDS)
        if known:
            fields |= {"client": "Hydro", "service": "Consultation", "billable": True, "sign_off": "approved"}
        minutes = draw(HOURS)
        plain = entry(str(number), "10-01", 0, **fields)
        seconds = minutes * 60 + draw(st.integers(0, 2))
        made.append(replace(plain, work=replace(plain.work, worked_on=draw(DAYS), seconds=seconds)))
    return made


@st.composite
def edits(draw: st.DrawFn, before: World) -> World:
    """The world a month later: some entries edited, moved, deleted or brought back, some new."""
    now = []
    for one in before.entries:
        change = draw(st.sampled_from(["", "", "seconds", "fields", "day", "deleted", "note"]))
        work = one.work
        if change == "seconds":
            work = replace(work, seconds=draw(HOURS) * 60)
        elif change == "fields":
            work = replace(work, **draw(FIELDS))
        elif change == "day":
            work = replace(work, worked_on=draw(DAYS))
        elif change == "note":
            work = replace(work, notes="seen")
        changed = change != ""
        now.append(Entry(work, one.revision + changed, change == "deleted" if changed else one.deleted))
    late = draw(entries())
    new = [replace(one, work=replace(one.work, id=f"late-{len(before.entries)}-{one.work.id}")) for one in late]
    next_month = (before.today.replace(day=28) + timedelta(days=7)).replace(day=3)
    return replace(before, entries=(*now, *new), today=next_month)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    applies_to = draw(st.sampled_from(["entry", "day", "line"]))
    retainers = [
        retainer("2", "200", "Hydro", extra_rate="118", valid_from="2026-09-01"),
        retainer("1.5", "100", "Acme", services="Support", every=draw(st.sampled_from(["month", "quarter"]))),
    ]
    fees = [
        fee(
            "434",
            "Hosting",
            "Hydro",
            service="Support",
            every="month",
            on="1",
            valid_from="2026-09-20",
            prorate="calendar",
        ),
        fee("90", "Cover", "Cascades", project="Web", service="Consultation", every="month", covers=True),
    ]
    return world(
        draw(entries()),
        "2026-10-03",
        clients=[client(name, name, period=draw(KINDS)) for name in ("Hydro", "Acme", "Cascades")],
        services=[service("Consultation"), service("Support", "Helpdesk"), service("Free", billable=False)],
        rates=[rate("84.33"), rate("70", person="Luc"), rate("91.17", service="Support", valid_from="2026-10-10")],
        retainers=draw(st.sampled_from([[], retainers])),
        fees=draw(st.sampled_from([[], fees])),
        rounding=(draw(st.sampled_from([0, 15])), draw(st.sampled_from(["up", "nearest", "down"])), applies_to),
        lines_per=draw(st.sampled_from(["service", "entry", "day", "person", "task", "project", "one"])),
        one_invoice_per=draw(st.sampled_from(["client", "project"])),
        client_must_approve_hours=draw(st.booleans()),
        changed_after_posting=draw(st.sampled_from(["adjust", "adjust", "ask", "report"])),
        late_work=draw(st.sampled_from(["next-invoice", "ask"])),
    )  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.data())
def test_no_second_is_lost_or_doubled_through_edits_and_postings(data):
    now = data.draw(worlds())
    for _ in range(3):
        made = bill(now)
        shuffled = replace(now, entries=tuple(data.draw(st.permutations(now.entries))))
        assert bill(shuffled) == made

        posted = post(now, made)
        again = bill(posted)
        blocked = {document.key.client for document in made.documents if document.problems}
        assert [document for document in again.documents if document.key.client not in blocked] == []
        for document in made.documents:
            event(document.kind)
        now = data.draw(edits(posted))


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.data())
def test_after_everything_is_deleted_nothing_is_left_to_pay_but_fees(data):
    now = data.draw(worlds())
    free = replace(now.company.billing, changed_after_posting="adjust", late_work="next-invoice")
    now = replace(now, company=replace(now.company, billing=free))
    for _ in range(2):
        now = data.draw(edits(post(now)))
    gone = tuple(Entry(one.work, one.revision + 1, True) for one in now.entries)
    end = post(later(replace(now, entries=gone), "2027-03-03"))

    totals: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for posted in end.ledger:
        row = posted.allocation
        for at, value in enumerate((row.seconds, row.billed_seconds, row.amount_minor)):
            totals[row.source, row.entry][at] += value
    left = [(document.key, [problem.code for problem in document.problems]) for document in bill(end).documents]
    assert left == []
    assert all(total == [0, 0, 0] for total in totals.values())


@settings(max_examples=EXAMPLES, deadline=None)
@given(entries(known=True), st.data())
def test_any_history_of_edits_ends_at_what_the_final_state_costs(first, data):
    """Increments by entry and one rate: in seconds exactly, in cents within one for each line that edits added."""
    rounding = (data.draw(st.sampled_from([0, 15])), "up", "entry")
    now = world(first, "2026-12-03", rates=[rate("84.33")], rounding=rounding)
    adjustments = 0
    for month in range(1, 4):
        made = bill(now)
        adjustments += sum(len(document.lines) for document in made.documents)
        edited = []
        for one in now.entries:
            work = replace(one.work, seconds=data.draw(HOURS) * 60) if data.draw(st.booleans()) else one.work
            edited.append(Entry(work, one.revision + 1, data.draw(st.integers(0, 9)) == 0))
        now = later(replace(post(now, made), entries=tuple(edited)), f"2027-0{month}-03")
    made = bill(now)
    adjustments += sum(len(document.lines) for document in made.documents)
    end = post(now, made)

    direct = post(replace(end, ledger=(), fees=(), last_posted={}, sequences={}))
    assert sum(row.allocation.seconds for row in end.ledger) == sum(row.allocation.seconds for row in direct.ledger)
    assert sum(row.allocation.billed_seconds for row in end.ledger) == sum(
        row.allocation.billed_seconds for row in direct.ledger
    )
    difference = sum(row.allocation.amount_minor for row in end.ledger) - sum(
        row.allocation.amount_minor for row in direct.ledger
    )
    assert abs(Decimal(difference)) <= adjustments


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.data())
def test_one_clients_work_does_not_influence_another(data):
    now = data.draw(worlds())
    mine = replace(now, entries=tuple(one for one in now.entries if one.work.client == "Hydro"))

    def of_hydro(made):
        return [document for document in made.documents if document.key.client == "Hydro"]

    assert of_hydro(bill(mine)) == of_hydro(bill(now))


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.data())
def test_a_retainer_covers_its_hours_before_anything_is_extra_whatever_is_edited(data):
    sizes = st.sampled_from([0, 10, 20, 45, 60, 90, 120, 240])
    rounding = (data.draw(st.sampled_from([0, 15])), "up", data.draw(st.sampled_from(["entry", "day"])))
    first = [minutes(str(n), f"10-{data.draw(st.integers(1, 9)):02}", data.draw(sizes)) for n in range(4)]
    now = world(
        first,
        "11-03",
        retainers=[retainer("3", "300", extra_rate="118", valid_from="2026-10-01", valid_until="2026-10-31")],
        rounding=rounding,
    )
    for month in ("12", "01", "02", "03"):
        now = post(now)
        covered = sum(row.allocation.billed_seconds for row in now.ledger if row.allocation.effect == "covered")
        extra = sum(row.allocation.billed_seconds for row in now.ledger if row.allocation.effect == "invoiced")
        assert covered == min(3 * 3600, covered + extra)
        event("extra" if extra else "within")

        edited_now = []
        for one in now.entries:
            work = replace(one.work, seconds=data.draw(sizes) * 60) if data.draw(st.booleans()) else one.work
            edited_now.append(Entry(work, one.revision + 1, data.draw(st.integers(0, 5)) == 0))
        edited_now.append(minutes(f"late-{month}", f"10-{data.draw(st.integers(1, 9)):02}", data.draw(sizes)))
        now = later(replace(now, entries=tuple(edited_now)), f"{'2026' if month == '12' else '2027'}-{month}-03")
