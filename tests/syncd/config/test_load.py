"""A configuration without mistakes, and what each part of it becomes."""

from __future__ import annotations

import shutil
from contextlib import suppress
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.files.settings import FilesSettings
from connectors.redmine.settings import RedmineSettings
from mappings.settings import Approval, Billing, Company, Rounding
from mappings.tables import check_tables
from syncd.config import Config, ConfigError, Secret, load_config
from syncd.config.explain import all_settings
from tests.errors.case import CONFIG, SOUND, write

ROOT = Path(__file__).parents[3]


def load(folder: Path, text: str = "", environ: dict[str, str] | None = None) -> Config:
    write(folder, {**SOUND, "config.toml": CONFIG + text})
    return load_config(folder / "config.toml", environ={} if environ is None else environ)


def test_the_example_company_is_complete_and_has_no_mistake() -> None:
    config = load_config(ROOT / "config.example.toml", environ={})

    tables = config.tables
    assert (len(tables.clients), len(tables.retainers), len(tables.fixed_fees)) == (5, 1, 2)
    assert {row.currency for row in tables.clients} == {"CAD", "USD"}
    assert [row.valid_from for row in tables.rates if row.note == "Hausse annuelle"] == [date(2026, 11, 1)]
    assert check_tables(tables, config.sources) == []
    assert isinstance(config.sources["timesheets"], FilesSettings)


def test_the_example_writes_out_every_default_of_billing_and_approval() -> None:
    config = load_config(ROOT / "config.example.toml", environ={})

    terms = Billing(terms="Net 30", tax_code="GST/QST QC - 9.975", no_tax_code="Out of Scope")
    holds = ("new-client", "no-purchase-order", "rate-changed", "over-budget", "30%-above-usual")
    toronto = ZoneInfo("America/Toronto")
    assert config.company == Company("Atelier Boréal inc.", toronto, "fr-CA", "CAD", terms, Approval(hold_when=holds))


def test_what_is_not_written_takes_the_default(tmp_path: Path) -> None:
    config = load(tmp_path)

    holds = ("new-client", "no-purchase-order", "rate-changed", "over-budget", "30%-above-usual")
    assert config.company.billing == Billing()
    assert config.company.approval == Approval(hold_when=holds)
    assert config.daemon.pull_every == timedelta(minutes=15)
    assert config.daemon.push_at == (time(9), time(15))
    assert (config.safety.vanished_share, config.safety.vanished_count) == (Decimal("0.3"), 10)
    assert config.quickbooks.environment == "emulator"
    assert config.quickbooks.base_url == "http://127.0.0.1:8765"
    assert config.quickbooks.discovery_url == "http://127.0.0.1:8765/.well-known/openid_sandbox_configuration/"
    assert (config.quickbooks.quarantine_seconds, config.quickbooks.throttle_seconds) == (180, 60)
    assert config.store_url.reveal() == f"sqlite:///{tmp_path}/syncd.db"
    assert config.store_key.path == tmp_path / "syncd.key"


def test_every_policy_reaches_the_company(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        """
[billing]
period = "week"
one_invoice_per = "project"
lines_per = "day"
hours = "exact"
hours_per_day = 8
round_money = "line"
late_work = "ask"
changed_after_posting = "report"
source_rates = "ignore"
day_split = "start"
terms = "Net 15"
tax_code = "GST"
no_tax_code = "NON"
annex = []
rounding = { step_minutes = 15, direction = "nearest", applies_to = "day", minimum_minutes = 30 }

[approval]
client_must_approve_hours = true
after_days_without_answer = 5
auto_approve_up_to = "1500.50"
hold_when = ["rate-changed", "50%-above-usual"]
""",
    )

    assert config.company.billing == Billing(
        period="week",
        one_invoice_per="project",
        lines_per="day",
        hours_per_day=Decimal(8),
        late_work="ask",
        changed_after_posting="report",
        terms="Net 15",
        tax_code="GST",
        no_tax_code="NON",
        rounding=Rounding(15, "nearest", "day", 30),
    )
    assert config.company.approval == Approval(True, 5, Decimal("1500.50"), ("rate-changed", "50%-above-usual"))


def test_money_is_never_a_float(tmp_path: Path) -> None:
    config = load(tmp_path, "[approval]\nauto_approve_up_to = 1100.10\n[billing]\nhours_per_day = 7.1\n")

    assert config.company.approval.auto_approve_up_to == Decimal("1100.10")
    assert config.company.billing.hours_per_day == Decimal("7.1")


def test_times_of_the_daemon_are_read(tmp_path: Path) -> None:
    text = '[daemon]\npull_every = "90 seconds"\npush_at = []\npayments_every = "2 hours"\nreconcile_at = "23:59"\n'

    daemon = load(tmp_path, text).daemon

    assert (daemon.pull_every, daemon.push_at) == (timedelta(seconds=90), ())
    assert (daemon.payments_every, daemon.reconcile_at) == (timedelta(hours=2), time(23, 59))


