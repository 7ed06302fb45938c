"""Commands as people and machines meet them: through the real process, by exit code, standard output and errors."""

from __future__ import annotations

import json
import os
import resource
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from syncd.clock import SystemClock
from syncd.store.database import open_store
from syncd.store.holders import this_process
from syncd.store.leases import acquire
from tests.e2e.company import starter
from tests.support.clock import FakeClock

CONFIG = """\
[company]
name = "Atelier"
timezone = "America/Toronto"
language = "en-CA"
currency = "CAD"

[quickbooks]
environment = "emulator"

[sources.times]
kind = "files"
path = "inbox/*.csv"
since = 2026-10-01

[approval]
hold_when = []
"""
TABLES = {
    "clients": "source_client,quickbooks_customer\nHydro,Hydro-Québec\n",
    "services": "source_service,service,quickbooks_item\nconsulting,Consultation,Consultation\n",
    "rates": "service,rate\nConsultation,84.00\n",
}
ENTRY = "id,date,hours,person,client,service\n1,2026-10-05,2.5,Marie,Hydro,consulting\n"
NOVEMBER = ("--now", "2026-11-03")


@pytest.fixture
def company(tmp_path: Path) -> Path:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "inbox").mkdir()
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    for name, text in TABLES.items():
        (tmp_path / "mappings" / f"{name}.csv").write_text(text, encoding="utf-8")
    (tmp_path / "inbox" / "october.csv").write_text(ENTRY, encoding="utf-8")
    return tmp_path


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    returncode: int
    stdout: str
    stderr: str


