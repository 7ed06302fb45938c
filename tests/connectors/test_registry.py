"""Sources are found by their kind, and nothing is imported before it is asked for."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors import open_source, source_class, source_kinds
from connectors.files import FilesSettings
from connectors.ports import Ports
from connectors.redmine import RedmineSettings
from connectors.request_tracker import RequestTrackerSettings
from connectors.source import Incremental
from tests.support.clock import FakeClock


@pytest.fixture
def ports(tmp_path: Path, clock: FakeClock) -> Ports:
    return Ports(clock=clock, timezone=ZoneInfo("America/Toronto"), base_folder=tmp_path, hours_per_day=Decimal(8))


@pytest.mark.parametrize(
    ("kind", "settings", "incremental"),
    [
        ("files", FilesSettings(path="inbox/*.csv"), Incremental.WORK_DATES),
        ("redmine", RedmineSettings(url="https://redmine.example", token="env:KEY"), Incremental.WORK_DATES),
        ("request-tracker", RequestTrackerSettings(url="https://rt.example", token="env:TOKEN"), Incremental.CHANGES),
    ],
)
def test_a_source_is_opened_by_its_kind(kind: str, settings: object, incremental: Incremental, ports: Ports) -> None:
    source = open_source(kind, "mine", settings, ports)

    assert (source.name, source.incremental) == ("mine", incremental)


def test_each_kind_has_settings_that_name_it() -> None:
    kinds = {kind: source_class(kind).settings_type for kind in source_kinds()}
    defaults = {
        kind: {field.name: field.default for field in dataclasses.fields(settings)} for kind, settings in kinds.items()
    }

    assert kinds.keys() == {"files", "redmine", "request-tracker"}
    assert {kind: default["kind"] for kind, default in defaults.items()} == {kind: kind for kind in kinds}


def test_an_unknown_kind_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="redmin"):
        source_class("redmin")


def test_naming_the_kinds_imports_no_connector() -> None:
    code = "import sys, connectors; connectors.source_kinds(); print('httpx' in sys.modules, 'msgspec' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "False"]


def test_a_secret_is_asked_for_when_it_is_used_and_not_before(ports: Ports) -> None:
    asked: list[str] = []

    def secret(reference: str) -> str:
        asked.append(reference)
        return "key"

    settings = RedmineSettings(url="http://127.0.0.1:9", token="env:REDMINE_KEY")
    source = open_source("redmine", "helpdesk", settings, dataclasses.replace(ports, secret=secret))
    before = list(asked)
    problems = source.check().problems

    assert (before, set(asked)) == ([], {"env:REDMINE_KEY"})
    assert [problem.code for problem in problems] == ["source-unreachable"]
