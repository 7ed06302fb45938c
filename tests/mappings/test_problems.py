"""How a problem looks on a screen."""

from __future__ import annotations

from mappings.problems import Place, Problem, by_place, render


def test_a_problem_without_a_place_is_its_code_and_its_sentences() -> None:
    assert (
        render(Problem("secret-missing", "It is not there.", "Set it."))
        == "secret-missing\n  It is not there.\n  Set it."
    )


def test_a_warning_says_that_it_is_one() -> None:
    assert (
        render(Problem("rates-gap", "A gap.", place=Place("a.csv", 2), warning=True))
        == "a.csv:2: rates-gap (warning)\n  A gap."
    )


def test_carets_stand_below_the_value_also_after_tabs() -> None:
    place = Place("a.csv", 12, 2, excerpt="a\tbad\tc", mark_start=2, mark_length=3)

    assert render(Problem("x", "W.", place=place)) == "a.csv:12:2: x\n  12 | a\tbad\tc\n     |  \t^^^\n  W."


def test_of_a_long_line_only_the_part_around_the_value_is_shown() -> None:
    place = Place("a.csv", 1, 1, excerpt="x" * 300 + "bad" + "y" * 300, mark_start=300, mark_length=3)

    _, excerpt, carets, _ = render(Problem("x", "W.", place=place)).split("\n")

    assert excerpt == "  1 | …" + "x" * 33 + "bad" + "y" * 64 + "…"
    assert excerpt[carets.index("^") :].startswith("bad")
    assert carets.count("^") == 3


def test_control_characters_do_not_reach_the_terminal() -> None:
    place = Place("a.csv", 1, 1, excerpt="\x1b[31mred", mark_start=0, mark_length=1)

    assert "\x1b" not in render(Problem("x", "W.", place=place))


def test_problems_are_ordered_as_a_person_would_mend_them() -> None:
    places = [Place("b.csv", 2), Place("a.csv", 10, 1), Place("a.csv", 9, 3), Place("a.csv", 9, 1)]

    ordered = by_place(Problem("x", "W.", place=place) for place in places)

    assert [str(problem.place) for problem in ordered] == ["a.csv:9:1", "a.csv:9:3", "a.csv:10:1", "b.csv:2"]
