"""Parts of an entry, inside billing: the days that `day_split` cuts it into, and the pieces that premiums cut."""

from __future__ import annotations

from dataclasses import dataclass, fields

from mappings.work import WorkItem


@dataclass(frozen=True, slots=True)
class WorkPart(WorkItem):
    """A part of an entry as if that were all of it; its source and id are the entry's.

    `part` counts the days of a cut entry from 1 (0: it is whole), `siblings` are the seconds of each of them: steps
    and minimums are those of the whole entry. `offset_seconds` is where a premium's piece begins, as in `Allocation`.
    """

    part: int = 0
    siblings: tuple[int, ...] = ()
    offset_seconds: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Each day of a cut entry stands for itself."""
        return part_key(self.source, self.id, self.part)


def part_key(source: str, entry: str, part: int) -> tuple[str, str]:
    """The key under which billing keeps an entry, or one day of it."""
    return (source, f"{entry}\t{part}" if part else entry)


def part_of(work: WorkItem, **more: object) -> WorkPart:
    """A part of this work: what `more` says differs, all else stays."""
    values = {one.name: getattr(work, one.name) for one in fields(work)}
    return WorkPart(**(values | more))
