"""The demo's material: the example company with a month of its timesheets, and the customers its books know.

Nothing here is a result. Change an entry in october.csv, and every figure that rests on it moves.
"""

from __future__ import annotations

import re
import shutil
from importlib.resources import files
from pathlib import Path

from mappings.tables import TABLES
from syncd.config.templates import example_config

MARK = ".syncd-demo"
"""A file that says: this folder was made by the demo, and may be made anew."""

CUSTOMERS = (
    {"name": "Imprimerie Gagnon ltée", "email": "info@imprimeriegagnon.example"},
    {"name": "Coop des Îles", "email": "coop@desiles.example"},
)
"""Those of the clients table that the emulator's starting books lack. Fromagerie du Fjord is in neither."""

CLASSES = ("Santé", "Public")

QUARANTINE_SECONDS = 3
THROTTLE_SECONDS = 2


def make_folder(folder: Path) -> None:
    """Make the folder anew; raises FileExistsError for one with files that the demo did not make."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise FileExistsError(f"{folder} has files that the demo did not make")
        shutil.rmtree(folder)
    (folder / "mappings").mkdir(parents=True)
    (folder / "inbox").mkdir()
    (folder / MARK).write_text("syncd demo makes this folder anew each time it runs.\n", encoding="utf-8")


def fill(folder: Path, base_url: str, timesheet: Path | None) -> None:
    """Write config.toml, mappings/ and inbox/october.csv; `timesheet` replaces our month."""
    (folder / "config.toml").write_text(_config(base_url), encoding="utf-8")
    for name in TABLES:
        text = (files("mappings") / f"{name}.csv").read_text(encoding="utf-8")
        (folder / "mappings" / f"{name}.csv").write_text(text, encoding="utf-8")
    month = (files("syncd") / "demo" / "october.csv") if timesheet is None else timesheet
    (folder / "inbox" / "october.csv").write_text(month.read_text(encoding="utf-8"), encoding="utf-8")


def drop_late_work(folder: Path) -> None:
    """A colleague enters October's work in November, and corrects an entry that was billed."""
    late = (files("syncd") / "demo" / "late.csv").read_text(encoding="utf-8")
    (folder / "inbox" / "november-5.csv").write_text(late, encoding="utf-8")
    path = folder / "inbox" / "october.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    minutes = header.split(",").index("minutes")
    cells = rows[0].split(",")
    cells[minutes] = str(int(cells[minutes]) - 20)
    path.write_text("".join([header, ",".join(cells), *rows[1:]]), encoding="utf-8")


def _config(base_url: str) -> str:
    """The example's config, pointed at the demo's own emulator, where doubt may be cleared sooner."""
    ours = (
        'environment = "emulator"\n'
        f'base_url = "{base_url}"\n'
        f"quarantine_seconds = {QUARANTINE_SECONDS}            # the emulator's alone; real books take 180\n"
        f"throttle_seconds = {THROTTLE_SECONDS}              # likewise, real ones take 60"
    )
    text, count = re.subn(r'environment = "emulator".*', lambda _: ours, example_config())
    assert count == 1, "the example names its environment once"
    return text
