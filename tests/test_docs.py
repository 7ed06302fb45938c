"""The pages are held to the program: what they name exists, what exists is on them, and what they show runs."""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from connectors import source_kinds
from connectors.emulator.app import create_app
from connectors.emulator.emulator import DEFAULT_PORT, Emulator
from connectors.emulator.pages import NOT_KNOWN
from connectors.emulator.switches import KINDS
from mappings.tables import TABLES
from syncd.commands.group import COMMANDS, root
from syncd.config import load_config
from syncd.config.explain import all_settings, companies_setting
from syncd.engine.connect import redirect_uri_of
from tests.docs.pages import PAGES, ROOT, anchors, blocks, command_lines, links, prose, read

COMMAND_LINES = [
    pytest.param(words, id=f"{page.name}: {shlex.join(words)}") for page in PAGES for words in command_lines(read(page))
]
SETTINGS = {setting.key for setting in (*all_settings(), companies_setting())}
TABLE_NAMES = {setting.table for setting in all_settings()}


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("words", COMMAND_LINES)
def test_each_command_line_on_a_page_is_one_that_syncd_takes(words: list[str]) -> None:
    context, command = click.Context(root), root
    rest = words[1:]
    if rest[:1] == ["--config"]:
        rest = rest[2:]
    if not rest or rest[0].startswith("-"):
        assert set(rest) <= {"--help", "--version", "--config"}
        return
    assert rest[0] in COMMANDS
    command = root.get_command(context, rest[0])
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}

    assert {word.partition("=")[0] for word in rest if word.startswith("--")} <= known
    if any(isinstance(parameter, click.Argument) for parameter in command.params) or len(rest) > 1:
        parsed(command, rest[1:])


def parsed(command: click.Command, rest: list[str]) -> None:
    """Let click read the words (nothing is run); a page may leave required ones out, where it only names a command."""
    try:
        command.make_context(command.name, list(rest), parent=click.Context(root)).close()
    except click.MissingParameter:
        assert rest == []
    except click.BadOptionUsage:
        assert len(rest) == 1


def test_the_pages_do_show_commands() -> None:
    assert {param.values[0][1] for param in COMMAND_LINES if len(param.values[0]) > 1} >= set(COMMANDS) - {"demo"}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_each_link_leads_somewhere(page: Path) -> None:
    for target in links(read(page)):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        aim = (page.parent / path).resolve() if path else page
        assert aim.is_file(), target
        assert not anchor or anchor in anchors(read(aim)), target


def test_each_page_is_reached_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            aims = [target.partition("#")[0] for target in links(read(page)) if "://" not in target]
            waiting += [(page.parent / aim).resolve() for aim in aims if aim]

    assert set(PAGES) - reached == {ROOT / "CHANGELOG.md"}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_each_toml_on_a_page_names_settings_that_exist(page: Path) -> None:
    for block in blocks(read(page)):
        if block.info != ("toml",) or "[columns]" in block.text:
            continue
        document = tomllib.loads(block.text)
        document.pop(companies_setting().key, None)
        for table, values in document.items():
            assert table in {"sources", *TABLE_NAMES}
            known = {setting.key for setting in all_settings() if setting.table.split(".")[0] == table}
            assert set(values) <= known or table == "sources"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_each_setting_that_a_sentence_gives_a_value_exists(page: Path) -> None:
    given = re.findall(r"`(\w+) = [^`]+`", prose(read(page)))

    assert set(given) - SETTINGS - {"kind", "on", "unused", "draw"} - set(table_columns()) == set()


def table_columns() -> Iterator[str]:
    for table in TABLES.values():
        yield from table.names


def test_each_setting_and_each_source_is_documented() -> None:
    page = read(ROOT / "docs" / "settings.md")
    sources = read(ROOT / "docs" / "sources.md")

    assert {key for key in SETTINGS if f"`{key}`" not in page} == set()
    assert {kind for kind in source_kinds() if f'`kind = "{kind}"`' not in sources} == set()


def test_the_readme_s_list_of_what_is_not_there_knows_the_sources_that_are() -> None:
    assert set(source_kinds()) == {"files", "redmine", "request-tracker"}


def test_the_addresses_of_the_quickbooks_page_are_those_that_are_used() -> None:
    page = read(ROOT / "docs" / "quickbooks.md")
    config = load_config(ROOT / "config.example.toml", environ={})
    pasted, browser = (
        config.quickbooks.model_copy(update={"environment": "sandbox", "redirect": redirect})
        for redirect in ("paste", "browser")
    )

    for quickbooks in (pasted, browser):
        with_it = type(config)(
            **{name: getattr(config, name) for name in config.__slots__} | {"quickbooks": quickbooks}
        )
        assert f"`{redirect_uri_of(with_it)}`" in page
    assert f"`127.0.0.1:{config.quickbooks.redirect_port}`" in page
    assert f"`http://127.0.0.1:{DEFAULT_PORT}`" in read(ROOT / "docs" / "emulator.md")


def test_the_emulator_s_page_has_each_fault_each_address_and_all_that_it_does_not_know() -> None:
    page = read(ROOT / "docs" / "emulator.md")
    with Emulator("ca") as emulator:
        paths = [route.path for route in create_app(emulator).routes]  # type: ignore[attr-defined]
    own = {path for path in paths if path.startswith("/emulator/") and "{" not in path}

    assert re.findall(r"^\| `([\w-]+)` \| (.*) \|$", page, re.MULTILINE) == list(KINDS.items())
    assert {path for path in own if path not in page} == set()
    assert set(re.findall(r"(/emulator/\w+)", page)) <= own
    assert re.findall(r"^- (.*)$", page.split("## What it does not know")[1], re.MULTILINE) == list(NOT_KNOWN)


def test_no_page_names_a_part_of_the_code_that_is_not_there() -> None:
    for page in PAGES:
        for path in re.findall(r"`((?:mappings|connectors|syncd|tests|docs)/[\w/.*-]*)`", read(page)):
            assert list(ROOT.glob(path.rstrip("/") or ".")), f"{name_of(page)}: {path}"


def test_every_code_of_a_mistake_in_files_is_documented() -> None:
    page = read(ROOT / "docs" / "errors.md")
    headings = set(re.findall(r"^## ([a-z-]+)$", page, re.MULTILINE))
    folders = [ROOT / "mappings" / "tables", ROOT / "syncd" / "config"]
    codes = {code for folder in folders for path in folder.glob("*.py") for code in literal_codes(path)}

    assert codes - headings - ELSEWHERE == set()


ELSEWHERE = {
    # Names that are compared with QuickBooks, not within the files.
    *("no-tax-code", "currency-mismatch", "quickbooks-not-read"),
    # What only looks wrong: `syncd mappings check` and `syncd doctor` warn of it.
    *("rates-gap", "client-without-rate", "source-unknown"),
    # Files and secrets that are not in their place, or may not be read or written.
    *("secret-missing", "file-exists", "file-unreadable"),
}


def literal_codes(path: Path) -> Iterator[str]:
    """The codes of the problems that a module makes, where they are written out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            first = node.args[0]
            if node.func.id in ("Problem", "WrongCellError") and isinstance(first, ast.Constant):
                yield str(first.value)
