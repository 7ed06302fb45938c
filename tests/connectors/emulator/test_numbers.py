from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.emulator.numbers import half_up, load_json, store_json, write_json


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"Amount": Decimal(100)}, '{"Amount":100.00}'),
        ({"Amount": Decimal(0)}, '{"Amount":0}'),
        ({"Amount": Decimal("-0.00")}, '{"Amount":0}'),
        ({"TotalAmt": 5}, '{"TotalAmt":5.00}'),
        ({"Balance": Decimal("1234567.5")}, '{"Balance":1234567.50}'),
        ({"UnitPrice": Decimal("22.500")}, '{"UnitPrice":22.5}'),
        ({"Qty": Decimal("4.00")}, '{"Qty":4}'),
        ({"Qty": Decimal("1E+2")}, '{"Qty":100}'),
        ({"TaxPercent": Decimal("9.975")}, '{"TaxPercent":9.975}'),
        ({"Name": 'a"é\n', "Active": True, "X": None}, '{"Name":"a\\"é\\n","Active":true,"X":null}'),
        ({"Line": [{"Amount": 1, "_ours": 2}]}, '{"Line":[{"Amount":1.00}]}'),
    ],
)
def test_numbers_are_written_as_quickbooks_does(value: object, text: str) -> None:
    assert write_json(value) == text


@pytest.mark.parametrize(
    ("value", "rounded"), [("1861.075", "1861.08"), ("0.005", "0.01"), ("-0.005", "-0.01"), ("2.674", "2.67")]
)
def test_halves_are_rounded_away_from_zero(value: str, rounded: str) -> None:
    assert half_up(Decimal(value)) == Decimal(rounded)


def test_what_is_stored_is_read_back_exactly() -> None:
    value = {"a": [Decimal("0.10"), 1, "x", True, None], "b": {"c": Decimal("128.35")}}

    assert load_json(store_json(value)) == value
    assert str(load_json(store_json(Decimal("0.10")))) == "0.10"
