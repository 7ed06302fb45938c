"""A company in a folder, driven as its people drive it: files, `syncd` processes, QuickBooks' emulator by HTTP."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from syncd.clock import SystemClock
from syncd.config import load_companies
from syncd.engine.connect import begin, finish
from syncd.engine.tokens import Connected
from syncd.store.database import open_store
from tests.e2e.starter import Process, Starter

NAME = "Atelier Boréal inc."
CONFIG = """\
[company]
name = "{name}"
timezone = "America/Toronto"
language = "en-CA"
currency = "CAD"

[quickbooks]
environment = "emulator"
base_url = "{base_url}"
redirect = "paste"
invoice_number = "AB-{{year}}-{{seq:04}}"
send_by = "{send_by}"
{quickbooks}

{sources}

[billing]
terms = "Net 30"
tax_code = "GST/QST QC - 9.975"
{billing}

[approval]
hold_when = {hold_when}
{approval}
"""

TIMESHEETS = """\
[sources.timesheets]
kind = "files"
path = "inbox/*.csv"
since = {since}
{source}
"""

TABLES = {
    "clients": 'source,source_client,quickbooks_customer\n,Hydro,Hydro-Québec\n,Nord,"Nord Ltd"\n,Sud,=\n',
    "services": "source,source_service,service,quickbooks_item\n,consulting,Consultation,Consultation\n",
    "rates": "client,person,service,rate,from,until\n,,Consultation,84.00,,\n",
}

NOVEMBER = ("--now", "2026-11-03T09:00:00-05:00")
"""October is over."""
DECEMBER = ("--now", "2026-12-03T09:00:00-05:00")
REALM = "4620816365000000001"
_COLUMNS = ("id", "date", "hours", "person", "client", "service", "billable", "notes")

CUSTOMERS = [
    {"name": "Hydro-Québec", "email": "comptes@hydro.example"},
    {"name": "Nord Ltd", "email": "ap@nord.example"},
    {"name": "Sud", "email": "sud@sud.example"},
]


class Syncd:
    """A folder with a config.toml, and `syncd` processes that read it."""

    def __init__(self, folder: Path, store_url: str = "") -> None:
        self.folder, self.store_url = folder, store_url
        self.secrets: dict[str, str] = {}

    @property
    def env(self) -> dict[str, str]:
        extra = {"SYNCD_STORE_URL": self.store_url} if self.store_url else {}
        return (
            {
                **os.environ,
                "SYNCD_CONFIG": str(self.folder / "config.toml"),
                "NO_COLOR": "1",
                "COLUMNS": "200",
            }
            | extra
            | self.secrets
        )

    def start(self, *words: str, apart: bool = False) -> Process:
        """Start `syncd` and leave it running; the caller waits for it and closes it."""
        return starter().start(words, self.env, self.folder, apart=apart)

    def call(self, *words: str) -> tuple[int, str, str]:
        """Run `syncd` to its end: exit code, stdout, stderr."""
        process = self.start(*words, apart=True)
        assert process.stderr is not None
        try:
            process.stdin.close()
            # What is written to stderr fits its pipe: it is messages, never a report.
            stdout = process.stdout.read()
            return process.wait(), stdout, process.stderr.read()
        finally:
            process.close()

    def run(self, *words: str, code: int | None = 0) -> str:
        """Run `syncd` and return what it printed; the exit code must be `code` (None: any)."""
        returned, stdout, stderr = self.call(*words)
        assert code is None or returned == code, f"{words} → {returned}\n{stdout}\n{stderr}"
        return stdout + stderr

    def report(self, *words: str, code: int | None = 0) -> Any:
        """Run `syncd … --json` and return the object."""
        returned, stdout, stderr = self.call(*words, "--json")
        assert code is None or returned == code, f"{words} → {returned}\n{stdout}\n{stderr}"
        assert stdout, stderr
        return json.loads(stdout)

    def connect(self, *words: str, realm: str = REALM, code: int = 0) -> str:
        """Connect to the books as a person does: open the address that is printed, paste where it leads."""
        process = self.start("connect", "quickbooks", *words)
        try:
            printed = ""
            while not (found := re.search(r"https?://\S+/connect/oauth2\S+", printed)):
                line = process.stdout.readline()
                assert line, f"no address was printed: {printed}"
                printed += line
            # Where several companies can be chosen from, this is the choice.
            answer = httpx.get(f"{found[0]}&realm={realm}")
            assert answer.status_code == 302
            process.stdin.write(answer.headers["location"] + "\n")
            process.stdin.close()
            printed += process.stdout.read()
            assert process.wait() == code, printed
            return printed
        finally:
            process.close()


class Companies(Syncd):
    """A top config.toml with a folder for each of several companies; `url` is the emulator's, which has them all."""

    def __init__(self, folder: Path, url: str, realms: Mapping[str, str], store_url: str = "", **settings: str) -> None:
        super().__init__(folder, store_url)
        self.each = {
            name: Company(folder / f"company-{number}", url, store_url, name=name, realm=realm, **settings)
            for number, (name, realm) in enumerate(realms.items(), start=1)
        }
        listed = ", ".join(f'"{company.folder.name}/"' for company in self.each.values())
        (folder / "config.toml").write_text(f"companies = [{listed}]\n", encoding="utf-8")
        for company in self.each.values():
            company.control = f"{url}/realm/{company.realm}"

    def connect_all(self) -> None:
        """Connect each company to its own realm, in this process: twenty commands would take longer than the test."""
        environ = {"SYNCD_STORE_URL": self.store_url} if self.store_url else {}
        configs = load_companies(self.folder / "config.toml", environ).configs
        clock = SystemClock()
        store = open_store(configs[0].store_url.reveal(), clock)
        try:
            for config in configs:
                connecting = begin(store, config, clock)
                with closing(connecting.http):
                    realm = self.each[config.company.name].realm
                    consent = httpx.get(f"{connecting.attempt.url}&realm={realm}")
                    result = finish(store, config, clock, connecting, consent.headers["location"], "the test")
                    assert isinstance(result, Connected), result
        finally:
            store.close()


