"""Commands over a config.toml that lists companies: each below its name, one failing stops none, the worst code."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from tests.syncd.commands.test_commands import CONFIG, ENTRY, NOVEMBER, TABLES, syncd

BOREAL, ACME = "Atelier", "Acme inc."
ACMES_ENTRIES = """\
id,date,hours,person,client,service
1,2026-10-06,1,Luc,Hydro,consulting
7,2026-10-06,1,Luc,Sud,consulting
"""


def make(folder: Path, name: str, entries: str) -> None:
    (folder / "mappings").mkdir(parents=True)
    (folder / "inbox").mkdir()
    (folder / "config.toml").write_text(CONFIG.replace(BOREAL, name), encoding="utf-8")
    for table, text in TABLES.items():
        (folder / "mappings" / f"{table}.csv").write_text(text, encoding="utf-8")
    (folder / "inbox" / "october.csv").write_text(entries, encoding="utf-8")


@pytest.fixture
def top(tmp_path: Path) -> Path:
    make(tmp_path / "boreal", BOREAL, ENTRY)
    make(tmp_path / "acme", ACME, ACMES_ENTRIES)
    (tmp_path / "config.toml").write_text('companies = ["boreal/", "acme"]\n', encoding="utf-8")
    return tmp_path


def test_each_company_stands_below_its_name_and_suggests_commands_about_itself(top: Path) -> None:
    done = syncd(top, "pull", *NOVEMBER)

    assert done.returncode == 0, done.stderr
    headings = [line for line in done.stdout.splitlines() if line.startswith("═══")]
    assert headings == [f"═══ {BOREAL} ═══", f"═══ {ACME} ═══"]
    assert "Next: syncd preview --company Atelier" in done.stdout
    assert "Next: syncd preview --company 'Acme inc.'" in done.stdout


def test_the_list_of_connections_names_the_company_in_each_command(top: Path) -> None:
    listed = syncd(top, "connect").stdout

    assert "syncd connect quickbooks --company Atelier" in listed.partition("Next:")[0]
    assert listed.count("syncd connect quickbooks --company 'Acme inc.'") == 2


def test_wrong_tables_of_one_company_stop_no_command_about_another(top: Path) -> None:
    rates = top / "acme" / "mappings" / "rates.csv"
    rates.write_text(rates.read_text(encoding="utf-8").replace("84.00", "eighty"), encoding="utf-8")

    about_it, about_all, about_another = (
        syncd(top, "pull", *words, *NOVEMBER) for words in (("--company", ACME), (), ("--company", BOREAL))
    )

    assert (about_it.returncode, about_all.returncode, about_another.returncode) == (1, 1, 0)
    assert "acme/mappings/rates.csv:2" in about_it.stderr
    assert about_another.stdout.endswith("Next: syncd preview --company Atelier\n")


def test_one_company_that_fails_stops_none_and_decides_the_exit_code(top: Path) -> None:
    shutil.rmtree(top / "boreal" / "inbox")
    syncd(top, "pull", *NOVEMBER)

    text, as_json = syncd(top, "push"), syncd(top, "push", "--json")
    pulled = syncd(top, "pull", "--json", *NOVEMBER)

    assert (text.returncode, as_json.returncode, pulled.returncode) == (1, 1, 1)
    assert f"{BOREAL}:\n" in text.stderr
    assert f"{ACME}:\n" in text.stderr
    printed = json.loads(as_json.stdout)
    assert printed["schema"] == "syncd.companies/1"
    assert [sorted(each) for each in printed["companies"]] == [["company", "error"]] * 2
    assert "Type `syncd connect quickbooks --company Atelier`." in printed["companies"][0]["error"]
    new = [
        sum(source["new"] + source["unchanged"] for source in each["sources"]) for each in pulled_reports(pulled.stdout)
    ]
    assert new == [0, 2]


def pulled_reports(printed: str) -> list[dict[str, list[dict[str, int]]]]:
    found: list[dict[str, list[dict[str, int]]]] = json.loads(printed)["companies"]
    return found


def test_each_report_is_the_one_that_its_company_has_alone(top: Path) -> None:
    syncd(top, "pull", *NOVEMBER)

    together = json.loads(syncd(top, "status", "--json", *NOVEMBER).stdout)["companies"]
    alone = [json.loads(syncd(top, "status", "--json", "--company", name, *NOVEMBER).stdout) for name in (BOREAL, ACME)]

    for report in (*together, *alone):
        del report["as_of"]
    assert together == alone
    assert [report["company"] for report in alone] == [BOREAL, ACME]


def test_an_unknown_company_is_refused_with_the_nearest_name(top: Path) -> None:
    near, far = syncd(top, "status", "--company", "Acme Inc"), syncd(top, "status", "--company", "Zzz")

    assert (near.returncode, far.returncode) == (64, 64)
    assert f"did you mean '{ACME}'?" in near.stderr
    assert f"it lists: {BOREAL}, {ACME}" in far.stderr


def test_a_name_is_looked_for_in_all_companies(top: Path) -> None:
    syncd(top, "pull", *NOVEMBER)

    unique = syncd(top, "explain", "times/7")
    ambiguous, nowhere = syncd(top, "explain", "times/1"), syncd(top, "explain", "times/99")
    chosen = syncd(top, "explain", "times/1", "--company", ACME)

    assert (unique.returncode, ambiguous.returncode, nowhere.returncode, chosen.returncode) == (0, 64, 64, 0)
    assert f"--company: {BOREAL}, {ACME}" in ambiguous.stderr
    assert f"none of the companies has a document or an entry 'times/99': {BOREAL}, {ACME}" in nowhere.stderr


def test_a_source_or_client_that_one_company_knows_leaves_the_other_out(top: Path) -> None:
    config = top / "acme" / "config.toml"
    config.write_text(
        config.read_text(encoding="utf-8").replace("[sources.times]", "[sources.hours]"), encoding="utf-8"
    )

    pulled, unknown = (
        syncd(top, "pull", "--source", "hours", *NOVEMBER),
        syncd(top, "pull", "--source", "hrs", *NOVEMBER),
    )

    assert pulled.returncode == 0, pulled.stderr
    assert (f"═══ {ACME} ═══" in pulled.stdout, BOREAL in pulled.stdout) == (True, False)
    assert unknown.returncode == 64
    assert "hrs" in unknown.stderr


def test_a_plan_is_for_one_company_and_knows_which(top: Path) -> None:
    syncd(top, "pull", *NOVEMBER)

    both = syncd(top, "preview", "--out", "plan.json", *NOVEMBER)
    one = syncd(top, "preview", "--out", "plan.json", "--company", ACME, *NOVEMBER)
    approved = syncd(top, "approve", "plan.json", "--json", *NOVEMBER)

    assert (both.returncode, one.returncode) == (64, 0)
    assert "a plan is for one company" in both.stderr
    assert [each["company"] for each in json.loads(approved.stdout)["companies"]] == [ACME]


def test_status_check_is_one_line_of_the_worst_company(top: Path) -> None:
    syncd(top, "pull", *NOVEMBER)
    shutil.rmtree(top / "acme" / "inbox")
    syncd(top, "pull", *NOVEMBER)

    done = syncd(top, "status", "--check", *NOVEMBER)

    assert done.stdout.count("\n") == 1
    assert (done.returncode, done.stdout.startswith(f"SYNCD CRITICAL - {ACME}: ")) == (2, True)
    assert "of 2 companies 1 CRITICAL, 1 WARNING" in done.stdout


def test_tables_of_the_status_have_the_company_in_their_first_column(top: Path) -> None:
    syncd(top, "pull", *NOVEMBER)

    done = syncd(top, "status", "--csv", "-", *NOVEMBER)

    rows = list(csv.reader(done.stdout.splitlines()))
    assert ["Company", "Row", "Seconds"] in rows
    assert [row for row in rows if row[1:2] == ["pulled"]] == [[BOREAL, "pulled", "9000"], [ACME, "pulled", "7200"]]


def test_detailed_exitcode_is_the_worst(top: Path) -> None:
    syncd(top, "pull", "--company", ACME, *NOVEMBER)

    chosen: tuple[tuple[str, ...], ...] = ((), ("--company", BOREAL))
    codes = [syncd(top, "preview", "--detailed-exitcode", *NOVEMBER, *words).returncode for words in chosen]

    assert codes == [2, 0]


def test_a_company_below_a_file_that_lists_others_begins_without_a_store_of_its_own(top: Path) -> None:
    begun = syncd(top, "init", "ouest", "--company", "Ouest", "--yes")

    assert begun.returncode == 0
    assert 'add "ouest/" to companies' in begun.stdout
    assert "\n[store]\n" not in (top / "ouest" / "config.toml").read_text(encoding="utf-8")
    listed = 'companies = ["boreal/", "acme", "ouest/"]\n'
    (top / "config.toml").write_text(listed, encoding="utf-8")
    assert syncd(top, "status", "--company", "Ouest").returncode == 0


def test_a_company_that_is_moved_below_a_file_that_lists_it_keeps_its_books(tmp_path: Path) -> None:
    """As docs/companies.md says: the folder, the database and the key move, and the name stays."""
    make(tmp_path / "alone", BOREAL, ENTRY)
    syncd(tmp_path / "alone", "pull", *NOVEMBER)
    before = json.loads(syncd(tmp_path / "alone", "status", "--json", *NOVEMBER).stdout)
    shutil.move(tmp_path / "alone", tmp_path / "top" / "boreal")
    for path in (tmp_path / "top" / "boreal").glob("syncd.db*"):
        shutil.move(path, tmp_path / "top" / path.name)
    (tmp_path / "top" / "config.toml").write_text('companies = ["boreal/"]\n', encoding="utf-8")

    again = json.loads(syncd(tmp_path / "top", "pull", "--json", *NOVEMBER).stdout)["companies"][0]
    (after,) = json.loads(syncd(tmp_path / "top", "status", "--json", *NOVEMBER).stdout)["companies"]
    refused = syncd(tmp_path / "top" / "boreal", "status")

    assert [(row["new"], row["unchanged"]) for row in again["sources"]] == [(0, 1)]
    assert after["hours"] == before["hours"]
    assert refused.returncode == 1
    assert "company-listed-above" in refused.stderr
