"""Layouts: which column is which field."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connectors.files.layout import READY_MADE, LayoutError, load_layout, parse_layout
from connectors.source import SourceError
from mappings.work import WorkItem
from tests.connectors.files.world import drop, files_source, items, problems, pull

LAYOUT = """
date_formats = ["%d.%m.%Y", "%d.%m.%Y %H:%M"]
ignore = ["Kosten", "Total"]

[columns]
"Nr" = "id"
"Tag" = "date"
"Beginn" = "start"
"Std" = "hours"
"Verrechenbar" = "billable"

[constants]
client = "Acme"
person = "Ada"

[words.billable]
"ja" = "yes"
"nein" = "no"
"""


def test_a_layout_names_columns_values_and_formats(tmp_path: Path) -> None:
    (tmp_path / "acme.toml").write_text(LAYOUT)
    drop(tmp_path, "a.csv", "Nr;Tag;Beginn;Std;Kosten;Verrechenbar\nA;5.10.2026;05.10.2026 09:00;1,25;99;Nein\n")

    (item,) = items(files_source(tmp_path, layout="acme.toml"))

    assert (item.id, item.worked_on, item.seconds) == ("A", date(2026, 10, 5), 4500)
    assert (item.client, item.person, item.billable) == ("Acme", "Ada", False)
    assert item.started_at is not None
    assert item.started_at.isoformat() == "2026-10-05T13:00:00+00:00"


def test_a_column_that_the_layout_does_not_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "acme.toml").write_text(LAYOUT)
    drop(tmp_path, "a.csv", "Nr;Tag;Stdn\nA;5.10.2026;1\n")

    (problem,) = problems(files_source(tmp_path, layout="acme.toml"))

    assert problem.what == "Stdn is not a known column."
    assert problem.fix == "Did you mean std? Name it under `ignore` in a layout to leave it out."


def test_a_french_timesheet_is_read_by_a_layout_that_ships(tmp_path: Path) -> None:
    drop(
        tmp_path,
        "octobre.csv",
        "Date;Collaborateur;Client;Projet;Activité;Heures;Facturable;Commentaire;Total\n"
        "05/10/2026;Zoé;Café Noël;Site;Conseil;7,5;Oui;Réunion;712,50\n".encode("cp1252"),
    )

    (item,) = items(files_source(tmp_path, layout="timesheet-fr"))

    assert item == WorkItem(
        source="sheets",
        id=item.id,
        worked_on=date(2026, 10, 5),
        seconds=27_000,
        person="Zoé",
        client="Café Noël",
        project="Site",
        service="Conseil",
        notes="Réunion",
    )


def test_an_english_timesheet_is_read_by_a_layout_that_ships(tmp_path: Path) -> None:
    drop(tmp_path, "work.csv", "ID,Date,Employee,Customer,Activity,Minutes,Notes\n9,2026-10-05,Ada,Acme,Design,90,x\n")

    (item,) = items(files_source(tmp_path, layout="timesheet-en"))

    assert (item.id, item.person, item.client, item.service, item.seconds) == ("9", "Ada", "Acme", "Design", 5400)


@pytest.mark.parametrize("name", READY_MADE)
def test_a_layout_that_ships_is_valid(tmp_path: Path, name: str) -> None:
    assert {"date", "hours", "client", "person"} <= set(load_layout(name, tmp_path).columns.values())


BAD_LAYOUTS = [
    ("columns = 3", ["layout-columns-missing", "layout-value-wrong"]),
    ('[columns]\n"A" = "hour"', ["layout-field-unknown"]),
    ('[columns]\n"A" = "amounts"', ["layout-field-unknown"]),
    ('colums = 1\n[columns]\n"A" = "date"', ["layout-key-unknown"]),
    ('ignore = "A"\n[columns]\n"A" = "date"', ["layout-value-wrong"]),
    ('[columns]\n"A" = "date"\n[words]\nbillable = "x"', ["layout-value-wrong"]),
    ("[columns", ["layout-not-toml"]),
]


@pytest.mark.parametrize(("text", "codes"), BAD_LAYOUTS)
def test_every_mistake_in_a_layout_is_told(text: str, codes: list[str]) -> None:
    with pytest.raises(LayoutError) as caught:
        parse_layout(text, "acme.toml")

    assert sorted(problem.code for problem in caught.value.problems) == codes
    assert all(problem.place and problem.place.file == "acme.toml" for problem in caught.value.problems)


def test_a_missing_layout_ends_the_pull_and_is_told_by_the_check(tmp_path: Path) -> None:
    drop(tmp_path, "a.csv", "date,hours\n2026-10-05,1\n")
    source = files_source(tmp_path, layout="nowhere.toml")

    assert [problem.code for problem in source.check().problems] == ["layout-not-found"]
    with pytest.raises(SourceError, match=r"nowhere\.toml"):
        pull(source)
