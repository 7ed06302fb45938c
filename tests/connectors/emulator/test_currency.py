from __future__ import annotations

import pytest

from tests.connectors.emulator.support import Api, codes, document, line, names_of, payment


def rate(api: Api, source: str, day: str) -> float:
    answer = api.get("exchangerate", sourcecurrencycode=source, asofdate=day).json()["ExchangeRate"]
    assert (answer["SourceCurrencyCode"], answer["TargetCurrencyCode"], answer["AsOfDate"]) == (source, "CAD", day)
    found: float = answer["Rate"]
    return found


def test_rates_are_home_units_for_one_foreign_unit(api: Api) -> None:
    assert [rate(api, code, "2026-10-31") for code in ("USD", "EUR", "CAD")] == [1.37, 1.48, 1]


def test_rates_can_be_seeded_by_day(api: Api) -> None:
    api.emulator.seed({"exchange_rates": {"USD": [["2026-10-15", "1.40"], ["2026-10-01", "1.35"]]}})

    assert [rate(api, "USD", day) for day in ("2026-10-01", "2026-10-14", "2026-10-15")] == [1.35, 1.35, 1.4]
    assert codes(api.get("exchangerate", sourcecurrencycode="USD", asofdate="2026-09-30")) == ["2500"]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "2020"),
        ({"sourcecurrencycode": "XXX"}, "2500"),
        ({"sourcecurrencycode": "USD", "asofdate": "today"}, "2010"),
    ],
)
def test_a_rate_is_refused(api: Api, params: dict[str, str], code: str) -> None:
    assert codes(api.get("exchangerate", **params)) == [code]


def test_a_foreign_invoice_shows_its_value_at_home(api: Api) -> None:
    made = api.invoice("100.01", customer="3", currency="USD", ExchangeRate="1.375")

    assert (made["TotalAmt"], made["HomeTotalAmt"], made["HomeBalance"]) == (100.01, 137.51, 137.51)
    assert made["ExchangeRate"] == 1.375
    api.create("Payment", payment("60.01", ("Invoice", made["Id"], "60.01"), customer="3", currency="USD"))
    assert api.read("Invoice", made["Id"])["HomeBalance"] == 55
    assert api.read("Customer", "3")["Balance"] == 40


def test_a_foreign_invoice_without_a_rate_is_booked_one_to_one(api: Api) -> None:
    made = api.invoice("100", customer="3", currency="USD")

    assert (made["ExchangeRate"], made["HomeTotalAmt"]) == (1, 100)


@pytest.mark.parametrize(("customer", "currency"), [("3", "CAD"), ("1", "USD"), ("1", "EUR")])
def test_a_document_has_its_customers_currency(api: Api, customer: str, currency: str) -> None:
    assert codes(api.post("Invoice", document("10", customer=customer, currency=currency))) == ["6000"]
    assert codes(api.post("Payment", payment("10", customer=customer, currency=currency))) == ["6000"]


@pytest.mark.parametrize(
    ("customer", "currency", "value"), [("1", "CAD", "1.2"), ("3", "USD", "0"), ("3", "USD", "-1")]
)
def test_a_rate_that_makes_no_sense_is_refused(api: Api, customer: str, currency: str, value: str) -> None:
    body = document("10", customer=customer, currency=currency, ExchangeRate=value)

    assert codes(api.post("Invoice", body)) == ["6000"]


def test_a_currency_that_was_not_used_before_is_added_with_its_customer(api: Api) -> None:
    customer = api.customer("Zürich AG", "CHF")

    assert api.invoice("10", customer=customer, currency="CHF")["CurrencyRef"]["name"] == "Swiss Franc"


def test_a_customers_currency_cannot_be_changed(api: Api) -> None:
    customer = api.read("Customer", "1")

    changed = {**names_of(customer), "sparse": True, "CurrencyRef": {"value": "USD"}}
    assert codes(api.post("Customer", changed)) == ["6000"]
    assert api.update("Customer", customer, CurrencyRef={"value": "CAD"})["SyncToken"] == "1"


def test_with_one_currency_there_is_no_other(us: Api) -> None:
    assert codes(us.post("Customer", {"DisplayName": "A", "CurrencyRef": {"value": "CAD"}})) == ["6000"]
    body = {"CustomerRef": {"value": "1"}, "CurrencyRef": {"value": "CAD"}, "Line": [line("1", None)]}
    assert codes(us.post("Invoice", body)) == ["6000"]
