"""`syncd connect NAME` as a process: a key is tried with the tool before it is kept; `syncd connect` lists all."""

from __future__ import annotations

import os
import pty
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.stand_ins import Redmine, running
from tests.e2e.company import Company, emulator_process

REDMINE = """\
[sources.helpdesk]
kind = "redmine"
url = "{url}"
token = "{token}"
since = 2026-10-01

[sources.timesheets]
kind = "files"
path = "inbox/*.csv"
"""


@pytest.fixture
def redmine() -> Iterator[Redmine]:
    with running(Redmine()) as server:
        server.add_project("Acme")
        yield server


def make(folder: Path, store_url: str, redmine: Redmine, token: str, books: str = "http://127.0.0.1:1") -> Company:
    return Company(folder, books, store_url, sources=REDMINE.format(url=redmine.url, token=token))


def connect(company: Company, typed: str, code: int = 0) -> str:
    """Type `syncd connect helpdesk` in a script that gives the key on standard input."""
    process = company.start("connect", "helpdesk")
    try:
        process.stdin.write(typed)
        process.stdin.close()
        printed = process.stdout.read()
        assert process.wait() == code, printed
        return printed
    finally:
        process.close()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_key_that_the_tool_takes_is_kept_for_this_user_alone(
    tmp_path: Path, sqlite_url: str, redmine: Redmine
) -> None:
    company = make(tmp_path, sqlite_url, redmine, "file:secrets/redmine.key")

    printed = connect(company, f"  {redmine.key}\n")

    path = tmp_path / "secrets" / "redmine.key"
    assert path.read_text(encoding="utf-8").strip() == redmine.key
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    assert [found.name for found in path.parent.iterdir()] == ["redmine.key"]
    assert "helpdesk: The key is admin's." in printed
    assert "Next: syncd pull --source helpdesk" in printed
    assert redmine.key not in printed
    company.run("pull", "--source", "helpdesk")


def test_a_key_that_the_tool_refuses_is_not_kept_and_the_old_one_stays(
    tmp_path: Path, sqlite_url: str, redmine: Redmine
) -> None:
    company = make(tmp_path, sqlite_url, redmine, "file:redmine.key")

    connect(company, "0123456789abcdef\n", code=1)
    assert not (tmp_path / "redmine.key").exists()

    connect(company, f"{redmine.key}\n")
    before = (tmp_path / "redmine.key").stat()
    printed = connect(company, "0123456789abcdef\n", code=1)

    assert (tmp_path / "redmine.key").read_text(encoding="utf-8").strip() == redmine.key
    assert (tmp_path / "redmine.key").stat().st_ino == before.st_ino
    assert "The key was not kept: file:redmine.key is as it was." in printed
    assert "0123456789abcdef" not in printed


def test_a_tool_that_does_not_answer_can_take_no_key(tmp_path: Path, sqlite_url: str) -> None:
    with running(Redmine()) as gone:
        company = make(tmp_path, sqlite_url, gone, "file:redmine.key")

    printed = connect(company, "0123456789abcdef\n", code=1)

    assert "The key was not kept" in printed
    assert not (tmp_path / "redmine.key").exists()


@pytest.mark.parametrize("typed", ["", "\n", "two words\n", "clé\n", f"{'x' * 5000}\n"])
def test_what_is_no_key_is_not_even_tried(tmp_path: Path, sqlite_url: str, redmine: Redmine, typed: str) -> None:
    company = make(tmp_path, sqlite_url, redmine, "file:redmine.key")

    printed = connect(company, typed, code=1)

    assert "no key was given" in printed
    assert redmine.requests == []


def test_a_linked_file_stays_a_link(tmp_path: Path, sqlite_url: str, redmine: Redmine) -> None:
    company = make(tmp_path, sqlite_url, redmine, "file:redmine.key")
    (tmp_path / "vault").mkdir()
    (tmp_path / "redmine.key").symlink_to(tmp_path / "vault" / "key")

    connect(company, f"{redmine.key}\n")

    assert (tmp_path / "redmine.key").is_symlink()
    assert (tmp_path / "vault" / "key").read_text(encoding="utf-8").strip() == redmine.key