def test_sources_keep_their_order_and_get_the_settings_of_their_kind(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        """
[sources.tracker]
kind = "redmine"
url = "https://redmine.example/"
token = "env:REDMINE_TOKEN"
since = 2026-10-01
client_from = "custom-field:Client"

[sources.local]
kind = "redmine"
url = "http://127.0.0.1:3000"
token = "file:token"
""",
    )

    assert list(config.sources) == ["timesheets", "tracker", "local"]
    assert config.sources["timesheets"] == FilesSettings(path="inbox/*.csv")
    assert config.sources["tracker"] == RedmineSettings(
        url="https://redmine.example",
        token="env:REDMINE_TOKEN",
        since=date(2026, 10, 1),
        client_from="custom-field:Client",
    )
    assert config.sources["local"].url == "http://127.0.0.1:3000"


@pytest.mark.parametrize(
    ("environment", "base"),
    [
        ("sandbox", "https://sandbox-quickbooks.api.intuit.com"),
        ("production", "https://quickbooks.api.intuit.com"),
    ],
)
def test_intuits_addresses_go_with_the_environment(tmp_path: Path, environment: str, base: str) -> None:
    app = f'[quickbooks]\nenvironment = "{environment}"\nclient_id = "AB"\nclient_secret = "env:SECRET"\n'

    quickbooks = load(tmp_path, app).quickbooks

    assert quickbooks.base_url == base
    assert quickbooks.discovery_url.startswith("https://developer.intuit.com/.well-known/openid_")
    assert quickbooks.client_secret == Secret("env:SECRET", tmp_path)


def test_only_the_emulator_may_be_impatient(tmp_path: Path) -> None:
    text = '[quickbooks]\nbase_url = "http://127.0.0.1:9999/"\nquarantine_seconds = 1\nthrottle_seconds = 0\n'

    quickbooks = load(tmp_path, text).quickbooks

    assert (quickbooks.quarantine_seconds, quickbooks.throttle_seconds) == (1, 0)
    assert quickbooks.base_url == "http://127.0.0.1:9999"
    assert quickbooks.discovery_url == "http://127.0.0.1:9999/.well-known/openid_sandbox_configuration/"


def test_the_environment_says_where_the_store_is(tmp_path: Path) -> None:
    config = load(tmp_path, environ={"SYNCD_STORE_URL": "postgresql://me:hunter2@db/syncd"})

    assert config.store_url.reveal() == "postgresql://me:hunter2@db/syncd"
    assert "hunter2" not in repr(config)


def test_the_environments_address_of_the_store_is_checked_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, environ={"SYNCD_STORE_URL": "mysql://me:hunter2@db/syncd"})

    assert [problem.code for problem in caught.value.problems] == ["store-unknown"]
    assert "hunter2" not in str(caught.value)


def test_a_database_in_another_folder_keeps_its_place(tmp_path: Path) -> None:
    assert load(tmp_path, '[store]\nurl = "sqlite:////var/lib/syncd/a.db"\n').store_url.reveal() == (
        "sqlite:////var/lib/syncd/a.db"
    )


def test_a_file_with_a_byte_order_mark_and_windows_line_ends_is_read(tmp_path: Path) -> None:
    write(tmp_path, {**SOUND, "config.toml": CONFIG.replace("\n", "\r\n").encode("utf-8-sig")})

    assert load_config(tmp_path / "config.toml", environ={}).company.name == "Atelier Boréal inc."


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()

    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "config.toml", environ={})

    assert [problem.code for problem in caught.value.problems] == ["file-unreadable"]


def test_places_do_not_depend_on_where_syncd_is_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "mappings", tmp_path / "mappings", ignore=lambda *_: ["tables", "rules", "__pycache__"])
    shutil.copy(ROOT / "config.example.toml", tmp_path / "config.toml")
    monkeypatch.chdir(tmp_path)

    here, there = load_config(Path("config.toml"), environ={}), load_config(tmp_path / "config.toml", environ={})

    assert here.tables == there.tables
    assert here.folder == there.folder
    assert str(here.tables.rates[0].place) == "mappings/rates.csv:2"


ODD = [
    "true",
    "3",
    "-3",
    "2.5",
    "nan",
    '""',
    '"x"',
    '"://"',
    "[]",
    "[1]",
    '["x", []]',
    "{}",
    "{ a = 1 }",
    "2026-10-01",
    "09:00:00",
]


@pytest.mark.parametrize("odd", ODD)
def test_no_value_of_any_type_is_more_than_a_mistake(tmp_path: Path, odd: str) -> None:
    """Each setting in turn gets a value that was not meant for it: syncd reads it or refuses it, and never stumbles."""
    (tmp_path / "mappings").mkdir()
    for setting in all_settings():
        table = setting.table.replace("NAME", "odd")
        kind = f'kind = "{setting.kind}"\n' if setting.kind and setting.key != "kind" else ""
        company = "" if table == "company" else '[company]\nname = "A"\ncurrency = "CAD"\n'
        (tmp_path / "config.toml").write_text(f"{company}[{table}]\n{kind}{setting.key} = {odd}\n", encoding="utf-8")
        with suppress(ConfigError):
            load_config(tmp_path / "config.toml", environ={})


@pytest.mark.parametrize(
    "text", ["sources = 3", "sources = []", "[[billing]]", "[[sources]]", "[sources]\nx = 1", "x.y = 1"]
)
def test_a_table_of_another_shape_is_a_mistake(tmp_path: Path, text: str) -> None:
    write(tmp_path, {**SOUND, "config.toml": f'{text}\n[company]\nname = "A"\ncurrency = "CAD"\n'})

    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "config.toml", environ={})

    assert [problem.place is not None and problem.place.line for problem in caught.value.problems] == [
        text.count("\n") + 1
    ]
