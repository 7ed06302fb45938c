"""What doctor says of a source: whether it answers, since when not, and whether the fuse has blown."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.source import Health, Source, SourceError
from syncd.checks import checks_of
from syncd.checks.sources import check_source
from syncd.cycle import Steps
from syncd.store.database import Store
from syncd.store.sources import write_state
from tests.support.books import COMPANY, write_config
from tests.support.clock import FakeClock
from tests.syncd.checks.support import TRACKER, check, codes, steps_of


def test_a_source_that_does_not_answer_is_told_without_its_key(
    sqlite_store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    (tmp_path / "tracker.key").write_text("0123456789abcdef", encoding="utf-8")

    found = check(sqlite_store, tmp_path, clock, "tracker", TRACKER)

    assert (found.state, codes(found)) == ("failed", ["source-unreachable"])
    assert "0123456789abcdef" not in str(found)


class Unanswered(Steps):
    """Sources whose connector lets its failure through."""

    def sources(self, names: Collection[str] = (), secrets: Mapping[str, str] = {}) -> list[Source]:
        raise SourceError(f"{', '.join(names)} does not answer.", "Start it.")


def test_a_failure_that_a_connector_lets_through_is_told_by_the_name_of_its_source(
    sqlite_store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    steps = Unanswered(sqlite_store, write_config(tmp_path, "http://127.0.0.1:1", more=TRACKER), clock, "test")

    found = next(each for each in checks_of(steps) if each.name == "tracker")

    assert (found.state, codes(found)) == ("failed", ["source-down"])
    [problem] = found.problems
    assert (problem.subject, problem.what, problem.fix) == ("tracker", "tracker does not answer.", "Start it.")


@dataclass(frozen=True)
class Answers:
    """A source that is well."""

    name: str = "tracker"

    def check(self) -> Health:
        return Health("All is well.")


class Answered(Steps):
    """Sources that are well now."""

    def sources(self, names: Collection[str] = (), secrets: Mapping[str, str] = {}) -> list[Source]:
        return [Answers()]  # type: ignore[list-item]


@pytest.fixture
def answered(sqlite_store: Store, tmp_path: Path, clock: FakeClock) -> Steps:
    plain = steps_of(sqlite_store, tmp_path, clock, TRACKER)
    return Answered(plain.store, plain.config, plain.clock, plain.holder)


def test_the_last_reading_is_told(answered: Steps, clock: FakeClock) -> None:
    with answered.store.write() as connection:
        write_state(connection, COMPANY, "tracker", last_complete_at=clock.now())

    assert check_source(answered, "tracker").says == "All is well; last read 2026-11-02 09:00 UTC"


def test_a_source_that_is_back_is_told_to_be_read(answered: Steps, clock: FakeClock) -> None:
    with answered.store.write() as connection:
        write_state(connection, COMPANY, "tracker", down_since=clock.now(), last_error="It did not answer.")

    found = check_source(answered, "tracker")

    assert (found.state, codes(found)) == ("warning", ["source-was-down"])
    assert "since 2026-11-02 09:00 UTC: It did not answer. It answers now." in found.problems[0].what
    assert found.problems[0].fix == "Type `syncd pull --source tracker`."


def test_a_blown_fuse_is_told_with_the_command_that_accepts_it(answered: Steps) -> None:
    with answered.store.write() as connection:
        fuse = {"what": "40 of 50 entries are gone.", "fix": "", "vanished": 40, "live": 50}
        write_state(connection, COMPANY, "tracker", fuse=fuse)

    found = check_source(answered, "tracker")

    assert (found.state, codes(found)) == ("failed", ["fuse-blown"])
    assert found.problems[0].what == "40 of 50 entries are gone."
    assert "`syncd pull --accept-vanished tracker`" in found.problems[0].fix
