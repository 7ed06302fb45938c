"""Tax on the document, and what makes a person look at it."""

from __future__ import annotations

from decimal import Decimal

from mappings.catalogue import TaxComponent
from mappings.rules.billing import bill
from mappings.rules.holds import History, hold
from mappings.rules.tax import tax_lines
from mappings.settings import Approval
from tests.mappings.rules.worlds import (
    client,
    edited,
    entry,
    later,
    minutes,
    only,
    post,
    premium,
    rate,
    service,
    world,
)

QUEBEC = {"QC": (TaxComponent("GST", Decimal(5)), TaxComponent("QST", Decimal("9.975"))), "Exempt": ()}


def test_each_component_is_rounded_half_up_on_the_subtotal():
    document = only(bill(world([entry("1", "10-05", 2)], rates=[rate("110")], tax_code="QC")))

    taxes = tax_lines(document.lines, QUEBEC, "CAD")
    assert [(tax.component, tax.base_minor, tax.amount_minor) for tax in taxes] == [
        ("GST", 22000, 1100),
        ("QST", 22000, 2195),
    ]


def test_the_base_is_the_subtotal_of_a_tax_code_not_each_line():
    entries = [minutes(str(n), "10-05", 60, service=f"S{n}") for n in range(3)]
    document = only(bill(world(entries, rates=[rate("0.10")], tax_code="QC")))

    # 5 % of three lines of 0.10 is 1.5 cents on the subtotal, and would be 0.5 three times by line.
    assert [tax.amount_minor for tax in tax_lines(document.lines, QUEBEC, "CAD")] == [2, 3]


def test_each_tax_code_has_its_own_base():
    services = [service("A", tax_code="QC"), service("B", tax_code="Exempt")]
    entries = [entry("1", "10-05", 1, service="A"), entry("2", "10-05", 1, service="B")]
    document = only(bill(world(entries, rates=[rate("100")], services=services)))

    assert [(tax.tax_code, tax.amount_minor) for tax in tax_lines(document.lines, QUEBEC, "CAD")] == [
        ("QC", 500),
        ("QC", 998),
    ]


def test_a_credit_memos_tax_mirrors_the_invoices():
    first = entry("1", "10-05", 1)
    posted = post(world([first], rates=[rate("0.10")], tax_code="QC"))
    memo = only(bill(later(posted, "12-02", edited(first, deleted=True))))

    assert [tax.amount_minor for tax in tax_lines(memo.lines, QUEBEC, "CAD")] == [-1, -1]


def approval(*rules: str) -> Approval:
    return Approval(hold_when=rules)


DOCUMENT = only(bill(world([entry("1", "10-05", 1)], rates=[rate("100")])))


def held(history: History, *rules: str) -> list[str]:
    return [one.code for one in hold(DOCUMENT, approval(*rules), history)]


def test_a_client_to_whom_nothing_was_billed_is_new():
    assert held(History(), "new-client") == ["new-client"]
    assert held(History(posted=frozenset({"Hydro"})), "new-client") == []
    assert held(History()) == []


def test_another_rate_than_the_last_documents_is_seen():
    def history(amount: str) -> History:
        return History(rates={("Hydro", "Marie", "Consultation"): frozenset({Decimal(amount)})})

    assert held(history("90"), "rate-changed") == ["rate-changed"]
    assert held(history("100.00"), "rate-changed") == []
    assert held(History(), "rate-changed") == []


def test_an_hour_at_a_premium_is_no_other_rate():
    premiums = [premium("weekend", "weekend", factor="2")]
    document = only(bill(world([entry("1", "10-03", 1)], premiums=premiums, rates=[rate("100")])))
    history = History(rates={("Hydro", "Marie", "Consultation"): frozenset({Decimal("100.00")})})

    assert document.lines[0].rate == 200
    assert hold(document, approval("rate-changed"), history) == ()


def test_more_than_usual_is_measured_against_the_mean_of_the_last_three():
    def history(*totals: int) -> History:
        return History(totals_minor={"Hydro": totals})

    assert held(history(1, 7692, 7692, 7692), "30%-above-usual") == ["30%-above-usual"]
    assert held(history(1, 7693, 7693, 7693), "30%-above-usual") == []
    assert held(history(9000), "30%-above-usual") == []
    assert held(history(9000), "11%-above-usual") == ["11%-above-usual"]
    assert held(history(), "30%-above-usual") == []


def test_a_missing_purchase_order_that_the_client_requires_holds_its_document():
    rows = [client("Hydro", "Hydro", purchase_order="required"), client("Acme", "Acme")]
    entries = [entry("1", "10-05", 1), entry("2", "10-05", 1, "Acme")]
    acme, hydro = bill(world(entries, clients=rows, hold_when=("no-purchase-order",))).documents

    assert (acme.holds, [one.code for one in hydro.holds]) == ((), ["no-purchase-order"])
    assert bill(world(entries, clients=rows)).documents[1].holds == ()
