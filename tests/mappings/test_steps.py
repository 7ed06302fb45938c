"""Every step has both sentences, every placeholder of them is filled where the step is made, and none is unused."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from mappings import steps
from mappings.steps import Step, say, step, unbroken

ROOT = Path(__file__).parents[2]
SENTENCES: dict[str, tuple[str, str]] = steps._SENTENCES
SPECIMENS = {"period": "2026-10", "column": "client", "when": "weekend", "note": "by Marie: agreed", "share": "1/3"}


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def made() -> Iterator[tuple[str, str, set[str]]]:
    """Each place where a step is made: code, place, and the names of what it is filled with."""
    for package in ("mappings", "syncd"):
        for path in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            if not any(isinstance(node, ast.ImportFrom) and node.module == "mappings.steps" for node in ast.walk(tree)):
                continue
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "step":
                    place = f"{path.relative_to(ROOT)}:{node.lineno}"
                    for code in codes(node.args[0]):
                        yield code, place, {keyword.arg or "**" for keyword in node.keywords}


def codes(node: ast.expr) -> list[str]:
    """The codes that a step is made with: one, or one of two."""
    if isinstance(node, ast.IfExp):
        return [*codes(node.body), *codes(node.orelse)]
    assert isinstance(node, ast.Constant), ast.unparse(node)
    return [str(node.value)]


def test_every_step_says_the_same_in_both_languages() -> None:
    differing = [code for code, (english, french) in SENTENCES.items() if placeholders(english) != placeholders(french)]

    assert differing == []
    assert all(english and french and english != french for english, french in SENTENCES.values() if english[0] != "{")
    assert not any("\u00a0" in french for _, french in SENTENCES.values())


def test_every_step_that_is_made_is_known_and_filled() -> None:
    found = list(made())

    assert len(found) >= len(SENTENCES)
    wrong = [(code, place) for code, place, names in found if names != placeholders(SENTENCES[code][0])]
    assert wrong == []


def test_no_step_is_unused() -> None:
    assert set(SENTENCES) - {code for code, _, _ in made()} == set()


@pytest.mark.parametrize("language", ["en", "fr-CA"])
def test_every_step_can_be_told(language: str) -> None:
    for code, (english, _) in SENTENCES.items():
        values = {
            name: 5400 if name.endswith("seconds") else SPECIMENS.get(name, "2.50") for name in placeholders(english)
        }
        told = say(step(code, **values), language)

        assert "{" not in told, code
        assert "1.50" not in told or language == "en", code
        for value in values.values():
            assert value == 5400 or str(value) in told or language != "en", (code, value)


def test_french_writes_numbers_and_spaces_as_french() -> None:
    premium = step(
        "premium", name="soir", when="-", row="mappings/premiums.csv:2", piece_seconds=4800, base="98.00", rate="122.5"
    )
    note = Step("written-off", (("note", "by Marie: trop tard: perdu"),))

    assert say(premium, "fr-CA") == (
        "Majoration soir (toujours, mappings/premiums.csv:2)\u00a0: 1,33\u00a0h à 122,5 au lieu de 98,00."
    )
    assert say(premium, "en-CA") == "Premium soir (always, mappings/premiums.csv:2): 1.33 h at 122.5 instead of 98.00."
    assert say(note, "fr") == "Radié par Marie\u00a0: trop tard: perdu"
    assert say(step("share", share="30%", price="9000.00", billed="0.00", currency="CAD"), "fr").startswith(
        "30\u00a0% de 9000,00 CAD"
    )
    assert say(step("covered", seconds=7200, period="once"), "en") == "2.00 h are covered in its term."


def test_names_and_places_are_never_written_as_numbers() -> None:
    told = say(step("milestone", task="3.2", day="2026-10-15"), "fr")

    assert told == "La tâche 3.2 a été terminée le 2026-10-15."


def test_sentences_of_older_rows_are_told_as_they_are() -> None:
    assert say("Billed to the second.", "fr") == "Billed to the second."


def test_no_french_line_breaks_before_a_colon_a_percent_sign_or_a_unit() -> None:
    assert unbroken("« {note} » : {seconds} h, 5 %") == "«\u00a0{note}\u00a0»\u00a0: {seconds}\u00a0h, 5\u00a0%"
    assert not any(re.search(r" [:%»;?!]", unbroken(french)) for _, french in SENTENCES.values())
