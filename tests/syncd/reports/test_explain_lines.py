"""How a line's amount came about: each policy of rounding is found again from the line and its rows alone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from mappings.documents import Document, DocumentKey, FeeAllocation, HoursAllocation, Line, Reason
from mappings.steps import step
from syncd.reports.explain_lines import line_of, retainers_of
from syncd.reports.explain_words import Words
from tests.syncd.reports.ledgers import OCTOBER, billed

EN, FR = Words("en"), Words("fr")
THIRDS = (1200, 1200, 1200)
"""Three entries of 20 min."""


def explained(
    seconds: tuple[int, ...],
    quantity: str,
    amount: int,
    words: Words,
    rate: str = "70",
    per_unit: int = 3600,
    code: str = "",
) -> tuple[str, ...]:
    rows = tuple(billed(str(at), one, 0) for at, one in enumerate(seconds))
    terms = replace(rows[0].terms, rate=Decimal(rate), seconds_per_unit=per_unit)
    reason = Reason(steps=(step("deleted"),)) if code else Reason()
    rows = tuple(replace(row, terms=terms, reason=reason) for row in rows)
    unit = "hour" if per_unit == 3600 else "day"
    line = Line(1, "time", "Travaux", "", "", amount, Decimal(quantity), Decimal(rate), unit, seconds=sum(seconds))
    document = Document(DocumentKey("Hydro", "2026-10"), "invoice", OCTOBER, OCTOBER.last, "CAD", "fr", (line,), rows)
    told = line_of(document, line, (), words)
    return (told.arithmetic, *told.rounding)


@pytest.mark.parametrize(
    ("seconds", "quantity", "amount", "told"),
    [
        ((9000,), "2.50000", 17500, ("2.5 hour (9,000 s) × 70 = 175.00 CAD",)),
        # 1,205 s × 70 ÷ 3,600 is 23.430555…
        (
            (1205,),
            "0.33472",
            2343,
            ("0.33472 hour (1,205 s) × 70 ≈ 23.43 CAD", "Rounded once, half away from zero, from 23.43056."),
        ),
        # Thirds: 23.34, 23.33 and 23.33 of one line of 70.00.
        (
            THIRDS,
            "1.00000",
            7000,
            (
                "1 hour (3,600 s) × 70 = 70.00 CAD",
                "Its entries share the amount by their time, the odd cents by largest remainder.",
            ),
        ),
        # Each entry is 23.33.
        (
            THIRDS,
            "1.00000",
            6999,
            ("1 hour (3,600 s) × 70 ≈ 69.99 CAD", "The sum of its entries, each rounded to the cent."),
        ),
        # 1,205 s are 0.33 h.
        (
            (1205,),
            "0.33",
            2310,
            ("0.33 hour (1,205 s) × 70 = 23.10 CAD", "Its hours are rounded to two decimals before the price."),
        ),
        # Three times 0.33 h, each 23.10.
        (
            THIRDS,
            "0.99",
            6930,
            (
                "0.99 hour (3,600 s) × 70 = 69.30 CAD",
                "The sum of its entries, the hours of each rounded to two decimals before the price.",
            ),
        ),
    ],
)
def test_the_rounding_of_a_line_is_told(
    seconds: tuple[int, ...], quantity: str, amount: int, told: tuple[str, ...]
) -> None:
    assert explained(seconds, quantity, amount, EN) == told


def test_days_say_of_how_many_hours_they_are() -> None:
    assert explained((10_800,), "0.40000", 25200, EN, "630.00", 27_000) == (
        "0.4 day (10,800 s) of 7.5 h × 630.00 = 252.00 CAD",
    )
    assert explained((10_800,), "0.40000", 25200, FR, "630.00", 27_000) == (
        "0,4 jour(s) (10\u00a0800\u00a0s) de 7,5\u00a0h × 630,00 = 252,00 CAD",
    )


def test_what_is_taken_back_is_not_told_as_rounded_again() -> None:
    assert explained((-1200,), "-0.33333", -2334, EN, code="deleted") == ("-0.33333 hour (-1,200 s) × 70 ≈ -23.34 CAD",)


def test_a_fee_is_told_by_its_name_and_a_retainer_s_hours_by_what_moves() -> None:
    key = "retainer|Hydro||Soutien|Entretien"
    covered = replace(billed("1", 7200, 0, effect="covered"), retainer=key, retainer_period="2026-10")
    line = Line(1, "retainer", "Entretien", "", "", 30000, Decimal(1), Decimal(300), "each")
    fee = FeeAllocation(key, "2026-10", 30000, 1, None, Reason(retainer_row="mappings/retainers.csv:2"))
    hours = HoursAllocation(key, "2026-10", 3600, 7200, 1800, 1800)
    document = Document(
        DocumentKey("Hydro", "2026-10"),
        "invoice",
        OCTOBER,
        OCTOBER.last,
        "CAD",
        "fr",
        (line,),
        (covered,),
        (fee,),
        (hours,),
    )
    (told,) = line_of(document, line, (), EN).fees
    lent = replace(document, fees=(replace(fee, fee="intercompany|Nord|times|12"),))
    (moved,) = retainers_of(document)

    assert (told.kind, told.name, [row.decides for row in told.tables]) == ("retainer", "Entretien", ["retainer"])
    assert [(one.kind, one.name) for one in line_of(lent, line, (), EN).fees] == [("intercompany", "Nord times 12")]
    assert (moved.opening_seconds, moved.bought_seconds, moved.drawn_seconds) == (3600, 7200, 7200)
    assert moved.opening_seconds + moved.bought_seconds - moved.drawn_seconds - moved.lapsed_seconds == 1800
