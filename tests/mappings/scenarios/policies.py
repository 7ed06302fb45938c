"""Every table, column, setting and value that billing knows, as the code has it; and a scenario with another value."""

from __future__ import annotations

import csv
import inspect
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from mappings.documents import Document
from mappings.tables.load import TABLES
from mappings.tables.shape import Column
from mappings.tables.values import yes_no
from mappings.when import WhenKind
from syncd.config.fields import DEFAULT_HOLDS, OneOf
from syncd.config.sections import ApprovalSection, BillingSection, CompanySection, RoundingSection
from tests.mappings.scenarios.reading import bill_steps, hours_told, told

SECTIONS = {
    "company": CompanySection,
    "billing": BillingSection,
    "billing.rounding": RoundingSection,
    "approval": ApprovalSection,
}
FORMS = {
    "premiums.when": get_args(WhenKind),
    "retainers.unused": ("lost", "carry-1-month", "carry-max", "carry-until", "net"),
    "fixed_fees.on": ("last-day", "day", "date", "done"),
    "fixed_fees.percent_of": ("amount", "estimate"),
    "fixed_fees.amount": ("amount", "percent", "fraction", "to"),
    "clients.quickbooks_customer": ("=", "name"),
    "clients.purchase_order": ("required", "number"),
}
"""The ways in which a cell may be written whose column knows more than a few words."""
DEFAULTS = {
    "services.billable": "yes",
    "services.unit": "hour",
    "rates.unit": "hour",
    "expenses.billable": "yes",
    "retainers.every": "month",
    "retainers.draw": "chronological",
    "retainers.prorate": "no",
    "retainers.unused": "lost",
    "fixed_fees.every": "once",
    "fixed_fees.on": "last-day",
    "fixed_fees.prorate": "no",
    "fixed_fees.covers": "no",
    "discounts.base": "net",
    "premiums.when": "always",
}
"""What an empty cell means."""


def all_values() -> Iterator[str]:
    """`section.setting`, `table.column`, and with `=` each word where there are a few."""
    for section, model in SECTIONS.items():
        for name, field in model.model_fields.items():
            key = f"{section}.{name}"
            words = _words_of_setting(field.annotation, field.metadata)
            if f"billing.{name}" not in SECTIONS and words != ():
                yield from (f"{key}={word}" for word in words) if words else (key,)
    for table in TABLES.values():
        for column in table.columns:
            key = f"{table.name}.{column.name}"
            words = FORMS.get(key) or _words_of_column(column)
            yield from (f"{key}={word}" for word in words) if words else (key,)
    yield from (
        "catalogue.service",
        "catalogue.amount",
        *(f"catalogue.every={e}" for e in ("month", "quarter", "year", "once")),
    )


def _words_of_setting(annotation: Any, metadata: list[Any]) -> tuple[str, ...] | None:
    """The words that it can be; None where it is free, () where nothing is implemented."""
    if annotation is bool:
        return ("true", "false")
    inner = [each for part in get_args(annotation) for each in getattr(part, "__metadata__", ())]
    for each in (*metadata, *inner):
        function = getattr(each, "func", None)
        if isinstance(function, OneOf):
            return function.choice.values
        if getattr(function, "__name__", "") == "hold_sign":
            return DEFAULT_HOLDS
    return None


def _words_of_column(column: Column) -> tuple[str, ...]:
    if column.read is yes_no:
        return ("yes", "no")
    words = inspect.getclosurevars(column.read).nonlocals.get("values", ())
    return tuple(words)


def outcome(folder: Path, expected: Mapping[str, Any]) -> list[object]:
    """All that finance and QuickBooks get of a scenario, without the reasons: step by step."""
    return [
        (told(billed), [_more(document) for document in billed.made.documents], hours_told(billed.after))
        for billed in bill_steps(folder, expected)
    ]


def _more(document: Document) -> tuple[object, ...]:
    """What expected.toml leaves to other scenarios."""
    lines = [
        (line.item, line.tax_code, line.class_name, line.unit, line.seconds, line.rate, line.service_date)
        for line in document.lines
    ]
    return (document.terms, document.department, document.email_to, document.language, document.tax_computed, lines)