class Company(Syncd):
    """One folder with its configuration; `url` is the emulator's."""

    def __init__(self, folder: Path, url: str, store_url: str = "", **settings: str) -> None:
        super().__init__(folder, store_url)
        self.url = self.control = url
        self._token = ""
        values = {"send_by": "none", "quickbooks": "", "source": "", "billing": "", "approval": "", "name": NAME}
        values |= {"since": "2026-09-01", "hold_when": "[]", "realm": REALM} | settings
        self.realm = values["realm"]
        sources = settings.get("sources") or TIMESHEETS.format(**values)
        values["sources"] = sources
        (folder / "mappings").mkdir(parents=True, exist_ok=True)
        (folder / "inbox").mkdir(exist_ok=True)
        (folder / "config.toml").write_text(CONFIG.format(base_url=url, **values), encoding="utf-8")
        for name, text in TABLES.items():
            self.table(name, text)

    def table(self, name: str, text: str) -> None:
        (self.folder / "mappings" / f"{name}.csv").write_text(text, encoding="utf-8")

    def inbox(self, text: str, name: str = "october.csv") -> None:
        (self.folder / "inbox" / name).write_text(text, encoding="utf-8")

    def emulator(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask the emulator for something, or tell it (a body means POST)."""
        address = self.control + path
        answer = httpx.get(address) if body is None else httpx.post(address, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def emulator_delete(self, path: str) -> None:
        """Tell the emulator to delete something."""
        answer = httpx.delete(self.control + path)
        assert answer.is_success, answer.text

    def requests(self, since: int = 0) -> list[dict[str, Any]]:
        """Every request that QuickBooks has had after that number, in order."""
        rows: list[dict[str, Any]] = self.emulator(f"/emulator/journal?since={since}")["requests"]
        return rows

    def writes(self, *entities: str, since: int = 0) -> list[dict[str, Any]]:
        """The writes that QuickBooks has committed in the books (of these entities), answered or not."""
        found = [row for row in self.requests(since) if row["committed"] and row["entity"].lower() != "oauth"]
        return [row for row in found if not entities or row["entity"].lower() in entities]

    def books(self, entity: str) -> list[dict[str, Any]]:
        """What QuickBooks holds of an entity, as it answers somebody else: nothing of this rests on syncd."""
        query = f"select * from {entity}"  # noqa: S608
        answer = self._ask("GET", "query", params={"query": query})
        rows: list[dict[str, Any]] = answer.json(parse_float=Decimal)["QueryResponse"].get(entity, [])
        return rows

    def foreign_invoice(self, customer: str, amount: str) -> str:
        """An invoice that somebody else makes through QuickBooks' API, untaxed; gives back its id."""
        identity = next(row["Id"] for row in self.books("Customer") if row["DisplayName"] == customer)
        untaxed = next(row["Id"] for row in self.books("TaxCode") if row["Name"] == "Out of Scope")
        detail = {"ItemRef": {"value": "1"}, "TaxCodeRef": {"value": untaxed}}
        line = {"Amount": float(amount), "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
        body = {"CustomerRef": {"value": identity}, "CurrencyRef": {"value": "CAD"}, "Line": [line]}
        return str(self._ask("POST", "invoice", json=body).json()["Invoice"]["Id"])

    def _ask(self, method: str, resource: str, **more: Any) -> httpx.Response:
        """One request of somebody else, who shares the limit of requests with syncd and waits when it is reached."""
        address = f"{self.url}/v3/company/{self.realm}/{resource}"
        headers = {"Authorization": f"Bearer {self._bystander()}", "Accept": "application/json"}
        for _ in range(50):
            answer = httpx.request(method, address, headers=headers, **more)
            if answer.status_code != 429:
                break
            time.sleep(0.1)
        assert answer.is_success, answer.text
        return answer

    def _bystander(self) -> str:
        """An access token of somebody else."""
        if not self._token:
            asked = {"client_id": "emulator", "response_type": "code", "redirect_uri": "http://localhost/"}
            asked |= {"scope": "com.intuit.quickbooks.accounting", "realm": self.realm}
            consent = httpx.get(f"{self.url}/connect/oauth2", params=asked)
            code = parse_qs(urlsplit(consent.headers["location"]).query)["code"][0]
            form = {"grant_type": "authorization_code", "code": code, "redirect_uri": "http://localhost/"}
            answer = httpx.post(f"{self.url}/oauth2/v1/tokens/bearer", data=form, auth=("emulator", "emulator"))
            self._token = str(answer.json()["access_token"])
        return self._token

    def status(self, *words: str) -> Any:
        """The status report; in November unless `words` say otherwise."""
        return self.report("status", *(words or NOVEMBER))

    def proofs(self, *words: str) -> dict[str, str]:
        """The difference of each proof, by its name and currency."""
        rows = self.status(*words)["proofs"]
        return {f"{row['code']} {row['currency']}".strip(): row["difference"] for row in rows}

    def ageing(self, *words: str) -> dict[str, dict[str, str]]:
        """What each client owes, by age, without the ages that hold nothing."""
        keys = ("current", "days_1_30", "days_31_60", "days_61_90", "days_91_up", "unapplied", "total")
        rows = self.status(*words)["ageing"]
        return {row["client"]: {key: row[key] for key in keys if row[key] != "0.00"} for row in rows}

    def needs(self, *words: str) -> dict[str, str]:
        """What needs a person: code → the command that is suggested."""
        return {row["code"]: row["command"] for row in self.status(*words)["needs"]}

    def document(self, number: str, *words: str) -> Any:
        """What `syncd show` tells of a document."""
        return self.report("show", number, *(words or NOVEMBER))

    def bill(self, *words: str) -> None:
        """Pull, draft and approve all, push: as far as QuickBooks; in November unless `words` say otherwise."""
        now = words or NOVEMBER
        self.run("pull", *now)
        self.run("approve", "--all", *now)
        self.run("push", *now)


@cache
def starter() -> Starter:
    """The one of this process, started when it is first asked for."""
    return Starter()


@contextmanager
def emulator_process(*words: str) -> Iterator[str]:
    """The real `syncd emulator` on a free port; yields its address."""
    process = starter().start(["emulator", "--port", "0", *words], os.environ, Path.cwd())
    try:
        printed = ""
        while not (found := re.search(r"http://127\.0\.0\.1:\d+", printed)):
            line = process.stdout.readline()
            assert line, f"the emulator did not start: {printed}"
            printed += line
        yield found[0]
    finally:
        process.signal(signal.SIGTERM)
        process.wait(20)
        process.close()


def entry(
    number: int | str, hours: str, client: str, *, day: str = "2026-10-05", billable: str = "", **more: str
) -> dict[str, str]:
    """A row of the timesheet: Marie's consulting, on 5 October, unless it says otherwise."""
    row = {"person": "Marie", "service": "consulting", "notes": "", "billable": billable}
    return {"id": str(number), "date": day, "hours": hours, "client": client, **row, **more}


def timesheet(*entries: Mapping[str, str]) -> str:
    """A CSV file of these entries."""
    lines = [",".join(_COLUMNS), *(",".join(row[name] for name in _COLUMNS) for row in entries)]
    return "\n".join(lines) + "\n"
