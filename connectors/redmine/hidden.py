"""Projects that have left Redmine's lists with all their work, although nothing was deleted.

A project that is archived, or that the key's user may no longer see, takes its entries out of every list without a
word: to a reader they look deleted, and what was billed of them would be credited. So the projects of the last pulls
are remembered, and one of which nothing is listed any more is asked for by its number: 403 is out of sight, 404 is
deleted, and an empty list is what it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import msgspec

from connectors.redmine.client import Named
from connectors.source import Cursor, Record, Span
from mappings.problems import Problem


class _Place(msgspec.Struct, frozen=True):
    """Of a time entry: where and when."""

    project: Named
    spent_on: date


class _Memory(msgspec.Struct, frozen=True):
    """The cursor: of each project its name and the last day on which it had work."""

    projects: dict[str, tuple[str, date]] = {}


_PLACE = msgspec.json.Decoder(_Place)


@dataclass(frozen=True, slots=True)
class SeenProject:
    """A project as it was last seen with work."""

    name: str
    last_day: date


Known = Mapping[int, SeenProject]


def remembered(cursor: Cursor) -> Known:
    """The projects that earlier pulls saw; none when the cursor is another version's."""
    try:
        memory = msgspec.convert(cursor, _Memory)
    except msgspec.ValidationError:
        return {}
    return {int(number): SeenProject(*seen) for number, seen in memory.projects.items()}


def as_cursor(known: Known) -> Cursor:
    """What `remembered` reads."""
    if not known:
        return {}
    return {"projects": {str(number): [seen.name, str(seen.last_day)] for number, seen in sorted(known.items())}}


def projects_of(raws: Iterable[bytes]) -> Known:
    """The projects of these entries; an entry of another form than the documented one tells of none."""
    found: dict[int, SeenProject] = {}
    for raw in raws:
        try:
            place = _PLACE.decode(raw)
        except msgspec.ValidationError:
            continue
        before = found.get(place.project.id)
        last_day = max(place.spent_on, before.last_day) if before else place.spent_on
        found[place.project.id] = SeenProject(place.project.name, last_day)
    return found


def missing(known: Known, listed: Known, span: Span) -> list[int]:
    """The projects that had work in these days and of which nothing is listed any more."""
    return [number for number, seen in sorted(known.items()) if number not in listed and seen.last_day in span]


def hidden_record(number: int, seen: SeenProject) -> Record:
    """What a person is told of a project that is there and out of sight."""
    what = (
        f"Redmine shows nothing of the project {seen.name} any more, although it is not deleted: it was archived, or "
        "the key's user may no longer see its time. Its work stays as it was; meanwhile no entry of this source is "
        "taken for deleted."
    )
    fix = "Unarchive it and close it instead, which keeps its time visible, or let the key's user see it again."
    key = f"project {number}"
    raw = msgspec.json.encode({"project": number, "name": seen.name, "last_day": seen.last_day}).decode()
    return Record(key, raw, problem=Problem("project-hidden", what, fix, subject=key))
