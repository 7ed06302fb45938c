"""Caps: a budget that work is admitted under in chronological order."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from mappings.rules.billing import bill
from mappings.steps import say
from mappings.world import Entry, World
from tests.mappings.rules.worlds import (
    amounts,
    cap,
    client,
    clocked,
    codes,
    edited,
    entry,
    expense,
    later,
    lines_of,
    minutes,
    money,
    only,
    post,
    premium,
    rate,
    retainer,
    service,
    world,
)


def under(*caps, hours: float = 2, **more) -> World:
    """October billed 2,483.00 at 98.00, and November has two more hours."""
    before = post(world([entry("0", "10-05", 1)], rates=[rate("2483")], caps=caps, **more))
    tables = replace(before.tables, rates=(rate("98"),))
    return later(replace(before, tables=tables), "12-03", entry("1", "11-10", hours))


def rows(now: World, key: str = "1") -> list[tuple[str, int, int, str]]:
    """What the only document does to an entry."""
    found = [row for row in only(bill(now)).allocations if row.entry == key]
    return sorted((row.effect, row.seconds, row.billed_seconds, money(row.amount_minor)) for row in found)


def test_the_entry_that_reaches_the_cap_is_cut_to_the_cent_and_to_the_second():
    now = under(cap("2600"))
    document = only(bill(now))

    assert [(line.quantity, money(line.amount_minor)) for line in document.lines] == [
        (document.lines[0].quantity, "117.00")
    ]
    assert f"{document.lines[0].quantity}" == "1.19389"  # 4,298 s; 117.00 / 98.00 h are 4,297.96 s.
    assert rows(now) == [("invoiced", 4298, 4298, "117.00"), ("written-down", 2902, 2902, "0.00")]
    said = {row.effect: [say(one, "en") for one in row.reason.steps] for row in document.allocations}
    place = now.tables.caps[0].place
    assert said == {
        "invoiced": [f"The cap Hydro ({place}) is reached by this entry: 117.00 CAD of it are billed."],
        "written-down": [f"Beyond the cap Hydro ({place}): 79.00 CAD are written down."],
    }
    assert bill(post(now)).documents == ()


def test_what_is_beyond_a_cap_that_holds_waits_until_there_is_room():
    now = under(cap("2600", "hold"))
    made = bill(now)
    assert amounts(made) == {("Hydro", "2026-11"): ["117.00"]}
    assert codes(made)["1"] == [("waiting", "drafted", 4298), ("waiting", "over-cap", 2902)]

    posted = later(post(now), "2027-01-03")
    assert codes(bill(posted)) == {"1": [("waiting", "over-cap", 2902)]}
    assert bill(posted).documents == ()
    raised = replace(posted, tables=replace(posted.tables, caps=(cap("5000", "hold"),)))
    assert amounts(bill(raised)) == {("Hydro", "2026-12"): ["79.00"]}
    assert bill(post(raised)).documents == ()


def test_work_beyond_a_cap_is_billed_once_a_person_releases_it():
    posted = later(post(under(cap("2600", "hold"))), "2027-01-03")
    released = replace(posted, released=frozenset({("tool", "1")}))
    assert amounts(bill(released)) == {("Hydro", "2026-12"): ["79.00"]}


def test_held_work_is_no_change_after_posting():
    posted = later(post(under(cap("2600", "hold"), changed_after_posting="report")), "2027-01-03")
    assert codes(bill(posted)) == {"1": [("waiting", "over-cap", 2902)]}


def test_work_beyond_a_cap_that_warns_is_billed_and_says_so():
    made = bill(under(cap("2600", "warn")))
    assert amounts(made) == {("Hydro", "2026-11"): ["196.00"]}
    ((code, what, warning),) = [(one.code, one.what, one.warning) for one in made.problems]
    assert (code, warning) == ("over-cap", True)
    assert what == "The cap Hydro of 2600.00 CAD is passed: 2679.00 CAD, 3.00 h are billed."


def test_a_cap_that_is_just_reached_cuts_nothing():
    assert amounts(bill(under(cap("2679")))) == {("Hydro", "2026-11"): ["196.00"]}
    assert rows(under(cap("2679"))) == [("invoiced", 7200, 7200, "196.00")]


def test_hours_are_cut_to_the_second_and_priced_as_a_line_of_their_own():
    work = [minutes(str(number), f"10-0{number}", 20) for number in (1, 2, 3)]
    now = world(work, rates=[rate("70")], caps=[cap(hours="0.5")])
    document = only(bill(now))
    assert [(line.seconds, money(line.amount_minor)) for line in document.lines] == [(1800, "35.00")]
    whole = world(work, rates=[rate("70")], caps=[cap(hours="0.33334")])
    assert [money(line.amount_minor) for line in only(bill(whole)).lines] == ["23.33"]


def test_work_is_admitted_as_it_was_worked_whatever_line_or_invoice_it_is_on():
    work = [
        entry("late", "10-20", 2, project="A", service="Support"),
        entry("early", "10-06", 2, project="B"),
        entry("middle", "10-10", 2, project="A"),
    ]
    now = world(work, caps=[cap("252")], one_invoice_per="project")
    billed = {row.entry: (row.effect, money(row.amount_minor)) for one in bill(now).documents for row in one.allocations
              if row.effect == "invoiced"}  # fmt: skip
    assert billed == {"early": ("invoiced", "168.00"), "middle": ("invoiced", "84.00")}


def test_a_cap_counts_only_its_project_its_order_and_its_client():
    work = [
        entry("1", "10-06", 2, project="Web", purchase_order="PO-1"),
        entry("2", "10-07", 2, project="Web", purchase_order="PO-2"),
        entry("3", "10-08", 2, project="Site"),
        entry("4", "10-08", 2, client="Acme", project="Web"),
    ]
    assert subtotals(world(work, caps=[cap("100", project="Web")])) == {"Acme": "168.00", "Hydro": "268.00"}
    assert subtotals(world(work, caps=[cap("100", purchase_order="po-*")])) == {"Acme": "168.00", "Hydro": "268.00"}
    assert subtotals(world(work, caps=[cap("100", client="*", project="web")])) == {
        "Acme": "100.00",
        "Hydro": "268.00",
    }
    orders = [client("Hydro", purchase_order="PO-9"), client("Acme")]
    assert subtotals(world(work, clients=orders, caps=[cap("100", purchase_order="PO-9")]))["Hydro"] == "436.00"


def subtotals(now: World) -> dict[str, str]:
    return {document.key.client: money(document.subtotal_minor) for document in bill(now).documents}


def test_of_several_caps_the_tightest_counts():
    work = [entry("1", "10-06", 10, project="Web")]
    both = [cap("500", project="Web"), cap("600"), cap(hours="5", client="Hydro")]
    assert subtotals(world(work, caps=both)) == {"Hydro": "420.00"}
    (row,) = [row for row in only(bill(world(work, caps=both))).allocations if row.effect == "written-down"]
    assert (row.seconds, row.cap) == (5 * 3600, "cap|Hydro|||")


def test_a_cap_per_month_begins_anew_by_the_day_worked():
    work = [entry("1", "10-06", 3), entry("2", "11-06", 3)]
    now = post(world(work[:1], caps=[cap("168", every="month")]))
    late = entry("3", "10-08", 1)
    now = later(now, "12-03", work[1], late)
    assert amounts(bill(now)) == {("Hydro", "2026-11"): ["168.00"]}
    whole = world(work, "12-03", caps=[cap("168", every="quarter")])
    assert [money(document.subtotal_minor) for document in bill(whole).documents] == ["168.00", "0.00"]


def test_what_the_run_drafted_before_counts():
    now = world([entry("1", "10-06", 2), entry("2", "11-06", 2)], "12-03", caps=[cap("252")])
    assert amounts(bill(now)) == {("Hydro", "2026-10"): ["168.00"], ("Hydro", "2026-11"): ["84.00"]}


def test_covered_hours_do_not_count_and_extra_ones_do():
    now = world(
        [entry("1", "10-06", 8), entry("2", "10-07", 2)],
        caps=[cap("100")],
        retainers=[retainer("8", "840", valid_from="10-01", extra_rate="118")],
    )
    assert [money(line.amount_minor) for line in only(bill(now)).lines] == ["840.00", "100.00"]


def test_a_deleted_entry_frees_room_for_what_is_not_yet_written_down():
    now = post(world([entry("1", "10-06", 2), entry("2", "10-07", 2)], caps=[cap("252")]))
    now = later(now, "12-03", edited(now.entries[0], deleted=True), entry("3", "11-05", 5))
    # 252.00 were billed, 168.00 are taken back: there is room for 168.00 of the new five hours.
    assert subtotals(now) == {"Hydro": "0.00"}
    assert rows(now, "2") == []
    assert rows(now, "3") == [("invoiced", 7200, 7200, "168.00"), ("written-down", 10800, 10800, "0.00")]


def test_less_work_gives_up_what_was_written_down_first():
    now = post(under(cap("2600")))
    shorter = later(now, "2027-01-03", edited(now.entries[-1], 1.5))
    assert rows(shorter) == [("written-down", -1800, -1800, "0.00")]
    assert only(bill(shorter)).kind == "settlement"

    shortest = later(now, "2027-01-03", edited(now.entries[-1], 1))
    assert rows(shortest) == [("invoiced", -698, -698, "-19.00"), ("written-down", -2902, -2902, "0.00")]
    assert bill(post(shortest)).documents == ()


def test_more_work_on_a_capped_entry_is_under_the_cap_again():
    now = post(under(cap("2600")))
    longer = later(now, "2027-01-03", edited(now.entries[-1], 3))
    assert rows(longer) == [("written-down", 3600, 3600, "0.00")]

    room = replace(longer, tables=replace(longer.tables, caps=(cap("2649"),)))
    assert lines_of(room) == [("Adjustment AB-2026-0002: 2026-11-10 Marie, Consultation: 1.19 h → 1.69 h", "49.00")]
    assert rows(room) == [("invoiced", 1800, 1800, "49.00"), ("written-down", 1800, 1800, "0.00")]
    assert bill(post(room)).documents == ()


def test_work_that_was_wholly_written_down_goes_on_at_its_own_rate():
    now = post(world([entry("1", "10-06", 2), entry("2", "10-07", 2)], caps=[cap("168")]))
    tables = replace(now.tables, caps=(), rates=(rate("200"),))
    longer = later(replace(now, tables=tables), "12-03", edited(now.entries[1], 3))
    assert lines_of(longer) == [("Adjustment AB-2026-0001: 2026-10-07 Marie, Consultation: 0.00 h → 1.00 h", "84.00")]


def test_increments_of_a_capped_entry_are_those_of_the_whole():
    now = post(world([minutes("1", "10-06", 130)], caps=[cap("84")], rounding=(15, "up", "entry")))
    longer = later(now, "12-03", edited(now.entries[0], 132 / 60))
    assert rows(longer) == [("invoiced", 120, 0, "0.00")]
    shorter = later(now, "12-03", edited(now.entries[0], 1))
    assert sum(billed for _, _, billed, _ in rows(shorter)) == -75 * 60
    assert bill(post(shorter)).documents == ()


def test_a_capped_entry_of_a_rounded_day_keeps_its_place_in_it():
    now = post(world([minutes("1", "10-06", 50)], caps=[cap("42")], rounding=(15, "up", "day")))
    late = later(now, "12-03", minutes("2", "10-06", 8))
    made = bill(late)
    assert amounts(made).get(("Hydro", "2026-11"), []) == []
    assert bill(post(late)).documents == ()


def test_a_capped_entry_that_moves_is_charged_whole_there_and_taken_back_here():
    both = [client("Hydro", "Hydro"), client("Acme", "Acme")]
    now = post(world([entry("1", "10-06", 2)], caps=[cap("100")], clients=both))
    moved = later(now, "12-03", edited(now.entries[0], client="Acme"))
    assert amounts(bill(moved)) == {("Acme", "2026-10"): ["168.00"], ("Hydro", "2026-11"): ["-100.00"]}
    assert bill(post(moved)).documents == ()


def test_a_note_on_a_capped_entry_changes_nothing():
    now = post(under(cap("2600")))
    assert bill(later(now, "2027-01-03", edited(now.entries[-1], notes="seen"))).documents == ()


def test_negative_time_is_counted_in_its_turn():
    work = [entry("1", "10-06", 3), entry("2", "10-07", -1), entry("3", "10-08", 2)]
    now = world(work, caps=[cap("252")])
    # 252.00 reach the cap, −84.00 make room for one of the last two hours.
    assert subtotals(now) == {"Hydro": "252.00"}
    assert rows(now, "3") == [("invoiced", 3600, 3600, "84.00"), ("written-down", 3600, 3600, "0.00")]


def test_over_budget_holds_the_document_in_which_work_passes_a_cap():
    for over in ("write-down", "warn", "hold"):
        (held,) = only(bill(under(cap("2600", over), hold_when=("over-budget",)))).holds
        assert held.code == "over-budget"
        assert only(bill(under(cap("5000", over), hold_when=("over-budget",)))).holds == ()
    assert only(bill(under(cap("2600")))).holds == ()


def test_order_of_entries_does_not_matter():
    work = [entry(str(number), "10-06", 1 + number / 7) for number in range(6)]
    caps = [cap("300"), cap(hours="5", every="week", over="hold")]
    now = world(work, caps=caps)
    assert bill(now) == bill(replace(now, entries=now.entries[::-1]))


def test_a_cap_in_another_currency_blocks_its_client():
    made = bill(world([entry("1", "10-06", 1)], caps=[cap("100", currency="USD")]))
    assert [problem.code for problem in made.documents[0].problems] == ["currency-mismatch"]


def test_products_count_and_expenses_do_not():
    products = [
        entry("licence", "10-06", 0, kind="product", quantity=Decimal(3), amount=Decimal(100), service="Licence"),
        entry("train", "10-05", 0, kind="expense", amount=Decimal(80), service="Travel"),
    ]
    tables = {"services": [service("Licence")], "expenses": [expense("Travel")]}
    now = world(products, caps=[cap("250")], **tables)
    found = [
        (row.entry, row.effect, row.scaled_quantity, money(row.amount_minor)) for row in only(bill(now)).allocations
    ]
    assert found == [
        ("train", "invoiced", 100_000, "80.00"),
        ("licence", "written-down", 50_000, "0.00"),
        ("licence", "invoiced", 250_000, "250.00"),
    ]
    posted = post(now)
    assert bill(posted).documents == ()
    work = posted.entries[0].work
    fewer = later(posted, "12-03", Entry(replace(work, quantity=Decimal(2)), 2))
    assert amounts(bill(fewer)) == {("Hydro", "2026-11"): ["-50.00"]}
    more = later(posted, "12-03", Entry(replace(work, quantity=Decimal(4)), 2))
    assert amounts(bill(more)) == {("Hydro", "2026-11"): []}


def test_a_product_beyond_a_cap_that_holds_waits_by_its_quantity():
    licence = entry("1", "10-06", 0, kind="product", quantity=Decimal(4), amount=Decimal(100), service="Licence")
    now = post(world([licence], services=[service("Licence")], caps=[cap("250", "hold")]))
    (waits,) = bill(later(now, "12-03")).standings
    assert (waits.code, waits.seconds, waits.scaled_quantity) == ("over-cap", 0, 150_000)
    raised = replace(now, tables=replace(now.tables, caps=()))
    assert amounts(bill(later(raised, "12-03"))) == {("Hydro", "2026-11"): ["150.00"]}


def test_an_entry_of_two_rates_is_cut_in_the_order_of_its_hours_and_the_rest_is_billed_at_theirs():
    evening = premium("after-hours", "Mon-Fri 17:00-09:00", factor="1.5")
    work = clocked("1", "10-06 15:00", 4)
    now = post(world([work], premiums=[evening], caps=[cap("84", "hold")]))
    assert [(row.allocation.billed_seconds, row.allocation.terms.premium) for row in now.ledger] == [(3600, "")]
    now = later(now, "12-03")
    assert codes(bill(now)) == {"1": [("waiting", "over-cap", 10800)]}
    raised = replace(now, tables=replace(now.tables, caps=()))
    assert amounts(bill(raised)) == {("Hydro", "2026-11"): ["252.00", "84.00"]}


def test_a_line_that_only_hours_cut_is_hours_times_rate_though_an_amount_warns():
    # Two entries of one line share its cents: alone, the first has a cent less than its hour and a half at 83.33.
    work = [minutes("1", "10-05", 90), minutes("2", "10-06", 80)]
    now = world(work, rates=[rate("83.33")], caps=[cap(None, hours="1.5"), cap("50", "warn")])
    assert lines_of(now) == [("Consultation, October 2026", "125.00")]


def test_a_line_that_hours_cut_passes_no_amount_by_a_cent():
    work = [minutes("1", "10-05", 90), minutes("2", "10-06", 80)]
    now = world(work, rates=[rate("83.33")], caps=[cap(None, hours="1.5"), cap("124.99")])
    assert lines_of(now) == [("Consultation, October 2026", "124.99")]
