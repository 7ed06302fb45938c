"""Premiums and midnights in random worlds; and the cut, second by second, against a clock that is read each second."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import event, given, settings
from hypothesis import strategies as st

from mappings.rules.billing import bill
from mappings.rules.premiums import Premiums, pieces
from mappings.tables.premiums import read_when
from mappings.world import Entry, World
from tests.mappings.rules.test_properties import EXAMPLES, edits, worlds
from tests.mappings.rules.worlds import day, edited, entry, later, post, premium, retainer

PREMIUMS = [
    premium("after-hours", "Mon-Fri 17:00-09:00", factor="1.5"),
    premium("night", "22:00-02:00", add="33.33"),
    premium("weekend", "weekend", factor="2"),
    premium("overtime", "daily-over 4h", factor="1.75"),
    premium("week", "weekly-over 10h", add="25"),
    premium("helpdesk", service="Support", rate="70"),
    premium("holiday", "holiday", factor="2.5", client="Hydro"),
]
TORONTO = ZoneInfo("America/Toronto")
CLOCKS = st.sampled_from([None, None, "00:00", "07:30", "15:50", "16:59", "21:00", "23:30"])


@st.composite
def at_times(draw: st.DrawFn, before: World) -> World:
    """The same work, some of it with clock times."""
    now = []
    for one in before.entries:
        clock = draw(CLOCKS)
        start = None
        if clock is not None:
            local = datetime.fromisoformat(f"{one.work.worked_on}T{clock}").replace(tzinfo=TORONTO)
            start = local.astimezone(UTC)
        changed = start != one.work.started_at
        now.append(Entry(replace(one.work, started_at=start), one.revision + changed, one.deleted))
    return replace(before, entries=tuple(now))


def with_premiums(before: World, rows: list[object], split: bool, hours: str | None) -> World:
    retainers = before.tables.retainers
    if hours is not None:
        retainers = (retainer(hours, "200", "Hydro", valid_from="2026-09-01"), *retainers[1:])
    tables = replace(before.tables, premiums=tuple(rows), retainers=retainers, holidays=())
    billing = replace(before.company.billing, day_split="split" if split else "start")
    return replace(before, tables=tables, company=replace(before.company, billing=billing))


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.data())
def test_no_second_or_cent_is_lost_through_edits_of_work_with_premiums(data):
    rows = data.draw(st.lists(st.sampled_from(PREMIUMS), max_size=4, unique_by=lambda row: row.name))
    hours = data.draw(st.sampled_from([None, "0.5", "3"]))
    now = with_premiums(data.draw(worlds()), rows, data.draw(st.booleans()), hours)
    now = data.draw(at_times(now))
    for _ in range(3):
        made = bill(now)
        shuffled = replace(now, entries=tuple(data.draw(st.permutations(now.entries))))
        assert bill(shuffled) == made
        now = post(now, made)
        again = bill(now)
        assert [one.key for one in again.documents if not one.problems] == []
        if any(posted.allocation.offset_seconds is not None for posted in now.ledger):
            event("cut by a premium")
        if any(posted.allocation.part > 1 for posted in now.ledger):
            event("cut at midnight")
        now = data.draw(at_times(data.draw(edits(now))))


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.data())
def test_what_is_deleted_in_the_end_is_taken_back_to_the_second_and_cent(data):
    rows = data.draw(st.lists(st.sampled_from(PREMIUMS), min_size=1, max_size=4, unique_by=lambda row: row.name))
    now = with_premiums(data.draw(worlds()), rows, data.draw(st.booleans()), None)
    billing = replace(now.company.billing, changed_after_posting="adjust", late_work="next-invoice")
    tables = replace(now.tables, retainers=(), fixed_fees=())
    now = replace(now, company=replace(now.company, billing=billing), tables=tables)
    now = post(data.draw(at_times(now)))
    now = post(data.draw(at_times(data.draw(edits(now)))))
    gone = [edited(one, deleted=True) for one in now.entries]
    now = post(later(now, "2027-03-03", *gone))
    totals: Counter[str] = Counter()
    for posted in now.ledger:
        row = posted.allocation
        totals["seconds"] += row.seconds
        totals["billed"] += row.billed_seconds
        totals["cents"] += row.amount_minor

    assert set(totals.values()) <= {0}


WHENS = [
    "Mon-Fri 17:00-09:00", "outside Mon-Fri 09:00-17:00", "weekend", "00:30-01:30", "Sun 01:15-03:45", "02:30-02:45",
    "Sat-Mon 23:00-01:10", "outside 00:00-24:00", "Fri 00:00-24:00", "holiday",
]  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.lists(st.sampled_from(WHENS), min_size=1, max_size=4, unique=True),
    st.sampled_from([date(2026, 3, 7), date(2026, 10, 31), date(2026, 10, 30), date(2026, 6, 23)]),
    st.integers(0, 24 * 60),
    st.integers(1, 30 * 60),
)
def test_the_cut_agrees_with_a_clock_that_is_read_each_minute(whens: list[str], on: date, begins: int, length: int):
    start = datetime(on.year, on.month, on.day, tzinfo=TORONTO).astimezone(UTC) + timedelta(minutes=begins)
    rows = tuple(premium(text, text, rate=str(100 + number)) for number, text in enumerate(whens))
    premiums = Premiums(rows, ())
    premiums.holidays = {day("06-24"): ""}

    work = replace(entry("1", "10-01", 0).work, started_at=start, seconds=length * 60)
    base = rows[0].rate * 0 + 80
    found = {}
    for piece in pieces(work, base, premiums.of("x", "y", on), {}, premiums.holidays, TORONTO):
        assert piece.begins % 60 == 0
        for minute in range(piece.begins // 60, (piece.begins + piece.seconds) // 60):
            found[minute] = piece.rate
    wanted = {}
    for minute in range(length):
        local = (start + timedelta(minutes=minute)).astimezone(TORONTO)
        rates = [row.rate for row, text in zip(rows, whens, strict=True) if _holds(text, local)]
        wanted[minute] = max(rates, default=base)

    assert found == wanted


def _holds(text: str, local: datetime) -> bool:
    """What a cell says of one instant, read from the clock on the wall."""
    if text == "weekend":
        return local.isoweekday() > 5
    if text == "holiday":
        return (local.month, local.day) == (6, 24)
    inside = text.removeprefix("outside ")
    days, _, window = inside.rpartition(" ")
    first, _, last = window.partition("-")
    names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    start, _, end = days.partition("-")
    ours = {0, 1, 2, 3, 4, 5, 6}
    if days:
        at, to = names.index(start), names.index(end or start)
        ours = {at} if at == to else {number % 7 for number in range(at, to + 1 if to > at else to + 8)}
    clock = f"{local:%H:%M}"
    today, before = local.weekday() in ours, (local.weekday() - 1) % 7 in ours
    held = today and first <= clock < last if first < last else (today and clock >= first) or (before and clock < last)
    return held != text.startswith("outside")


def test_each_cell_of_the_windows_is_one_that_the_table_takes():
    assert [read_when(text).written for text in WHENS] == WHENS
