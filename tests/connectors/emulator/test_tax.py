from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.emulator.support import Api, codes, detail, document, line


def tax_of(made: dict[str, Any]) -> list[tuple[str, float, float, float]]:
    """(rate id, percent, net, tax) of each tax line."""
    return [
        (
            found["TaxLineDetail"]["TaxRateRef"]["value"],
            found["TaxLineDetail"]["TaxPercent"],
            found["TaxLineDetail"]["NetAmountTaxable"],
            found["Amount"],
        )
        for found in made["TxnTaxDetail"].get("TaxLine", [])
    ]


def test_the_canadian_codes_and_their_rates(api: Api) -> None:
    codes_found = {found["Name"]: found for found in api.select("select * from TaxCode")["TaxCode"]}
    rates = {found["Id"]: found["RateValue"] for found in api.select("select * from TaxRate")["TaxRate"]}

    def rates_of(name: str) -> list[float]:
        details = codes_found[name]["SalesTaxRateList"]["TaxRateDetail"]
        return [rates[found["TaxRateRef"]["value"]] for found in details]

    assert {name: rates_of(name) for name in codes_found} == {
        "GST": [5],
        "GST/QST QC - 9.975": [5, 9.975],
        "HST ON": [13],
        "Exempt": [0],
        "Zero-rated": [0],
        "Out of Scope": [],
    }


@pytest.mark.parametrize(
    ("code", "lines", "total"),
    [
        ("1", [("1", 5, 220, 11)], 231),
        ("2", [("1", 5, 220, 11), ("2", 9.975, 220, 21.95)], 252.95),
        ("3", [("3", 13, 220, 28.6)], 248.6),
        ("4", [("4", 0, 220, 0)], 220),
        ("5", [("5", 0, 220, 0)], 220),
        ("6", [], 220),
    ],
)
def test_tax_is_computed_per_rate(api: Api, code: str, lines: list[Any], total: float) -> None:
    made = api.create("Invoice", document(Line=[line("220", code)]))

    assert tax_of(made) == lines
    assert made["TotalAmt"] == total
    assert made["TxnTaxDetail"]["TotalTax"] == round(total - 220, 2)


def test_tax_is_rounded_on_the_sum_of_the_lines_and_not_on_each(api: Api) -> None:
    # 5 % of 0.10 is 0.005: three lines rounded alone would make 0.03, their sum makes 0.015.
    made = api.create("Invoice", document(Line=[line("0.10", "1")] * 3))

    assert tax_of(made) == [("1", 5, 0.3, 0.02)]


def test_codes_that_share_a_rate_are_taxed_on_their_common_sum(api: Api) -> None:
    made = api.create("Invoice", document(Line=[line("100", "1"), line("200", "2"), line("50", "6")]))

    assert tax_of(made) == [("1", 5, 300, 15), ("2", 9.975, 200, 19.95)]
    assert made["TotalAmt"] == 384.95


def test_a_canadian_line_without_a_tax_code_is_refused(api: Api) -> None:
    answer = api.post("Invoice", document(Line=[line("100", "2"), line("100", None)]))

    assert codes(answer) == ["6000"]
    assert "GST/HST rate" in detail(answer)


def test_the_refusal_is_french_in_a_french_company(api: Api) -> None:
    api.http.post("/emulator/settings", json={"language": "fr"})

    answer = api.post("Invoice", document(Line=[line("100", None)]))

    assert codes(answer) == ["6000"]
    assert "un taux de TPS/TVH" in detail(answer)


def test_without_tax_on_the_document_no_code_is_needed(api: Api) -> None:
    made = api.create("Invoice", document(Line=[line("100", None)], GlobalTaxCalculation="NotApplicable"))

    assert (made["TotalAmt"], made["TxnTaxDetail"]) == (100, {"TotalTax": 0})


def test_a_company_without_sales_tax_computes_none(api: Api) -> None:
    api.emulator.seed({"preferences": {"TaxPrefs": {"UsingSalesTax": False}}})

    made = api.create("Invoice", document(Line=[line("100", None), line("100", "2")]))

    assert (made["TotalAmt"], made["TxnTaxDetail"]) == (200, {"TotalTax": 0})


def override(rate: str, amount: str) -> dict[str, Any]:
    sent = {"TaxRateRef": {"value": rate}, "PercentBased": False, "NetAmountTaxable": 448}
    return {"TaxLine": [{"Amount": amount, "DetailType": "TaxLineDetail", "TaxLineDetail": sent}]}


def test_a_tax_line_that_is_sent_keeps_its_amount(api: Api) -> None:
    made = api.create("Invoice", document(Line=[line("100", "1")], TxnTaxDetail=override("1", "4.99")))

    assert made["TxnTaxDetail"]["TotalTax"] == 4.99
    assert made["TotalAmt"] == 104.99


def test_a_tax_line_of_a_foreign_rate_is_refused(api: Api) -> None:
    assert codes(api.post("Invoice", document(Line=[line("100", "1")], TxnTaxDetail=override("3", "4.99")))) == ["6000"]


def test_a_total_tax_alone_is_computed_anew(api: Api) -> None:
    made = api.create("Invoice", document(Line=[line("100", "1")], TxnTaxDetail={"TotalTax": 99}))

    assert made["TxnTaxDetail"]["TotalTax"] == 5


def test_a_tax_rate_can_differ_from_what_a_client_expects(api: Api) -> None:
    api.emulator.seed({"tax_rates": {"QST": "10"}})

    made = api.create("Invoice", document(Line=[line("100", "2")]))

    assert made["TxnTaxDetail"]["TotalTax"] == 15


def us_invoice(*lines: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"CustomerRef": {"value": "1"}, "Line": list(lines), **members}


def test_an_american_line_without_a_code_is_not_taxed(us: Api) -> None:
    made = us.create("Invoice", us_invoice(line("100", None)))

    assert made["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "NON"}
    assert made["TxnTaxDetail"] == {"TotalTax": 0}


def test_an_american_taxable_line_takes_the_companys_rate(us: Api) -> None:
    made = us.create("Invoice", us_invoice(line("100", "TAX"), line("50", "NON")))

    assert made["TxnTaxDetail"]["TxnTaxCodeRef"] == {"value": "1"}
    assert tax_of(made) == [("1", 8, 100, 8)]
    assert made["TotalAmt"] == 158


def test_an_american_code_of_two_rates_rounds_each(us: Api) -> None:
    made = us.create("Invoice", us_invoice(line("422.01", "TAX"), TxnTaxDetail={"TxnTaxCodeRef": {"value": "2"}}))

    assert tax_of(made) == [("2", 7.1, 422.01, 29.96), ("3", 2, 422.01, 8.44)]


def test_an_american_line_knows_two_codes(us: Api) -> None:
    assert codes(us.post("Invoice", us_invoice(line("100", "1")))) == ["6000"]


def test_a_credit_memo_is_taxed_like_an_invoice(api: Api) -> None:
    made = api.create("CreditMemo", document(Line=[line("220", "2")]))

    assert (made["TotalAmt"], made["RemainingCredit"]) == (252.95, 252.95)
