"""Changing, voiding, deleting and mailing documents."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.emulator.support import Api, SteppingClock, codes, detail, document, line, names_of


def test_a_sparse_update_keeps_what_it_does_not_name(api: Api) -> None:
    made = api.invoice("10", "20", DocNumber="A", PrivateNote="first", DueDate="2026-12-01")

    changed = api.update("Invoice", made, PrivateNote="second")

    moved = {"PrivateNote", "SyncToken", "MetaData"}
    assert {k: v for k, v in changed.items() if k not in moved} == {k: v for k, v in made.items() if k not in moved}
    assert (changed["PrivateNote"], changed["SyncToken"]) == ("second", "1")


def test_a_full_update_takes_the_rest_back_to_its_default(api: Api) -> None:
    made = api.invoice("10", DocNumber="A", PrivateNote="first", DueDate="2026-12-24", TxnDate="2026-10-31")

    changed = api.create("Invoice", {**document("10"), **names_of(made)})

    assert "PrivateNote" not in changed
    assert "DocNumber" not in changed
    assert (changed["TxnDate"], changed["DueDate"]) == ("2026-11-02", "2026-12-02")


@pytest.mark.parametrize("empty", ["", {}, {"value": ""}])
def test_an_empty_value_clears_a_member_in_a_sparse_update(api: Api, empty: Any) -> None:
    made = api.invoice("10", CustomerMemo={"value": "thanks"})

    assert "CustomerMemo" not in api.update("Invoice", made, CustomerMemo=empty)


def test_null_leaves_a_member_as_it_is(api: Api) -> None:
    made = api.invoice("10", PrivateNote="note")

    assert api.update("Invoice", made, PrivateNote=None)["PrivateNote"] == "note"


def test_a_list_of_lines_replaces_the_whole_list_and_new_lines_get_new_ids(api: Api) -> None:
    made = api.invoice("10", "20")
    second = {k: v for k, v in made["Line"][1].items() if k != "LineNum"}

    changed = api.update("Invoice", made, Line=[second, line("30")])

    assert [(found.get("Id"), found["Amount"]) for found in changed["Line"]] == [("2", 20), ("3", 30), (None, 50)]
    again = api.update("Invoice", changed, Line=[line("5")])
    assert again["Line"][0]["Id"] == "4"


def test_an_invoice_may_be_sent_back_as_it_was_read(api: Api) -> None:
    made = api.invoice("10", "20", DocNumber="A", TxnDate="2026-10-31", BillEmail={"Address": "a@example.com"})

    changed = api.create("Invoice", {**api.read("Invoice", made["Id"]), "sparse": False})

    moved = {"SyncToken", "MetaData"}
    assert {k: v for k, v in changed.items() if k not in moved} == {k: v for k, v in made.items() if k not in moved}


def test_a_change_of_lines_is_taxed_anew_and_kept_tax_lines_are_not(api: Api) -> None:
    made = api.create("Invoice", document("100", Line=[line("100", "1")]))

    fresh = api.update("Invoice", made, Line=[line("200", "1")])
    kept = api.update("Invoice", fresh, Line=[line("300", "1")], TxnTaxDetail=fresh["TxnTaxDetail"])

    assert fresh["TotalAmt"] == 210
    assert kept["TotalAmt"] == 310


@pytest.mark.parametrize("token", ["0", "2", "x"])
def test_a_stale_sync_token_is_refused(api: Api, token: str) -> None:
    made = api.update("Invoice", api.invoice("10"), PrivateNote="x")

    answer = api.post("Invoice", {"Id": made["Id"], "SyncToken": token, "sparse": True, "PrivateNote": "y"})

    assert codes(answer) == ["5010"]
    assert api.read("Invoice", made["Id"])["PrivateNote"] == "x"


def test_a_change_wants_a_sync_token(api: Api) -> None:
    made = api.invoice("10")

    assert codes(api.post("Invoice", {"Id": made["Id"], "sparse": True})) == ["2020"]


@pytest.mark.parametrize("operation", ["delete", "void"])
def test_deleting_and_voiding_want_the_newest_sync_token(api: Api, operation: str) -> None:
    made = api.update("Invoice", api.invoice("10"), PrivateNote="x")

    assert codes(api.post("Invoice", {"Id": made["Id"], "SyncToken": "0"}, operation=operation)) == ["5010"]


@pytest.mark.parametrize(("identity", "code"), [("99", "610"), ("1.5", "2030"), ("abc", "2030")])
def test_what_is_not_there_cannot_be_read_or_changed(api: Api, identity: str, code: str) -> None:
    assert codes(api.get(f"invoice/{identity}")) == [code]
    assert codes(api.post("Invoice", {"Id": identity, "SyncToken": "0", "sparse": True})) == [code]


def test_times_move_with_each_change_and_have_whole_seconds(api: Api, stepping: SteppingClock) -> None:
    made = api.invoice("10")
    stepping.step(90.5)

    changed = api.update("Invoice", made, PrivateNote="x")

    created = {"CreateTime": "2026-11-02T09:00:00-08:00"}
    assert made["MetaData"] == {**created, "LastUpdatedTime": "2026-11-02T09:00:00-08:00"}
    assert changed["MetaData"] == {**created, "LastUpdatedTime": "2026-11-02T09:01:30-08:00"}


def test_a_change_moves_the_customers_balance_by_the_difference(api: Api) -> None:
    made = api.invoice("100")
    api.update("Invoice", made, Line=[line("70")])

    assert api.read("Customer", "1")["Balance"] == 70
    assert api.read("Customer", "1")["SyncToken"] == "0"


def test_an_invoice_that_moves_to_another_customer_takes_its_balance_along(api: Api) -> None:
    made = api.invoice("100")
    api.update("Invoice", made, CustomerRef={"value": "2"})

    assert [api.read("Customer", identity)["Balance"] for identity in ("1", "2")] == [0, 100]


def test_a_voided_invoice_owes_nothing_and_keeps_its_number(api: Api) -> None:
    made = api.invoice("100", DocNumber="V-1", PrivateNote="marker")

    voided = api.void("Invoice", made)

    assert (voided["TotalAmt"], voided["Balance"], voided["TxnTaxDetail"]) == (0, 0, {"TotalTax": 0})
    assert [found["Amount"] for found in voided["Line"]] == [0, 0]
    assert "Qty" not in voided["Line"][0]["SalesItemLineDetail"]
    assert voided["PrivateNote"] == "Voided - marker"
    assert (voided["DocNumber"], voided["SyncToken"]) == ("V-1", "1")
    assert api.read("Customer", "1")["Balance"] == 0


def test_a_voided_invoice_without_a_note_says_voided(api: Api) -> None:
    assert api.void("Invoice", api.invoice("1"))["PrivateNote"] == "Voided"


def test_voiding_again_changes_nothing(api: Api) -> None:
    voided = api.void("Invoice", api.invoice("1"))

    assert api.void("Invoice", voided) == voided


def test_a_french_company_voids_in_french(api: Api) -> None:
    api.http.post("/emulator/settings", json={"language": "fr"})

    assert api.void("Invoice", api.invoice("1"))["PrivateNote"] == "Annulé"


def test_a_deleted_invoice_is_gone_for_reading_changing_and_listing(api: Api) -> None:
    made = api.invoice("100")

    answer = api.delete("Invoice", made)

    assert answer.json()["Invoice"] == {"domain": "QBO", "status": "Deleted", "Id": made["Id"]}
    assert codes(api.get(f"invoice/{made['Id']}")) == ["610"]
    assert "deleted this transaction" in detail(api.get(f"invoice/{made['Id']}"))
    assert codes(api.post("Invoice", {**names_of(made), "sparse": True})) == ["610"]
    assert api.select("select * from Invoice") == {}
    assert api.read("Customer", "1")["Balance"] == 0


def test_a_paid_invoice_cannot_be_deleted_before_its_payment(api: Api) -> None:
    made = api.invoice("100", DocNumber="P")
    paid = api.http.post("/emulator/pay", json={"doc_number": "P"}).json()

    assert codes(api.delete("Invoice", api.read("Invoice", made["Id"]))) == ["6000"]
    api.delete("Payment", paid)
    assert api.delete("Invoice", api.read("Invoice", made["Id"])).status_code == 200


@pytest.mark.parametrize("operation", ["delete", "void"])
def test_names_are_never_deleted_or_voided(api: Api, operation: str) -> None:
    assert codes(api.post("Customer", {"Id": "1", "SyncToken": "0"}, operation=operation)) == ["500"]


def mail(api: Api, entity: str, identity: str, content_type: str = "application/octet-stream", **params: str) -> Any:
    headers = {"content-type": content_type}
    return api.http.post(f"{api.company}/{entity}/{identity}/send", headers=headers, params=params)


def test_mailing_goes_to_the_bill_email_and_shows_in_the_document(api: Api, stepping: SteppingClock) -> None:
    made = api.invoice("10", BillEmail={"Address": "client@example.com"})
    stepping.step(5)

    sent = mail(api, "invoice", made["Id"]).json()["Invoice"]

    assert sent["EmailStatus"] == "EmailSent"
    assert sent["DeliveryInfo"] == {"DeliveryType": "Email", "DeliveryTime": "2026-11-02T09:00:05-08:00"}
    assert sent["MetaData"]["LastUpdatedTime"] == "2026-11-02T09:00:05-08:00"
    assert api.read("Invoice", made["Id"]) == sent
    mails = api.http.get("/emulator/mail").json()["mail"]
    assert [(m["entity"], m["id"], m["address"]) for m in mails] == [("Invoice", made["Id"], "client@example.com")]


def test_mailing_to_another_address_sets_it(api: Api) -> None:
    made = api.create("CreditMemo", document("10"))

    sent = mail(api, "creditmemo", made["Id"], sendTo="Ada+1@example.com").json()["CreditMemo"]

    assert sent["BillEmail"] == {"Address": "Ada+1@example.com"}


def test_each_mailing_mails_again(api: Api) -> None:
    made = api.invoice("10", BillEmail={"Address": "client@example.com"})
    mail(api, "invoice", made["Id"])
    mail(api, "invoice", made["Id"])

    assert len(api.http.get("/emulator/mail").json()["mail"]) == 2


def test_mailing_wants_an_address_and_a_content_type(api: Api) -> None:
    made = api.invoice("10")

    assert codes(mail(api, "invoice", made["Id"])) == ["6000"]
    assert codes(mail(api, "invoice", made["Id"], sendTo="nobody")) == ["6000"]
    assert codes(mail(api, "invoice", made["Id"], "application/json", sendTo="a@example.com")) == ["500"]
    assert codes(mail(api, "payment", "1", sendTo="a@example.com")) == ["500"]
    assert api.http.get("/emulator/mail").json()["mail"] == []


@pytest.mark.parametrize(("delta", "token"), [(0, "0"), (1, "1"), (2, "2")])
def test_how_far_mailing_moves_the_token_can_be_chosen(api: Api, delta: int, token: str) -> None:
    api.http.post("/emulator/settings", json={"send_token_delta": delta})
    made = api.invoice("10", BillEmail={"Address": "client@example.com"})

    assert mail(api, "invoice", made["Id"]).json()["Invoice"]["SyncToken"] == token


def test_email_status_need_to_send_wants_an_address(api: Api) -> None:
    assert codes(api.post("Invoice", document("1", EmailStatus="NeedToSend"))) == ["6000"]
    assert api.invoice("1", EmailStatus="NeedToSend", BillEmail={"Address": "a@b.ca"})["EmailStatus"] == "NeedToSend"


@pytest.mark.parametrize("path", ["batch", "upload", "invoice/1/pdf", "bill", "nothing", "invoice/1/2/3"])
def test_what_is_not_there_is_refused_by_name(api: Api, path: str) -> None:
    answers = [api.get(path), api.http.post(f"{api.company}/{path}", json={})]

    for answer in answers:
        assert codes(answer) == ["500"]
        assert path in detail(answer)


@pytest.mark.parametrize(
    ("entity", "params"),
    [
        ("Invoice", {"operation": "merge"}),
        ("Invoice", {"include": "invoiceLink"}),
        ("Invoice", {"operation": "update", "include": "void"}),
        ("Payment", {"operation": "void"}),
        ("TaxCode", {}),
        ("Vendor", {}),
    ],
)
def test_an_operation_that_is_not_there_is_refused(api: Api, entity: str, params: dict[str, str]) -> None:
    assert codes(api.post(entity, {"Id": "1", "SyncToken": "0"}, **params)) == ["500"]


def test_every_answer_carries_a_tid_of_its_own_and_the_version(api: Api) -> None:
    answers = [api.get("preferences"), api.get("invoice/9"), api.http.get("/v3/company/1/preferences")]

    assert len({answer.headers["intuit_tid"] for answer in answers}) == 3
    assert {answer.headers["qbo-version"] for answer in answers} == {"2073.223"}


@pytest.mark.parametrize(("version", "status"), [("75", 200), ("73", 200), ("new", 400)])
def test_any_minor_version_gets_the_same_answer(api: Api, version: str, status: int) -> None:
    assert api.get("preferences", minorversion=version).status_code == status


def test_xml_is_not_spoken(api: Api) -> None:
    answer = api.http.get(f"{api.company}/preferences", headers={"accept": "*/*"})

    assert codes(answer) == ["500"]
