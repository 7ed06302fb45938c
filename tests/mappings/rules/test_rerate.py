"""Rerate: a rate that changes touches nothing posted, until a person says so; then once, and never what is covered."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from mappings.documents import Document
from mappings.periods import month_of
from mappings.rerates import Rerate
from mappings.rules.billing import bill
from mappings.rules.names import fold
from mappings.rules.rerate_plan import RerateFound, plan_rerates
from mappings.world import Entry, World
from tests.mappings.rules.worlds import (
    cap,
    clocked,
    codes,
    day,
    discount,
    edited,
    entry,
    hours_of,
    later,
    minutes,
    only,
    post,
    premium,
    rate,
    retainer,
    service,
    shown,
    world,
)  # fmt: skip

OCTOBER = month_of(day("10-01"))
LINE = "Adjustment AB-2026-0001: Consultation, October 2026: {} CAD an hour → {} CAD an hour"


def with_tables(before: World, **tables: Any) -> World:
    return replace(before, tables=replace(before.tables, **{name: tuple(rows) for name, rows in tables.items()}))


def plan(before: World) -> RerateFound:
    return plan_rerates(before, OCTOBER, fold("Hydro"))


def decided(before: World) -> World:
    """The same world once a person has decided all that a plan shows: of each entry the latest decision counts."""
    found = plan(before).changes
    kept = [one for one in before.rerates if (one.source, one.entry) not in found]
    return replace(before, rerates=(*kept, *(one for change in found.values() for one in change.wanted)))


def billed(before: World) -> tuple[int, int]:
    """Seconds and cents on the ledger."""
    rows = [posted.allocation for posted in before.ledger]
    return sum(row.seconds for row in rows), sum(row.amount_minor for row in rows)


def dearer(*entries: Entry, amount: str = "90", **more: Any) -> World:
    """October billed, and another rate since; it is December."""
    return with_tables(later(post(world(entries, **more)), "12-02"), rates=[rate(amount)])


def adjustment(before: World) -> Document:
    return only(bill(before))


def test_a_rate_that_changed_bills_nothing_by_itself() -> None:
    made = bill(dearer(entry("1", "10-03", 4)))

    assert (made.documents, made.standings) == ((), ())


def test_what_was_decided_takes_back_the_old_rate_and_charges_the_new_one() -> None:
    before = decided(dearer(entry("1", "10-03", 4), entry("2", "10-05", "2.5")))
    line = LINE.format("84.00", "90.00")

    document = adjustment(before)

    assert shown(document) == [(line, "-546.00"), (line, "585.00")]
    assert [(str(one.quantity), str(one.rate)) for one in document.lines] == [("-6.50000", "84"), ("6.50000", "90")]
    assert billed(post(before)) == (int(6.5 * 3600), 58500)


def test_the_same_decision_twice_bills_once() -> None:
    once = decided(dearer(entry("1", "10-03", 4)))
    assert [change.is_new for change in plan(once).changes.values()] == [False]
    assert [line.decided for line in plan(once).lines] == [True]

    after = later(post(decided(once)), "2027-01-03")

    assert bill(after).documents == ()
    assert plan(after).lines == ()
    assert bill(decided(after)).documents == ()


def test_a_lower_rate_gives_a_credit_memo() -> None:
    document = adjustment(decided(dearer(entry("1", "10-03", 4), amount="80")))

    assert (document.kind, document.subtotal_minor) == ("credit-memo", -1600)


def test_the_reversal_is_the_exact_negative_of_thirds_and_the_line_is_rounded_once() -> None:
    three = [minutes(str(n), "10-03", 20) for n in (1, 2, 3)]
    document = adjustment(decided(dearer(*three, rates=[rate("70")], amount="100")))
    reversed_, charged = [row for row in document.allocations if row.seconds < 0], document.allocations

    assert [row.amount_minor for row in reversed_] == [-2334, -2333, -2333]
    assert [row.amount_minor for row in charged if row.seconds > 0] == [3334, 3333, 3333]


def test_a_later_edit_is_at_the_rate_that_was_decided() -> None:
    one = entry("1", "10-03", 4)
    after = later(post(decided(dearer(one))), "2027-01-03", edited(one, 3))

    assert [money for _, money in shown(adjustment(with_tables(after, rates=[rate("200")])))] == ["-90.00"]


def test_an_edit_before_the_next_document_is_at_the_rate_that_was_decided() -> None:
    one = entry("1", "10-03", 4)
    after = later(decided(dearer(one)), "12-02", edited(one, 3))

    assert sorted(money for _, money in shown(adjustment(after))) == ["-336.00", "-90.00", "360.00"]
    assert billed(post(after)) == (3 * 3600, 27000)


def test_work_that_is_deleted_or_moved_is_taken_back_as_it_was_billed() -> None:
    one, two = entry("1", "10-03", 4), entry("2", "10-04", 1)
    after = later(decided(dearer(one, two)), "12-02", edited(one, deleted=True), edited(two, client="Acme"))
    made = bill(after)

    found = {document.key.client: [money for _, money in shown(document)] for document in made.documents}
    assert found == {"Hydro": ["-336.00", "-84.00"], "Acme": ["90.00"]}


def test_what_is_billed_anew_at_the_old_rate_is_not_meant_by_an_old_decision() -> None:
    one = entry("1", "10-03", 4)
    after = post(later(decided(dearer(one)), "12-02", edited(one, client="Acme")))
    back = with_tables(later(after, "2027-01-03", Entry(one.work, 3)), rates=[rate("84")])

    again = post(back)

    assert bill(later(again, "2027-02-03")).documents == ()


def test_taking_the_rate_back_before_it_is_billed_takes_the_decision_back() -> None:
    after = with_tables(decided(dearer(entry("1", "10-03", 4))), rates=[rate("84")])
    assert [change.is_new for change in plan(after).changes.values()] == [True]

    assert bill(decided(after)).documents == ()


def test_there_and_back_again() -> None:
    there = post(decided(dearer(entry("1", "10-03", 4))))
    back = post(decided(with_tables(later(there, "2027-01-03"), rates=[rate("84")])))

    assert billed(back) == (4 * 3600, 33600)
    assert bill(later(back, "2027-02-03")).documents == ()


def test_covered_hours_stay_covered_and_extra_is_rated_anew() -> None:
    before = world([entry("1", "10-03", 10)], retainers=[retainer("8", "840")])
    after = with_tables(later(post(before), "12-02"), rates=[rate("90")])

    document = adjustment(decided(after))
    amounts = [(line.kind, line.amount_minor) for line in document.lines]

    assert amounts == [("retainer", 84000), ("adjustment", -16800), ("adjustment", 18000)]
    drawn = hours_of(post(decided(after)))
    assert [hours[2] for (_, period), hours in drawn.items() if period == "2026-10"] == [8 * 3600]


def test_extra_has_its_retainer_s_rate() -> None:
    row = retainer("8", "840", extra_rate="118")
    before = world([entry("1", "10-03", 10)], retainers=[row])
    after = later(post(before), "12-02")
    assert plan(with_tables(after, rates=[rate("90")])).lines == ()

    (line,) = plan(with_tables(after, retainers=[replace(row, extra_rate=Decimal(120))])).lines

    assert (line.before_minor, line.after_minor) == (23600, 24000)


def test_a_premium_is_on_the_new_rate_and_its_cut_stays() -> None:
    before = world([clocked("1", "10-03 08:00", 2)], premiums=[premium("weekend", "weekend", factor="1.5")])
    after = with_tables(later(post(before), "12-02"), rates=[rate("90")])

    assert [money for _, money in shown(adjustment(decided(after)))] == ["-252.00", "270.00"]

    without = plan(with_tables(after, premiums=[]))
    assert [problem.code for problem in without.problems] == ["not-rerated"]
    assert without.lines == ()


def test_recorded_increments_stay() -> None:
    before = world([minutes("1", "10-03", 50)], rounding=(15, "up", "entry"))
    after = with_tables(later(post(before), "12-02"), rates=[rate("90")])

    (row,) = [row for row in adjustment(decided(after)).allocations if row.seconds > 0]

    assert (row.seconds, row.billed_seconds, row.amount_minor) == (3000, 3600, 9000)


def test_a_rounded_day_moves_its_seconds_at_the_new_rate() -> None:
    one, two = minutes("1", "10-03", 8), minutes("2", "10-03", 7)
    before = world([one, two], rounding=(15, "up", "day"))
    after = with_tables(later(post(before), "12-02", edited(one, "0.25")), rates=[rate("90")])

    posted = post(decided(after))

    assert billed(posted) == (22 * 60, 4500)
    assert bill(later(posted, "2027-01-03")).documents == ()


def test_a_cap_has_room_again_for_what_is_taken_back() -> None:
    before = world([entry("1", "10-03", 4)], caps=[cap("350")])
    after = with_tables(later(post(before), "12-02"), rates=[rate("90")])

    posted = post(decided(after))

    assert billed(posted) == (4 * 3600, 35000)
    assert bill(later(posted, "2027-01-03")).documents == ()


def test_a_discount_is_taken_back_and_given_again() -> None:
    before = world([entry("1", "10-03", 4)], discounts=[discount("10")])
    after = with_tables(later(post(before), "12-02"), rates=[rate("90")])

    assert adjustment(decided(after)).subtotal_minor == 2400 - 240


def test_a_document_that_was_voided_is_left_alone() -> None:
    before = dearer(entry("1", "10-03", 4))
    frozen = replace(before, frozen=frozenset({("tool", "1")}))

    assert plan(frozen).changes == {}
    assert bill(replace(decided(before), frozen=frozen.frozen)).documents == ()


def test_only_the_worked_days_and_the_client_that_are_asked_for() -> None:
    before = dearer(entry("1", "10-03", 4), entry("2", "09-03", 1), entry("3", "10-03", 1, "Acme"))

    assert {name for _, name in plan(before).changes} == {"1"}
    assert {name for _, name in plan_rerates(before, OCTOBER).changes} == {"1", "3"}


def test_while_the_next_period_runs_no_second_stands_elsewhere() -> None:
    made = bill(replace(decided(dearer(entry("1", "10-03", 4))), today=day("11-20")))

    assert (made.documents, codes(made)) == ((), {})
    assert [money for _, money in shown(made.running[0])] == ["-336.00", "360.00"]


def test_both_lines_of_a_person_s_work_name_the_person() -> None:
    before = world([entry("1", "10-03", 4)], lines_per="person", language="fr-CA")
    after = with_tables(later(post(before), "12-02"), rates=[rate("90")])

    first, _ = shown(adjustment(decided(after)))

    assert first[0] == (
        "Ajustement AB-2026-0001\u00a0: Consultation, Marie, octobre 2026\u00a0: 84,00 CAD l'heure → 90,00 CAD l'heure"
    )


def test_another_unit_is_another_rate() -> None:
    before = world([entry("1", "10-03", "7.5")], services=[service(unit="hour")])
    after = with_tables(later(post(before), "12-02"), rates=[rate("700", unit="day")])

    document = adjustment(decided(after))

    assert [money for _, money in shown(document)] == ["-630.00", "700.00"]


def test_the_values_of_a_decision_can_be_kept() -> None:
    (change,) = plan(dearer(entry("1", "10-03", 4))).changes.values()
    (one,) = change.wanted

    assert isinstance(one, Rerate)
    assert (one.billed.rate, one.wanted.rate, one.documents) == (Decimal(84), Decimal(90), ("AB-2026-0001",))