def with_other(folder: Path, expected: Mapping[str, Any], value: str, other: str, place: Path) -> dict[str, Any]:
    """A copy of the scenario at `place` in which this value is another; its policies. Fails where it has none."""
    shutil.copytree(folder, place)
    key, _, word = value.partition("=")
    table, _, name = key.rpartition(".")
    if table in SECTIONS:
        return _other_setting(expected, table, name, word, other)
    if table == "catalogue":
        path = place / "mappings" / "catalogue.toml"
        text = path.read_text(encoding="utf-8")
        old = f'{name} = "{word}' if word else f'{name} = "'
        assert old in text, value
        start = text.index(old) + len(f'{name} = "')
        path.write_text(text[:start] + other + text[text.index('"', start) :], encoding="utf-8")
        return dict(expected)
    found = [_other_cells(path, key, word, other) for path in sorted(place.glob(f"mappings*/{table}.csv"))]
    assert any(found), f"{folder.name} has no {value}"
    return dict(expected)


def _other_setting(expected: Mapping[str, Any], section: str, name: str, word: str, other: str) -> dict[str, Any]:
    changed = {key: dict(each) if isinstance(each, dict) else each for key, each in expected.items()}
    where = changed if section == "company" else changed.setdefault(section.partition(".")[0], {})
    if section == "billing.rounding":
        where["rounding"] = where = dict(where.get("rounding", {}))
    default = SECTIONS[section].model_fields[name].default
    has = where.get(name, () if name == "hold_when" else default)
    if isinstance(has, list | tuple):
        assert word in has, has
        where[name] = [each for each in has if each != word]
    elif isinstance(has, bool):
        assert str(has).lower() == word, has
        where[name] = not has
    else:
        assert not word or str(has) == word, has
        assert where.get(name) != other, has
        where[name] = int(other) if isinstance(has, int) else other
    return changed


def _other_cells(path: Path, key: str, word: str, other: str) -> bool:
    """Write `other` in each cell of the column that says this (`a→b`: that says a); whether there was one."""
    column = key.rpartition(".")[2]
    only, arrow, new = other.partition("→")
    other = new if arrow else other
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    done = False
    for row in rows:
        if arrow and row.get(column) != only:
            continue
        if _says(row.get(column) or "", key, word) and (row.get(column) or "") != other:
            row[column], done = other, True
    if done:
        header = list(dict.fromkeys(name for row in rows for name in row))
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header, restval="")
            writer.writeheader()
            writer.writerows(rows)
    return done


def _says(cell: str, key: str, word: str) -> bool:
    text = cell.strip() or DEFAULTS.get(key, "")
    if not word:
        return bool(text)
    return word in (text, _form(text, key))


def _form(text: str, key: str) -> str:
    """Which of the column's forms this is."""
    first = text.replace(":", " ").partition(" ")[0]
    if key == "premiums.when":
        return first if first in FORMS[key] else "window"
    if key == "retainers.unused":
        return first
    if key == "fixed_fees.on":
        return first if first in ("last-day", "done") else "day" if text.isdigit() else "date"
    if key == "fixed_fees.percent_of":
        return "estimate" if first == "estimate" else "amount"
    if key == "fixed_fees.amount":
        return "to" if first == "to" else "percent" if "%" in text else "fraction" if "/" in text else "amount"
    if key == "clients.purchase_order":
        return "number" if text and text != "required" else text
    if key == "clients.quickbooks_customer":
        return "name"
    return text


def put_in_clients(place: Path, expected: Mapping[str, Any], value: str) -> None:
    """Write what the scenario's company says of this setting into each row of its clients."""
    key, _, word = value.partition("=")
    section, _, name = key.rpartition(".")
    billing = expected.get("billing", {})
    settings = billing.get("rounding", {}) if section == "billing.rounding" else billing
    text = str(settings.get(name, word))
    for path in sorted(place.glob("mappings*/clients.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = [row | {name: text} for row in csv.DictReader(file)]
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
