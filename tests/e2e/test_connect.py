"""`syncd connect` as a process, against real consent pages: pasted, by the browser, and through a proxy with TLS."""

from __future__ import annotations

import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from connectors.emulator import Emulator, running
from connectors.quickbooks.ports import Tokens
from syncd.clock import SystemClock
from syncd.config import Secret
from syncd.engine.key import token_key
from syncd.engine.tokens import StoredTokens
from syncd.store.database import open_store
from syncd.store.schema import instant_text
from tests.e2e.company import CUSTOMERS, NAME, NOVEMBER, REALM, Company, emulator_process, entry, timesheet
from tests.e2e.conftest import MakeCompany
from tests.e2e.dump import changed_tables, dump, execute, rows
from tests.e2e.starter import Process
from tests.e2e.test_crashes import was_off_since_yesterday
from tests.e2e.test_two_daemons import daemon
from tests.support.proxy import tls_proxy

pytestmark = pytest.mark.timeout(300)  # a busy machine of two cores


@pytest.fixture
def unconnected(tmp_path: Path, sqlite_url: str) -> Iterator[Company]:
    """A company that nobody has connected yet."""
    with emulator_process() as url:
        yield Company(tmp_path, url, sqlite_url)


def configure(company: Company, old: str, new: str) -> None:
    path = company.folder / "config.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def come_back_by(company: Company, redirect: str) -> int:
    """Let the consent come back by `redirect`, to a free port of this machine; gives back the port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    configure(company, 'redirect = "paste"', f'redirect = "{redirect}"\nredirect_port = {port}')
    return port


@contextmanager
def connecting(company: Company, until: str, *more: str) -> Iterator[tuple[Process, str]]:
    """`syncd connect quickbooks` once it has said `until`; with it, the address at which to consent."""
    process = company.start("connect", "quickbooks", *more)
    try:
        printed = ""
        while until not in printed:
            line = process.stdout.readline()
            assert line, printed
            printed += line
        found = re.search(r"https?://\S+/connect/oauth2\S+", printed)
        assert found, printed
        yield process, found[0]
    finally:
        process.signal(signal.SIGKILL)
        process.close()


def consent(address: str) -> str:
    """Agree in the browser: where it is sent."""
    answer = httpx.get(address)
    assert answer.status_code == 302
    return answer.headers["location"]


def the_rest(process: Process, code: int = 0) -> str:
    printed = process.stdout.read()
    assert process.wait() == code, printed
    return printed


def connected_to(company: Company) -> list[tuple[object, ...]]:
    return rows(company.store_url, "SELECT company, environment, realm, company_name FROM connection")


THE_BOOKS = [(NAME, "emulator", REALM, "Atelier Boréal inc.")]


def test_an_address_that_is_pasted_connects(unconnected: Company) -> None:
    with connecting(unconnected, "paste") as (process, address):
        arrived = consent(address)
        assert httpx.get(arrived).status_code == 200  # A page on which a person can stand.
        process.stdin.write(f"  {arrived}\n")
        process.stdin.close()
        printed = the_rest(process)

    assert "Connected to Atelier Boréal inc. in QuickBooks (emulator).\n\nNext: syncd pull" in printed
    assert connected_to(unconnected) == THE_BOOKS


@pytest.mark.parametrize(
    ("pasted", "told"),
    [
        ("", "no address was given"),
        ("https://example.com/", "carries no answer"),
        ("https://example.com/?code=c&state=forged&realmId=1", "belongs to another attempt"),
    ],
)
def test_an_address_that_carries_no_consent_connects_nothing(unconnected: Company, pasted: str, told: str) -> None:
    with connecting(unconnected, "paste") as (process, _):
        process.stdin.write(f"{pasted}\n")
        process.stdin.close()
        printed = the_rest(process, 1)

    assert told in printed
    assert connected_to(unconnected) == []


def test_a_browser_on_this_machine_comes_back_by_itself(unconnected: Company) -> None:
    port = come_back_by(unconnected, "browser")
    with connecting(unconnected, "Waiting for") as (process, address):
        assert parse_qs(urlsplit(address).query)["redirect_uri"] == [f"http://localhost:{port}/callback"]
        arrived = consent(address)
        page = httpx.get(arrived)
        printed = the_rest(process)

    assert page.status_code == 200
    assert "Connected to Atelier Boréal inc." in printed
    assert connected_to(unconnected) == THE_BOOKS
    assert_no_secret(unconnected, printed + page.text, arrived)


def assert_no_secret(company: Company, shown: str, arrived: str) -> None:
    """Neither the code nor a token is on a screen, on a page, or in a file in clear."""
    [code] = parse_qs(urlsplit(arrived).query)["code"]
    tokens = stored(company)
    kept = b"".join(path.read_bytes() for path in company.folder.rglob("*") if path.is_file())
    for secret in (code, tokens.access, tokens.refresh):
        assert secret not in shown
        assert secret.encode() not in kept


def stored(company: Company) -> Tokens:
    """The company's tokens, opened with its key."""
    store = open_store(company.store_url, SystemClock())
    try:
        key = token_key(Secret("file:syncd.key", company.folder))
        tokens = StoredTokens(store, NAME, key, "test", SystemClock()).load()
    finally:
        store.close()
    assert tokens is not None
    return tokens


