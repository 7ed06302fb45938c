"""What a cell may say: readers that turn one cell into one value, or say what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NoReturn

from mappings.tables.grid import Cell

LATER = "not-in-this-version"
"""The code of everything that the full set of tables has and this version does not carry out."""


@dataclass(frozen=True, slots=True)
class About:
    """Of what the cell speaks: `row` names the row in a sentence ("Hydro-Québec › Consultation")."""

    column: str
    row: str
    decimal_comma: bool

    @property
    def for_row(self) -> str:
        return f" for {self.row}" if self.row else ""


class WrongCellError(Exception):
    """One cell is wrong; becomes a problem at the cell's place."""

    def __init__(self, code: str, what: str, fix: str = "") -> None:
        super().__init__(what)
        self.code, self.what, self.fix = code, what, fix


Reader = Callable[[Cell, About], object]


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that is most like this one, "" when none is: for suggestions only, never for a link."""
    choices = {choice.casefold(): choice for choice in known}
    wanted = name.casefold()
    # Only after a mistake: every command reads the tables, and loading this takes longer than reading them.
    from rapidfuzz import fuzz, process

    found = process.extractOne(wanted, choices.keys(), scorer=fuzz.ratio, score_cutoff=70)
    if found:
        return choices[found[0]]
    return next((choice for key, choice in choices.items() if len(key) > 3 and (key in wanted or wanted in key)), "")


def quoted(text: str) -> str:
    """A value that a person wrote, in a sentence."""
    return f"“{text}”"


def listed(names: Iterable[str]) -> str:
    """Names in a sentence: “a, b or c”."""
    *rest, last = names
    return f"{', '.join(rest)} or {last}" if rest else last


def text(cell: Cell, _: About) -> str:
    """Any text, as it is."""
    return cell.text


def patterns(cell: Cell, _: About) -> tuple[str, ...]:
    """Names separated by |, each exact or with * at its end."""
    values = tuple(dict.fromkeys(part.strip() for part in cell.text.split("|") if part.strip()))
    for value in values:
        if "*" in value[:-1]:
            raise WrongCellError(
                "star-not-at-end", f"In {quoted(value)}, * stands for any ending and must be the last character."
            )
    return values


def number(noun: str, example: str, *, label: str = "", decimals: int = 5) -> Reader:
    """An exact number, not negative; `noun` makes the code (rate-not-a-number)."""

    def read(cell: Cell, about: About) -> Decimal:
        what = f"The {label or about.column}{about.for_row} must be {example}"
        value = _decimal(cell, about, f"{noun}-not-a-number", what)
        if value < 0:
            raise WrongCellError(f"negative-{noun}", f"{what}, not below zero.")
        if -int(value.normalize().as_tuple().exponent) > decimals:
            raise WrongCellError("too-many-decimals", f"{what}, with at most {decimals} decimals.")
        return value

    return read


def any_amount(cell: Cell, about: About) -> Decimal:
    """A money amount of either sign; its decimals are checked once its currency is known."""
    what = f"The {about.column}{about.for_row} must be an amount such as 434 or 434.00"
    return _decimal(cell, about, "amount-not-a-number", what)


def whole(noun: str, example: str) -> Reader:
    """A whole number, not negative."""

    def read(cell: Cell, about: About) -> int:
        what = f"The {about.column}{about.for_row} must be {example}"
        value = _decimal(cell, about, f"{noun}-not-a-number", what)
        if value < 0:
            raise WrongCellError(f"negative-{noun}", f"{what}, not below zero.")
        if value != value.to_integral_value():
            raise WrongCellError(f"{noun}-not-a-number", f"{what}.")
        return int(value)

    return read


def _decimal(cell: Cell, about: About, code: str, what: str) -> Decimal:
    if isinstance(cell.value, Decimal):
        return cell.value
    # Thousands may be set apart by spaces, as French spreadsheets do with narrow or no-break ones.
    plain = re.sub(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(\D|$))", "", cell.text)
    if about.decimal_comma and "." not in plain:
        plain = plain.replace(",", ".", 1)
    elif re.fullmatch(r"-?\d+,\d+", plain):
        raise WrongCellError(
            "decimal-comma",
            f"{what}, with a point.",
            f"Write {plain.replace(',', '.')}; a decimal comma is read only in CSV files separated by semicolons.",
        )
    if not re.fullmatch(r"-?\d+(\.\d+)?", plain, re.ASCII):
        raise WrongCellError(code, f"{what}.")
    return Decimal(plain)


def day(cell: Cell, about: About) -> date:
    """A calendar day: 2026-04-01, or a date cell."""
    if isinstance(cell.value, date):
        return cell.value
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", cell.text, re.ASCII):
            return date.fromisoformat(cell.text)
    except ValueError:
        raise WrongCellError("date-unknown", f"{cell.text} is not a day of the calendar.") from None
    what = f"{about.column} must be a day such as 2026-04-01, not {quoted(cell.text)}."
    if isinstance(cell.value, Decimal):
        raise WrongCellError("date-unknown", what, "Format the cell as a date.")
    raise WrongCellError("date-unknown", what)


def choice(*values: str, later: Sequence[str] = ()) -> Reader:
    """One of a few words; those of `later` are known and refused by name."""

    def read(cell: Cell, about: About) -> str:
        word = cell.text.casefold()
        if word in values:
            return word
        return _refuse(cell, about, values, later)

    return read


def _refuse(cell: Cell, about: About, values: Sequence[str], later: Sequence[str]) -> NoReturn:
    can = f"{about.column} can be {listed(values)}."
    if any(cell.text.casefold().startswith(word) for word in later):
        raise WrongCellError(LATER, f"{about.column} = {cell.text} is not implemented in this version.", f"Here, {can}")
    near = nearest(cell.text, values)
    fix = f"Did you mean {near}?" if near else ""
    raise WrongCellError("value-unknown", f"{quoted(cell.text)} is not a {about.column}: {can}", fix)


def yes_no(cell: Cell, about: About) -> bool:
    """yes or no."""
    if cell.text.casefold() not in ("yes", "no"):
        raise WrongCellError("value-unknown", f"{about.column} must be yes or no, not {quoted(cell.text)}.")
    return cell.text.casefold() == "yes"


def currency(cell: Cell, about: About) -> str:
    """An ISO 4217 code in form."""
    code = cell.text.upper()
    if not re.fullmatch(r"[A-Z]{3}", code, re.ASCII):
        raise WrongCellError(
            "currency-unknown", f"{about.column} must be a three-letter code such as CAD, not {quoted(cell.text)}."
        )
    return code


def language(cell: Cell, about: About) -> str:
    """A language and, where needed, a country: fr, fr-CA."""
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", cell.text, re.ASCII):
        raise WrongCellError(
            "language-unknown", f"{about.column} must be a code such as fr-CA or en, not {quoted(cell.text)}."
        )
    return cell.text


def emails(cell: Cell, about: About) -> str:
    """Addresses, given to QuickBooks as one text of at most 100 characters (the limit of BillEmail)."""
    addresses = [part.strip() for part in re.split(r"[|,;]", cell.text) if part.strip()]
    for address in addresses:
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", address):
            raise WrongCellError(
                "email-unknown", f"{quoted(address)} is not an e-mail address such as name@example.com."
            )
    joined = ", ".join(addresses)
    if len(joined) > 100:
        raise WrongCellError("text-too-long", f"{about.column} has {len(joined)} characters, QuickBooks takes 100.")
    return joined
