"""One company's config.toml, or a top one that lists several: either way, all companies that one database serves."""

from __future__ import annotations

import os
import shlex
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mappings.problems import Place, Problem
from mappings.tables import load_tables, nearest
from syncd.config.document import read_document
from syncd.config.fields import Section, Stated
from syncd.config.lending import lending_problems, lends, with_lenders
from syncd.config.load import Config, StorePlace, config_of, environment_problems, files_in_order, store_place
from syncd.config.locate import TomlPlaces
from syncd.config.mistakes import ConfigError, mistakes, not_a_table
from syncd.config.secrets import Secret
from syncd.config.sections import ConfigFile, StoreSection


class TopFile(Section):
    """A config.toml that lists several companies; everything else stands in the config.toml of each."""

    companies: tuple[Stated, ...]
    """Folders of companies, each with a config.toml and mappings/ of its own: one daemon and database for them all."""
    store: StoreSection = StoreSection()


@dataclass(frozen=True, slots=True)
class Companies:
    """The companies of one database, in the order of the file."""

    path: Path
    """The file that was read: of the one company, or the top one."""
    listed: bool
    """Whether that file lists companies (be it only one), rather than being a company's own."""
    store_url: Secret
    store_key: Secret
    configs: tuple[Config, ...]
    several: bool
    """Whether that file lists more than one, even where only the one that was asked for was taken."""

    @property
    def names(self) -> tuple[str, ...]:
        """The companies' names."""
        return tuple(config.company.name for config in self.configs)


def load_companies(path: Path, environ: Mapping[str, str] | None = None, *, only: str | None = None) -> Companies:
    """Read a config.toml and all that it lists; raises ConfigError with every problem of all files of all companies.

    With the name of `only` one of several companies, that one alone is taken while it is sound, whatever is wrong with
    the others. Places are shown relative to the folder of `path`.
    """
    environ = os.environ if environ is None else environ
    document, places = read_document(path, path.name)
    if "companies" in document:
        return _load_top(path, document, places, environ, only)
    above, lists = top_file_above(path.resolve().parent) or (None, False)
    if above is not None and lists:
        raise ConfigError([_listed_above(above, Place(path.name))])
    config = config_of(path, document, places, environ=environ)
    if wrong := list(lending_problems(config.company, config.tables, ())):
        raise ConfigError(wrong)
    return Companies(path, False, config.store_url, config.store_key, (config,), several=False)


def load_store(path: Path, environ: Mapping[str, str] | None = None) -> StorePlace:
    """Where the database of a config.toml is, whatever else in it or in the tables is wrong; raises ConfigError."""
    environ = os.environ if environ is None else environ
    document, places = read_document(path, path.name)
    folder, given, at = path.resolve().parent, document.get("store", {}), ("store",)
    try:
        section = StoreSection.model_validate(given, context={"folder": folder})
    except ValidationError as error:
        wrong = mistakes(error, StoreSection, places, at) if isinstance(given, dict) else [not_a_table(at, places)]
        raise ConfigError(wrong) from None
    if problems := environment_problems(environ):
        raise ConfigError(problems)
    return store_place(section, folder, path.name, environ)


def _load_top(
    path: Path, document: dict[str, Any], places: TomlPlaces, environ: Mapping[str, str], only: str | None
) -> Companies:
    folder = path.resolve().parent
    known = {name: value for name, value in document.items() if name in TopFile.model_fields}
    problems = [_beside_companies(name, places) for name in document if name not in known]
    top = None
    try:
        top = TopFile.model_validate(known, context={"folder": folder})
    except ValidationError as error:
        problems += mistakes(error, TopFile, places)
    problems += environment_problems(environ)
    if top is None:
        raise ConfigError(files_in_order(problems, path.name))
    folders, mistaken = _folders(folder, top.companies, places)
    store = store_place(top.store, folder, path.name, environ)
    configs, of_companies = _configs(path, folders, store)
    problems = files_in_order(problems + mistaken, path.name)
    of_companies += _lending(configs, folders)
    if of_companies and not problems and (sound := _sound(configs, of_companies, only, folders)):
        configs, of_companies = [sound], []
    if problems or of_companies:
        raise ConfigError([*problems, *of_companies])
    return Companies(path, True, store.url, store.key, tuple(with_lenders(configs)), several=len(folders) > 1)


def _sound(
    configs: Iterable[Config], problems: Iterable[Problem], only: str | None, folders: Iterable[tuple[str, Path]]
) -> Config | None:
    """The company that is meant, where nothing is wrong with it; two of its name are wrong, whichever is meant.

    Nor is it sound beside a company that lends to it and is wrong: what belongs together could not be billed together.
    """
    if only is None or any(problem.code in ("company-twice", *_OF_LENDING) for problem in problems):
        return None
    meant = next((config for config in configs if config.company.name.casefold() == only.casefold()), None)
    if meant is None or any(lends(load_tables(folder / "mappings")[0], meant.company.name) for _, folder in folders):
        return None
    return None if meant.tables.intercompany else meant


_OF_LENDING = ("borrower-itself", "borrower-unknown", "borrower-currency")