def environment(folder: Path) -> dict[str, str]:
    left_out = ("SYNCD_CONFIG", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return kept | {"XDG_STATE_HOME": str(folder / "state"), "COLUMNS": "160"}


def syncd(folder: Path, *words: str) -> Done:
    """Run `syncd WORDS` in a process of its own, and wait for its end."""
    process = starter().start(words, environment(folder), folder, apart=True)
    assert process.stderr is not None
    process.stdin.close()
    # What a command says on stderr fits into the pipe while stdout is read.
    stdout, stderr = process.stdout.read(), process.stderr.read()
    try:
        return Done(process.wait(), stdout, stderr)
    finally:
        process.close()


def plain(*words: str, cwd: Path) -> Done:
    """The same from a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, cwd=cwd, env=environment(cwd), timeout=60, check=False
    )
    return Done(done.returncode, done.stdout, done.stderr)


def test_help_lists_the_commands_and_answers_at_once(tmp_path: Path) -> None:
    plain("-m", "syncd", "--help", cwd=tmp_path)  # Compiles what is not compiled yet.
    seconds = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = plain("-m", "syncd", "--help", cwd=tmp_path)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        # The processor's time, because another test may have the processor meanwhile.
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    assert done.returncode == 0
    assert "reconcile" in done.stdout
    assert min(seconds) < 0.2


def test_help_loads_no_library_that_it_does_not_need(tmp_path: Path) -> None:
    code = "import sys; from syncd.commands.group import invoke; invoke(['--help']); print(*sys.modules)"
    done = plain("-c", code, cwd=tmp_path)

    assert "click" in done.stdout.split()
    assert set(done.stdout.split()) & {"sqlalchemy", "pydantic", "httpx", "rich", "quickbooks", "uvicorn"} == set()


@pytest.mark.parametrize(
    "words",
    [
        ("simulate",),
        ("simulate", "--period", "last-month"),
        ("simulate", "--period", "last-month", "--rates", "nowhere.csv"),
        ("rerate", "--period", "October"),
        ("status", "--colour"),
        ("status", "--period", "October"),
        ("status", "--json", "--check"),
        ("approve",),
        ("approve", "--all", "Hydro-Québec"),
        ("mappings", "guess"),
        ("mappings", "check", "--write"),
        ("connect", "redmine"),
        ("release",),
        ("write-off", "--entry", "times/1"),
        ("status", "--company", "Somebody else"),
        ("status", "--client", "Hydra"),
        ("pull", "--source", "redmine"),
        ("preview", "--now", "soon"),
    ],
)
def test_a_command_that_is_typed_wrongly_exits_64_and_says_why(company: Path, words: tuple[str, ...]) -> None:
    done = syncd(company, *words)

    assert done.returncode == 64
    assert done.stdout == ""
    assert "--help` to see how it is used" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_config_is_named_before_or_after_the_command_or_by_the_environment(company: Path, tmp_path: Path) -> None:
    config = str(company / "config.toml")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    before = syncd(elsewhere, "--config", config, "status")
    after = syncd(elsewhere, "status", "--config", config)
    missing = syncd(elsewhere, "status")

    assert (before.returncode, after.returncode, missing.returncode) == (0, 0, 1)
    assert f"Next: syncd --config {config} " in before.stdout
    assert before.stdout.splitlines()[0].split(" · ")[0] == after.stdout.splitlines()[0].split(" · ")[0] == "Atelier"
    assert "`syncd init` writes one." in missing.stderr


def test_mistakes_in_files_are_shown_all_at_once_with_their_places(company: Path) -> None:
    (company / "mappings" / "rates.csv").write_text("service,rate\nConsultation,seventy\n", encoding="utf-8")
    (company / "config.toml").write_text(CONFIG.replace("currency", "curency"), encoding="utf-8")

    done = syncd(company, "status")

    assert done.returncode == 1
    assert "config.toml:5:1: " in done.stderr
    assert "mappings/rates.csv:2:2: " in done.stderr
    assert "  2 | Consultation,seventy\n    |              ^^^^^^^\n" in done.stderr


def test_pull_preview_and_approve_without_quickbooks_say_what_is_missing(company: Path) -> None:
    pulled = syncd(company, "pull", *NOVEMBER, "--json")
    preview = syncd(company, "preview", *NOVEMBER, "--json", "--detailed-exitcode")
    approved = syncd(company, "approve", "--all", *NOVEMBER)
    pushed = syncd(company, "push", *NOVEMBER)

    assert (pulled.returncode, preview.returncode, approved.returncode, pushed.returncode) == (0, 2, 0, 1)
    assert json.loads(pulled.stdout)["sources"][0]["new"] == 1
    document = json.loads(preview.stdout)["documents"][0]
    assert (document["state"], document["subtotal"], document["seconds"]) == ("blocked", "210.00", 9000)
    assert document["problems"][0]["code"] == "quickbooks-not-read"
    assert json.loads(preview.stdout)["next_command"] == "syncd connect quickbooks"
    assert "Nothing was approved." in approved.stdout
    assert "not-connected" in pushed.stderr


def test_the_hours_add_up_after_each_step(company: Path) -> None:
    for words in (("pull",), ("preview",), ("approve", "--all")):
        assert syncd(company, *words, *NOVEMBER).returncode == 0
        status = json.loads(syncd(company, "status", "--json", *NOVEMBER).stdout)
        assert [(proof["code"], proof["difference"]) for proof in status["proofs"]] == [
            ("hours", "0.00"),
            ("invoices", "0.00"),
            ("receivables", "0.00"),
        ]
        assert status["hours"]["pulled_seconds"] == 9000


def test_every_listing_ends_with_a_command_that_exists(company: Path) -> None:
    for words in (("pull",), ("preview",), ("status",), ("approve", "--all"), ("doctor",), ("mappings", "check")):
        done = syncd(company, *words, *(NOVEMBER if words[0] not in ("doctor", "mappings") else ()))
        last = done.stdout.rstrip().splitlines()[-1]
        assert last.startswith("Next: syncd ")
        assert syncd(company, *last.removeprefix("Next: syncd ").split()[:1], "--help").returncode == 0


def test_status_check_is_one_line_with_a_code_of_its_own(company: Path) -> None:
    warning = syncd(company, "status", "--check")
    (company / "config.toml").write_text("[", encoding="utf-8")
    unknown = syncd(company, "status", "--check")

    assert (warning.returncode, unknown.returncode) == (1, 3)
    assert warning.stdout == "SYNCD WARNING - Atelier: QuickBooks is not connected yet. (0 critical, 2 warnings)\n"
    assert unknown.stdout.startswith("SYNCD UNKNOWN - config.toml:1:")
    assert unknown.stdout.count("\n") == 1


def test_a_lease_that_somebody_holds_is_waited_for_and_then_named(company: Path) -> None:
    syncd(company, "pull", *NOVEMBER)
    store = open_store(f"sqlite:///{company / 'syncd.db'}", FakeClock())
    with store.write() as connection:
        acquire(connection, "Atelier", "pull:times", this_process("syncd run"), 300, SystemClock().now())
    store.close()

    began = time.monotonic()
    done = syncd(company, "pull", *NOVEMBER)

    assert done.returncode == 75
    assert "syncd run on " in done.stderr
    assert 9 < time.monotonic() - began < 30


def test_a_plan_is_a_plan_of_this_company(company: Path) -> None:
    syncd(company, "pull", *NOVEMBER)
    made = syncd(company, "preview", *NOVEMBER, "--out", "plan.json")
    plan = json.loads((company / "plan.json").read_text(encoding="utf-8"))
    (company / "other.json").write_text(json.dumps(plan | {"company": "Nord"}), encoding="utf-8")

    assert made.returncode == 0
    assert (plan["schema"], plan["documents"]) == ("syncd.plan/1", [])  # Blocked: there is nothing to approve.
    assert syncd(company, "approve", "other.json", *NOVEMBER).returncode == 64
    assert syncd(company, "approve", "missing.json", *NOVEMBER).returncode == 64


def test_an_entry_is_explained_from_its_record_to_where_it_stands(company: Path) -> None:
    syncd(company, "pull", *NOVEMBER)
    syncd(company, "preview", *NOVEMBER)

    by_name = syncd(company, "explain", "times/1")
    report = json.loads(syncd(company, "explain", "1", "--json").stdout)

    config = company / "config.toml"
    config.write_text(config.read_text(encoding="utf-8").replace('"en-CA"', '"fr-CA"'), encoding="utf-8")
    french, english = syncd(company, "explain", "1"), syncd(company, "explain", "1", "--language", "en", "--json")

    assert "2 h 30 min pulled, 2 h 30 min accounted for" in by_name.stdout
    assert "2 h 30 min reçus, 2 h 30 min retracés" in french.stdout
    assert "Telle que la source l'a donnée" in french.stdout
    assert json.loads(english.stdout) == report
    assert (report["schema"], report["language"]) == ("syncd.explain.entry/1", "en")
    assert report["revisions"][0]["person"] == "Marie"
    assert [(share["state"], share["amount"], share["rate"]) for share in report["shares"]] == [
        ("drafted", "210.00", "84.00")
    ]
    assert report["shares"][0]["tables"][0] == {"decides": "client", "row": "mappings/clients.csv:2", "note": ""}
    assert syncd(company, "explain", "times/2").returncode == 64


def test_a_backup_is_a_database_and_never_overwrites(company: Path) -> None:
    syncd(company, "pull", *NOVEMBER)

    first, second = syncd(company, "backup", "copy.db"), syncd(company, "backup", "copy.db")

    assert (first.returncode, second.returncode) == (0, 1)
    copy = open_store(f"sqlite:///{company / 'copy.db'}", FakeClock())
    with copy.read() as connection:
        assert connection.exec_driver_sql("SELECT seconds FROM work").scalar_one() == 9000
    copy.close()


def test_wrong_tables_keep_no_copy_from_being_made(company: Path) -> None:
    (company / "mappings" / "rates.csv").write_text("service,rate\nConsultation,seventy\n", encoding="utf-8")

    copied, refused = syncd(company, "backup", "copy.db"), syncd(company, "status")

    assert (copied.returncode, refused.returncode) == (0, 1)
    assert (company / "copy.db").exists()


def test_init_writes_a_company_that_status_can_read(tmp_path: Path) -> None:
    words = ("init", "new", "--company", "Atelier Nord", "--since", "2026-11-01", "--yes")

    first, second = syncd(tmp_path, *words), syncd(tmp_path, *words)

    assert (first.returncode, second.returncode) == (0, 1)
    assert "is there already" in second.stderr
    assert syncd(tmp_path, "--config", "new/config.toml", "status", "--json").returncode == 0


def test_a_mistyped_command_is_told_the_one_it_is_like(tmp_path: Path) -> None:
    done = syncd(tmp_path, "statsu")

    assert done.returncode == 64
    assert "no such command 'statsu'. Did you mean 'status'?" in done.stderr


def test_a_pull_that_did_not_understand_a_row_leads_to_the_doctor(company: Path) -> None:
    sheet = company / "inbox" / "mistyped.csv"
    sheet.write_text("id,date,hours,person,client\nM1,2026-10-05,two,Amélie Roy,Clinique du Lac\n", encoding="utf-8")

    report = json.loads(syncd(company, "pull", "--json").stdout)

    assert [(source["bad_records"], source["state"]) for source in report["sources"]] == [(1, "read")]
    assert report["next_command"] == "syncd doctor"


def test_init_into_a_folder_with_a_blank_suggests_a_command_that_works(tmp_path: Path) -> None:
    done = syncd(tmp_path, "init", "the atelier", "--company", "Atelier", "--yes")
    following = done.stdout.rpartition("Next: syncd ")[2]

    assert "the atelier/config.toml" in syncd(tmp_path, *shlex.split(following)).stdout


def test_init_of_a_tool_needs_its_address_and_writes_it(tmp_path: Path) -> None:
    words = ("init", "new", "--company", "Atelier Nord", "--source", "request-tracker", "--yes")

    without, given = syncd(tmp_path, *words), syncd(tmp_path, *words, "--source-at", "https://rt.example")

    assert (without.returncode, given.returncode) == (64, 0)
    assert "needs --source-at" in without.stderr
    assert 'url = "https://rt.example"' in (tmp_path / "new" / "config.toml").read_text(encoding="utf-8")


@pytest.fixture
def daemon(company: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "syncd", "run"],
        cwd=company,
        env=environment(company),
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.wait()
    assert process.stderr is not None
    process.stderr.close()


def test_the_daemon_bills_beside_commands_and_ends_in_order(company: Path, daemon: subprocess.Popen[str]) -> None:
    assert daemon.stderr is not None
    events = []
    while not events or events[-1]["event"] != "drafted":
        line = daemon.stderr.readline()
        assert line, events
        events.append(json.loads(line))

    second = syncd(company, "run")
    status = syncd(company, "status", "--json")
    daemon.send_signal(signal.SIGTERM)
    rest = [json.loads(line) for line in daemon.stderr]

    assert daemon.wait(10) == 0
    assert second.returncode == 75
    assert "syncd run on " in second.stderr
    assert json.loads(status.stdout)["hours"]["pulled_seconds"] == 9000
    assert [event["event"] for event in rest][-2:] == ["stopping", "stopped"]
