"""What doctor says of the files: who may read and change them, and the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.store.database import Store
from tests.support.clock import FakeClock
from tests.syncd.checks.support import TRACKER, check, codes

KEY = '\n[store]\nkey = "file:syncd.key"\n'


def test_a_key_that_is_not_made_yet_is_no_problem(sqlite_store: Store, tmp_path: Path, clock: FakeClock) -> None:
    found = check(sqlite_store, tmp_path, clock, "key", KEY)

    assert (found.state, found.says) == ("ok", f"{tmp_path / 'syncd.key'} is made when QuickBooks is connected")
    assert not (tmp_path / "syncd.key").exists()


@pytest.mark.parametrize(
    ("text", "mode", "what"),
    [
        ("short", 0o600, "does not hold a key of 32 bytes"),
        ("A" * 43 + "=", 0o640, "Others than its owner may read the key"),
    ],
)
def test_a_key_that_cannot_be_used_is_told(
    sqlite_store: Store, tmp_path: Path, clock: FakeClock, text: str, mode: int, what: str
) -> None:
    (tmp_path / "syncd.key").write_text(text, encoding="utf-8")
    (tmp_path / "syncd.key").chmod(mode)

    found = check(sqlite_store, tmp_path, clock, "key", KEY)

    assert (found.state, codes(found)) == ("failed", ["key-unusable"])
    assert what in found.problems[0].what


@pytest.mark.parametrize(
    ("mode", "told"), [(0o600, []), (0o640, []), (0o644, ["secret-readable"]), (0o602, ["secret-readable"])]
)
def test_a_secret_that_everybody_may_read_is_told(
    sqlite_store: Store, tmp_path: Path, clock: FakeClock, mode: int, told: list[str]
) -> None:
    (tmp_path / "tracker.key").write_text("0123456789abcdef", encoding="utf-8")
    (tmp_path / "tracker.key").chmod(mode)

    found = check(sqlite_store, tmp_path, clock, "files", TRACKER)

    assert codes(found) == told
    assert all(problem.warning for problem in found.problems)
    assert [problem.fix for problem in found.problems] == [f"Type `chmod 600 {tmp_path / 'tracker.key'}`."] * len(told)
    assert found.says.endswith("3 files in mappings/, 1 files with a secret")


def test_tables_and_config_that_everybody_may_change_are_told(
    sqlite_store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    assert check(sqlite_store, tmp_path, clock, "files").state == "ok"
    # Rewriting a file keeps its mode.
    (tmp_path / "mappings" / "rates.csv").chmod(0o666)
    (tmp_path / "config.toml").chmod(0o646)

    found = check(sqlite_store, tmp_path, clock, "files")

    assert [problem.fix for problem in found.problems] == [
        f"Type `chmod o-w {tmp_path / name}`." for name in ("config.toml", "mappings/rates.csv")
    ]
