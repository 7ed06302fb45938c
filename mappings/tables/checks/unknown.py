"""Names in the tables that nothing knows: no table, no work of a source, no list of QuickBooks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from mappings.problems import Place, Problem
from mappings.rows import Patterns
from mappings.rules.names import Matcher, fold
from mappings.tables.checks.known import Known
from mappings.tables.values import nearest, quoted


@dataclass(frozen=True, slots=True)
class Use:
    """Names in a column that only match what they name."""

    noun: str
    column: str
    place: Place
    patterns: Patterns


def unknown_names(known: Known) -> Iterator[Problem]:
    """Each name that nothing knows, once per row; silent while no work was pulled that could know it."""
    if not known.placed:
        return
    names = _Names(known)
    for use in _uses(known):
        for pattern in use.patterns:
            yield from names.unknown(use, pattern)
    yield from _typing_errors(known)


class _Names:
    """The names of each noun, folded, as they are written."""

    def __init__(self, known: Known) -> None:
        tables, placed = known.tables, known.placed
        # A sub-customer is known by its own name too.
        customers = [*known.customers, *(name.rpartition(":")[2] for name in known.customers if ":" in name)]
        self._of: dict[str, dict[str, str]] = {
            "client": _folded([*(row.quickbooks_customer for row in tables.clients), *customers],
                              (one.client.name for one in placed)),
            "project": _folded(known.projects, (one.piece.project for one in placed)),
            "task": _folded(known.tasks, (one.piece.task for one in placed)),
            "person": _folded((row.person for row in tables.people), (one.person.name for one in placed)),
            "service": _folded(
                (name for row in tables.services for name in ((row.service,) if row.service else row.source_service)),
                (name for row in tables.expenses for name in row.category),
                (one.service for one in placed),
            ),
            "purchase order": _folded(
                (row.purchase_order for row in tables.clients), (one.piece.purchase_order for one in placed)
            ),
        }  # fmt: skip
        self._said: set[tuple[str, str, Place]] = set()

    def unknown(self, use: Use, pattern: str) -> Iterator[Problem]:
        """The problem of a pattern that matches no name of its noun."""
        known, matcher = self._of[use.noun], Matcher((pattern,))
        key = (use.noun, fold(pattern), use.place)
        if key in self._said or fold(pattern) in known or any(matcher.matches(name) for name in known):
            return
        self._said.add(key)
        near = nearest(pattern.removesuffix("*"), known.values())
        if not near and use.noun == "purchase order":
            return  # An order is written down before there is work for it.
        what = (
            f"Nothing is known of a {use.noun} {quoted(pattern)}: no table, no work and no list of QuickBooks has it."
        )
        fix = f"Did you mean {quoted(near)}?" if near else f"Mend {use.column}, or leave it for work that is to come."
        yield Problem("name-unknown", what, fix, use.place, warning=True)


def _folded(*names: Iterable[str]) -> dict[str, str]:
    return {fold(name): name for some in names for name in some if name and name != "="}


def _uses(known: Known) -> Iterator[Use]:
    tables = known.tables
    for rate in tables.rates:
        for column in ("client", "project", "task", "person", "service"):
            yield Use(column, column, rate.place, getattr(rate, column))
    for retainer in tables.retainers:
        yield Use("client", "client", retainer.place, (retainer.client,))
        yield Use("project", "projects", retainer.place, retainer.projects)
        yield Use("service", "services", retainer.place, retainer.services)
    for fee in tables.fixed_fees:
        yield Use("client", "client", fee.place, (fee.client,))
        if fee.covers:
            yield Use("project", "project", fee.place, (fee.project,) if fee.project else ())
    for cap in tables.caps:
        yield Use("client", "client", cap.place, cap.client)
        yield Use("project", "project", cap.place, cap.project)
        yield Use("purchase order", "purchase_order", cap.place, cap.purchase_order)
    for discount in tables.discounts:
        yield Use("client", "client", discount.place, discount.client)
        yield Use("project", "project", discount.place, discount.project)
        yield Use("service", "service", discount.place, discount.service)
    for premium in tables.premiums:
        yield Use("client", "client", premium.place, premium.client)
        yield Use("service", "service", premium.place, premium.service)


def _typing_errors(known: Known) -> Iterator[Problem]:
    """Rows for a source's name that no work bears, and that is much like one without a row of its own.

    A name that is like none is of work that is to come.
    """
    tables, pieces = known.tables, [one.piece for one in known.placed]
    clients = {(one.source, one.client) for one in pieces}
    people = {(one.source, one.person) for one in pieces}
    services = {(one.source, one.service) for one in pieces if one.kind != "expense"}
    categories = {(one.source, one.service) for one in pieces if one.kind != "time"}
    yield from _mistyped([(row.place, row.source, row.source_client) for row in tables.clients], "client", clients)
    yield from _mistyped([(row.place, row.source, row.source_person) for row in tables.people], "person", people)
    yield from _mistyped([(row.place, row.source, row.source_service) for row in tables.services], "service", services)
    yield from _mistyped([(row.place, row.source, row.category) for row in tables.expenses], "category", categories)


def _mistyped(
    rows: Collection[tuple[Place, Patterns, Patterns]], noun: str, seen: Collection[tuple[str, str]]
) -> Iterator[Problem]:
    # Names of which a row speaks as themselves are right as they are, so no other is meant for them.
    spoken_of = {fold(name) for _, _, patterns in rows for name in patterns if not name.endswith("*")}
    for place, sources, patterns in rows:
        source = Matcher(sources)
        here = {name for tool, name in seen if name and source.matches(fold(tool))}
        folded = {fold(name) for name in here}
        for pattern in patterns if here else ():
            if any(map(Matcher((pattern,)).matches, folded)):
                continue
            near = nearest(pattern.removesuffix("*"), [name for name in here if fold(name) not in spoken_of])
            if near:
                what = f"No work has the {noun} {quoted(pattern)}."
                yield Problem("name-unknown", what, f"Did you mean {quoted(near)}?", place, warning=True)