@pytest.fixture(params=[True, False], ids=["as Caddy", "as nginx"])
def keeps_host(request: pytest.FixtureRequest) -> bool:
    """Caddy passes the browser's Host on; nginx, unless told otherwise, asks for the address of its backend."""
    return bool(request.param)


def test_the_consent_comes_back_through_a_proxy(unconnected: Company, tmp_path: Path, keeps_host: bool) -> None:
    port = come_back_by(unconnected, "https://billing.example/quickbooks/callback")
    with (
        tls_proxy(tmp_path, port, keeps_host=keeps_host) as proxy,
        connecting(unconnected, "Waiting for") as (
            process,
            address,
        ),
    ):
        arrived = consent(address)
        assert arrived.startswith("https://billing.example/quickbooks/callback?")
        strangers = [proxy.get(forged).status_code for forged in strangers_calls(arrived)]
        page = proxy.get(arrived)
        printed = the_rest(process)
        late = proxy.get(arrived).status_code

    assert strangers == [404, 404, 404, 400, 400]
    assert (page.status_code, late) == (200, 502)
    assert printed.count("Ignored a call that does not belong to this attempt to connect. Still waiting.") == 2
    assert "Connected to Atelier Boréal inc." in printed
    assert connected_to(unconnected) == THE_BOOKS
    assert_no_secret(unconnected, printed + page.text, arrived)


def strangers_calls(arrived: str) -> list[str]:
    """What the internet sends meanwhile: a browser's extras, probes, and answers that somebody made up."""
    base = "https://billing.example"
    [state] = parse_qs(urlsplit(arrived).query)["state"]
    return [
        f"{base}/favicon.ico",
        f"{base}/quickbooks/callback",
        f"{base}/callback?code=c&realmId=1&state={state}",
        f"{base}/quickbooks/callback?code=c&realmId=1&state={state[:-1]}",
        f"{base}/quickbooks/callback?error=access_denied&state=made-up",
    ]


def test_a_proxy_that_calls_by_another_name_is_told_of(unconnected: Company, tmp_path: Path) -> None:
    port = come_back_by(unconnected, "https://billing.example/callback")
    with connecting(unconnected, "Waiting for") as (process, address):
        query = urlsplit(consent(address)).query
        refused = httpx.get(f"http://127.0.0.1:{port}/callback?{query}", headers={"Host": "internal.example"})
        told = process.stdout.readline()

    assert refused.status_code == 403
    assert "Refused a call under the name internal.example" in told
    assert connected_to(unconnected) == []


def test_a_consent_that_is_refused_in_the_browser_ends_the_waiting(unconnected: Company) -> None:
    port = come_back_by(unconnected, "browser")
    with connecting(unconnected, "Waiting for") as (process, address):
        [state] = parse_qs(urlsplit(address).query)["state"]
        httpx.get(f"http://127.0.0.1:{port}/callback?error=access_denied&state={state}")
        printed = the_rest(process, 1)

    assert "the consent was refused" in printed


def test_a_port_that_is_taken_is_told_before_anybody_is_sent_away(unconnected: Company) -> None:
    port = come_back_by(unconnected, "browser")
    with socket.create_server(("127.0.0.1", port)):
        code, stdout, stderr = unconnected.call("connect", "quickbooks")

    assert code == 1
    assert stdout == ""
    assert f"Port {port} of this machine cannot be opened: address already in use." in stderr
    assert "redirect_port" in stderr


def test_connecting_again_keeps_everything(make_company: MakeCompany) -> None:
    company = make_company(send_by="quickbooks")
    company.inbox(timesheet(entry(1, "2.5", "Hydro"), entry(2, "1", "Nord")))
    company.bill()
    later = instant_text(datetime(2027, 1, 1, tzinfo=UTC))
    execute(company.store_url, "UPDATE connection SET paused_until = :later", later=later)
    before = dump(company.store_url)
    paused = rows(company.store_url, "SELECT company, environment, realm, company_name, paused_until FROM connection")
    marks = rows(company.store_url, "SELECT name, value FROM watermark ORDER BY name")

    printed = company.connect()

    changed = changed_tables(before, dump(company.store_url))
    assert "Connected again to Atelier Boréal inc." in printed
    assert {name for name, found in changed.items() if found} == {"connection", "event"}
    assert [row[3] for row in changed["event"]] == ["connected"]
    assert marks == rows(company.store_url, "SELECT name, value FROM watermark ORDER BY name")
    assert paused == rows(
        company.store_url, "SELECT company, environment, realm, company_name, paused_until FROM connection"
    )
    assert rows(company.store_url, "SELECT count(*) FROM pin") == [(len(before["pin"]),)] != [(0,)]


