"""`syncd emulator`: its books fit the example that `syncd init` writes."""

from __future__ import annotations

from pathlib import Path

from connectors.emulator import Emulator
from mappings.rows import ClientRow
from mappings.tables import load_tables
from syncd.commands.emulator import _add_example
from tests.docs.pages import ROOT


def names(emulator: Emulator, entity: str) -> set[str]:
    return {row["FullyQualifiedName" if entity != "TaxCode" else "Name"] for row in emulator.all(entity)}


def test_new_books_know_every_name_of_the_example_tables(tmp_path: Path) -> None:
    tables, problems = load_tables(ROOT / "mappings")
    assert problems == []

    def said(field: str) -> set[str]:
        rows: tuple[ClientRow, ...] = tables.clients
        return {getattr(row, field) for row in rows} - {""}

    with Emulator("ca", tmp_path / "books.db") as emulator:
        _add_example(emulator)

        assert said("quickbooks_customer") <= names(emulator, "Customer")
        assert said("class_name") <= names(emulator, "Class")
        assert said("tax_code") <= names(emulator, "TaxCode")
        assert {row.quickbooks_item for row in tables.services} <= names(emulator, "Item")


def test_american_books_are_left_as_they_are() -> None:
    with Emulator("us") as emulator:
        before = emulator.all("Customer")
        _add_example(emulator)

        assert emulator.all("Customer") == before
