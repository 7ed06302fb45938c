"""Read config.toml and the tables beside it: one `Config`, or all that is wrong at once."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from mappings.problems import Place, Problem, by_place
from mappings.rows import Tables
from mappings.settings import Approval, Billing, Company, Rounding
from mappings.tables import LATER, load_tables, nearest
from mappings.tables.values import listed, quoted
from syncd.config import sources as source_settings
from syncd.config.fields import is_plain_http, is_store_url
from syncd.config.locate import TomlPlaces, hide_secrets, locate
from syncd.config.mistakes import ConfigError, mistakes, not_a_table
from syncd.config.secrets import Secret
from syncd.config.sections import ConfigFile, DaemonSection, QuickbooksSection, SafetySection

STORE_VARIABLE = "SYNCD_STORE_URL"


@dataclass(frozen=True, slots=True)
class Config:
    """One company's configuration, checked. Secrets are references until somebody reveals them."""

    path: Path
    folder: Path
    """Of config.toml: relative paths start here."""
    company: Company
    quickbooks: QuickbooksSection
    sources: Mapping[str, Any]
    """Name → the settings that its connector declares, in the order of the file."""
    safety: SafetySection
    daemon: DaemonSection
    store_url: Secret
    store_key: Secret
    tables: Tables

    def secret(self, reference: str) -> str:
        """The secret behind a reference such as env:NAME; raises SecretError."""
        return Secret(reference, self.folder).reveal()


def load_config(path: Path, environ: Mapping[str, str] | None = None) -> Config:
    """Read one company's config.toml and its folder `mappings`; raises ConfigError with every problem of all files.

    Places are shown relative to the folder of config.toml, so that they are the same wherever syncd is called.
    """
    document, places = _document(path)
    folder = path.resolve().parent
    file, problems = _checked(document, places, folder)
    sources, source_problems = _sources(document.get("sources", {}), places)
    tables, table_problems = load_tables(folder / "mappings", currency=file.company.currency if file else "")
    environment = _environment_problems(os.environ if environ is None else environ)
    problems += source_problems + table_problems + environment
    if problems or file is None:
        raise ConfigError(_files_in_order(problems))
    return Config(
        path=path,
        folder=folder,
        company=_company(file),
        quickbooks=file.quickbooks,
        sources=MappingProxyType(sources),
        safety=file.safety,
        daemon=file.daemon,
        store_url=_store_url(file.store.url, folder, os.environ if environ is None else environ),
        store_key=Secret(file.store.key.reference, folder),
        tables=tables,
    )


def _document(path: Path) -> tuple[dict[str, Any], TomlPlaces]:
    """The file as a document and as places; raises ConfigError when there is nothing to go on with."""
    name = path.name
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        what = f"There is no {path}."
        raise ConfigError([Problem("config-missing", what, "`syncd init` writes one.", Place(name))]) from None
    except OSError as error:
        what = f"{path} cannot be read: {str(error.strerror).lower()}."
        raise ConfigError([Problem("file-unreadable", what, "Check its permissions.", Place(name))]) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        what = f"The byte 0x{error.object[error.start]:02X} in line {line} belongs to no text in UTF-8."
        raise ConfigError([Problem("text-undecodable", what, "Save the file as UTF-8.", Place(name, line))]) from None
    text = text.replace("\r\n", "\n")
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([_syntax(str(error), text, name)]) from None
    return document, locate(name, text)


def _syntax(message: str, text: str, name: str) -> Problem:
    """What the parser says, at its place: "Invalid value (at line 4, column 9)" or "… (at end of document)"."""
    lines = text.split("\n")
    said = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", message, re.DOTALL)
    assert said, f"tomllib says where: {message}"
    line = int(said[2] or len(text.rstrip().split("\n")))
    column = int(said[3] or len(lines[line - 1]) + 1)
    place = Place(name, line, column, excerpt=hide_secrets(lines[line - 1]), mark_start=column - 1, mark_length=1)
    for pattern, what, fix in _SYNTAX:
        if re.match(pattern, said[1]):
            return Problem("toml-syntax", what, fix, place)
    return Problem("toml-syntax", f"This is not TOML: {said[1][0].lower()}{said[1][1:]}.", place=place)


_SYNTAX = (
    (r"Invalid value", "No value of TOML begins here.", 'Texts stand in quotation marks: name = "Atelier".'),
    (
        r"Illegal character '\\n'|Unterminated",
        "A quotation mark is not closed in this line.",
        'Close it with another ".',
    ),
    (r"Unclosed array", "A list is not closed.", "Close it with ]."),
    (r"Cannot overwrite a value", "This setting is here a second time.", "Delete one of the two."),
    (r"Cannot (declare|mutate)", "This table is here a second time.", "Put all of its settings under one header."),
)
"""How the parser's messages begin, and what they mean to somebody who does not know TOML."""


