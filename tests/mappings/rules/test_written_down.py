"""Time that was written down, and what happens to its entry afterwards."""

from __future__ import annotations

from dataclasses import replace

from mappings.documents import Posted
from mappings.rules.billing import bill
from mappings.settings import Rounding
from mappings.world import Entry, World
from tests.mappings.rules.worlds import amounts, client, codes, edited, entry, later, minutes, post, world

HOUR = 3600


def wrote_off(before: World, seconds: int, now: Entry) -> World:
    """A person has written off what is unbilled of an entry: a row of its own, for nothing."""
    posted = before.ledger[-1]
    row = replace(
        posted.allocation,
        revision=now.revision,
        effect="written-down",
        seconds=seconds,
        billed_seconds=seconds,
        amount_minor=0,
        line=None,
        rounding=Rounding(),
        rounding_group="",
    )
    return replace(before, ledger=(*before.ledger, Posted("W-1", "", posted.period_last, row)))


def wrote_off_all(before: World) -> World:
    """The document of the last entry was voided, and what it billed is written off."""
    posted = before.ledger[-1]
    row = posted.allocation
    back = replace(
        row, seconds=-row.seconds, billed_seconds=-row.billed_seconds, amount_minor=-row.amount_minor, line=None
    )
    taken_back = replace(before, ledger=(*before.ledger, replace(posted, allocation=back)))
    return wrote_off(taken_back, row.seconds, Entry(before.entries[-1].work, row.revision))


def test_only_what_was_added_after_a_write_off_is_billed():
    first = entry("1", "10-05", 2)
    now = wrote_off_all(post(world([first])))
    assert bill(later(now, "12-03")).documents == ()

    longer = edited(first, 3)
    now = later(now, "12-03", longer)
    assert amounts(bill(now)) == {("Hydro", "2026-11"): ["84.00"]}


def test_what_was_written_down_is_the_first_to_go():
    first = entry("1", "10-05", 2)
    longer = edited(first, 3)
    now = post(later(wrote_off_all(post(world([first]))), "12-03", longer))

    shorter = edited(longer, 1.5)
    now = later(now, "2027-01-03", shorter)
    assert amounts(bill(now)) == {("Hydro", "2026-12"): []}
    now = later(post(now), "2027-02-03", edited(shorter, 0.5))
    assert amounts(bill(now)) == {("Hydro", "2027-01"): ["-42.00"]}


def test_no_more_is_credited_than_was_billed():
    first = entry("1", "10-05", 2)
    longer = edited(first, 5)
    now = wrote_off(later(post(world([first])), "12-03", longer), 3 * HOUR, longer)

    now = later(now, "12-03", edited(longer, 1))
    assert amounts(bill(now)) == {("Hydro", "2026-11"): ["-84.00"]}


def test_a_move_to_another_client_takes_along_what_is_not_written_down():
    first = entry("1", "10-05", 2)
    longer = edited(first, 3)
    two = world([first], clients=[client("Hydro", "Hydro"), client("Acme", "Acme")])
    now = wrote_off(later(post(two), "12-03", longer), HOUR, longer)

    now = later(now, "12-03", edited(longer, client="Acme"))
    assert amounts(bill(now)) == {("Hydro", "2026-11"): ["-168.00"], ("Acme", "2026-10"): ["168.00"]}
    assert bill(post(now)).documents == ()


def test_a_shortening_that_was_written_off_is_made_up_first():
    first = entry("1", "10-05", 4)
    shorter = edited(first, 3.5)
    now = wrote_off(later(post(world([first])), "12-03", shorter), -HOUR // 2, shorter)
    assert bill(now).documents == ()

    assert amounts(bill(later(now, "12-03", edited(shorter, 5)))) == {("Hydro", "2026-11"): ["84.00"]}
    assert amounts(bill(later(now, "12-03", edited(shorter, 3)))) == {("Hydro", "2026-11"): ["-42.00"]}


def test_time_that_was_written_down_is_not_rounded_with_its_day():
    first = minutes("1", "10-05", 50)
    now = wrote_off_all(post(world([first], rounding=(15, "up", "day"))))

    longer = edited(first, 58 / 60)
    now = later(now, "12-03", longer)
    made = bill(now)
    assert amounts(made) == {("Hydro", "2026-11"): ["21.00"]}
    assert codes(bill(post(now))) == {}
