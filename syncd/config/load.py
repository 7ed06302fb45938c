"""Read config.toml and the tables beside it: one `Config`, or all that is wrong at once."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
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
from syncd.config.document import read_document
from syncd.config.fields import is_plain_http, is_store_url
from syncd.config.locate import TomlPlaces
from syncd.config.mistakes import ConfigError, mistakes, not_a_table
from syncd.config.secrets import Secret
from syncd.config.sections import ConfigFile, DaemonSection, QuickbooksSection, SafetySection, StoreSection

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
    lenders: tuple[Config, ...] = ()
    """The companies of the same daemon whose people work on this one's documents, by their intercompany tables."""

    def secret(self, reference: str) -> str:
        """The secret behind a reference such as env:NAME; raises SecretError."""
        return Secret(reference, self.folder).reveal()


@dataclass(frozen=True, slots=True)
class StorePlace:
    """Where the books are kept, and the key of their tokens."""

    url: Secret
    key: Secret
    file: str
    """The file that says so, as messages call it."""


def load_config(path: Path, environ: Mapping[str, str] | None = None) -> Config:
    """Read one company's config.toml and its folder `mappings`; raises ConfigError with every problem of all files.

    Places are shown relative to the folder of config.toml, so that they are the same wherever syncd is called.
    """
    document, places = read_document(path, path.name)
    return config_of(path, document, places, environ=os.environ if environ is None else environ)


def config_of(
    path: Path,
    document: dict[str, Any],
    places: TomlPlaces,
    *,
    store: StorePlace | None = None,
    environ: Mapping[str, str],
) -> Config:
    """The configuration of the company whose config.toml was read as `document`; raises ConfigError.

    `store` is that of the file above it which lists it among others.
    """
    folder = path.resolve().parent
    problems = environment_problems(environ)
    if store is not None:
        problems = _store_of_its_own(document, places, store)
        document = {name: value for name, value in document.items() if name != "store"}
    file, mistaken = _checked(document, places, folder)
    sources, source_problems = _sources(document.get("sources", {}), places)
    company = file.company if file else None
    currency, region = (company.currency, company.holidays) if company else ("", "")
    tables, table_problems = _tables(folder, places.file, currency, region)
    problems += mistaken + source_problems + table_problems
    if problems or file is None:
        raise ConfigError(files_in_order(problems, places.file))
    store = store or store_place(file.store, folder, places.file, environ)
    return Config(
        path=path,
        folder=folder,
        company=_company(file),
        quickbooks=file.quickbooks,
        sources=MappingProxyType(sources),
        safety=file.safety,
        daemon=file.daemon,
        store_url=store.url,
        store_key=store.key,
        tables=tables,
    )


def _tables(folder: Path, config_name: str, currency: str, region: str) -> tuple[Tables, list[Problem]]:
    """The tables beside config.toml. Rows keep places within the company's folder, messages are shown from above it.

    What is stored of a row must not change when the company is listed in another file one day.
    """
    tables, problems = load_tables(folder / "mappings", currency=currency, region=region)
    above = config_name.rpartition("/")[0]
    if problems and above:
        _, problems = load_tables(folder / "mappings", f"{above}/mappings", currency, region)
    return tables, problems


def _store_of_its_own(document: Mapping[str, Any], places: TomlPlaces, store: StorePlace) -> list[Problem]:
    if "store" not in document:
        return []
    what = f"{places.file} has a [store] of its own, but {store.file} keeps the books of all the companies it lists."
    fix = f"Delete it here; [store] of {store.file} may have url and key."
    return [Problem("store-of-its-own", what, fix, places.of_key(("store",)))]


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
    settings = source_settings.build(kind, checked)
    for key, wrong in source_settings.wrong_values(settings):
        problems.append(replace(wrong, place=places.of_value((*path, key))))
    return problems or settings


def _insecure(block: Mapping[str, object], path: tuple[str, ...], places: TomlPlaces) -> list[Problem]:
    """A token must not travel in clear, unless the settings of the kind allow it and say so."""
    url = block.get("url")
    if not isinstance(url, str) or not is_plain_http(url) or block.get("plain_http") is True:
        return []
    what = "url must begin with https://: the token would travel in clear."
    return [Problem("address-insecure", what, place=places.of_value((*path, "url")))]


def _unknown_kind(kind: object, kinds: list[str], place: Place) -> Problem:
    can = f"kind can be {listed(kinds)}."
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
        file.company.holidays,
    )


def environment_problems(environ: Mapping[str, str]) -> list[Problem]:
    """What is wrong with the settings that the environment may give."""
    url = environ.get(STORE_VARIABLE, "")
    if not url or is_store_url(url):
        return []
    what = f"{STORE_VARIABLE} in the environment must be sqlite:///FILE or postgresql://HOST/DATABASE."
    return [Problem("store-unknown", what)]


def store_place(section: StoreSection, folder: Path, file: str, environ: Mapping[str, str]) -> StorePlace:
    """Where a `[store]` keeps the books: a relative SQLite file and a relative key lie beside the file that says so."""
    return StorePlace(_store_url(section.url, folder, environ), Secret(section.key.reference, folder), file)


def _store_url(configured: Secret, folder: Path, environ: Mapping[str, str]) -> Secret:
    if url := environ.get(STORE_VARIABLE):
        return Secret(f"env:{STORE_VARIABLE}", known=url)
    relative = "sqlite:///"
    if configured.known is not None and configured.known.startswith(relative):
        return Secret(configured.reference, known=f"{relative}{folder / configured.known.removeprefix(relative)}")
    return configured


def files_in_order(problems: list[Problem], config_name: str) -> list[Problem]:
    """config.toml first, then the tables, each by place."""

    def of_tables(problem: Problem) -> bool:
        return problem.place is not None and problem.place.file != config_name

    return sorted(by_place(problems), key=of_tables)
