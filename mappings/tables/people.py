"""The table people: who is who across tools."""

from __future__ import annotations

from mappings.rows import PersonRow
from mappings.tables.shape import Column, Table
from mappings.tables.values import patterns

PEOPLE = Table(
    "people",
    PersonRow,
    (
        Column("source", patterns, when_empty=()),
        Column("source_person", patterns, required=True, when_empty=()),
        Column("person", when_empty=""),
        Column("role"),
        Column("team"),
    ),
    about=("source_person",),
)
