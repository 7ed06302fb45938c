"""The words of explanations: both languages, none missing, none unused; and what drafting keeps of waiting time."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from string import Formatter

from mappings.rules.placing import WAITS
from mappings.settings import Rounding
from mappings.work import WorkItem
from syncd.reports.explain_standings import STANDINGS, standing_said
from syncd.reports.explain_words import WORDS, Words
from syncd.reports.values import Money

ROOT = Path(__file__).parents[3]
SOURCES = [*ROOT.glob("syncd/reports/explain*.py")]
FRENCH, ENGLISH = Words("fr-CA"), Words("en-CA")


def placeholders(sentence: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(sentence) if name is not None)


def asked() -> Iterator[tuple[str, bool, set[str]]]:
    """Each word that is asked for: its key (or how keys begin), whether that is all of it, and what fills it."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("words", "self"):
                names = {keyword.arg or "**" for keyword in node.keywords}
                for key in keys(node.args[0]):
                    yield key.rstrip("*"), not key.endswith("*"), names


def keys(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return [*keys(node.body), *keys(node.orelse)]
    if isinstance(node, ast.JoinedStr):
        assert isinstance(node.values[0], ast.Constant), ast.unparse(node)
        return [f"{node.values[0].value}*"]
    return [str(node.value)] if isinstance(node, ast.Constant) else []


def test_every_word_says_the_same_in_both_languages() -> None:
    assert [key for key, (english, french) in WORDS.items() if placeholders(english) != placeholders(french)] == []
    assert not any("\u00a0" in french for _, french in WORDS.values())


def test_every_word_that_is_asked_for_is_there_and_filled() -> None:
    for key, whole, names in asked():
        meant = [key] if whole else [known for known in WORDS if known.startswith(key)]
        assert meant, key
        for one in meant:
            assert names == set(placeholders(WORDS[one][0])), one


def test_no_word_is_unused() -> None:
    found = list(asked())
    used = {
        known for known in WORDS for key, whole, _ in found if known == key or (not whole and known.startswith(key))
    }

    assert set(WORDS) - used == {"deposit", "draw"}  # Asked for by what a fee is due as.


def test_every_field_of_an_entry_has_a_word_and_every_policy_of_rounding() -> None:
    names = {field.name for field in fields(WorkItem)} - {"source", "id"}

    assert {f"field.{name}" for name in names} <= set(WORDS)
    assert {f"step-{way}" for way in ("up", "nearest", "down")} <= set(WORDS)
    assert {f"by-{scope}" for scope in ("entry", "day", "line")} <= set(WORDS)
    assert Rounding().applies_to == "entry"


def test_numbers_amounts_and_sizes_are_written_as_each_language_does() -> None:
    amount = Money(-123_456, "CAD")

    assert (ENGLISH.amount(amount), FRENCH.amount(amount)) == ("-1,234.56 CAD", "-1\u00a0234,56 CAD")
    assert FRENCH.amount(Money(1_234_567, "JPY")) == "1\u00a0234\u00a0567 JPY"
    assert (ENGLISH.number(Decimal("0.40000")), FRENCH.number(9000)) == ("0.40000", "9\u00a0000")
    assert (ENGLISH.hours(5400), FRENCH.hours(5401), FRENCH.hours(-36)) == ("1.50", "1,5003", "-0,01")
    assert ENGLISH.size(12_000, "2.5") == "3 h 20 min and 2.5 items"
    assert (FRENCH.size(0, "1"), FRENCH.size(60, "0"), FRENCH.size(0, "0")) == ("1 article", "1 min", "0 h")


def test_what_drafting_says_of_waiting_time_is_known_word_for_word() -> None:
    english = {code: sentence for code, sentence, _ in STANDINGS}
    source = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("mappings/rules", "syncd")
        for path in ROOT.glob(f"{folder}/**/*.py")
        if path.name != "explain_standings.py"
    )

    assert {code: english[code] for code in WAITS} == WAITS
    for _, sentence, french in STANDINGS:
        pieces = [literal for literal, _, _, _ in Formatter().parse(sentence)]
        assert all(piece in source for piece in pieces), sentence
        assert placeholders(sentence) == placeholders(french)


def test_waiting_time_is_told_in_french_and_problems_stay_as_they_are() -> None:
    cap = "Beyond the cap Hydro › Web (2026-10): raise it, or decide with `syncd release` or `syncd write-off`."
    french = "Au-delà du plafond Hydro › Web (2026-10)\u00a0: relevez-le, "

    assert standing_said("over-cap", cap, FRENCH) == french + "ou tranchez avec `syncd release` ou `syncd write-off`."
    assert standing_said("over-cap", cap, ENGLISH) == cap
    assert standing_said("running-period", WAITS["running-period"], FRENCH) == "Sa période n'est pas terminée."
    assert (
        standing_said("no-rate", "No row of the rates table prices it.", FRENCH)
        == "No row of the rates table prices it."
    )