def test_what_is_typed_on_a_terminal_is_not_shown(tmp_path: Path, sqlite_url: str, redmine: Redmine) -> None:
    company = make(tmp_path, sqlite_url, redmine, "file:redmine.key")
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(company.folder)
        os.execve(sys.executable, [sys.executable, "-m", "syncd", "connect", "helpdesk"], company.env)  # noqa: S606
    try:
        shown = b""
        while b"(not shown)" not in shown:
            shown += os.read(terminal, 1000)
        time.sleep(0.3)  # Until the terminal no longer echoes.
        os.write(terminal, f"{redmine.key}\n".encode())
        try:
            while piece := os.read(terminal, 1000):
                shown += piece
        except OSError:
            pass  # The other side has ended.
    finally:
        _, status = os.waitpid(child, 0)
        os.close(terminal)

    assert os.waitstatus_to_exitcode(status) == 0, shown
    assert redmine.key.encode() not in shown
    assert (tmp_path / "redmine.key").read_text(encoding="utf-8").strip() == redmine.key


def test_a_key_in_the_environment_is_tried_where_it_is(tmp_path: Path, sqlite_url: str, redmine: Redmine) -> None:
    company = make(tmp_path, sqlite_url, redmine, "env:REDMINE_KEY")

    missing = company.run("connect", "helpdesk", code=1)
    company.secrets["REDMINE_KEY"] = redmine.key
    found = company.run("connect", "helpdesk")
    company.secrets["REDMINE_KEY"] = "wrong"
    wrong = company.run("connect", "helpdesk", code=1)

    assert "is taken from the environment variable REDMINE_KEY" in missing
    assert "Set the environment variable REDMINE_KEY." in missing
    assert "The key is admin's." in found
    assert "was not kept" not in wrong


def test_a_credential_of_systemd_is_tried_where_it_is(tmp_path: Path, sqlite_url: str, redmine: Redmine) -> None:
    company = make(tmp_path, sqlite_url, redmine, "credential:redmine")
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "redmine").write_text(redmine.key, encoding="utf-8")

    missing = company.run("connect", "helpdesk", code=1)
    company.secrets["CREDENTIALS_DIRECTORY"] = str(tmp_path / "credentials")
    found = company.run("connect", "helpdesk")

    assert "give it to the unit with LoadCredential=redmine:PATH" in missing
    assert "The key is admin's." in found


def test_a_source_without_a_key_needs_none(tmp_path: Path, sqlite_url: str, redmine: Redmine) -> None:
    company = make(tmp_path, sqlite_url, redmine, "env:REDMINE_KEY")

    printed = company.run("connect", "timesheets", code=None)

    assert "timesheets is of the kind files and needs no key." in printed


@pytest.mark.parametrize(
    ("name", "hint"),
    [("helpdsk", "did you mean 'helpdesk'?"), ("quickboks", "did you mean 'quickbooks'?"), ("xyz", "here are: quickb")],
)
def test_an_unknown_name_is_refused_with_the_nearest(
    tmp_path: Path, sqlite_url: str, redmine: Redmine, name: str, hint: str
) -> None:
    company = make(tmp_path, sqlite_url, redmine, "env:REDMINE_KEY")

    assert hint in company.run("connect", name, code=64)


def test_without_a_name_all_are_listed_with_what_to_type(tmp_path: Path, sqlite_url: str, redmine: Redmine) -> None:
    def listed(company: Company) -> list[tuple[str, str, str]]:
        return [(row["name"], row["state"], row["command"]) for row in company.report("connect")["connections"]]

    with emulator_process() as url:
        company = make(tmp_path, sqlite_url, redmine, "file:redmine.key", url)
        before = listed(company)
        company.connect()
        connect(company, f"{redmine.key}\n")
        keyed = listed(company)
        company.run("pull")
        text = company.run("connect")

    assert before == [
        ("quickbooks", "not-connected", "syncd connect quickbooks"),
        ("helpdesk", "no-key", "syncd connect helpdesk"),
        ("timesheets", "unread", "syncd pull --source timesheets"),
    ]
    assert keyed == [
        ("quickbooks", "connected", ""),
        ("helpdesk", "unread", "syncd pull --source helpdesk"),
        ("timesheets", "unread", "syncd pull --source timesheets"),
    ]
    assert "Connected to Atelier Boréal inc." in text
    assert text.count("Last read on") == 2
    assert text.endswith("Next: syncd doctor\n")
