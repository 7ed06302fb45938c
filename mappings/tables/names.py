"""Names that one table uses and another one gives: an unknown one is refused with the nearest that is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from mappings.problems import Place, Problem
from mappings.tables.grid import Cell
from mappings.tables.shape import Line, Row
from mappings.tables.values import nearest, quoted


@dataclass(frozen=True, slots=True)
class Known:
    """The names that a table gives to one noun (client, service, role); `open`: any other may come from a source."""

    noun: str
    table: str
    names: tuple[str, ...]
    open: bool = False

    def matches(self, pattern: str) -> bool:
        """Whether a name, or one with * at its end, means at least one known name."""
        wanted = pattern.casefold()
        if wanted.endswith("*"):
            return any(name.casefold().startswith(wanted[:-1]) for name in self.names)
        return wanted in {name.casefold() for name in self.names}


def given(noun: str, table: str, lines: Iterable[Line[Row]], ours: str, theirs: str = "") -> Known:
    """Our names in column `ours`; where it is blank or "=", the source's own in `theirs`.

    Taken from the cells, so that a mistake elsewhere in a row does not make its name unknown.
    """
    names: list[str] = []
    is_open = False
    for line in lines:
        own = _text(line.cells.get(ours))
        if own and own != "=":
            names.append(own)
            continue
        patterns = [part.strip() for part in _text(line.cells.get(theirs)).split("|") if part.strip()]
        names += [pattern for pattern in patterns if not pattern.endswith("*")]
        is_open = is_open or (bool(theirs) and (not patterns or any(name.endswith("*") for name in patterns)))
    return Known(noun, table, tuple(dict.fromkeys(names)), is_open)


def either(one: Known, other: Known) -> Known:
    """What either of two tables gives."""
    if not other.names and not other.open:
        return one
    names, table = (*one.names, *other.names), f"{one.table} or {other.table}"
    return replace(one, table=table, names=names, open=one.open or other.open)


def unknown(known: Known, lines: Iterable[Line[Row]], column: str) -> Iterator[Problem]:
    """Each name in this column that nothing gives."""
    if known.open:
        return
    for line in lines:
        cell = None if column in line.wrong else line.cells.get(column)
        for name in (part.strip() for part in _text(cell).split("|")):
            if cell is None or not name or known.matches(name):
                continue
            near = nearest(name, known.names)
            fix = f"Did you mean {quoted(near)}?" if near else f"Add it to {known.table}."
            what = f"No row of {known.table} gives the {known.noun} {quoted(name)}."
            yield Problem(f"{known.noun}-unknown", what, fix, _within(cell.place, name))


def _within(place: Place, name: str) -> Place:
    """The same place with only this one of several names underlined."""
    marked = place.excerpt[place.mark_start : place.mark_start + place.mark_length]
    offset = marked.find(name)
    if offset < 0:
        return place
    return replace(place, mark_start=place.mark_start + offset, mark_length=len(name))


def _text(cell: Cell | None) -> str:
    return cell.text if cell is not None else ""
