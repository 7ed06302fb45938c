"""The demo's material: the example company with a month of its time in three tools, and the customers its books know.

Nothing here is a result. Change an entry in one of the CSV files, and every figure that rests on it moves.
"""

from __future__ import annotations

import re
import shutil
from importlib.resources import files
from pathlib import Path

from mappings.tables import TABLES
from syncd.config.templates import example_config
from syncd.demo.tools import MARK, Tools

CUSTOMERS = (
    {"name": "Imprimerie Gagnon ltée", "email": "info@imprimeriegagnon.example"},
    {"name": "Coop des Îles", "email": "coop@desiles.example"},
)
"""Those of the clients table that the emulator's starting books lack. Fromagerie du Fjord is in neither."""

CLASSES = ("Santé", "Public")

QUARANTINE_SECONDS = 3
THROTTLE_SECONDS = 2

SOURCES = """\
[sources.timesheets]
kind = "files"
path = "inbox/*.csv"              # which files, relative to this one; for workbooks "inbox/*.xlsx"
since = 2026-10-01                # go-live: work before this day is never looked at

[sources.projects]
kind = "redmine"                  # a stand-in: `syncd emulator` serves it beside the demo's books
url = "{redmine}"
token = "file:redmine.key"
since = 2026-10-01
client_from = "top-project"       # a project for each client, with one below it for each job

[sources.helpdesk]
kind = "request-tracker"          # likewise
url = "{helpdesk}"
token = "file:helpdesk.token"
since = 2026-10-01
client_from = "queue"             # a queue for each client
service_from = "custom-field:Activity"
"""


def make_folder(folder: Path) -> None:
    """Make the folder anew; raises FileExistsError for one with files that the demo did not make."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise FileExistsError(f"{folder} has files that the demo did not make")
        shutil.rmtree(folder)
    (folder / "mappings").mkdir(parents=True)
    (folder / "inbox").mkdir()


def fill(folder: Path, base_url: str, tools: Tools, timesheet: Path | None) -> None:
    """Write config.toml, mappings/, the tools' keys and inbox/october.csv; `timesheet` replaces our file."""
    (folder / "config.toml").write_text(_config(base_url, tools), encoding="utf-8")
    for name, secret in (("redmine.key", tools.redmine.key), ("helpdesk.token", tools.helpdesk.token)):
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(f"{secret}\n", encoding="utf-8")
    for name in TABLES:
        text = (files("mappings") / f"{name}.csv").read_text(encoding="utf-8")
        (folder / "mappings" / f"{name}.csv").write_text(text, encoding="utf-8")
    month = (files("syncd") / "demo" / "october.csv") if timesheet is None else timesheet
    (folder / "inbox" / "october.csv").write_text(month.read_text(encoding="utf-8"), encoding="utf-8")


def _config(base_url: str, tools: Tools) -> str:
    """The example's config, pointed at the demo's own servers, where doubt may be cleared sooner."""
    ours = (
        'environment = "emulator"\n'
        f'base_url = "{base_url}"\n'
        f"quarantine_seconds = {QUARANTINE_SECONDS}            # the emulator's alone; real books take 180\n"
        f"throttle_seconds = {THROTTLE_SECONDS}              # likewise, real ones take 60"
    )
    text, count = re.subn(r'environment = "emulator".*', lambda _: ours, example_config())
    assert count == 1, "the example names its environment once"
    start, end = text.index("[sources.timesheets]"), text.index("\n# Defaults that a row of")
    sources = SOURCES.format(redmine=tools.redmine.url, helpdesk=tools.helpdesk.url)
    return text[:start] + sources + text[end:]