def _lending(configs: Sequence[Config], folders: Sequence[tuple[str, Path]]) -> list[Problem]:
    """What is wrong between companies; told once the files of all of them are right by themselves."""
    if len(configs) != len(folders):
        return []
    shown = {folder: name for name, folder in folders}
    found = []
    for config in configs:
        others = [one.company for one in configs if one is not config]
        for problem in lending_problems(config.company, config.tables, others):
            place = problem.place
            assert place is not None
            file = f"{shown[config.folder]}/{place.file}"
            found.append(replace(problem, place=replace(place, file=file)))
    return found


def _beside_companies(name: str, places: TomlPlaces) -> Problem:
    """A setting that a top file does not have: most often a company's, left where it was."""
    called = f"[{name}]" if isinstance(name, str) and name in ConfigFile.model_fields else name
    what = f"{places.file} lists companies, and beside companies it may only have [store]; here is {called}."
    near = nearest(name, list(TopFile.model_fields))
    fix = f"Did you mean {near}?" if near else "Delete it."
    if name in ConfigFile.model_fields:
        fix = "Move it into the config.toml of the company that it is about."
    return Problem("setting-unknown", what, fix, places.of_key((name,)))


def _folders(
    folder: Path, companies: Iterable[str], places: TomlPlaces
) -> tuple[list[tuple[str, Path]], list[Problem]]:
    """The folder of each company with its name in messages; those that are not there, twice or one in another."""
    found: dict[Path, str] = {}
    problems = []
    for index, written in enumerate(companies):
        shown, at = written.rstrip("/") or written, (folder / written).resolve()
        problem = _wrong_folder(shown, at, found)
        if problem is None:
            found[at] = shown
        else:
            code, what, fix = problem
            problems.append(Problem(code, what, fix, places.of_value(("companies", index))))
    if not found and not problems:
        what, fix = "companies lists no company.", 'Write the folder of each: companies = ["boreal/", "acme/"].'
        problems.append(Problem("value-empty", what, fix, places.of_value(("companies",))))
    return [(shown, at) for at, shown in found.items()], problems


def _wrong_folder(shown: str, at: Path, found: Mapping[Path, str]) -> tuple[str, str, str] | None:
    """Code, what and fix."""
    if at.is_file():
        fix = f"Write {Path(shown).parent}/." if at.name == "config.toml" else "Write the folder of its config.toml."
        return "company-folder", f"{shown} is a file; companies lists folders.", fix
    if not at.is_dir():
        fix = f"`syncd init {shlex.quote(shown)}` makes one for a new company."
        return "company-folder", f"There is no folder {shown}.", fix
    for other, name in found.items():
        if at == other:
            return "company-twice", f"{shown} is the same folder as {name}.", "Delete one of the two."
        if at in other.parents or other in at.parents:
            inner, outer = (shown, name) if other in at.parents else (name, shown)
            what = f"The folder {inner} lies within {outer}, which is another company's."
            return "company-folder", what, "Give each company a folder of its own, side by side."
    return None


def _configs(path: Path, folders: Iterable[tuple[str, Path]], store: StorePlace) -> tuple[list[Config], list[Problem]]:
    """Every company's config, and all that is wrong in their files, company by company."""
    configs: list[Config] = []
    problems: list[Problem] = []
    names: dict[str, str] = {}
    for shown, folder in folders:
        name = f"{shown}/config.toml"
        mistaken: list[Problem] = []
        try:
            document, places = read_document(folder / "config.toml", name)
            if "companies" in document:
                mistaken = [_lists_companies(places, path.name)]
                continue
            mistaken = _name_twice(document, places, names)
            configs.append(config_of(folder / "config.toml", document, places, store=store, environ={}))
        except ConfigError as error:
            mistaken += error.problems
        finally:
            problems += files_in_order(mistaken, name)
    return configs, problems


def _lists_companies(places: TomlPlaces, top: str) -> Problem:
    what = f"{places.file} lists companies of its own, and is listed in {top} itself."
    fix = f"List all companies in {top}, and write a company's own settings here."
    return Problem("companies-nested", what, fix, places.of_key(("companies",)))


def _name_twice(document: Mapping[str, Any], places: TomlPlaces, names: dict[str, str]) -> list[Problem]:
    """Two companies of one name would share all that is stored: every row carries the name of its company."""
    section = document.get("company")
    given = section.get("name") if isinstance(section, dict) else None
    if not isinstance(given, str) or not given.strip():
        return []
    name = given.strip()
    other = names.setdefault(name.casefold(), places.file)
    if other == places.file:
        return []
    what = f"{other} is about {name} too: all that is stored is told apart by the company's name."
    return [Problem("company-twice", what, "Give each company its own name.", places.of_value(("company", "name")))]


def top_file_above(folder: Path) -> tuple[Path, bool] | None:
    """The nearest config.toml further up that lists companies, and whether it lists this folder.

    A listed company's books are kept where that file says.
    """
    for above in folder.parents:
        path = above / "config.toml"
        try:
            listed = tomllib.loads(path.read_text(encoding="utf-8")).get("companies")
        except (OSError, ValueError):
            continue  # None, or one that may not be read: then it is not this user's either.
        if isinstance(listed, list):
            entries = (entry for entry in listed if isinstance(entry, str))
            return path, any((above / entry).resolve() == folder for entry in entries)
    return None


def _listed_above(top: Path, place: Place) -> Problem:
    what = f"This company is listed in {top}, which says where its books are kept."
    fix = f"Use that file (`syncd --config {shlex.quote(str(top))} …`), with --company to mean this company alone."
    return Problem("company-listed-above", what, fix, place)
