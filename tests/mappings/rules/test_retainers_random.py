"""Random histories of work under retainers of every policy: hours always add up, and nothing is billed twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.rows import RetainerRow, Unused
from mappings.rules.billing import bill
from mappings.world import Entry, World
from tests.mappings.rules.test_retainers_roll_over import assert_balanced
from tests.mappings.rules.worlds import edited, entry, hours_of, later, post, premium, rate, retainer, world

DAYS = ("2026-11-03", "2026-12-03", "2027-01-04", "2027-02-03", "2027-03-03")
WAYS = (
    Unused(),
    Unused("carry-1-month"),
    Unused("carry-max", most_seconds=9000),
    Unused("carry-until", until=date(2026, 12, 10)),
    Unused("net"),
)


@st.composite
def rows(draw: Any) -> list[RetainerRow]:
    """One to three retainers of one client."""
    found = []
    for number in range(draw(st.integers(1, 3))):
        more: dict[str, Any] = {"name": f"R{number}", "services": draw(st.sampled_from(("", "X", "X|Night")))}
        if draw(st.booleans()):
            more["extra_rate"] = draw(st.sampled_from(("50", "83.33")))
        if draw(st.booleans()):
            more["valid_until"] = draw(st.sampled_from(("2026-12-31", "2026-12-10", "2027-01-31")))
        if draw(st.integers(0, 2)):
            more |= {
                "unused": draw(st.sampled_from(WAYS)),
                "draw": draw(st.sampled_from(("chronological", "pro-rata"))),
            }
            more["every"] = draw(st.sampled_from(("month", "month", "week", "quarter")))
            more["prorate"] = draw(st.sampled_from(("no", "calendar", "30+hours")))
        else:
            more["kind"] = "block"
        hours = draw(st.sampled_from(("2", "3.5", "7")))
        fee = draw(st.sampled_from(("0", "100")))
        found.append(retainer(hours, fee, valid_from=draw(st.sampled_from(("2026-10-01", "2026-10-17"))), **more))
    return found


@st.composite
def work(draw: Any, number: int, until: date) -> Entry:
    """One entry of up to three hours on any day before."""
    day = date(2026, 10, 1) + timedelta(days=draw(st.integers(0, (until - date(2026, 10, 1)).days - 1)))
    minutes = draw(st.sampled_from((20, 47, 60, 90, 180, 180, 400, -30)))
    service = draw(st.sampled_from(("X", "Y", "Night")))
    made = entry(str(number), day.isoformat(), 0, service=service)
    return replace(made, work=replace(made.work, seconds=minutes * 60))


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_hours_add_up_through_any_history(data: st.DataObject) -> None:
    premiums = [premium("Night", service="Night", factor="1.3")]
    per = data.draw(st.sampled_from(("client", "person")))
    rates = [rate("77"), rate("60", service="Y")]
    now = world([], DAYS[0], retainers=data.draw(rows()), rates=rates, premiums=premiums, one_invoice_per=per)
    count = 0
    for today in DAYS:
        changes = []
        for _ in range(data.draw(st.integers(0, 4))):
            count += 1
            changes.append(data.draw(work(count, date.fromisoformat(today))))
        # A correction that is taken back takes hours even where they were handed on: its reversal is exact.
        some = [one for one in now.entries if one.work.seconds > 0 and data.draw(st.integers(0, 3)) == 0]
        changes += [_changed(data.draw, one) for one in some]
        now = post(later(now, today, *changes))
        assert_balanced(now)
        assert_sound(now)
        again = bill(now)
        assert not again.documents


def _changed(draw: Any, one: Entry) -> Entry:
    minutes = draw(st.sampled_from((0, 30, 125, 240)))
    return edited(one, deleted=not minutes, seconds=minutes * 60 or one.work.seconds)


def assert_sound(now: World) -> None:
    """Nothing below zero but under `net`, and of each entry its seconds exactly once."""
    net = {f"|{row.name}" for row in now.tables.retainers if row.unused.kind == "net"}
    for (key, period), (opening, bought, _, lapsed, closing) in hours_of(now).items():
        if not any(key.endswith(name) for name in net):
            assert min(opening, bought, lapsed, closing) >= 0, (key, period, hours_of(now))
    for one in now.entries:
        billed = sum(row.allocation.seconds for row in now.ledger if row.allocation.entry == one.work.id)
        standing = 0 if one.deleted else one.work.seconds
        waits = sum(made.seconds for made in bill(now).standings if made.entry == one.work.id)
        assert billed + waits == standing
