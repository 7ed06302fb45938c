"""Work for which two rows are equally strong, and nothing in one file says so: patterns that overlap."""

from __future__ import annotations

from collections.abc import Iterator

from mappings.problems import Place, Problem
from mappings.tables.checks.known import Known, Placed
from mappings.tables.checks.words import hours


def equal_rows(known: Known) -> Iterator[Problem]:
    """Each pair of equal rows once, with the hours that neither can claim. Such work is blocked."""
    seconds: dict[tuple[Place | None, Place | None], int] = {}
    found: dict[tuple[Place | None, Place | None], tuple[str, Placed]] = {}
    for one in known.placed:
        if not one.piece.open_entries:
            continue
        key: tuple[Place | None, Place | None]
        if one.problem is not None and one.problem.code == "rows-equal":
            key, what = (one.problem.place, None), one.problem.what
        elif len(rows := [row for row in one.rates if row.currency in ("", one.currency)]) > 1:
            key = (rows[1].place, rows[0].place)
            what = f"{rows[0].place} and {rows[1].place} are equally strong rates for the same work."
        else:
            continue
        seconds[key] = seconds.get(key, 0) + one.piece.open_seconds
        found.setdefault(key, (what, one))
    for key, (what, one) in found.items():
        rates = key[1] is not None
        code = "rates-equal" if rates else "rows-equal"
        fix = "Give one of them an until, or name in one what the other does not." if rates else "Make one narrower."
        said = f"{what} {hours(seconds[key])} wait for it, of {one.client.name}."
        yield Problem(code, said, fix, key[0], one.client.name)
