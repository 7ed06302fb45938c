from __future__ import annotations

from tests.connectors.emulator.support import Api, codes, detail, document


def numbered(api: Api, *, own: bool) -> None:
    api.emulator.seed({"preferences": {"SalesFormsPrefs": {"CustomTxnNumbers": own}}})


def test_with_own_numbers_a_missing_number_stays_missing(api: Api) -> None:
    assert "DocNumber" not in api.invoice("10")


def test_without_own_numbers_invoices_and_credit_memos_share_the_sequence(api: Api) -> None:
    numbered(api, own=False)

    first = api.invoice("10")
    memo = api.create("CreditMemo", document("10"))
    third = api.invoice("10")

    assert [first["DocNumber"], memo["DocNumber"], third["DocNumber"]] == ["1001", "1002", "1003"]


def test_a_number_can_be_drawn_though_own_numbers_are_on(api: Api) -> None:
    assert api.invoice("10", DocNumber="AUTO_GENERATE")["DocNumber"] == "1001"
    assert api.invoice("10", AutoDocNumber=True)["DocNumber"] == "1002"


def test_the_sequence_goes_on_from_a_given_number_and_skips_taken_ones(api: Api) -> None:
    api.invoice("10", DocNumber="1005")
    api.invoice("10", DocNumber="A-7")

    assert api.invoice("10", AutoDocNumber=True)["DocNumber"] == "1006"


def test_a_taken_number_is_refused_and_its_holder_named(api: Api) -> None:
    made = api.invoice("10", DocNumber="INV-1")

    answer = api.post("Invoice", document("20", DocNumber="INV-1"))

    assert codes(answer) == ["6140"]
    assert detail(answer).endswith(f"DocNumber=INV-1 is assigned to TxnType=Invoice with TxnId={made['Id']}")


def test_a_credit_memo_cannot_take_an_invoices_number(api: Api) -> None:
    api.invoice("10", DocNumber="INV-1")

    assert codes(api.post("CreditMemo", document("20", DocNumber="INV-1"))) == ["6140"]


def test_a_duplicate_is_taken_when_it_is_asked_for(api: Api) -> None:
    api.invoice("10", DocNumber="INV-1")

    second = api.create("Invoice", document("20", DocNumber="INV-1"), include="allowduplicatedocnum")

    assert second["DocNumber"] == "INV-1"


def test_a_company_that_does_not_warn_takes_duplicates(api: Api) -> None:
    api.http.post("/emulator/settings", json={"warn_duplicate_numbers": False})
    api.invoice("10", DocNumber="INV-1")

    assert api.invoice("20", DocNumber="INV-1")["DocNumber"] == "INV-1"


def test_a_voided_document_keeps_its_number_and_a_deleted_one_frees_it(api: Api) -> None:
    voided, gone = api.invoice("10", DocNumber="V"), api.invoice("10", DocNumber="D")
    api.void("Invoice", voided)
    api.delete("Invoice", gone)

    assert codes(api.post("Invoice", document("1", DocNumber="V"))) == ["6140"]
    assert api.invoice("1", DocNumber="D")["DocNumber"] == "D"


def test_changing_to_a_taken_number_is_refused_and_keeping_ones_own_is_not(api: Api) -> None:
    api.invoice("10", DocNumber="A")
    other = api.invoice("10", DocNumber="B")

    taken = api.post("Invoice", {"Id": other["Id"], "SyncToken": "0", "sparse": True, "DocNumber": "A"})

    assert codes(taken) == ["6140"]
    assert api.update("Invoice", other, DocNumber="B", PrivateNote="x")["DocNumber"] == "B"