def test_another_company_of_quickbooks_is_refused(unconnected: Company) -> None:
    unconnected.connect()
    before = rows(unconnected.store_url, "SELECT * FROM connection")
    with running(Emulator("ca", realm_id="4620816365000000077")) as url:
        configure(unconnected, unconnected.url, url)
        with connecting(unconnected, "paste") as (process, address):
            process.stdin.write(f"{consent(address)}\n")
            process.stdin.close()
            printed = the_rest(process, 1)

    assert "another-realm" in printed
    assert f"connected to Atelier Boréal inc. ({REALM}); the consent was given for the company 4620816365000000077" in (
        printed
    )
    assert rows(unconnected.store_url, "SELECT * FROM connection") == before


def test_another_environment_is_refused_before_anybody_is_sent_away_and_status_and_doctor_say_so(
    unconnected: Company,
) -> None:
    unconnected.connect()
    app = f'discovery_url = "{unconnected.url}/.well-known/openid_sandbox_configuration/"\nclient_id = "AB"'
    configure(unconnected, 'environment = "emulator"', f'environment = "sandbox"\n{app}\nclient_secret = "env:APP"')
    unconnected.secrets["APP"] = "app"

    code, stdout, stderr = unconnected.call("connect", "quickbooks")

    assert (code, stdout) == (1, "")
    assert f"connected to Atelier Boréal inc. ({REALM}) in the environment emulator, not sandbox" in stderr
    assert 'Set environment = "emulator"' in stderr
    assert unconnected.needs()["another-environment"] == "syncd doctor"
    assert 'Set environment = "emulator"' in unconnected.run("doctor", code=1)
    assert unconnected.report("connect")["connections"][0]["state"] == "another-environment"


def test_a_broken_connection_heals_beside_the_daemon(unconnected: Company) -> None:
    company = unconnected
    company.connect()
    company.emulator("/emulator/seed", {"customers": CUSTOMERS})
    company.inbox(timesheet(entry(1, "2.5", "Hydro")))
    company.run("pull", *NOVEMBER)
    company.run("approve", "--all", *NOVEMBER)
    was_off_since_yesterday(company)
    revoke(company)

    log = company.folder / "daemon.log"
    with daemon(company, log) as process:
        wait_until(lambda: "syncd connect quickbooks" in log.read_text(encoding="utf-8"))
        wait_until(lambda: company.needs().get("connection-broken") == "syncd connect quickbooks")
        assert company.writes("invoice") == []
        company.connect()
        wait_until(lambda: len(company.writes("invoice")) == 1)
        assert "connection-broken" not in company.needs()
        assert re.match(r"syncd run on .*, process \d+ runs since 20\d\d-", doctor(company)["daemon"])
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0

    told = doctor(company)
    assert told["daemon"].startswith("none runs; last progress 20")
    assert "1 done" in told["outbox"]
    assert "Atelier Boréal inc. (emulator, CA, CAD); connected 0 days ago, lapses unused on " in told["QuickBooks"]


def doctor(company: Company) -> dict[str, str]:
    """What doctor says of each thing; nothing may have failed."""
    return {check["name"]: check["says"] for check in company.report("doctor")["checks"]}


def revoke(company: Company) -> None:
    """Disconnect the app in QuickBooks, as its administrator may."""
    token, secret = stored(company).refresh, "emulator"
    answer = httpx.post(f"{company.url}/v2/oauth2/tokens/revoke", json={"token": token}, auth=("emulator", secret))
    assert answer.status_code == 200, answer.text


def wait_until(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_of_several_companies_each_is_connected_by_its_name(tmp_path: Path, sqlite_url: str) -> None:
    with emulator_process() as url:
        for name in ("east", "west"):
            configure(Company(tmp_path / name, url), f'name = "{NAME}"', f'name = "{name.title()}"')
        top = Company(tmp_path, url, sqlite_url)
        (tmp_path / "config.toml").write_text('companies = ["east", "west"]\n', encoding="utf-8")

        assert "say which company with --company: East, West" in top.run("connect", "quickbooks", code=64)
        east = consent_to(top, "East")
        west = consent_to(top, "West", code=1)
        listed = top.report("connect")["companies"]

    assert "Next: syncd pull --company East" in east
    # Both have the same books, by mistake: what one bills must not reach the other.
    assert f"The QuickBooks company {REALM} is connected to East already." in west
    assert rows(sqlite_url, "SELECT company FROM connection") == [("East",)]
    assert [(each["company"], each["connections"][0]["state"]) for each in listed] == [
        ("East", "connected"),
        ("West", "not-connected"),
    ]


def consent_to(top: Company, name: str, code: int = 0) -> str:
    """Connect one of several companies; what was printed after the address was pasted."""
    with connecting(top, "paste", "--company", name) as (process, address):
        process.stdin.write(f"{consent(address)}\n")
        process.stdin.close()
        return the_rest(process, code)
