"""The files that `syncd init` writes: the example company that ships, with a person's answers put into it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from mappings.problems import Place, Problem
from mappings.tables import TABLES
from syncd.config.companies import top_file_above
from syncd.config.explain import toml_value
from syncd.config.locate import locate
from syncd.config.mistakes import ConfigError

SOURCE_NAMES = {"files": "timesheets", "redmine": "redmine", "request-tracker": "helpdesk"}
"""Each kind of source, and the name of its block in the example."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What `syncd init` asks. `source_kind` is one of SOURCE_NAMES, `source_at` its path or address."""

    company: str
    since: date
    """Go-live."""
    timezone: str = "America/Toronto"
    language: str = "fr-CA"
    currency: str = "CAD"
    environment: str = "emulator"
    client_id: str = ""
    client_secret: str = "env:SYNCD_CLIENT_SECRET"  # noqa: S105 - where it is kept, no secret
    source_kind: str = "files"
    source_at: str = "inbox/*.csv"


def example_config() -> str:
    """The text of config.example.toml, from the wheel or from a clone."""
    return _shipped("config.example.toml").read_text(encoding="utf-8")


def _shipped(name: str) -> Traversable:
    in_wheel = files("syncd") / "data" / name
    return in_wheel if in_wheel.is_file() else files("syncd") / ".." / name


def write_starter(folder: Path, answers: Answers) -> list[Path]:
    """Write config.toml and mappings/*.csv, and make the folder that files are dropped into; return what was written.

    With the emulator the tables have the rows of the example company, to try syncd with; else only their headers.
    Below a config.toml that lists companies it has no [store]: that one says where the books are. Raises ConfigError,
    and writes nothing, when one of the files is there already.
    """
    config = starter_config(answers)
    if top_file_above(folder.resolve()) is not None:
        config = config[: config.index("\n[store]\n")].rstrip() + "\n"
    texts = {folder / "config.toml": config}
    for name in TABLES:
        table = (files("mappings") / f"{name}.csv").read_text(encoding="utf-8")
        kept = table if answers.environment == "emulator" else table.split("\n", 1)[0] + "\n"
        texts[folder / "mappings" / f"{name}.csv"] = kept
    taken = [path for path in texts if path.exists()]
    if taken:
        raise ConfigError([_taken(path) for path in taken])
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if answers.source_kind == "files" and not Path(answers.source_at).is_absolute():
        (folder / answers.source_at).parent.mkdir(parents=True, exist_ok=True)
    return list(texts)


def _taken(path: Path) -> Problem:
    what = f"{path} is there already and is not overwritten."
    return Problem("file-exists", what, "Choose another folder, or move it away.", Place(path.name))


def starter_config(answers: Answers) -> str:
    """The example with the answers in the place of its own values; its comments stay."""
    text = _with_source(example_config(), answers)
    values: dict[tuple[str, ...], object] = {
        ("company", "name"): answers.company,
        ("company", "timezone"): answers.timezone,
        ("company", "language"): answers.language,
        ("company", "currency"): answers.currency,
        ("quickbooks", "environment"): answers.environment,
        ("quickbooks", "invoice_number"): f"{initials(answers.company)}{{year}}-{{seq:04}}",
    }
    if answers.environment != "emulator":
        text = re.sub(r"# (client_id|client_secret) =", r"\1 =", text)
        values[("quickbooks", "client_id")] = answers.client_id
        values[("quickbooks", "client_secret")] = answers.client_secret
    if answers.environment != "emulator" or answers.currency != "CAD":
        # The example's tax code is that of a company in Québec: only its people know theirs.
        values[("billing", "tax_code")] = ""
    if answers.currency != "CAD":
        values[("billing", "no_tax_code")] = "NON" if answers.currency == "USD" else ""
    return _with_values(text, values)


def initials(company: str) -> str:
    """Letters before the number: "AB-" for Atelier Boréal inc.; none where the name has no plain capitals."""
    found = re.findall(r"\b[A-Z]", company, re.ASCII)[:3]
    return "".join(found) + "-" if found else ""


def _with_source(text: str, answers: Answers) -> str:
    """Keep the block of the chosen kind, uncommented, and drop the others."""
    start, end = text.index("[sources.timesheets]"), text.index("\n\n# Defaults that a row of")
    name = SOURCE_NAMES[answers.source_kind]
    chosen = next(
        block for block in text[start:end].split("\n\n") if block.removeprefix("# ").startswith(f"[sources.{name}]")
    )
    if chosen.startswith("# "):
        chosen = chosen.replace("\n# ", "\n").removeprefix("# ")
    at = "path" if answers.source_kind == "files" else "url"
    values: dict[tuple[str, ...], object] = {
        ("sources", name, at): answers.source_at,
        ("sources", name, "since"): answers.since,
    }
    return _with_values(text[:start] + chosen + text[end:], values)


def _with_values(text: str, values: Mapping[tuple[str, ...], object]) -> str:
    """Put values into a TOML text, the last one first, so that the places of the others stay."""
    spans = locate("config.toml", text).values
    for path in sorted(values, key=lambda path: spans[path], reverse=True):
        start, end = spans[path]
        value = toml_value(values[path])
        comment = re.compile(r" +(?=#)").match(text, end)
        if comment:  # Comments stay below each other where there is room.
            value += " " * max(1, comment.end() - start - len(value))
        text = text[:start] + value + text[comment.end() if comment else end :]
    return text
