from __future__ import annotations

import pytest

from tests.connectors.emulator.support import Api, SteppingClock, codes, company, document, names_of


def count(api: Api) -> int:
    return len(api.emulator.all("Invoice"))


def test_a_repeated_request_gets_the_first_answer_to_the_letter_and_changes_nothing(
    api: Api, stepping: SteppingClock
) -> None:
    first = api.post("Invoice", document("10"), requestid="r-1")
    stepping.step(3600 - 1)
    api.update("Invoice", first.json()["Invoice"], PrivateNote="later")

    again = api.post("Invoice", document("10"), requestid="r-1")

    assert again.text == first.text
    assert again.headers["intuit_tid"] != first.headers["intuit_tid"]
    assert count(api) == 1


def test_without_a_request_id_a_repeated_request_makes_a_second_invoice(api: Api) -> None:
    api.post("Invoice", document("10"))
    api.post("Invoice", document("10"))

    assert count(api) == 2


def test_the_same_id_with_another_body_gets_the_first_answer(api: Api) -> None:
    first = api.post("Invoice", document("10"), requestid="r-1")

    assert api.post("Invoice", document("99"), requestid="r-1").text == first.text


def test_the_same_id_with_another_body_can_be_refused(api: Api) -> None:
    api.http.post("/emulator/settings", json={"requestid_other_body": "refuse"})
    first = api.post("Invoice", document("10"), requestid="r-1")

    assert codes(api.post("Invoice", document("99"), requestid="r-1")) == ["600"]
    assert api.post("Invoice", document("10"), requestid="r-1").text == first.text


def test_a_refused_request_is_not_remembered(api: Api) -> None:
    assert codes(api.post("Invoice", document("10", customer="99"), requestid="r-1")) == ["2500"]

    assert api.post("Invoice", document("10"), requestid="r-1").status_code == 200


@pytest.mark.parametrize(("length", "status"), [(50, 200), (51, 400)])
def test_a_request_id_has_fifty_characters_at_most(api: Api, length: int, status: int) -> None:
    assert api.post("Invoice", document("10"), requestid="x" * length).status_code == status


def test_voids_deletes_and_mailings_are_replayed_too(api: Api) -> None:
    made = api.invoice("10", BillEmail={"Address": "a@example.com"})
    address, headers = f"{api.company}/invoice/{made['Id']}/send", {"content-type": "application/octet-stream"}
    sent = [api.http.post(address, headers=headers, params={"requestid": "s"}).text for _ in range(2)]
    newest = api.read("Invoice", made["Id"])
    voided = [api.post("Invoice", names_of(newest), operation="void", requestid="v").text for _ in range(2)]
    newest = api.read("Invoice", made["Id"])
    gone = [api.post("Invoice", names_of(newest), operation="delete", requestid="d").text for _ in range(2)]

    for first, second in (sent, voided, gone):
        assert first == second
        assert "Fault" not in first
    assert len(api.http.get("/emulator/mail").json()["mail"]) == 1


def test_a_request_id_can_be_made_to_be_forgotten(api: Api, stepping: SteppingClock) -> None:
    api.http.post("/emulator/settings", json={"requestid_retention_seconds": 60})
    api.post("Invoice", document("10"), requestid="r-1")
    stepping.step(60)
    api.post("Invoice", document("10"), requestid="r-1")
    assert count(api) == 1

    stepping.step(1)
    api.post("Invoice", document("10"), requestid="r-1")
    assert count(api) == 2


def test_a_request_id_belongs_to_its_company(api: Api) -> None:
    api.post("Invoice", document("10"), requestid="r-1")
    with company("ca", realm_id="77") as other:
        assert other.post("Invoice", document("20"), requestid="r-1").json()["Invoice"]["TotalAmt"] == 20


def test_a_switch_lets_the_request_id_be_ignored(api: Api) -> None:
    api.emulator.fault("ignore-requestid", entity="invoice", times=1)
    api.post("Invoice", document("10"), requestid="other")
    api.emulator.fault("ignore-requestid", entity="invoice", times=1)
    api.post("Invoice", document("10"), requestid="other")

    assert count(api) == 2
    assert api.post("Invoice", document("10"), requestid="other").json()["Invoice"]["Id"] == "2"
