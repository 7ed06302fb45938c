"""Intercompany: what the lender bills for hours of its people on a document of another company."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mappings.documents import Document, FeeAllocation
from mappings.problems import Place
from mappings.rows import IntercompanyRow, Tables
from mappings.rules.billing import bill
from mappings.rules.intercompany import Lender, by_entry
from mappings.rules.services import People
from mappings.settings import Billing, Company
from mappings.world import World
from tests.mappings.rules.worlds import (
    cap,
    client,
    day,
    edited,
    entry,
    later,
    minutes,
    money,
    names,
    only,
    person,
    post,
    premium,
    rate,
    retainer,
    shown,
    world,
)  # fmt: skip

BORROWER = "Boréal"


def lent(who: str = "Marie", share: str = "", price: str = "", line: int = 2, **more: Any) -> IntercompanyRow:
    dates = {key: day(more.pop(key)) for key in ("valid_from", "valid_until") if key in more}
    return IntercompanyRow(
        Place("mappings/intercompany.csv", line),
        BORROWER,
        "Boréal (Acme)",
        "Sub-contracting",
        person=names(who),
        team=names(more.pop("team", "")),
        share=Fraction(share) if share else None,
        rate=Decimal(price) if price else None,
        **dates,
    )


def lender(*rows: IntercompanyRow, people: Any = (), of_borrower: Any = (), **more: Any) -> Lender:
    billing = Billing(**{key: more.pop(key) for key in list(more) if key in Billing.__dataclass_fields__})
    company = Company("Acme", ZoneInfo("America/Toronto"), more.pop("language", "en-CA"), "CAD", billing)
    tables = Tables(intercompany=rows, people=tuple(people), clients=tuple(more.pop("clients", ())))
    assert not more
    return Lender(company, tables, BORROWER, People(tuple(of_borrower)))


def invoice(acme: Lender, document: Document, *before: Document) -> Document:
    """What Acme bills for a document, after it has billed for others."""
    posted = by_entry(fee for one in before for fee in one.fees)
    made = acme.invoice(document, posted)
    assert made is not None
    assert not made.problems
    assert sum(fee.amount_minor for fee in made.fees) == made.subtotal_minor
    for line in made.lines:
        assert sum(fee.amount_minor for fee in made.fees if fee.line == line.number) == line.amount_minor
    return made


def amounts_of(document: Document) -> list[str]:
    return [money(line.amount_minor) for line in document.lines]


SHARE = lent(share="3/4")


def test_a_line_with_their_hours_gives_one_line_of_the_same_hours_at_a_share_of_its_rate():
    october = only(bill(world([entry("1", "10-05", 2.5), entry("2", "10-06", 3, person="Paul")])))
    assert [money(line.amount_minor) for line in october.lines] == ["462.00"]

    made = invoice(lender(SHARE, tax_code="GST", terms="Net 15"), october)

    (line,) = made.lines
    assert (line.quantity, line.rate, line.unit, line.seconds) == (Decimal("2.5"), Decimal("63.00"), "hour", 9000)
    assert amounts_of(made) == ["157.50"]
    assert line.description == "Hydro, Consultation, Marie, October 2026"
    assert (line.item, line.tax_code, made.terms) == ("Sub-contracting", "GST", "Net 15")
    assert made.key.client == "Boréal (Acme)"
    assert made.key.group == "intercompany|Boréal|Hydro|"
    assert (made.key.period, made.dated, made.kind) == ("2026-10", october.dated, "invoice")


def test_a_transfer_rate_does_not_depend_on_what_the_client_pays():
    october = only(bill(world([entry("1", "10-05", 2)], rates=[rate("500")])))

    assert amounts_of(invoice(lender(lent(price="61.25")), october)) == ["122.50"]


def test_the_premium_is_in_the_bill_rate():
    work = [entry("1", "10-05", 2, service="Night")]
    october = only(bill(world(work, premiums=[premium("Night", service="Night", factor="1.5")])))

    assert amounts_of(invoice(lender(lent(share="1/2")), october)) == ["126.00"]


def test_covered_hours_are_billed_too():
    november = only(bill(world([entry("1", "10-05", 6), entry("2", "10-06", 4)], retainers=[retainer("8", "500")])))
    assert [money(line.amount_minor) for line in november.lines] == ["500.00", "168.00"]

    made = invoice(lender(SHARE), november)

    assert sum(line.seconds for line in made.lines) == 10 * 3600
    assert sorted(amounts_of(made)) == ["126.00", "504.00"]


def test_hours_that_a_cap_wrote_down_are_on_no_line_and_not_lent():
    october = only(bill(world([entry("1", "10-05", 2)], caps=[cap("84")])))

    made = invoice(lender(SHARE), october)

    assert [line.seconds for line in made.lines] == [3600]


def test_work_of_nobody_who_is_lent_gives_no_invoice():
    october = only(bill(world([entry("1", "10-05", 2, person="Paul")])))

    assert lender(SHARE).invoice(october, {}) is None


def test_the_people_of_the_borrower_say_who_worked_and_those_of_the_lender_their_team():
    october = only(bill(world([entry("1", "10-05", 1, person="mtremblay"), entry("2", "10-05", 1, person="x")])))
    acme = lender(
        lent("", price="50", team="Field"),
        people=[person("m.t", "Marie Tremblay", team="Field"), person("p", "Paul", team="Office")],
        of_borrower=[person("mtremblay", "Marie Tremblay"), person("x", "Paul")],
    )

    made = invoice(acme, october)

    assert amounts_of(made) == ["50.00"]
    assert made.lines[0].description == "Hydro, Consultation, Marie Tremblay, October 2026"


def test_a_person_beats_a_team_an_exact_name_a_pattern_and_days_count():
    work = [entry("1", "10-05", 1), entry("2", "10-20", 1), entry("3", "10-05", 1, person="Max")]
    october = only(bill(world(work)))
    acme = lender(
        lent("", price="10", team="Field"),
        lent("M*", price="20"),
        lent("Marie", price="30", valid_until="10-15"),
        people=[person("Marie", team="Field")],
    )

    assert sorted(amounts_of(invoice(acme, october))) == ["30.00", "40.00"]


def test_two_equal_rows_block_the_invoice():
    october = only(bill(world([entry("1", "10-05", 1)])))

    made = lender(lent("Marie*", price="30"), lent("Mari*", price="40", line=3)).invoice(october, {})

    assert made is not None
    assert [problem.code for problem in made.problems] == ["rows-equal"]


def test_a_share_of_covered_work_without_a_rate_is_a_problem_and_a_transfer_rate_is_none():
    november = only(bill(world([entry("1", "10-05", 2)], retainers=[retainer(None, "500")], rates=[])))

    made = lender(SHARE).invoice(november, {})

    assert made is not None
    assert [problem.code for problem in made.problems] == ["no-rate"]
    assert amounts_of(invoice(lender(lent(price="40")), november)) == ["80.00"]


def test_a_share_of_another_currency_is_a_problem():
    dollars = world([entry("1", "10-05", 2)], clients=[client(currency="USD")], rates=[rate("84", currency="USD")])
    october = only(bill(dollars))

    made = lender(SHARE).invoice(october, {})

    assert made is not None
    assert [problem.code for problem in made.problems] == ["currency-mismatch"]
    assert invoice(lender(lent(price="40")), october).currency == "CAD"


@pytest.mark.parametrize(
    ("policies", "amount"),
    [({}, "46.67"), ({"round_money": "entry"}, "46.66"), ({"hours": "two-decimals"}, "46.90")],
)
def test_the_lenders_own_rounding_counts(policies: dict[str, str], amount: str):
    october = only(bill(world([minutes("1", "10-05", 20), minutes("2", "10-05", 20)])))

    assert amounts_of(invoice(lender(lent(price="70"), **policies), october)) == [amount]


# --- What changes after posting --------------------------------------------------------------------------------------


def changed(now: World, *entries: Any, today: str = "12-03") -> tuple[World, Document]:
    after = later(now, today, *entries)
    document = only(bill(after))
    return post(after), document


def test_an_edited_entry_is_taken_back_at_the_rate_that_was_recorded():
    one = entry("1", "10-05", 4)
    start = world([one, entry("2", "11-04", 1)])
    october = only(bill(start))
    first = invoice(lender(SHARE), october)
    _, november = changed(post(start), edited(one, 3.6))

    made = invoice(lender(lent(share="1/2")), november, first)

    assert sorted(shown(made)) == [
        ("Adjustment: Hydro, Consultation, Marie, October 2026", "-25.20"),
        ("Hydro, Consultation, Marie, November 2026", "42.00"),
    ]


def test_a_deleted_entry_is_the_exact_negative_and_makes_a_credit_memo():
    three = [minutes(str(number), "10-05", 20) for number in range(3)]
    start = world(three, rates=[rate("70")])
    first = invoice(lender(lent(price="70")), only(bill(start)))
    assert sorted(fee.amount_minor for fee in first.fees) == [2333, 2333, 2334]
    now = post(start)

    _, november = changed(now, *(edited(one, deleted=True) for one in three))
    made = invoice(lender(lent(price="99")), november, first)

    assert (made.kind, money(made.subtotal_minor)) == ("credit-memo", "-70.00")
    assert net([first, made]) == {("tool", "0"): (0, 0), ("tool", "1"): (0, 0), ("tool", "2"): (0, 0)}


def net(documents: list[Document]) -> dict[tuple[str, str], tuple[int, int]]:
    found: dict[tuple[str, str], list[FeeAllocation]] = by_entry(fee for one in documents for fee in one.fees)
    return {
        key: (sum(fee.lent.seconds for fee in fees if fee.lent), sum(fee.amount_minor for fee in fees))
        for key, fees in found.items()
    }


def test_what_moves_between_covered_and_extra_is_taken_back_and_charged_anew():
    """Two entries on one line, both deleted later, are each their own negative, whatever order they come in."""
    one, two = entry("1", "10-05", 6), entry("2", "10-06", 4)
    start = world([one, two, entry("3", "11-02", 1)], retainers=[retainer("8", "500")])
    first = invoice(lender(SHARE), only(bill(start)))

    _, november = changed(post(start), edited(one, deleted=True), edited(two, 5))
    made = invoice(lender(SHARE), november, first)

    found = net([first, made])
    assert found["tool", "1"] == (0, 0)
    assert found["tool", "2"] == (5 * 3600, 5 * 6300)


def test_work_that_was_billed_before_it_was_lent_is_not_taken_back():
    one = entry("1", "10-05", 4)
    start = world([one, entry("2", "11-04", 1)])
    _, november = changed(post(start), edited(one, 3))

    made = invoice(lender(SHARE), november)

    assert amounts_of(made) == ["63.00"]


def test_the_lenders_clients_table_says_how_the_borrower_is_billed():
    october = only(bill(world([entry("1", "10-05", 1)])))
    terms = client("x", "Boréal (Acme)", terms="Net 5", tax_code="Exempt", language="fr-CA", email_to="a@b.example")

    made = invoice(lender(SHARE, clients=[terms]), october)

    assert (made.terms, made.language, made.email_to) == ("Net 5", "fr-CA", "a@b.example")
    assert made.lines[0].tax_code == "Exempt"
    assert made.lines[0].description == "Hydro, Consultation, Marie, octobre 2026"
