"""Creating invoices and credit memos: what must be sent, what is worked out, and how it is written."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.emulator.support import Api, codes, detail, document, line


def test_an_invoice_is_written_as_quickbooks_writes_it(api: Api) -> None:
    body = document("220.00", DocNumber="A-1", TxnDate="2026-10-31", PrivateNote="note")
    body["Line"] = [line("220.00", "2", Qty=2, UnitPrice="110.0")]

    text = api.post("Invoice", body).text

    assert '"DocNumber":"A-1","TxnDate":"2026-10-31"' in text
    assert '"Amount":220.00,"DetailType":"SalesItemLineDetail"' in text
    assert '"UnitPrice":110,"Qty":2,' in text
    assert '{"Amount":220.00,"DetailType":"SubTotalLineDetail","SubTotalLineDetail":{}}' in text
    assert '"TotalAmt":252.95' in text
    assert '"SyncToken":"0"' in text
    assert '"time":"2026-11-02T09:00:00.000-08:00"}' in text


def test_zero_is_written_without_decimals(api: Api) -> None:
    text = api.post("Invoice", document("0")).text

    assert '"TotalAmt":0,' in text
    assert '"Balance":0,' in text
    assert '"TotalTax":0' in text


def test_ids_are_texts_and_all_transactions_share_one_sequence(api: Api) -> None:
    first = api.invoice("10")
    memo = api.create("CreditMemo", document("1"))
    paid = api.emulator.write(
        "Payment", "create", {"CustomerRef": {"value": "1"}, "CurrencyRef": {"value": "CAD"}, "TotalAmt": 1}
    )

    assert [first["Id"], memo["Id"], paid["Id"]] == ["1", "2", "3"]


@pytest.mark.parametrize("member", ["CustomerRef", "Line", "CurrencyRef"])
def test_a_required_member_is_missed(api: Api, member: str) -> None:
    body = document("10")
    del body[member]

    answer = api.post("Invoice", body)

    assert codes(answer) == ["2020"]
    assert member in detail(answer)


def test_an_empty_list_of_lines_is_missed(api: Api) -> None:
    assert codes(api.post("Invoice", document())) == ["2020"]


@pytest.mark.parametrize("member", ["Amount", "DetailType"])
def test_a_line_wants_its_amount_and_kind(api: Api, member: str) -> None:
    body = document("10")
    del body["Line"][0][member]

    assert codes(api.post("Invoice", body)) == ["2020"]


def test_without_several_currencies_no_currency_is_needed(us: Api) -> None:
    made = us.create("Invoice", {"CustomerRef": {"value": "1"}, "Line": [line("10", None)]})

    assert made["CurrencyRef"] == {"value": "USD", "name": "United States Dollar"}
    assert "ExchangeRate" not in made
    assert "HomeTotalAmt" not in made


def test_a_line_without_an_item_takes_the_default_item(api: Api) -> None:
    body = document("10")
    del body["Line"][0]["SalesItemLineDetail"]["ItemRef"]

    made = api.create("Invoice", body)

    assert made["Line"][0]["SalesItemLineDetail"]["ItemRef"] == {"value": "1", "name": "Services"}


def test_a_description_line_has_no_amount(api: Api) -> None:
    text = {"DetailType": "DescriptionOnly", "Description": "Détail des heures"}
    body = document("10")

    made = api.create("Invoice", {**body, "Line": [text, *body["Line"]]})

    assert made["Line"][0]["Description"] == "Détail des heures"
    assert "Amount" not in made["Line"][0]
    assert made["TotalAmt"] == 10
    assert codes(api.post("Invoice", {**body, "Line": [{**text, "Amount": 5}, *body["Line"]]})) == ["6000"]


@pytest.mark.parametrize(
    ("quantity", "price", "amount", "refused"),
    [
        ("14.5", "128.35", "1861.08", False),
        ("14.5", "128.35", "1861.07", True),
        ("-14.5", "128.35", "-1861.08", False),
        ("0.333", "90", "29.97", False),
        ("0.333", "90", "29.96", True),
    ],
)
def test_an_amount_is_quantity_times_price_rounded_half_up(
    api: Api, quantity: str, price: str, amount: str, refused: bool
) -> None:
    body = document("5000", Line=[line("5000"), line(amount, Qty=quantity, UnitPrice=price)])

    answer = api.post("Invoice", body)

    if refused:
        assert codes(answer) == ["6070"]
    else:
        assert answer.status_code == 200


def test_the_refused_amount_is_shown_with_a_thousands_comma(api: Api) -> None:
    answer = api.post("Invoice", document("1", Line=[line("1000", Qty=1, UnitPrice=999)]))

    assert detail(answer) == "Amount is not equal to UnitPrice * Qty. Supplied value:1,000"


def test_numbers_may_be_sent_as_texts(api: Api) -> None:
    made = api.create("Invoice", document("0", Line=[line("10.50", Qty="1.5", UnitPrice="7")]))

    assert made["TotalAmt"] == 10.5


def test_a_negative_line_lowers_the_total_but_not_below_zero(api: Api) -> None:
    assert api.invoice("100", "-30")["TotalAmt"] == 70
    assert codes(api.post("Invoice", document("30", "-100"))) == ["6000"]


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        ("DocNumber", "x" * 22, "2050"),
        ("PrivateNote", "x" * 4001, "2050"),
        ("CustomerMemo", {"value": "x" * 1001}, "2050"),
        ("BillEmail", {"Address": "x" * 101}, "2050"),
        ("BillAddr", {"Line1": "x" * 501}, "2050"),
        ("EmailStatus", "Posted", "2170"),
        ("GlobalTaxCalculation", "Sometimes", "2170"),
        ("BadJson", 1, "2010"),
        ("TxnDate", "31/10/2026", "2010"),
        ("TxnDate", "2026-02-30", "2010"),
        ("ExchangeRate", "abc", "2010"),
        ("ExchangeRate", True, "2010"),
        ("CustomerRef", "1", "2010"),
        ("CustomerRef", {"value": "1", "id": "1"}, "2010"),
        ("Line", {"Amount": 1}, "2010"),
        ("Deposit", 5, "500"),
        ("DepositToAccountRef", {"value": "4"}, "500"),
        ("GlobalTaxCalculation", "TaxInclusive", "500"),
    ],
)
def test_a_member_is_refused(api: Api, member: str, value: Any, code: str) -> None:
    assert codes(api.post("Invoice", document("10", **{member: value}))) == [code]


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("DocNumber", "x" * 21),
        ("PrivateNote", "é" * 4000),
        ("CustomerMemo", {"value": "x" * 1000}),
        ("BillEmail", {"Address": "a@example.com"}),
    ],
)
def test_a_member_at_its_limit_is_kept(api: Api, member: str, value: Any) -> None:
    made = api.create("Invoice", document("10", **{member: value}))

    assert made[member] == value


def test_an_unknown_member_of_a_line_is_named(api: Api) -> None:
    answer = api.post("Invoice", document("10", Line=[{**line("10"), "Quantity": 1}]))

    assert codes(answer) == ["2010"]
    assert 'Unrecognized field "Line.Quantity"' in detail(answer)


def test_several_mistakes_come_in_one_fault(api: Api) -> None:
    answer = api.post("Invoice", document("10", DocNumber="x" * 22, EmailStatus="Posted"))

    assert codes(answer) == ["2050", "2170"]


@pytest.mark.parametrize("price", ["0.000001", "12345678901"])
def test_a_number_has_ten_digits_and_five_decimals_at_most(api: Api, price: str) -> None:
    assert "2050" in codes(api.post("Invoice", document("1", Line=[line("1", UnitPrice=price)])))


def test_figures_that_quickbooks_keeps_may_be_sent_back_and_are_not_looked_at(api: Api) -> None:
    extra: dict[str, Any] = {
        "TotalAmt": 1,
        "Balance": 2,
        "MetaData": {},
        "domain": "QBO",
        "LinkedTxn": [],
        "HomeTotalAmt": 9,
    }

    made = api.invoice("10", **extra)

    assert (made["TotalAmt"], made["Balance"]) == (10, 10)


@pytest.mark.parametrize("body", [b"{", b"[1]", b'"x"', b""])
def test_a_body_that_is_no_object_is_refused(api: Api, body: bytes) -> None:
    headers = {"content-type": "application/json"}

    assert codes(api.http.post(f"{api.company}/invoice", content=body, headers=headers)) == ["2010"]


def test_a_body_of_another_kind_is_refused(api: Api) -> None:
    headers = {"content-type": "text/plain"}

    assert codes(api.http.post(f"{api.company}/invoice", content=b"{}", headers=headers)) == ["500"]


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"CustomerRef": {"value": "99"}}, "Names element id 99 not found"),
        ({"ClassRef": {"value": "99"}}, "Klasses element id 99 not found"),
        ({"DepartmentRef": {"value": "99"}}, "Depts element id 99 not found"),
        ({"SalesTermRef": {"value": "99"}}, "Terms element id 99 not found"),
        ({"Line": [line("1", ItemRef={"value": "99"})]}, "Items element id 99 not found"),
        ({"Line": [line("1", "99")]}, "TaxCodes element id 99 not found"),
        ({"Line": [line("1", ClassRef={"value": "99"})]}, "Klasses element id 99 not found"),
    ],
)
def test_a_reference_to_nothing_is_refused(api: Api, members: dict[str, Any], text: str) -> None:
    answer = api.post("Invoice", document("1", **members))

    assert codes(answer) == ["2500"]
    assert text in detail(answer)


def test_a_reference_to_something_inactive_is_refused(api: Api) -> None:
    item = api.read("Item", "3")
    api.update("Item", item, Active=False)

    answer = api.post("Invoice", document("1", Line=[line("1", ItemRef={"value": "3"})]))

    assert codes(answer) == ["610"]
    assert "made inactive" in detail(answer)


@pytest.mark.parametrize(
    ("members", "due"),
    [
        ({"DueDate": "2026-12-24", "SalesTermRef": {"value": "2"}}, "2026-12-24"),
        ({"SalesTermRef": {"value": "1"}}, "2026-10-31"),
        ({"SalesTermRef": {"value": "2"}}, "2026-11-15"),
        ({}, "2026-11-30"),
    ],
)
def test_the_due_date_follows_the_terms(api: Api, members: dict[str, Any], due: str) -> None:
    assert api.invoice("10", TxnDate="2026-10-31", **members)["DueDate"] == due


def test_the_due_date_follows_the_customers_terms(api: Api) -> None:
    customer = api.customer("With terms", SalesTermRef={"value": "4"})

    made = api.invoice("10", customer=customer, TxnDate="2026-10-31")

    assert made["DueDate"] == "2026-12-30"
    assert made["SalesTermRef"] == {"value": "4", "name": "Net 60"}


@pytest.mark.parametrize(
    ("dated", "days", "due"),
    [
        ("2026-10-10", 0, "2026-10-31"),
        ("2026-10-28", 5, "2026-11-30"),
        ("2026-12-28", 5, "2027-01-31"),
        ("2027-01-30", 5, "2027-02-28"),
    ],
)
def test_a_term_by_day_of_the_month_moves_on_when_too_close(api: Api, dated: str, days: int, due: str) -> None:
    term = api.create("Term", {"Name": "End of month", "DayOfMonthDue": 31, "DueNextMonthDays": days})

    assert api.invoice("10", TxnDate=dated, SalesTermRef={"value": term["Id"]})["DueDate"] == due


def test_an_invoice_without_a_date_is_dated_as_the_servers_calendar(api: Api) -> None:
    assert api.invoice("10")["TxnDate"] == "2026-11-02"


@pytest.mark.parametrize(("dated", "refused"), [("2026-09-30", True), ("2026-10-01", False)])
def test_closed_books_take_no_more_documents(api: Api, dated: str, refused: bool) -> None:
    api.emulator.seed({"closed_books": "2026-09-30"})

    answer = api.post("Invoice", document("10", TxnDate=dated))

    if refused:
        assert codes(answer) == ["6210"]
    else:
        assert answer.status_code == 200


def test_closed_books_keep_their_documents_as_they_are(api: Api) -> None:
    made = api.invoice("10", TxnDate="2026-09-15")
    api.emulator.seed({"closed_books": "2026-09-30"})

    moved = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "TxnDate": "2026-10-05"}
    assert codes(api.post("Invoice", moved)) == ["6210"]
    assert codes(api.delete("Invoice", made)) == ["6210"]
    assert codes(api.post("Invoice", {"Id": made["Id"], "SyncToken": "0"}, operation="void")) == ["6210"]


def test_a_refused_document_leaves_nothing_behind(api: Api) -> None:
    api.emulator.seed({"closed_books": "2026-09-30"})
    refused = api.post("Invoice", document("10", TxnDate="2026-09-01", AutoDocNumber=True))

    made = api.invoice("10", AutoDocNumber=True)

    assert codes(refused) == ["6210"]
    assert (made["Id"], made["DocNumber"]) == ("1", "1001")
    assert api.read("Customer", "1")["Balance"] == 10


def test_a_credit_memo_shows_what_remains_of_it(api: Api) -> None:
    made = api.create("CreditMemo", document("40", DocNumber="C-1"))

    assert (made["TotalAmt"], made["Balance"], made["RemainingCredit"]) == (40, 40, 40)
    assert "DueDate" not in made
    assert api.read("Customer", "1")["Balance"] == -40
