"""Starting and keeping the books: seeds, settings, the books file, and serving."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.emulator import DEFAULT_PORT, Emulator, running
from connectors.emulator.faults import Fault
from connectors.emulator.seed import SeedError
from tests.connectors.emulator.support import BASIC, Api, SteppingClock, company, document, line


def test_the_companies_have_their_own_realms() -> None:
    with Emulator("ca") as canadian, Emulator("us") as american:
        assert (canadian.realm_id, american.realm_id) == ("4620816365000000001", "4620816365000000002")
    with pytest.raises(ValueError, match="country must be ca or us"):
        Emulator("fr")


def test_the_address_is_the_one_that_syncd_expects() -> None:
    assert DEFAULT_PORT == 8765


def test_a_seed_adds_entries_and_tells_their_ids(api: Api) -> None:
    seed = {
        "customers": [
            "Plain",
            {"name": "Hydro", "email": "ap@hydro.example", "terms": "Net 15", "tax_code": "GST/QST QC - 9.975"},
            {"name": "Site", "parent": "Hydro", "bill_with_parent": True},
            {"name": "Old", "active": False},
        ],
        "items": [{"name": "Audit", "price": "200.50", "description": "An audit", "account": "Services"}],
        "classes": ["North"],
        "departments": ["Montréal"],
        "vendors": ["Papeterie"],
        "employees": ["Ada"],
        "preferences": {"SalesFormsPrefs": {"CustomTxnNumbers": False}},
        "closed_books": "2025-12-31",
    }

    ids = api.http.post("/emulator/seed", json=seed).json()

    hydro = api.read("Customer", ids["customers"]["Hydro"])
    assert (hydro["SalesTermRef"]["name"], hydro["DefaultTaxCodeRef"]["value"]) == ("Net 15", "2")
    assert api.read("Customer", ids["customers"]["Hydro:Site"])["BillWithParent"] is True
    assert api.read("Customer", ids["customers"]["Old (deleted)"])["Active"] is False
    assert api.read("Item", ids["items"]["Audit"])["UnitPrice"] == 200.5
    assert api.read("Class", ids["classes"]["North"])["Name"] == "North"
    assert api.select("select * from Vendor")["Vendor"][0]["DisplayName"] == "Papeterie"
    preferences = api.get("preferences").json()["Preferences"]
    assert preferences["AccountingInfoPrefs"]["BookCloseDate"] == "2025-12-31"
    assert preferences["SalesFormsPrefs"]["CustomTxnNumbers"] is False
    assert preferences["SalesFormsPrefs"]["AllowEstimates"] is True


@pytest.mark.parametrize(
    ("seed", "why"),
    [
        ({"clients": []}, "unknown in the seed: clients"),
        ({"customers": [{"name": "A", "colour": "red"}]}, "customers: unknown: colour"),
        ({"items": [{"name": "A", "cost": 1}]}, "items: unknown: cost"),
        ({"customers": [{"name": "A", "terms": "Net 7"}]}, "there is no Term Net 7"),
        ({"preferences": {"Other": {}}}, "preferences: Other is unknown"),
        ({"exchange_rates": {"XXX": "1"}}, "exchange_rates: XXX is unknown"),
        ({"tax_rates": {"TVA": "20"}}, "there is no rate TVA"),
    ],
)
def test_a_seed_that_cannot_be_read_adds_nothing(seed: dict[str, Any], why: str) -> None:
    with Emulator("ca") as emulator:
        before = emulator.all("Customer")
        with pytest.raises(SeedError, match=why):
            emulator.seed({"customers": [{"name": "First"}], "exchange_rates": {"USD": "9"}} | seed)

        assert emulator.all("Customer") == before
        assert emulator.books.exchange_rates["USD"] == [["1970-01-01", "1.37"]]


def test_a_seed_that_the_books_refuse_adds_nothing() -> None:
    with Emulator("ca") as emulator:
        with pytest.raises(Fault):
            emulator.seed({"customers": ["New", "Clinique du Lac"]})

        assert len(emulator.all("Customer")) == 3


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"colour": "red"}, "unknown: colour"),
        ({"language": "de"}, "language must be"),
        ({"requestid_other_body": "x"}, "requestid_other_body must be"),
    ],
)
def test_a_setting_that_is_not_there_is_refused(api: Api, members: dict[str, Any], why: str) -> None:
    answer = api.http.post("/emulator/settings", json=members)

    assert answer.status_code == 400
    assert why in answer.json()["errors"][0]["detail"]


def test_settings_can_be_read(api: Api) -> None:
    assert api.http.get("/emulator/settings").json() == {
        "language": "en",
        "send_token_delta": 1,
        "requestid_retention_seconds": None,
        "requestid_other_body": "replay",
        "warn_duplicate_numbers": True,
        "limits": False,
        "rotate_refresh_tokens": True,
    }


def test_books_in_a_file_go_on_where_they_ended(tmp_path: Path, stepping: SteppingClock) -> None:
    path = tmp_path / "books.db"
    with company("ca", path, now=stepping) as api:
        api.emulator.seed({"exchange_rates": {"USD": "1.5"}, "customers": ["Kept"]})
        made = api.create("Invoice", document(Line=[line("220", "2", Qty=2, UnitPrice=110)], DocNumber="1500"))
        gone = api.invoice("5", DocNumber="gone")
        api.http.post("/emulator/pay", json={"doc_number": "1500", "amount": "52.95"})
        api.delete("Invoice", gone)
        first = api.post("Invoice", document("7", AutoDocNumber=True), requestid="r-1").text
        token = api.http.headers["authorization"]
        before = {name: api.emulator.all(name) for name in ("Invoice", "Payment", "Customer", "Preferences")}
        text = api.get(f"invoice/{made['Id']}").text

    with company("ca", path, now=stepping) as api:
        api.http.headers["authorization"] = token
        assert {name: api.emulator.all(name) for name in before} == before
        assert api.get(f"invoice/{made['Id']}").text == text
        assert api.post("Invoice", document("7"), requestid="r-1").text == first
        assert api.get("invoice/2").json()["Fault"]["Error"][0]["code"] == "610"
        again = api.invoice("1", AutoDocNumber=True)
        assert (again["DocNumber"], again["Id"]) == ("1502", "5")
        assert api.get("exchangerate", sourcecurrencycode="USD").json()["ExchangeRate"]["Rate"] == 1.5
        asked = {"entities": "Invoice", "changedSince": "2026-11-02T00:00:00Z"}
        told = api.get("cdc", **asked).json()["CDCResponse"][0]["QueryResponse"][0]["Invoice"]
        assert [one["Id"] for one in told if one.get("status") == "Deleted"] == [gone["Id"]]


def test_a_rotated_token_is_in_the_file_before_it_is_answered(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    with company("ca", path) as api:
        form = {"grant_type": "refresh_token", "refresh_token": api.tokens["refresh_token"]}
        rotated = api.http.post("/oauth2/v1/tokens/bearer", data=form, auth=BASIC).json()["refresh_token"]

    with Emulator("ca", path) as emulator, running(emulator) as base_url:
        for token, status in ((form["refresh_token"], 400), (rotated, 200)):
            asked = {"grant_type": "refresh_token", "refresh_token": token}
            assert httpx.post(f"{base_url}/oauth2/v1/tokens/bearer", data=asked, auth=BASIC).status_code == status


def test_a_books_file_belongs_to_one_company_and_one_emulator(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    with Emulator("ca", path), pytest.raises(ValueError, match="cannot be used: database is locked"):
        Emulator("ca", path)
    with pytest.raises(ValueError, match="is of company 4620816365000000001"):
        Emulator("us", path)


def test_stopping_is_prompt_though_an_answer_is_delayed_or_unread() -> None:
    with Emulator("ca", limits=False) as emulator:
        started = time.monotonic()
        with running(emulator) as base_url:
            emulator.fault("delay", seconds=60, when="after", entity="preferences")
            thread = threading.Thread(target=_read_slowly, args=(base_url,))
            thread.start()
            stuck = _connect_without_reading(base_url)
            while not emulator.requests():
                time.sleep(0.01)
            started = time.monotonic()
        stopped = time.monotonic() - started
        thread.join()
        stuck.close()

    assert stopped < 1


def _read_slowly(base_url: str) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{base_url}/v3/company/1/preferences", timeout=60)


def _connect_without_reading(base_url: str) -> socket.socket:
    address = httpx.URL(base_url)
    stuck = socket.create_connection((address.host, address.port))
    stuck.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 50)
    return stuck


def test_a_client_that_reads_slowly_gets_all_of_a_large_answer(api: Api) -> None:
    api.emulator.seed({"customers": [f"C{number:04}" for number in range(900)]})
    received = bytearray()
    query = {"query": "select * from Customer maxresults 1000"}

    with api.http.stream("GET", f"{api.company}/query", params=query) as answer:
        for chunk in answer.iter_raw(65536):
            received += chunk
            time.sleep(0.005)
            if len(received) < 200_000:
                assert api.emulator.all("Term")

    assert len(received) == int(answer.headers["content-length"]) > 300_000


def test_a_taken_port_is_an_error() -> None:
    with Emulator() as emulator, running(emulator) as base_url:
        port = httpx.URL(base_url).port
        assert port is not None
        with pytest.raises(OSError, match="in use"), running(emulator, port=port):
            pass


def test_serving_in_a_process_ends_quietly_on_sigterm(tmp_path: Path) -> None:
    script = """
        from pathlib import Path
        from connectors.emulator import Emulator, serve
        with Emulator("ca", Path("books.db")) as emulator:
            serve(emulator, port=0, ready=lambda base_url: print(base_url, flush=True))
        print("closed", flush=True)
    """
    environment = {"PYTHONPATH": str(Path(__file__).parents[3]), "PYTHONWARNINGS": "error"}
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    base_url = process.stdout.readline().strip()
    with httpx.Client(base_url=base_url) as http:
        assert http.get("/").status_code == 200
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)

    assert (process.returncode, out, err) == (0, "closed\n", "")


def test_many_threads_make_one_book(api: Api) -> None:
    def push(number: int) -> None:
        with httpx.Client(base_url=api.base_url, headers=api.http.headers, verify=False) as http:  # noqa: S501
            for step in range(5):
                body = document("10", DocNumber=f"{number}-{step}")
                assert http.post(f"{api.company}/invoice", json=body).status_code == 200

    threads = [threading.Thread(target=push, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        api.emulator.write("CreditMemo", "create", {"CustomerRef": {"value": "2"}, **_credit()})
    for thread in threads:
        thread.join()

    ids = sorted(int(one["Id"]) for name in ("Invoice", "CreditMemo") for one in api.emulator.all(name))
    assert ids == list(range(1, 51))
    assert api.emulator.read("Customer", "1")["Balance"] == 300


def _credit() -> dict[str, Any]:
    body = document("1", customer="2")
    return {name: body[name] for name in ("CurrencyRef", "Line")}
