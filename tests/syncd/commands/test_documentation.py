"""The page about commands is held to the commands, and every help ends with examples that the command takes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from syncd.commands.group import COMMANDS, root

PAGE = (Path(__file__).parents[3] / "docs" / "commands.md").read_text(encoding="utf-8")
SECTIONS = {
    part.split("\n", 1)[0].strip(): part for part in re.split(r"^## ", PAGE.split("## ", 1)[1], flags=re.MULTILINE)
}
EVERYWHERE = {"--config", "--help", "--json", "--company", "--client", "--period"}
"""Options that the page explains once, at its beginning."""


def command_of(name: str) -> click.Command:
    command = root.get_command(click.Context(root), name)
    assert command is not None
    return command


def test_the_page_has_each_command_in_the_order_of_help_and_no_other() -> None:
    assert list(SECTIONS) == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_documented(name: str) -> None:
    section = SECTIONS[name]
    options = [option for option in command_of(name).params if isinstance(option, click.Option) and not option.hidden]

    missing = [word for option in options for word in option.opts if word not in section and word not in EVERYWHERE]

    assert missing == []


def test_what_the_page_explains_once_stands_at_its_beginning() -> None:
    beginning = PAGE.split("## ", 1)[0]

    assert {word for word in EVERYWHERE if word not in beginning} == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_documented_option_exists(name: str) -> None:
    known = {word for option in command_of(name).params for word in option.opts} | {"--help"}

    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", SECTIONS[name])) - known == set()


def examples_of(name: str) -> list[str]:
    epilog = command_of(name).epilog or ""
    return [line.strip() for line in epilog.splitlines() if line.strip().startswith("syncd ")]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_has_an_example_that_the_command_takes(name: str) -> None:
    examples = examples_of(name)

    assert examples
    for example in [*examples, *re.findall(r"`(syncd [^`]+)`", SECTIONS[name].splitlines()[1])]:
        words = shlex.split(example)
        assert words[1] == name
        # Parsing alone: a word that the command does not know raises here.
        command_of(name).make_context(name, words[2:], parent=click.Context(root)).close()
