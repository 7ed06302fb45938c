"""How QuickBooks writes and rounds numbers, and the JSON writer that does so."""

import json
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from json.encoder import encode_basestring
from typing import Any

CENT = Decimal("0.01")
DIGITS = {"JPY": 0, "KWD": 3}
"""Currencies whose amounts have other than two decimals (ISO 4217)."""
ZERO = Decimal(0)

# Members that are sums of money: written with two decimals (100.00), except zero, which is written 0.
MONEY_MEMBERS = frozenset(
    {
        "Amount",
        "Balance",
        "BalanceWithJobs",
        "CurrentBalance",
        "CurrentBalanceWithSubAccounts",
        "HomeBalance",
        "HomeTotalAmt",
        "NetAmountTaxable",
        "RemainingCredit",
        "TotalAmt",
        "TotalTax",
        "UnappliedAmt",
    }
)


def half_up(value: Decimal, currency: str = "") -> Decimal:
    """Round to the cent, halves away from zero, as QuickBooks does with amounts and with each tax rate.

    Amounts in a currency without cents, or with mills, are rounded to what that has.
    """
    return value.quantize(Decimal(1).scaleb(-DIGITS.get(currency, 2)), rounding=ROUND_HALF_UP)


def decimal_of(value: object) -> Decimal | None:
    """Read a JSON number or a numeric string; None when it is neither."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def parse_json(text: str | bytes) -> Any:
    """Read JSON with exact decimals."""
    return json.loads(text, parse_float=Decimal)


def write_number(value: int | Decimal, name: str) -> str:
    """Write one number: money with two decimals (mills with three) except zero, all else without trailing zeros."""
    if not value:
        return "0"
    if name in MONEY_MEMBERS:
        cents = half_up(Decimal(value))
        return f"{cents if cents == value else value:f}"
    if isinstance(value, int):
        return str(value)
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def write_json(value: Any, name: str = "") -> str:
    """Write a value as QuickBooks would; members that begin with an underscore are ours and stay inside."""
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return write_number(value, name)
    if value is None:
        return "null"
    if isinstance(value, dict):
        members = (f'"{key}":{write_json(member, key)}' for key, member in value.items() if not key.startswith("_"))
        return "{" + ",".join(members) + "}"
    return "[" + ",".join(write_json(item, name) for item in value) + "]"


def store_json(value: Any) -> str:
    """Write a value for the books file: every member, decimals exact."""
    return json.dumps(value, default=_store_decimal, ensure_ascii=False)


def _store_decimal(value: object) -> object:
    if isinstance(value, Decimal):
        return {"decimal": f"{value:f}"}
    raise TypeError(f"{value!r} cannot be stored")


def load_json(text: str) -> Any:
    """Read what `store_json` wrote."""
    return json.loads(text, object_hook=_load_decimal)


def _load_decimal(members: dict[str, Any]) -> Any:
    return Decimal(members["decimal"]) if members.keys() == {"decimal"} else members
