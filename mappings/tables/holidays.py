"""The table holidays, and the public holidays of a region, which come from the library `holidays`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mappings.problems import Place
from mappings.rows import HolidayRow
from mappings.tables.grid import Cell
from mappings.tables.shape import Column, Table
from mappings.tables.values import About, WrongCellError, day, nearest, quoted

YEARS = range(2000, 2061)
"""For which the public holidays of a region are known here."""


def _region(cell: Cell, _: About) -> str:
    """A country, or a part of one, in form."""
    if not re.fullmatch(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", cell.text, re.ASCII):
        raise WrongCellError("region-unknown", f"region must be a code such as CA-QC or FR, not {quoted(cell.text)}.")
    return cell.text


HOLIDAYS = Table(
    "holidays",
    HolidayRow,
    (
        Column("date", day, field="day", required=True, filled=True),
        Column("region", _region),
        Column("name"),
    ),
    about=("date", "name"),
)


def unknown_region(region: str) -> str:
    """What to write instead of a region whose holidays are not known; "" where they are."""
    # Only where a company asks for them: loading takes a moment.
    import holidays

    country, _, part = region.partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    if country not in known:
        return "Write a country such as CA, or a part of it such as CA-QC (ISO 3166)."
    if part and part not in known[country]:
        near = nearest(region, [f"{country}-{one}" for one in known[country]])
        return f"Did you mean {near}?" if near else f"The parts of {country} are {', '.join(known[country])}."
    return ""


def public_holidays(region: str, place: Place) -> list[HolidayRow]:
    """The public holidays of a region in YEARS."""
    import holidays

    country, _, part = region.partition("-")
    found = holidays.country_holidays(country, subdiv=part or None, years=YEARS)
    return [HolidayRow(place, day, region, name) for day, name in sorted(found.items())]


def counting(rows: Iterable[HolidayRow], region: str) -> list[HolidayRow]:
    """The rows that count: of the company's region or of none; all where the company names no region."""
    return [row for row in rows if not region or row.region in ("", region)]
