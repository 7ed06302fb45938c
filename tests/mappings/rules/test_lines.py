"""Lines: what shares one, how its amount is rounded, and what it says."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pytest

from mappings.rules.billing import bill
from mappings.rules.descriptions import LONGEST
from mappings.work import Task
from tests.mappings.rules.worlds import amounts, client, entry, minutes, only, person, rate, service, shown, world

WORK = [
    entry("1", "10-05", 1, project="Web", task="7", notes="Réunion"),
    entry("2", "10-05", 2, project="App", task="8"),
    entry("3", "10-06", 4, project="Web", person="Luc", service="Support"),
]


@pytest.mark.parametrize(
    ("lines_per", "expected"),
    [
        ("service", [("Consultation, October 2026", "252.00"), ("Support, October 2026", "336.00")]),
        ("person", [("Consultation, Marie, October 2026", "252.00"), ("Support, Luc, October 2026", "336.00")]),
        ("day", [("Consultation, 2026-10-05", "252.00"), ("Support, 2026-10-06", "336.00")]),
        ("project", [
            ("Consultation, App, October 2026", "168.00"),
            ("Consultation, Support, Web, October 2026", "420.00"),
        ]),
        ("one", [("Consultation, Support, October 2026", "588.00")]),
        ("task", [
            ("Consultation, 7 Home page, October 2026", "84.00"),
            ("Consultation, 8, October 2026", "168.00"),
            ("Support, October 2026", "336.00"),
        ]),
        ("entry", [
            ("Consultation, 2026-10-05, Marie: Réunion", "84.00"),
            ("Consultation, 2026-10-05, Marie", "168.00"),
            ("Support, 2026-10-06, Luc", "336.00"),
        ]),
    ],
)  # fmt: skip
def test_lines_per(lines_per, expected):
    tasks = {("tool", "7"): Task("tool", "7", "Home page")}

    assert sorted(shown(only(bill(world(WORK, lines_per=lines_per, tasks=tasks))))) == sorted(expected)


def test_a_line_has_one_rate_whatever_lines_per_says():
    rates = [rate("84"), rate("60", service="Support")]

    assert sorted(amounts(bill(world(WORK, lines_per="one", rates=rates)))["Hydro", "2026-10"]) == ["240.00", "252.00"]


def test_a_line_has_one_item_tax_code_and_class():
    rows = [service("Consultation", "A"), service("Support", "B")]
    assert len(only(bill(world(WORK, lines_per="one", services=rows))).lines) == 2
    rows = [service("Consultation", tax_code="T"), service("Support")]
    assert len(only(bill(world(WORK, lines_per="one", services=rows))).lines) == 2
    rows = [service("Consultation", class_name="K"), service("Support")]
    assert len(only(bill(world(WORK, lines_per="one", services=rows))).lines) == 2


def test_a_week_over_two_months_has_a_line_for_each():
    made = bill(world([entry("1", "09-30", 1), entry("2", "10-01", 2)], period="week"))

    assert shown(only(made)) == [("Consultation, September 2026", "84.00"), ("Consultation, October 2026", "168.00")]


def test_one_invoice_a_project():
    made = bill(world(WORK, one_invoice_per="project"))

    assert [(document.key.group, document.subtotal_minor) for document in made.documents] == [
        ("App", 16800),
        ("Web", 42000),
    ]


def test_the_amount_is_rounded_once_a_line_and_shared_by_largest_remainder():
    document = only(bill(world([minutes(str(n), "10-05", 20) for n in (1, 2, 3)], rates=[rate("70")])))

    assert document.subtotal_minor == 7000
    assert [row.amount_minor for row in document.allocations] == [2334, 2333, 2333]
    assert document.lines[0].quantity == Decimal("1.00000")


def test_half_a_cent_goes_up_and_below_zero_away_from_zero():
    half = minutes("1", "10-05", 3)

    assert only(bill(world([half], rates=[rate("0.10")]))).subtotal_minor == 1
    back = replace(half, work=replace(half.work, seconds=-180))
    assert only(bill(world([back], rates=[rate("0.10")]))).subtotal_minor == -1


def test_negative_time_on_a_line_has_its_own_negative_share():
    document = only(bill(world([entry("1", "10-05", 4), entry("2", "10-06", -1)])))

    assert document.subtotal_minor == 25200
    assert [row.amount_minor for row in document.allocations] == [33600, -8400]


def test_quantity_has_five_decimals_half_up():
    line = only(bill(world([minutes("1", "10-05", 20)], rates=[rate("70")]))).lines[0]

    assert (line.quantity, line.amount_minor, line.seconds) == (Decimal("0.33333"), 2333, 1200)


def test_a_currency_without_cents_is_rounded_to_its_own_digits():
    document = only(bill(world([minutes("1", "10-05", 20)], clients=[client(currency="JPY")], rates=[rate("1000")])))

    assert document.subtotal_minor == 333


def test_work_at_no_charge_keeps_its_line():
    document = only(bill(world([entry("1", "10-05", 1)], rates=[rate("0")])))

    assert (document.kind, shown(document)) == ("invoice", [("Consultation, October 2026", "0.00")])


def test_a_document_is_the_same_whatever_the_order_of_arrival():
    entries = [
        entry(str(n), f"10-{n % 28 + 1:02}", n % 5 + 1, person=f"P{n % 3}", service=f"S{n % 4}") for n in range(60)
    ]
    once = world(entries, lines_per="person")
    shuffled = list(once.entries)
    random.Random(7).shuffle(shuffled)

    assert bill(replace(once, entries=tuple(shuffled))) == bill(once)


def test_french_lines_name_their_months_in_french():
    made = bill(world([entry("1", "10-05", 1)], clients=[client(language="fr-CA")]))

    assert shown(only(made)) == [("Consultation, octobre 2026", "84.00")]


def test_lines_by_person_bear_our_name():
    made = bill(world(WORK[:1], lines_per="person", people=[person("Marie", "Marie Tremblay")]))

    assert shown(only(made))[0][0] == "Consultation, Marie Tremblay, October 2026"


def test_a_description_is_no_longer_than_quickbooks_takes():
    line = only(bill(world([entry("1", "10-05", 1, notes="é" * 5000)], lines_per="entry"))).lines[0]

    assert len(line.description) == LONGEST
    assert line.description.endswith("…")


def test_a_required_purchase_order_comes_from_the_work():
    rows = [client(purchase_order="required")]
    entries = [entry("1", "10-05", 1, purchase_order="PO-2"), entry("2", "10-05", 1, purchase_order="PO-1")]

    assert only(bill(world(entries, clients=rows))).purchase_order == "PO-1, PO-2"
    assert only(bill(world(entries, clients=[client(purchase_order="PO-9")]))).purchase_order == "PO-9"
