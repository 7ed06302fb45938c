"""docs/tables.md: every column is on the page and no other, and every figure is what the real rules make of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mappings.catalogue import TaxComponent
from mappings.documents import Line
from mappings.money import plain, to_minor
from mappings.problems import Place
from mappings.rules.tax import tax_lines
from mappings.tables import TABLES
from mappings.tables.clients import CLIENTS
from mappings.tables.fixed_fees import FIXED_FEES
from mappings.tables.grid import Cell
from mappings.tables.retainers import RETAINERS
from mappings.tables.services import SERVICES
from mappings.tables.shape import Table
from mappings.tables.values import About
from tests.docs.company import Example
from tests.docs.pages import ROOT, blocks, read

PAGE = read(ROOT / "docs" / "tables.md")
HEADINGS = re.compile(r"^## (.+)$", re.MULTILINE)


@dataclass
class Step:
    """One day on which an example is billed."""

    today: str
    timesheet: str
    tables: dict[str, str] = field(default_factory=dict)
    result: str = ""


def steps() -> Iterator[Step]:
    for block in blocks(PAGE):
        if block.info[:2] == ("csv", "timesheet"):
            step = Step(block.info[2], block.text)
        elif block.info[0] == "csv":
            step.tables[block.info[1]] = block.text
        elif block.info == ("text", "result"):
            step.result = block.text
            yield step


def examples() -> list[list[Step]]:
    """Steps that follow one another in time on the same day's company; a first of November begins another one."""
    found: list[list[Step]] = []
    for step in steps():
        if step.today == "2026-11-02":
            found.append([])
        found[-1].append(step)
    return found


@pytest.mark.parametrize("example", examples(), ids=lambda example: example[0].result.partition(":")[2].split(" × ")[0])
def test_each_example_is_billed_as_the_page_says(example: list[Step], tmp_path: Path) -> None:
    company = Example(tmp_path, example[0].tables)

    for step in example:
        assert company.bill(step.timesheet, step.today) == step.result


def test_no_block_of_the_page_is_left_out() -> None:
    timesheets = [block for block in blocks(PAGE) if block.info[:2] == ("csv", "timesheet")]
    kinds = {block.info[:2] for block in blocks(PAGE)} - {("csv", name) for name in TABLES}

    assert len(timesheets) == sum(len(example) for example in examples()) > 5
    assert kinds == {("csv", "timesheet"), ("text", "result"), ("text", "tax")}


def test_each_column_of_each_table_is_on_the_page_and_no_other() -> None:
    sections = dict(zip(HEADINGS.findall(PAGE), HEADINGS.split(PAGE)[2::2], strict=True))
    shown = {
        name: [column for row in re.findall(r"^\| (`.*?) \|", sections[name], re.MULTILINE) for column in ticked(row)]
        for name in TABLES
    }

    assert {name: sorted(columns) for name, columns in shown.items()} == {
        name: sorted(table.names) for name, table in TABLES.items()
    }


def test_the_page_says_which_columns_are_required() -> None:
    sections = dict(zip(HEADINGS.findall(PAGE), HEADINGS.split(PAGE)[2::2], strict=True))
    shown = {
        name: {
            column
            for names in re.findall(r"^\| (`.*?) \| required[:;]", sections[name], re.MULTILINE)
            for column in ticked(names)
        }
        for name in TABLES
    }

    assert shown == {name: {each.name for each in table.columns if each.required} for name, table in TABLES.items()}


WORDS = [
    (CLIENTS, "period"),
    (CLIENTS, "one_invoice_per"),
    (CLIENTS, "lines_per"),
    (CLIENTS, "direction"),
    (CLIENTS, "applies_to"),
    (SERVICES, "unit"),
    (RETAINERS, "kind"),
    (RETAINERS, "every"),
    (RETAINERS, "unused"),
    (RETAINERS, "draw"),
    (RETAINERS, "prorate"),
    (FIXED_FEES, "every"),
    (FIXED_FEES, "prorate"),
    (FIXED_FEES, "covers"),
]


@pytest.mark.parametrize(("table", "column"), WORDS, ids=[f"{table.name}-{column}" for table, column in WORDS])
def test_each_word_that_the_page_gives_is_one_that_the_column_takes(table: Table[Any], column: str) -> None:
    section = PAGE.split(f"\n## {table.name}\n")[1].split("\n## ")[0]
    (meaning,) = re.findall(rf"^\| `{column}` \| (.*) \|$", section, re.MULTILINE)
    (reader,) = [each.read for each in table.columns if each.name == column]

    for word in set(ticked(meaning)) - set(table.names):
        reader(Cell(word, Place("page")), About(column, "", False))


def ticked(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_the_examples_of_tax_are_computed_so() -> None:
    (block,) = [block for block in blocks(PAGE) if block.info == ("text", "tax")]

    assert [computed(line) for line in block.text.splitlines()] == block.text.splitlines()


def computed(line: str) -> str:
    """The same sentence with the figures that the rule gives."""
    amount, gst, qst = re.findall(r"[\d.]+", line.partition(":")[0])
    base = to_minor(Decimal(amount), "CAD")
    components = {"Q": [TaxComponent("GST", Decimal(gst)), TaxComponent("QST", Decimal(qst))]}
    taxes = tax_lines([Line(1, "time", "", "", "Q", base, Decimal(1), None, "each")], components, "CAD")
    figures = " + ".join(plain(tax.amount_minor, "CAD") for tax in taxes)
    return f"{amount} with GST {gst} % and QST {qst} %: {figures}"


def test_a_wrong_figure_on_the_page_would_be_found() -> None:
    assert computed("460.00 with GST 5 % and QST 9.975 %: 23.00 + 45.88").endswith("45.89")
