"""What is posted for a document."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connectors.quickbooks.payloads import PayloadError, document_payload, payload_problems
from connectors.quickbooks.wire import write_json
from tests.connectors.quickbooks.support import BOOKS, MARKER, US_BOOKS, document, line


def test_an_invoice_says_what_was_decided_and_nothing_else() -> None:
    invoice = document(
        line(service_date=date(2026, 10, 30), class_id="7"),
        terms_id="3",
        email_to="comptes@lac.example",
        purchase_order="BC-4711",
        department_id="5",
    )

    payload = document_payload(invoice, doc_number="AB-2026-0001", marker=MARKER, books=BOOKS)

    assert payload == {
        "CustomerRef": {"value": "1"},
        "TxnDate": "2026-10-31",
        "PrivateNote": "syncd:doc-1 0123456789ab",
        "DocNumber": "AB-2026-0001",
        "CurrencyRef": {"value": "CAD"},
        "SalesTermRef": {"value": "3"},
        "BillEmail": {"Address": "comptes@lac.example"},
        "CustomerMemo": {"value": "Bon de commande : BC-4711"},
        "DepartmentRef": {"value": "5"},
        "GlobalTaxCalculation": "TaxExcluded",
        "Line": [
            {
                "DetailType": "SalesItemLineDetail",
                "Amount": Decimal("840.00"),
                "Description": "Consultation, octobre 2026",
                "SalesItemLineDetail": {
                    "ItemRef": {"value": "2"},
                    "Qty": Decimal(10),
                    "UnitPrice": Decimal("84.00"),
                    "TaxCodeRef": {"value": "2"},
                    "ServiceDate": "2026-10-30",
                    "ClassRef": {"value": "7"},
                },
            }
        ],
    }


def test_numbers_go_out_as_exact_json_numbers() -> None:
    payload = document_payload(
        document(line(quantity=Decimal("0.33333"), rate=Decimal(70), amount_minor=2333)),
        doc_number=None,
        marker=MARKER,
        books=BOOKS,
    )

    text = write_json(payload["Line"][0])

    assert '"Amount":23.33,' in text
    assert '"Qty":0.33333,"UnitPrice":70,' in text


def test_a_line_whose_product_is_not_its_amount_carries_its_arithmetic_in_words() -> None:
    # Three entries of 20 min, each rounded by itself, at 70.00: 23.33 + 23.33 + 23.33; one hour would be 70.00.
    odd = line(quantity=Decimal("1.00000"), rate=Decimal("70.00"), amount_minor=6999)

    sent = document_payload(document(odd), doc_number=None, marker=MARKER, books=BOOKS)["Line"][0]

    assert sent["Amount"] == Decimal("69.99")
    assert "Qty" not in sent["SalesItemLineDetail"]
    assert "UnitPrice" not in sent["SalesItemLineDetail"]
    assert sent["Description"] == "Consultation, octobre 2026 (1 h × 70)"


def test_the_arithmetic_in_words_has_the_documents_decimal_sign() -> None:
    odd = line(quantity=Decimal("0.4"), rate=Decimal("630.50"), amount_minor=25_221, unit="day")

    def words(language: str) -> str:
        invoice = document(odd, language=language)
        return str(document_payload(invoice, doc_number=None, marker=MARKER, books=BOOKS)["Line"][0]["Description"])

    assert words("fr-CA").endswith("(0,4 j × 630,5)")
    assert words("en-CA").endswith("(0.4 d × 630.5)")


def test_half_a_cent_goes_up_as_quickbooks_wants_it() -> None:
    # 128.35 × 14.5 = 1861.075: QuickBooks refused 1861.07 (6070).
    exact = line(quantity=Decimal("14.5"), rate=Decimal("128.35"), amount_minor=186_108)

    sent = document_payload(document(exact), doc_number=None, marker=MARKER, books=BOOKS)["Line"][0]

    assert sent["SalesItemLineDetail"]["Qty"] == Decimal("14.5")


def test_a_yen_whose_product_has_a_fraction_stands_alone() -> None:
    # 0.33333 h × 1000 = 333.33: QuickBooks refused 333 (6070), though a yen has no hundredths.
    odd = line(quantity=Decimal("0.33333"), rate=Decimal(1000), amount_minor=333)
    whole = line(number=2, quantity=Decimal("0.5"), rate=Decimal(1000), amount_minor=500)

    yen = document(odd, whole, currency="JPY", exchange_rate=Decimal("0.0091"))
    payload = document_payload(yen, doc_number=None, marker=MARKER, books=BOOKS)

    sent = [(row["Amount"], row["SalesItemLineDetail"].get("Qty")) for row in payload["Line"]]
    assert sent == [(Decimal(333), None), (Decimal(500), Decimal("0.5"))]


def test_a_credit_memo_counts_positive() -> None:
    taken_back = line(quantity=Decimal("-0.4"), amount_minor=-3360)
    added = line(number=2, quantity=Decimal("0.1"), amount_minor=840)
    memo = document(taken_back, added, kind="credit-memo", terms_id="3")

    payload = document_payload(memo, doc_number="AB-2026-0002", marker=MARKER, books=BOOKS)

    sent = [(row["Amount"], row["SalesItemLineDetail"]["Qty"]) for row in payload["Line"]]
    assert sent == [(Decimal("33.60"), Decimal("0.4")), (Decimal("-8.40"), Decimal("-0.1"))]
    assert "SalesTermRef" not in payload


def test_an_adjustment_on_an_invoice_is_a_negative_line() -> None:
    payload = document_payload(
        document(line(), line(number=2, kind="adjustment", quantity=Decimal("-0.4"), amount_minor=-3360)),
        doc_number=None,
        marker=MARKER,
        books=BOOKS,
    )

    assert payload["Line"][1]["Amount"] == Decimal("-33.60")
    assert payload["Line"][1]["SalesItemLineDetail"]["Qty"] == Decimal("-0.4")
    assert payload["Line"][1]["SalesItemLineDetail"]["UnitPrice"] == Decimal("84.00")


def test_a_foreign_invoice_carries_the_rate_of_its_day() -> None:
    invoice = document(currency="USD", exchange_rate=Decimal("1.3702"))

    payload = document_payload(invoice, doc_number=None, marker=MARKER, books=BOOKS)

    assert payload["CurrencyRef"] == {"value": "USD"}
    assert payload["ExchangeRate"] == Decimal("1.3702")


def test_books_with_one_currency_and_american_tax_get_neither() -> None:
    invoice = document(line(tax_code_id="TAX"), currency="USD")

    payload = document_payload(invoice, doc_number=None, marker=MARKER, books=US_BOOKS)

    assert payload.keys() == {"CustomerRef", "TxnDate", "PrivateNote", "Line"}
    assert payload["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "TAX"}


def test_a_long_description_is_cut_and_says_so() -> None:
    long = line(description="é" * 5000, rate=Decimal("70.00"), quantity=Decimal(1), amount_minor=6999)

    sent = document_payload(document(long), doc_number=None, marker=MARKER, books=BOOKS)["Line"][0]["Description"]

    assert len(sent) == 4000
    assert sent.endswith("é… (1 h × 70)")


def test_control_characters_do_not_reach_quickbooks() -> None:
    sent = document_payload(
        document(line(description="Réunion\x00\tlundi\r\nmardi\x1b")), doc_number=None, marker=MARKER, books=BOOKS
    )

    assert sent["Line"][0]["Description"] == "Réunion lundi\nmardi"


def test_all_that_quickbooks_would_refuse_is_said_at_once() -> None:
    invoice = document(
        line(), email_to="a" * 95 + "@b.example", purchase_order="9" * 1000, currency="USD", exchange_rate=None
    )

    with pytest.raises(PayloadError) as caught:
        document_payload(invoice, doc_number="AB-2026-000000000000001", marker=MARKER, books=BOOKS)

    assert [problem.code for problem in caught.value.problems] == [
        "number-too-long",
        "email-too-long",
        "purchase-order-too-long",
        "no-exchange-rate",
    ]
    assert all(problem.fix and problem.subject == "Clinique du Lac" for problem in caught.value.problems)


def test_a_foreign_document_in_books_without_currencies_is_a_problem() -> None:
    found = payload_problems(document(currency="CAD", exchange_rate=Decimal("0.73")), doc_number=None, books=US_BOOKS)

    assert [problem.code for problem in found] == ["single-currency-books"]


def test_a_document_that_was_not_resolved_is_a_defect() -> None:
    with pytest.raises(AssertionError, match="tax codes"):
        document_payload(document(line(tax_code_id="")), doc_number=None, marker=MARKER, books=BOOKS)
    with pytest.raises(AssertionError, match="settlement"):
        document_payload(document(kind="settlement"), doc_number=None, marker=MARKER, books=BOOKS)
