"""The files that `syncd init` writes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connectors.files.settings import FilesSettings
from connectors.redmine.settings import RedmineSettings
from connectors.request_tracker.settings import RequestTrackerSettings
from syncd.config import ConfigError, load_config
from syncd.config.templates import Answers, initials, write_starter

ROOT = Path(__file__).parents[3]
EXAMPLE = Answers("Atelier Boréal inc.", since=date(2026, 10, 1))
OWN = Answers(
    'Boreal "Workshop" LLC',
    since=date(2026, 11, 1),
    timezone="America/New_York",
    language="en-US",
    currency="USD",
    environment="sandbox",
    client_id="ABcd",
    source_kind="redmine",
    source_at="https://redmine.example",
)


def test_the_starter_of_the_example_is_the_example(tmp_path: Path) -> None:
    written = write_starter(tmp_path, EXAMPLE)

    starter, example = (
        load_config(tmp_path / "config.toml", environ={}),
        load_config(ROOT / "config.example.toml", environ={}),
    )
    assert [path.relative_to(tmp_path).as_posix() for path in written] == [
        "config.toml",
        "mappings/clients.csv",
        "mappings/services.csv",
        "mappings/people.csv",
        "mappings/rates.csv",
        "mappings/retainers.csv",
        "mappings/fixed_fees.csv",
        "mappings/premiums.csv",
        "mappings/holidays.csv",
        "mappings/caps.csv",
        "mappings/discounts.csv",
        "mappings/expenses.csv",
        "mappings/assignments.csv",
        "mappings/intercompany.csv",
    ]
    assert (starter.company, starter.quickbooks, dict(starter.sources), starter.tables) == (
        example.company,
        example.quickbooks,
        dict(example.sources),
        example.tables,
    )
    assert (tmp_path / "inbox").is_dir()


def test_answers_replace_the_examples_own_values_and_keep_its_comments(tmp_path: Path) -> None:
    write_starter(tmp_path, OWN)

    config = load_config(tmp_path / "config.toml", environ={})
    company = config.company
    assert (company.name, str(company.timezone), company.language, company.currency) == (
        'Boreal "Workshop" LLC',
        "America/New_York",
        "en-US",
        "USD",
    )
    assert (company.billing.tax_code, company.billing.no_tax_code) == ("", "NON")
    assert (config.quickbooks.environment, config.quickbooks.client_id) == ("sandbox", "ABcd")
    assert config.quickbooks.invoice_number == "BWL-{year}-{seq:04}"
    assert dict(config.sources) == {
        "redmine": RedmineSettings(url="https://redmine.example", token="env:REDMINE_TOKEN", since=date(2026, 11, 1))
    }
    text = (tmp_path / "config.toml").read_text(encoding="utf-8")
    assert "# decides on which day an instant was worked" in text
    assert "timesheets" not in text


def test_a_request_tracker_has_its_block_and_no_other_has(tmp_path: Path) -> None:
    write_starter(tmp_path, replace(EXAMPLE, source_kind="request-tracker", source_at="https://rt.example/desk"))

    assert dict(load_config(tmp_path / "config.toml", environ={}).sources) == {
        "helpdesk": RequestTrackerSettings(url="https://rt.example/desk", token="env:RT_TOKEN", since=date(2026, 10, 1))
    }
    text = (tmp_path / "config.toml").read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if "[sources." in line] == ["[sources.helpdesk]"]


def test_a_company_of_ones_own_begins_with_empty_tables(tmp_path: Path) -> None:
    write_starter(tmp_path, OWN)

    config = load_config(tmp_path / "config.toml", environ={})
    assert config.tables == type(config.tables)()
    assert (tmp_path / "mappings/rates.csv").read_text(encoding="utf-8").startswith("client,person,role,service,rate,")


def test_another_folder_for_files_is_made(tmp_path: Path) -> None:
    write_starter(tmp_path, replace(EXAMPLE, source_at="exports/hours/*.xlsx"))

    assert load_config(tmp_path / "config.toml", environ={}).sources["timesheets"] == FilesSettings(
        path="exports/hours/*.xlsx", since=date(2026, 10, 1)
    )
    assert (tmp_path / "exports/hours").is_dir()


@pytest.mark.parametrize("taken", ["config.toml", "mappings/rates.csv"])
def test_nothing_is_overwritten(tmp_path: Path, taken: str) -> None:
    (tmp_path / "mappings").mkdir()
    (tmp_path / taken).write_text("mine", encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        write_starter(tmp_path, EXAMPLE)

    assert [(problem.code, taken in problem.what) for problem in caught.value.problems] == [("file-exists", True)]
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [Path(taken).name]


@pytest.mark.parametrize(
    ("company", "letters"),
    [("Atelier Boréal inc.", "AB-"), ("École 42", ""), ("North East West South", "NEW-"), ("sarl petite", "")],
)
def test_numbers_begin_with_the_companys_initials(company: str, letters: str) -> None:
    assert initials(company) == letters
