"""A company in a folder, driven as its people drive it: files, the `syncd` process, and QuickBooks' emulator by HTTP."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

SYNCD = (sys.executable, "-m", "syncd")

CONFIG = """\
[company]
name = "Atelier Boréal inc."
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

[sources.timesheets]
kind = "files"
path = "inbox/*.csv"
since = 2026-09-01
{source}

[billing]
terms = "Net 30"
tax_code = "GST/QST QC - 9.975"
{billing}

[approval]
hold_when = []
{approval}
"""

TABLES = {
    "clients": 'source,source_client,quickbooks_customer\n,Hydro,Hydro-Québec\n,Nord,"Nord Ltd"\n,Sud,=\n',
    "services": "source,source_service,service,quickbooks_item\n,consulting,Consultation,Consultation\n",
    "rates": "client,person,service,rate,from,until\n,,Consultation,84.00,,\n",
}

CUSTOMERS = [
    {"name": "Hydro-Québec", "email": "comptes@hydro.example"},
    {"name": "Nord Ltd", "email": "ap@nord.example"},
    {"name": "Sud", "email": "sud@sud.example"},
]


class Company:
    """One folder with its configuration; `url` is the emulator's."""

    def __init__(self, folder: Path, url: str, store_url: str = "", **settings: str) -> None:
        self.folder, self.url, self.store_url = folder, url, store_url
        values = {"send_by": "none", "quickbooks": "", "source": "", "billing": "", "approval": ""} | settings
        (folder / "mappings").mkdir(parents=True, exist_ok=True)
        (folder / "inbox").mkdir(exist_ok=True)
        (folder / "config.toml").write_text(CONFIG.format(base_url=url, **values), encoding="utf-8")
        for name, text in TABLES.items():
            self.table(name, text)

    @property
    def env(self) -> dict[str, str]:
        extra = {"SYNCD_STORE_URL": self.store_url} if self.store_url else {}
        return {
            **os.environ,
            "SYNCD_CONFIG": str(self.folder / "config.toml"),
            "NO_COLOR": "1",
            "COLUMNS": "200",
        } | extra

    def table(self, name: str, text: str) -> None:
        (self.folder / "mappings" / f"{name}.csv").write_text(text, encoding="utf-8")

    def inbox(self, text: str, name: str = "october.csv") -> None:
        (self.folder / "inbox" / name).write_text(text, encoding="utf-8")

    def run(self, *words: str, stdin: str = "", code: int | None = 0) -> str:
        """Run `syncd` and return what it printed; the exit code must be `code` (None: any)."""
        done = subprocess.run(
            [*SYNCD, *words],
            input=stdin,
            capture_output=True,
            text=True,
            env=self.env,
            cwd=self.folder,
            timeout=120,
            check=False,
        )
        assert code is None or done.returncode == code, f"{words} → {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def report(self, *words: str) -> Any:
        """Run `syncd … --json` and return the object."""
        done = subprocess.run(
            [*SYNCD, *words, "--json"],
            capture_output=True,
            text=True,
            env=self.env,
            cwd=self.folder,
            timeout=120,
            check=False,
        )
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    def connect(self) -> str:
        """Connect to the books as a person does: open the address that is printed, paste where it leads."""
        process = subprocess.Popen(
            [*SYNCD, "connect", "quickbooks"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.env,
            cwd=self.folder,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        printed = ""
        while not (found := re.search(r"https?://\S+/connect/oauth2\S+", printed)):
            line = process.stdout.readline()
            assert line, f"no address was printed: {printed}"
            printed += line
        answer = httpx.get(found[0])
        assert answer.status_code == 302
        output, _ = process.communicate(answer.headers["location"] + "\n", timeout=60)
        assert process.returncode == 0, printed + output
        return printed + output

    def emulator(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask the emulator for something, or tell it (a body means POST)."""
        answer = httpx.get(self.url + path) if body is None else httpx.post(self.url + path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def writes(self) -> list[dict[str, Any]]:
        """The writes that QuickBooks has committed."""
        rows: list[dict[str, Any]] = self.emulator("/emulator/journal?writes=1")["requests"]
        return rows


@contextmanager
def emulator_process(*words: str) -> Iterator[str]:
    """The real `syncd emulator` on a free port; yields its address."""
    process = subprocess.Popen(
        [*SYNCD, "emulator", "--port", "0", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    try:
        printed = ""
        while not (found := re.search(r"http://127\.0\.0\.1:\d+", printed)):
            line = process.stdout.readline()
            assert line, f"the emulator did not start: {printed}"
            printed += line
        yield found[0]
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()
