"""Invoices, credit memos and payments as QuickBooks shows them, read into values."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.quickbooks.remote import Link, parse_remote
from connectors.quickbooks.values import UnexpectedAnswerError
from connectors.quickbooks.wire import parse_json
from tests.connectors.quickbooks.support import MARKER

INVOICE = """{"AllowOnlineACHPayment":false,"domain":"QBO","sparse":false,"Id":"41","SyncToken":"2",
"MetaData":{"CreateTime":"2026-11-02T00:58:07-08:00","LastUpdatedTime":"2026-11-02T01:00:00-08:00"},
"DocNumber":"AB-2026-0001","TxnDate":"2026-10-31","CurrencyRef":{"value":"USD","name":"United States Dollar"},
"ExchangeRate":1.3702,"LinkedTxn":[{"TxnId":"57","TxnType":"Payment"}],
"Line":[{"Id":"1","LineNum":1,"Amount":220.00,"DetailType":"SalesItemLineDetail",
"SalesItemLineDetail":{"ItemRef":{"value":"2"},"Qty":2.5,"UnitPrice":88,"TaxCodeRef":{"value":"2"}}},
{"Amount":220.00,"DetailType":"SubTotalLineDetail","SubTotalLineDetail":{}}],
"TxnTaxDetail":{"TotalTax":32.95},"CustomerRef":{"value":"7","name":"Northwind Traders Inc."},
"DueDate":"2026-11-30","TotalAmt":252.95,"HomeTotalAmt":346.59,"EmailStatus":"EmailSent",
"DeliveryInfo":{"DeliveryType":"Email","DeliveryTime":"2026-11-02T01:00:01-08:00"},
"PrivateNote":"syncd:doc-1 0123456789ab","Balance":152.95}"""


def invoice(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = parse_json(INVOICE)
    return found | changes


def test_an_invoice_is_read_whole() -> None:
    read = parse_remote("Invoice", invoice(), "CAD")

    assert (read.id, read.sync_token, read.state) == ("41", "2", "live")
    assert (read.doc_number, read.txn_date, read.due_date) == ("AB-2026-0001", date(2026, 10, 31), date(2026, 11, 30))
    assert (read.customer_id, read.customer_name) == ("7", "Northwind Traders Inc.")
    assert (read.currency, read.exchange_rate) == ("USD", Decimal("1.3702"))
    assert (read.subtotal_minor, read.tax_minor, read.total_minor) == (22_000, 3295, 25_295)
    assert (read.balance_minor, read.home_total_minor) == (15_295, 34_659)
    assert read.email_status == "EmailSent"
    assert read.delivered_at == datetime(2026, 11, 2, 9, 0, 1, tzinfo=UTC)
    assert read.last_updated == datetime(2026, 11, 2, 9, tzinfo=UTC)
    assert read.marker == MARKER
    assert read.links == (Link("Payment", "57"),)
    assert parse_json(read.raw) == invoice()
    assert '"Amount":220.00' in read.raw


def test_a_credit_memo_has_what_is_left_of_it() -> None:
    memo = invoice(RemainingCredit=Decimal("40.00"), Balance=Decimal("252.95"))

    assert parse_remote("CreditMemo", memo, "CAD").balance_minor == 4000


def test_a_payment_says_what_it_settles_and_what_it_leaves() -> None:
    payment = parse_json(
        """{"Id":"57","SyncToken":"0","MetaData":{"LastUpdatedTime":"2026-11-05T08:00:00-08:00"},"TxnDate":"2026-11-05",
        "CustomerRef":{"value":"7"},"CurrencyRef":{"value":"CAD"},"TotalAmt":300.00,"UnappliedAmt":47.05,
        "ProcessPayment":false,"Line":[{"Amount":100.00,"LinkedTxn":[{"TxnId":"41","TxnType":"Invoice"}]},
        {"Amount":152.95,"LinkedTxn":[{"TxnId":"42","TxnType":"Invoice"}]}]}"""
    )

    read = parse_remote("Payment", payment, "CAD")

    assert (read.total_minor, read.balance_minor, read.home_total_minor) == (30_000, 4705, 30_000)
    assert read.links == (Link("Invoice", "41", 10_000), Link("Invoice", "42", 15_295))
    assert read.state == "live"


def test_a_payment_of_zero_that_applies_a_credit_is_not_void() -> None:
    payment = parse_json(
        """{"Id":"58","TotalAmt":0,"CustomerRef":{"value":"7"},"PrivateNote":"Created by QB Online to link credits",
        "Line":[{"Amount":33.60,"LinkedTxn":[{"TxnId":"43","TxnType":"CreditMemo"}]},
        {"Amount":33.60,"LinkedTxn":[{"TxnId":"41","TxnType":"Invoice"}]}]}"""
    )

    assert parse_remote("Payment", payment, "CAD").state == "live"


def test_a_line_that_settles_several_does_not_invent_amounts() -> None:
    linked = [{"TxnId": "41", "TxnType": "Invoice"}, {"TxnId": "42", "TxnType": "Invoice"}]
    payment = {"Id": "59", "TotalAmt": 50, "Line": [{"Amount": 50, "LinkedTxn": linked}]}

    assert parse_remote("Payment", payment, "CAD").links == (Link("Invoice", "41"), Link("Invoice", "42"))


def test_a_deleted_one_is_an_id_and_a_time() -> None:
    stub = {"domain": "QBO", "status": "Deleted", "Id": "41", "MetaData": {"LastUpdatedTime": "2026-11-03T00:00:00Z"}}

    read = parse_remote("Invoice", stub, "CAD")

    assert (read.id, read.state, read.total_minor) == ("41", "deleted", 0)
    assert read.last_updated == datetime(2026, 11, 3, tzinfo=UTC)


def zeroed(note: str, **detail: Any) -> dict[str, Any]:
    """An invoice after voiding: amounts 0, no quantities unless given."""
    line = {"Id": "1", "Amount": 0, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
    return invoice(TotalAmt=0, HomeTotalAmt=0, Balance=0, TxnTaxDetail={"TotalTax": 0}, Line=[line], PrivateNote=note)


@pytest.mark.parametrize(
    "note",
    [
        "Voided",
        f"Voided - {MARKER}",
        f"Voided: {MARKER}",
        f"Voided{MARKER}",
        f"Annulé - {MARKER}",
        f"Annule\u0301 {MARKER}",  # the accent as a character of its own
        "ANNULÉE",
        f"Void gemaakt {MARKER}",  # a language that we do not know, before our own marker
    ],
)
def test_a_voided_invoice_is_known_by_its_zeros_and_its_note(note: str) -> None:
    assert parse_remote("Invoice", zeroed(note, Qty=0), "CAD").state == "voided"


@pytest.mark.parametrize(
    "found",
    [
        zeroed(MARKER, Qty=2, UnitPrice=0),  # hours at a rate of 0
        zeroed(MARKER),  # an amount of 0 that stands alone
        zeroed(f"Merci! {MARKER}", Qty=2, UnitPrice=0),  # a person wrote before the marker
        zeroed("Voidedness is a word"),
        invoice(PrivateNote="Voided cheque came back"),
        invoice(
            TotalAmt=0,
            TxnTaxDetail={"TotalTax": 0},
            PrivateNote="Voided the second half",
            Line=[{"Amount": Decimal("10.00")}, {"Amount": Decimal("-10.00")}],
        ),
    ],
)
def test_what_is_not_voided_stays_live(found: dict[str, Any]) -> None:
    assert parse_remote("Invoice", found, "CAD").state == "live"


def test_numbers_may_be_written_as_text() -> None:
    assert parse_remote("Invoice", invoice(TotalAmt="252.95", Balance="0"), "CAD").total_minor == 25_295


def test_the_home_total_follows_from_the_rate_where_it_is_not_given() -> None:
    foreign = {key: value for key, value in invoice().items() if key != "HomeTotalAmt"}
    at_home = {key: value for key, value in foreign.items() if key != "CurrencyRef"}
    # 252.95 × 1.3702 = 346.592090
    assert parse_remote("Invoice", foreign, "CAD").home_total_minor == 34_659
    assert parse_remote("Invoice", at_home, "CAD").home_total_minor == 25_295


@pytest.mark.parametrize(
    "found",
    [
        {"TotalAmt": 1},
        invoice(TotalAmt="many"),
        invoice(TxnDate="yesterday"),
        invoice(MetaData={"LastUpdatedTime": "2026-11-02T01:00:00"}),
        {key: value for key, value in invoice().items() if key not in ("HomeTotalAmt", "ExchangeRate")},
    ],
)
def test_what_cannot_be_understood_is_an_error(found: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedAnswerError):
        parse_remote("Invoice", found, "CAD")
