"""Playing the customer and the bookkeeper: by JSON, and by the forms of the first page."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.connectors.emulator.support import Api, document, line


def act(api: Api, name: str, /, **members: Any) -> dict[str, Any]:
    answer = api.http.post(f"/emulator/{name}", json=members)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def refused(api: Api, name: str, /, **members: Any) -> str:
    answer = api.http.post(f"/emulator/{name}", json=members)
    assert answer.status_code == 400
    text: str = answer.json()["errors"][0]["detail"]
    return text


def balances(api: Api) -> dict[str, float]:
    return {one["DocNumber"]: float(one["Balance"]) for one in api.emulator.all("Invoice")}


def test_an_invoice_is_paid_in_full(api: Api) -> None:
    api.invoice("100", DocNumber="A")

    paid = act(api, "pay", doc_number="A", date="2026-11-20", memo="cheque 7")

    assert (paid["TotalAmt"], paid["TxnDate"], paid["PrivateNote"]) == (100, "2026-11-20", "cheque 7")
    assert balances(api) == {"A": 0}


def test_an_amount_goes_to_the_invoices_in_the_order_given_and_the_rest_stays(api: Api) -> None:
    for number in ("A", "B", "C"):
        api.invoice("100", DocNumber=number)

    act(api, "pay", doc_numbers=["B", "A"], amount="150")
    assert balances(api) == {"A": 50, "B": 0, "C": 100}

    assert act(api, "pay", doc_numbers=["A", "C"], amount=180)["UnappliedAmt"] == 30


def test_a_customer_pays_all_that_is_open_or_an_amount_on_account(api: Api) -> None:
    api.invoice("100", DocNumber="A")
    api.invoice("50", DocNumber="B")
    api.invoice("70", DocNumber="other", customer="2")

    assert act(api, "pay", customer="Clinique du Lac", amount="10")["UnappliedAmt"] == 10
    assert act(api, "pay", customer="Clinique du Lac")["TotalAmt"] == 150
    assert balances(api) == {"A": 0, "B": 0, "other": 70}


def test_a_foreign_customer_pays_in_its_currency(api: Api) -> None:
    api.invoice("100", DocNumber="U", customer="3", currency="USD", ExchangeRate="1.30")

    paid = act(api, "pay", doc_number="U")
    assert (paid["CurrencyRef"]["value"], paid["ExchangeRate"]) == ("USD", 1.37)


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({}, "name an invoice"),
        ({"doc_number": "Z"}, "there is no document Z"),
        ({"customer": "Nobody"}, "there is no Customer Nobody"),
        ({"doc_number": "A", "amount": "much"}, "amount must be an amount"),
        ({"doc_number": "A", "sum": 1}, "sum"),
    ],
)
def test_a_payment_that_is_not_understood_is_refused(api: Api, members: dict[str, Any], why: str) -> None:
    api.invoice("100", DocNumber="A")

    assert why in refused(api, "pay", **members)


def test_documents_are_voided_edited_and_deleted_by_their_number(api: Api) -> None:
    for number in ("V", "E", "D"):
        api.create("Invoice", document(Line=[line("100"), line("50", Qty=2, UnitPrice=25)], DocNumber=number))

    assert act(api, "void", doc_number="V")["PrivateNote"] == "Voided"
    assert act(api, "delete", doc_number="D")["status"] == "Deleted"
    edited = act(api, "edit", doc_number="E", line=2, amount="80.50", memo="by hand", new_doc_number="E-2")
    assert (edited["TotalAmt"], edited["PrivateNote"], edited["DocNumber"]) == (180.5, "by hand", "E-2")
    assert edited["Line"][1]["SalesItemLineDetail"]["UnitPrice"] == 80.5
    assert balances(api) == {"V": 0, "E-2": 180.5}


def test_an_edit_wants_something_to_change(api: Api) -> None:
    api.invoice("10", DocNumber="A")

    assert "name what to change" in refused(api, "edit", doc_number="A")
    assert "has no line 7" in refused(api, "edit", doc_number="A", line=7, amount=5)


def test_customers_are_created_renamed_and_put_to_rest(api: Api) -> None:
    made = act(api, "customer", name="Neige inc.", currency="USD", email="a@neige.example", terms="Net 15")
    assert (made["CurrencyRef"]["value"], made["SalesTermRef"]["name"]) == ("USD", "Net 15")

    renamed = act(api, "customer", name="Neige inc.", new_name="Glace inc.")
    assert (renamed["Id"], renamed["DisplayName"]) == (made["Id"], "Glace inc.")
    assert act(api, "customer", name="Glace inc.", active=False)["Active"] is False
    assert "unknown: colour" in refused(api, "customer", name="X", colour="red")


def test_credit_memos_are_created_and_applied(api: Api) -> None:
    api.invoice("100", DocNumber="A")

    memo = act(api, "credit", customer="Clinique du Lac", amount="40", tax_code="GST")
    assert (memo["TotalAmt"], memo["DocNumber"]) == (42, "1001")
    applied = act(api, "credit", apply="1001", to="A", amount="30")
    assert (applied["TotalAmt"], balances(api)) == (0, {"A": 70})
    act(api, "credit", apply="1001", to="A")
    assert balances(api) == {"A": 58}


def test_a_payment_is_changed_and_deleted(api: Api) -> None:
    for number in ("A", "B"):
        api.invoice("100", DocNumber=number)
    paid = act(api, "pay", doc_numbers=["A", "B"])

    act(api, f"payment/{paid['Id']}", amount="120", date="2026-11-30")
    assert balances(api) == {"A": 0, "B": 80}
    assert api.http.delete(f"/emulator/payment/{paid['Id']}").json()["status"] == "Deleted"
    assert balances(api) == {"A": 100, "B": 100}


def test_a_payment_is_voided_by_its_id(api: Api) -> None:
    api.invoice("100", DocNumber="A")
    paid = act(api, "pay", doc_number="A")

    assert act(api, "void", payment=paid["Id"])["TotalAmt"] == 0
    assert balances(api) == {"A": 100}


def test_a_fault_of_the_books_is_told(api: Api) -> None:
    api.emulator.seed({"closed_books": "2026-12-31"})

    answer = api.http.post("/emulator/credit", json={"customer": "1", "amount": 5})

    assert answer.json()["errors"][0]["code"] == "6210"


def test_what_is_played_is_not_in_the_journal(api: Api) -> None:
    api.invoice("100", DocNumber="A")
    act(api, "pay", doc_number="A")

    assert [entry.operation for entry in api.emulator.requests()] == ["token", "create"]


def form(api: Api, name: str, /, **fields: str) -> httpx.Response:
    return api.http.post(f"/play/{name}", data=fields)


def test_the_forms_of_the_page_do_the_same(api: Api) -> None:
    for number in ("A", "B", "C"):
        api.invoice("100", DocNumber=number)

    answers = [
        form(api, "pay", doc_numbers="A, B", amount="150", customer="", date="2026-11-03"),
        form(api, "edit", doc_number="C", line="1", amount="60", memo=""),
        form(api, "customer", name="Neige inc.", currency="CAD", email=""),
        form(api, "customer", name="Neige inc.", new_name="Glace inc.", active=""),
        form(api, "credit", customer="Clinique du Lac", amount="5", item="Support", tax_code=""),
        form(api, "credit", apply="1001", to="C", amount=""),
        form(api, "edit-payment", payment="4", amount="100", date=""),
        form(api, "void", doc_number="B"),
        form(api, "fault", kind="throttle", entity="invoice", operation="", times="2", seconds=""),
        form(api, "clear-faults"),
    ]

    assert [(a.status_code, a.headers["location"]) for a in answers] == [(303, "/")] * 10
    assert balances(api) == {"A": 0, "B": 0, "C": 55}
    assert api.emulator.all("Customer")[-1]["DisplayName"] == "Glace inc."
    assert form(api, "delete-payment", payment="4").status_code == 303
    assert balances(api) == {"A": 100, "B": 0, "C": 55}
    assert form(api, "delete", doc_number="A").status_code == 303


def test_a_form_that_cannot_be_carried_out_says_why(api: Api) -> None:
    answer = form(api, "void", doc_number="<b>Z</b>")

    assert answer.status_code == 400
    assert "there is no document &lt;b&gt;Z&lt;/b&gt;" in answer.text
    assert form(api, "dance").status_code == 400


def test_the_first_page_shows_the_books_and_says_what_it_does_not_know(api: Api) -> None:
    api.customer("<script>alert(1)</script>")
    api.invoice("1234.5", DocNumber="A-1", PrivateNote="<i>note</i>")
    act(api, "pay", doc_number="A-1", amount="234.5")
    api.emulator.fault("throttle", entity="invoice", operation="create", times=3)

    text = api.http.get("/").text

    assert "&lt;script&gt;alert(1)" in text
    assert "<script>" not in text
    assert "<i>note" not in text
    assert "1,234.50 CAD" in text
    assert '<td class="number">1,000.00</td>' in text
    assert "throttle, for create invoice: 3 more" in text
    for unknown in ("AST", "request id is remembered", "SyncToken", "same moment", "French", "batch"):
        assert unknown in text


def test_the_page_of_a_new_company_says_that_nothing_is_there_yet(us: Api) -> None:
    text = us.http.get("/").text

    assert "No document yet" in text
    assert "No payment yet" in text


def test_pages_load_nothing_from_elsewhere(api: Api) -> None:
    for path in ("/", "/requests", "/connected"):
        text = api.http.get(path).text
        for wanted in ("src=", "<link", "@import", "url("):
            assert wanted not in text


def test_a_documents_page_shows_it_as_the_api_does(api: Api) -> None:
    made = api.invoice("100", DocNumber="A")

    text = api.http.get(f"/document/Invoice/{made['Id']}").text

    assert "&#34;TotalAmt&#34;: 100.00" in text
    assert "_applied" not in text
    assert api.http.get("/document/Invoice/99").status_code == 404
    assert api.http.get("/document/Customer/1").status_code == 404


def test_the_page_of_requests_lists_them(api: Api) -> None:
    api.post("Invoice", document("10"), requestid="r-77")
    api.post("Invoice", document("10"), requestid="r-77")

    text = api.http.get("/requests").text

    assert "requestid r-77" in text
    assert "first answer again" in text
