"""Explanations word by word, in English and French, of one rich document and its entries; amounts are made by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from syncd.engine.decide import By, write_off_entry
from syncd.reports.explain import explain_document, explain_entry
from syncd.reports.explain_text import document_text, entry_text
from syncd.reports.find import find_document
from syncd.store.database import Store
from tests.support.clock import FakeClock
from tests.support.office import Office, open_office

EXPLAINED = Path(__file__).parent / "explained"
NOVEMBER, DECEMBER = date(2026, 11, 3), date(2026, 12, 3)
TABLES = {
    "clients": "source_client,quickbooks_customer,language,step_minutes\nHydro,Hydro-Québec,fr-CA,15\n",
    "services": "source_service,service,quickbooks_item\nconsulting,Consultation,Consultation\n"
    "hotline,Soutien,Consultation\n",
    "rates": "client,service,rate,from\n,,84.00,\nHydro-Québec,,98.00,2026-10-01\n",
    "premiums": "name,client,when,factor\nsoir,Hydro-Québec,17:00-22:00,1.25\n"
    "lundi,Hydro-Québec,Mon-Mon 12:00-22:00,1.1\n",
    "retainers": "client,name,kind,services,hours,fee,from,until,extra_rate,item\n"
    "Hydro-Québec,Entretien,minimum,Soutien,2,300.00,2026-10-01,2026-10-31,118.00,Consultation\n",
    "caps": "client,project,amount,over\nHydro-Québec,Site,200.00,write-down\n",
    "discounts": "client,project,percent,quickbooks_item\nHydro-Québec,Conseil,10,Consultation\n",
    "expenses": "category,quickbooks_item,markup_percent\nHotel,Consultation,8\n",
    "fixed_fees": "client,service,description,amount,percent_of,on\n"
    "Hydro-Québec,Consultation,Analyse,1/3,700.00,2026-10-15\n",
}
HEAD = "id,kind,start,end,date,hours,quantity,amount,rebate_percent,client,project,service,person\n"
WORK = (
    "1,,2026-10-05T15:00,2026-10-05T18:20,,,,,,Hydro,Conseil,consulting,Marie\n"
    "2,,,,2026-10-06,3,,,,Hydro,,hotline,Marie\n"
    "3,,,,2026-10-07,4,,,,Hydro,Site,consulting,Luc\n"
    "4,expense,,,2026-10-07,,2,180.00,10,Hydro,,Hotel,Luc\n"
)


@pytest.fixture
def office(sqlite_store: Store, tmp_path: Path, clock: FakeClock) -> Iterator[Office]:
    with open_office(sqlite_store, tmp_path, clock, **TABLES) as office:
        office.folder.inbox(HEAD + WORK)
        office.cycle(NOVEMBER)
        yield office


def of_document(office: Office, name: str, language: str, line: int | None = None) -> str:
    with office.store.read() as connection:
        row = find_document(connection, office.config.company.name, name)
        assert row is not None
        report = explain_document(office.config.company.name, row, line, language)
    assert report is not None
    return printed(*document_text(report))


def of_entry(office: Office, entry: str, language: str) -> str:
    company = office.config.company
    with office.store.read() as connection:
        report = explain_entry(connection, company.name, "timesheets", entry, language)
    return printed(*entry_text(report, company.timezone))


def printed(*parts: object) -> str:
    console = Console(width=400, record=True, file=StringIO())
    console.print(*parts, sep="\n")
    return "\n".join(line.rstrip() for line in console.export_text().splitlines()) + "\n"


def test_a_rich_document_is_told_to_the_last_cent_in_both_languages(office: Office) -> None:
    """The pages beside this file were counted through by hand; an entry's is that of the one which reaches a cap."""
    told = {f"document.{language}.txt": of_document(office, "AB-2026-0001", language) for language in ("en", "fr")}
    told |= {f"entry.{language}.txt": of_entry(office, "3", language) for language in ("en", "fr")}

    assert told == {name: (EXPLAINED / name).read_text(encoding="utf-8") for name in told}
    line = of_document(office, "AB-2026-0001", "en", 5)
    assert [row.split(" · ")[0] for row in line.splitlines() if row.startswith(("Line", "On no", "Hours"))] == [
        "Line 5"
    ]


def test_what_changed_since_and_what_waits_is_told_in_both_languages(office: Office) -> None:
    """An evening ended earlier, less was covered, Luc's hours are gone; one entry came late, and one is not mapped."""
    evening, support, _, hotel = WORK.splitlines(keepends=True)
    changed = evening.replace("18:20", "18:00") + support.replace("2026-10-06,3,", "2026-10-06,2.5,") + hotel
    more = "5,,,,2026-12-02,1,,,,Hydro,,hotline,Luc\n6,,,,2026-10-30,1,,,,Sud,,consulting,Luc\n"
    office.folder.inbox(HEAD + changed + more + "7,,,,2026-10-29,1,,,,Hydro,,consulting,Luc\n")
    office.cycle(DECEMBER)
    english = {entry: of_entry(office, entry, "en") for entry in "12357"}
    french = {entry: of_entry(office, entry, "fr").replace("\u00a0", " ") for entry in "356"}
    memo = of_document(office, "AB-2026-0002", "fr").replace("\u00a0", " ")

    by = By("Marie", "trop tard", office.clock.now(), DECEMBER)
    write_off_entry(office.store, office.config, "timesheets", "5", by)
    assert "· Radié par Marie\u00a0: trop tard" in of_entry(office, "5", "fr")
    assert "changed: time, end" in english["1"]
    assert "· Changed after it was billed: 3.50 h were billed, 3.00 h are owed." in english["1"]
    assert "· It is billed at the premium soir: 122.50 instead of 98.00." in english["1"]
    assert "· Less work in 2026-10: 0.50 h of extra are now covered." in english["2"]
    assert "retainer: mappings/retainers.csv:2 (Entretien)" in english["2"]
    assert "· Deleted in the source: what was billed is taken back." in english["3"]
    assert "· Supprimée à la source : ce qui avait été facturé est contrepassé." in french["3"]
    assert "· It came after its period was billed: it is on a later document." in english["7"]
    assert "waiting: 1 h · Hydro-Québec · running-period: Its period is not over." in english["5"]
    assert "en attente : 1 h · Hydro-Québec · running-period : Sa période n'est pas terminée." in french["5"]
    assert "bloqué : 1 h · Sud · unmapped-client : " in french["6"]
    assert "note de crédit du 2026-11-30" in memo
    assert "Son total est négatif : c'est une note de crédit, jamais une facture négative." in memo
