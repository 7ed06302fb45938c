"""What QuickBooks has of a scenario, told as expected.toml says it; nothing here is asked of syncd."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.emulator import Emulator
from mappings.money import digits_of

KINDS = {"invoice": "Invoice", "credit-memo": "CreditMemo"}


def documents(emulator: Emulator, seen: Collection[tuple[str, str]] = ()) -> dict[tuple[str, str], dict[str, Any]]:
    """The invoices and credit memos, but for those that were seen, by kind and id, each as a scenario tells it."""
    found = {}
    for kind, entity in KINDS.items():
        for row in emulator.all(entity):
            if (kind, row["Id"]) not in seen:
                found[kind, row["Id"]] = _told(emulator, row, kind)
    return found


def _told(emulator: Emulator, row: Mapping[str, Any], kind: str) -> dict[str, Any]:
    currency = row["CurrencyRef"]["value"]
    sign = -1 if kind == "credit-memo" else 1
    lines = [line for line in row["Line"] if line["DetailType"] == "SalesItemLineDetail"]
    tax = row.get("TxnTaxDetail", {}).get("TotalTax", Decimal(0))
    return {
        "client": row["CustomerRef"]["name"],
        "kind": kind,
        "currency": currency,
        "dated": row["TxnDate"],
        "subtotal": _amount(sign * (row["TotalAmt"] - tax), currency),
        "purchase_order": row.get("CustomerMemo", {}).get("value", "").partition(": ")[2],
        "taxed": _taxed(emulator, lines, sign, currency),
        "lines": [_line(line, sign, currency) for line in lines],
    }


def _line(line: Mapping[str, Any], sign: int, currency: str) -> list[str]:
    detail = line["SalesItemLineDetail"]
    numbers = ["", ""]
    if "Qty" in detail:
        numbers = [f"{(sign * detail['Qty']).normalize():f}", f"{detail['UnitPrice']:.2f}"]
    return [line["Description"], *numbers, _amount(sign * line["Amount"], currency)]


def _taxed(emulator: Emulator, lines: Iterable[Mapping[str, Any]], sign: int, currency: str) -> dict[str, str]:
    sums: dict[str, Decimal] = {}
    for line in lines:
        code = emulator.read("TaxCode", line["SalesItemLineDetail"]["TaxCodeRef"]["value"])["Name"]
        sums[code] = sums.get(code, Decimal(0)) + sign * line["Amount"]
    return {code: _amount(total, currency) for code, total in sums.items()}


def _amount(amount: Decimal, currency: str) -> str:
    """As QuickBooks has it, with the currency's digits: more of them would be a mistake that shows."""
    digits = digits_of(currency)
    rounded = amount.quantize(Decimal(1).scaleb(-digits)) + 0  # There is no minus zero.
    return f"{rounded:f}" if rounded == amount else f"{amount:f}"


def as_sent(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document of expected.toml, as QuickBooks is to have it."""
    told = {key: document[key] for key in ("client", "kind", "currency", "subtotal", "purchase_order", "taxed")}
    return told | {"dated": f"{document['dated']}", "lines": [list(line) for line in document["lines"]]}


def same_lines(sent: Iterable[list[str]], wanted: Iterable[list[str]]) -> list[list[str]]:
    """The wanted lines, as far as QuickBooks takes them: where quantity × price is not the amount, the amount stands
    alone, and hours and rate follow the description. What is a flat amount has no price."""
    told = []
    for line, (description, quantity, rate, amount) in zip(sent, wanted, strict=True):
        if not rate:
            told.append([description, "", "", amount])
        elif line[1]:
            told.append([description, quantity, rate, amount])
        else:
            arithmetic = line[0].removeprefix(description)
            found = re.fullmatch(r" \((-?[\d.]+)(?: [hdj])? × ([\d.]+)\)", arithmetic.replace(",", "."))
            assert found, line
            assert (found[1], f"{Decimal(found[2]):.2f}") == (quantity, rate), line
            product = (Decimal(quantity) * Decimal(found[2])).quantize(Decimal("0.01"), ROUND_HALF_UP)
            assert product != Decimal(amount), line
            told.append([description + arithmetic, "", "", amount])
    return told


@dataclass(frozen=True, slots=True)
class Applied:
    """A payment of 0: so much of a credit memo went to an invoice."""

    credit_memo: str
    invoice: str
    amount: Decimal


def applied(emulator: Emulator) -> list[Applied]:
    """All payments of 0, in the order in which they were made; each links one credit memo to one invoice."""
    found = []
    for payment in emulator.all("Payment"):
        if payment["TotalAmt"] == 0:
            (memo, taken), (invoice, given) = sorted(_links(payment))
            assert taken == given, payment
            found.append(Applied(memo[1], invoice[1], given))
    return found


def _links(payment: Mapping[str, Any]) -> list[tuple[tuple[str, str], Decimal]]:
    return [
        ((line["LinkedTxn"][0]["TxnType"], line["LinkedTxn"][0]["TxnId"]), line["Amount"]) for line in payment["Line"]
    ]


def open_items(emulator: Emulator) -> list[list[str]]:
    """Client, kind, day and balance of what is open, the oldest first."""
    rows = [
        (row["TxnDate"], int(row["Id"]), row["CustomerRef"]["name"], kind, f"{row['Balance']:.2f}")
        for kind, entity in KINDS.items()
        for row in emulator.all(entity)
        if row["Balance"] > 0
    ]
    return [[client, kind, day, balance] for day, _, client, kind, balance in sorted(rows)]
