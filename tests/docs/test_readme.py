"""README: its report is the demo's own, and its way to a company of one's own can be walked."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from os import environ
from pathlib import Path

import httpx
import pytest

from connectors.emulator import Emulator, running
from tests.docs.pages import ROOT, blocks, read

README = read(ROOT / "README.md")
ENVIRONMENT = {name: value for name, value in environ.items() if not name.startswith("SYNCD_")} | {"COLUMNS": "120"}
SYNCD = [sys.executable, "-m", "syncd"]


def syncd(*words: str, folder: Path, answer: str = "") -> str:
    done = subprocess.run(
        [*SYNCD, *words], cwd=folder, env=ENVIRONMENT, input=answer, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{words} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    printed = syncd("demo", "--folder", "demo", folder=tmp_path_factory.mktemp("demo"))
    lines = [line.rstrip() for line in printed.splitlines()]
    return lines[lines.index("Three proofs that must read 0.00") :]


@pytest.mark.timeout(400)
def test_the_report_is_what_the_demo_prints_line_by_line(demo: list[str]) -> None:
    """Where the page shortens, it says so by "…"; between those, no line is left out."""
    (block,) = [block for block in blocks(README) if block.info == ("text", "demo")]
    at = 0
    for part in block.text.split("…\n"):
        wanted = part.splitlines()
        at = next(
            (start for start in range(at, len(demo)) if demo[start : start + len(wanted)] == wanted), len(demo)
        )  # fmt: skip
        assert demo[at : at + len(wanted)] == wanted
        at += len(wanted)


def commands() -> Iterator[list[str]]:
    """The lines of the way to one's own company, as words."""
    section = README.split("## Your own company")[1].split("\n## ")[0]
    (block,) = blocks(section)
    for line in block.text.splitlines():
        yield shlex.split(line.removeprefix("$ "), comments=True)


def test_the_way_to_ones_own_company_can_be_walked(tmp_path: Path) -> None:
    wanted = [words for words in commands() if words[0] == "syncd"]
    assert [words[1] for words in wanted] == [
        *("init", "emulator", "connect", "doctor", "pull", "preview", "approve", "push", "status")
    ]
    folder = tmp_path / wanted[0][2]
    # What a person would answer is given by flags: nobody can be asked here.
    syncd(*wanted[0][1:], "--company", "Essai", "--since", "2026-10-01", "--yes", folder=tmp_path)
    row = f"1,{date(2026, 10, 6)},2,amelie.roy,Clinique du Lac,Consultation\n"
    (folder / "inbox" / "october.csv").write_text(f"id,date,hours,person,client,service\n{row}", encoding="utf-8")
    # `syncd emulator` serves these books; here on a free port, which config.toml then names.
    from syncd.commands.emulator import _add_example

    with Emulator("ca", folder / "books.db") as emulator, running(emulator) as address:
        _add_example(emulator)
        config = folder / "config.toml"
        text = config.read_text(encoding="utf-8")
        config.write_text(
            text.replace("[quickbooks]\n", f'[quickbooks]\nbase_url = "{address}"\n'), encoding="utf-8"
        )  # fmt: skip
        connect(wanted[2][1:], folder)
        printed = {words[1]: syncd(*words[1:], folder=folder) for words in wanted[3:]}

    assert "FAIL" not in printed["doctor"]
    assert re.search(r"^timesheets +1 ", printed["pull"], re.MULTILINE)
    assert re.search(r"Clinique du Lac +create +sent", printed["push"])
    assert printed["status"].count(" 0.00  CAD") >= 2


def connect(words: list[str], folder: Path) -> None:
    """Open the address that is printed as a browser does, and paste the one that it ends on."""
    process = subprocess.Popen(
        [*SYNCD, *words], cwd=folder, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    printed = ""
    while not (found := re.search(r"http://\S+/connect/oauth2\S+", printed)):
        printed += process.stdout.readline()
    landed = httpx.get(found[0]).headers["location"]
    rest, _ = process.communicate(landed + "\n", timeout=60)
    assert process.returncode == 0, rest
    assert "Connected to" in rest


def test_each_thing_that_make_is_asked_for_is_there() -> None:
    makefile = read(ROOT / "Makefile")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))

    for page in (README, read(ROOT / "CONTRIBUTING.md")):
        for line in re.findall(r"`make ([a-z ]+)`|^\$ make ([a-z]+)", page, re.MULTILINE):
            assert set(" ".join(line).split()) <= targets
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert set(phony.split()) == targets
