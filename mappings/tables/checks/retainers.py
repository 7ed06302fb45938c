"""Retainers and covering fees that cover nothing: their client has work in their dates, and none is theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from mappings.problems import Problem
from mappings.rules.names import fold
from mappings.rules.retainers import Cover
from mappings.tables.checks.known import Known, Placed
from mappings.tables.checks.words import hours
from mappings.tables.values import nearest, quoted


def idle_retainers(known: Known) -> Iterator[Problem]:
    """Each row that narrows what it covers by services or projects, of which its client's work has none."""
    by_client: dict[str, list[Placed]] = {}
    for one in known.placed:
        if one.piece.kind == "time" and one.is_priced:
            by_client.setdefault(fold(one.client.name), []).append(one)
    for covers in known.lookups.covers.values():
        for cover in covers:
            if not (cover.services.blank and cover.projects.blank):
                yield from _idle(cover, by_client.get(cover.client, []))


def _idle(cover: Cover, work: list[Placed]) -> Iterator[Problem]:
    row = cover.retainer or cover.fee
    assert row is not None
    name = cover.retainer.name if cover.retainer else cover.fee.description if cover.fee else ""
    in_dates = [
        one
        for one in work
        if (cover.valid_from is None or one.piece.first >= cover.valid_from)
        and (cover.valid_until is None or one.piece.first <= cover.valid_until)
    ]
    if not in_dates or any(_takes(cover, one) for one in in_dates):
        return
    has = Counter[str]()
    for one in in_dates:
        has[one.service if not cover.services.blank else one.piece.project] += one.piece.seconds
    noun = "service" if not cover.services.blank else "project"
    seconds = sum(one.piece.seconds for one in in_dates)
    what = f"{name} covers nothing: of {hours(seconds)} that {row.client} has in its dates, none is of its {noun}."
    wanted = next(iter(sorted({*cover.services.exact, *cover.services.prefixes}
                              or {*cover.projects.exact, *cover.projects.prefixes})), "")  # fmt: skip
    near = nearest(wanted, [each for each in has if each])
    shown = ", ".join(quoted(each) for each, _ in has.most_common(3) if each)
    fix = f"Did you mean {quoted(near)}?" if near else f"{row.client} has {shown or f'work without a {noun}'}."
    yield Problem("retainer-without-work", what, fix, row.place, row.client, warning=True)


def _takes(cover: Cover, one: Placed) -> bool:
    return cover.takes(fold(one.service), fold(one.piece.project), one.piece.first)