def _checked(document: dict[str, Any], places: TomlPlaces, folder: Path) -> tuple[ConfigFile | None, list[Problem]]:
    try:
        return ConfigFile.model_validate(document, context={"folder": folder}), []
    except ValidationError as error:
        return None, mistakes(error, ConfigFile, places)


def _sources(given: object, places: TomlPlaces) -> tuple[dict[str, Any], list[Problem]]:
    """Each source's settings; what is no table at all has been said already."""
    built: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, block in given.items() if isinstance(given, dict) else ():
        found = _source(name, block, places)
        if isinstance(found, list):
            problems += found
        else:
            built[name] = found
    return built, problems


def _source(name: str, block: object, places: TomlPlaces) -> Any:
    """One source's settings, or the problems with them."""
    path = ("sources", name)
    if not isinstance(block, dict):
        return [not_a_table(path, places)]
    if name == "quickbooks" or not re.fullmatch(r"[A-Za-z0-9_-]+", name, re.ASCII):
        what = f"{quoted(name)} cannot name a source: letters, digits, - and _ can, and quickbooks is taken."
        return [Problem("source-name", what, place=places.of_key(path))]
    kind, kinds = block.get("kind"), source_settings.kinds()
    if kind is None:
        fix = f"Write {listed([f'kind = {chr(34)}{one}{chr(34)}' for one in kinds])}."
        return [Problem("setting-missing", f"[sources.{name}] needs kind.", fix, places.of_key(path))]
    if kind not in kinds:
        return [_unknown_kind(kind, kinds, places.of_value((*path, "kind")))]
    problems = _insecure(block, path, places)
    model = source_settings.model_of(kind)
    try:
        checked = model.model_validate(block)
    except ValidationError as error:
        return problems + mistakes(error, model, places, path)
    return problems or source_settings.build(kind, checked)


def _insecure(block: Mapping[str, object], path: tuple[str, ...], places: TomlPlaces) -> list[Problem]:
    """A token must not travel in clear, unless the settings of the kind allow it and say so."""
    url = block.get("url")
    if not isinstance(url, str) or not is_plain_http(url) or block.get("plain_http") is True:
        return []
    what = "url must begin with https://: the token would travel in clear."
    return [Problem("address-insecure", what, place=places.of_value((*path, "url")))]


def _unknown_kind(kind: object, kinds: list[str], place: Place) -> Problem:
    can = f"kind can be {' or '.join(kinds)}."
    if kind in source_settings.LATER_KINDS:
        return Problem(LATER, f"Sources of kind {kind} are not implemented in this version.", f"Here, {can}", place)
    near = nearest(str(kind), kinds)
    return Problem(
        "value-unknown", f"{quoted(str(kind))} is not a kind: {can}", f"Did you mean {near}?" if near else "", place
    )


def _company(file: ConfigFile) -> Company:
    billing = {item.name: getattr(file.billing, item.name) for item in fields(Billing)}
    billing["rounding"] = Rounding(**file.billing.rounding.model_dump())
    return Company(
        file.company.name,
        file.company.timezone,
        file.company.language,
        file.company.currency,
        Billing(**billing),
        Approval(**file.approval.model_dump()),
    )


def _environment_problems(environ: Mapping[str, str]) -> list[Problem]:
    url = environ.get(STORE_VARIABLE, "")
    if not url or is_store_url(url):
        return []
    what = f"{STORE_VARIABLE} in the environment must be sqlite:///FILE or postgresql://HOST/DATABASE."
    return [Problem("store-unknown", what)]


def _store_url(configured: Secret, folder: Path, environ: Mapping[str, str]) -> Secret:
    """The database's address; a relative SQLite file lies beside config.toml."""
    if url := environ.get(STORE_VARIABLE):
        return Secret(f"env:{STORE_VARIABLE}", known=url)
    relative = "sqlite:///"
    if configured.known is not None and configured.known.startswith(relative):
        return Secret(configured.reference, known=f"{relative}{folder / configured.known.removeprefix(relative)}")
    return configured


def _files_in_order(problems: list[Problem]) -> list[Problem]:
    """config.toml first, then the tables, each by place."""
    ordered = by_place(problems)
    return sorted(ordered, key=lambda problem: "/" in (problem.place.file if problem.place else ""))
