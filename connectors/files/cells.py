"""The values of single cells: numbers, days, instants, yes and no. Each raises CellError with what to write instead."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from mappings.money import divide_half_up

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)(?::[0-5]\d)?")
SECONDS_PER_UNIT = {"hours": 3600, "minutes": 60, "seconds": 1}


class CellError(Exception):
    """A value that cannot be read. `what` continues a sentence after the field's name."""

    def __init__(self, code: str, what: str, fix: str) -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.fix = fix


def number(text: str, *, decimal_comma: bool) -> Decimal:
    """`7.5`, or `7,5` in a file whose cells are separated by semicolons. No thousands separators."""
    plain = text.replace(",", ".") if decimal_comma else text
    if _NUMBER.fullmatch(plain):
        return Decimal(plain)
    clock = _CLOCK.fullmatch(text)
    if clock:
        hours = round(Decimal(clock[1]) + Decimal(clock[2]) / 60, 4).normalize()
        fix = f"Write a number; read as hours and minutes, it is {hours:f} hours."
        raise CellError("number-wrong", f"{text!r} is a clock time, not a number.", fix)
    if "," in text and _NUMBER.fullmatch(text.replace(",", ".")):
        fix = f"Write {text.replace(',', '.')}, or separate the file's cells by semicolons."
        raise CellError("number-wrong", f"{text!r} has a decimal comma in a file that is not separated by ';'.", fix)
    raise CellError("number-wrong", f"{text!r} is not a number.", "Write a number such as 7.5.")


def whole_seconds(amount: Decimal, unit: str, hours_per_day: Decimal | None) -> int:
    """A duration in whole seconds, half-up; days are as long as the company's settings say."""
    if unit == "days":
        if hours_per_day is None:
            raise CellError("days-without-length", "counts days, whose length is not known.", "Set hours_per_day.")
        amount = amount * hours_per_day * 3600
    else:
        amount = amount * SECONDS_PER_UNIT[unit]
    numerator, denominator = amount.as_integer_ratio()
    return divide_half_up(numerator, denominator)


def yes_or_no(text: str) -> bool:
    """`yes` or `no`."""
    if text.lower() in ("yes", "no"):
        return text.lower() == "yes"
    raise CellError("yes-or-no", f"{text!r} is neither yes nor no.", "Write yes, no, or nothing.")


def day(text: str, formats: tuple[str, ...] = ()) -> date:
    """A calendar day, in ISO (2026-10-31) or in one of `formats`."""
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else _formatted(text, formats).date()
    except ValueError as error:
        raise CellError(
            "date-wrong", f"{text!r} is not a date.", f"Write {_examples(formats, '2026-10-31')}."
        ) from error


def instant(text: str, zone: ZoneInfo, formats: tuple[str, ...] = ()) -> datetime:
    """An instant, in UTC: with an offset as it stands, without one as the zone's wall clock shows it.

    Of a local time that occurs twice the first is meant; one that the zone skips is refused.
    """
    try:
        if re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", text):
            read = datetime.fromisoformat(text)
        else:
            read = _formatted(text, tuple(each for each in formats if "%H" in each or "%I" in each))
    except ValueError as error:
        fix = "Write a day and a time, such as 2026-10-31T09:00 or 2026-10-31T09:00-04:00."
        raise CellError("instant-wrong", f"{text!r} is not an instant.", fix) from error
    if read.tzinfo is not None:
        return read.astimezone(UTC)
    local = read.replace(tzinfo=zone, fold=0)
    result = local.astimezone(UTC)
    if result.astimezone(zone).replace(tzinfo=None) != read:
        fix = "Write the time that the clock showed, or add the offset."
        raise CellError("local-time-missing", f"{text!r} does not exist in {zone.key}: clocks went forward.", fix)
    return result


def day_or_instant(text: str, zone: ZoneInfo, formats: tuple[str, ...] = ()) -> datetime:
    """An instant, or a day's first one: only good for telling which of two is later."""
    try:
        return instant(text, zone, formats)
    except CellError:
        return datetime.combine(day(text, formats), datetime.min.time(), zone).astimezone(UTC)


def _formatted(text: str, formats: tuple[str, ...]) -> datetime:
    for each in formats:
        try:
            return datetime.strptime(text, each)  # noqa: DTZ007  # placed in the company's zone by the caller
        except ValueError:
            continue
    raise ValueError(text)


def _examples(formats: tuple[str, ...], iso: str) -> str:
    sample = datetime(2026, 10, 31, 9, tzinfo=UTC)
    return " or ".join([iso, *(sample.strftime(each) for each in formats)])
