"""Retainers computed a second time, month by month, from the written rules and nothing of `mappings.rules`."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random

from mappings.rows import Unused
from mappings.rules.billing import bill
from mappings.world import Entry
from tests.mappings.rules.worlds import entry, later, post, premium, rate, retainer, world

MONTHS = (date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1))
NIGHT = Fraction(5, 4)


@dataclass
class Month:
    opening: int = 0
    drawn: int = 0
    early: int = 0
    handed: int = 0
    closed: bool = False


@dataclass
class Work:
    number: int
    day: date
    seconds: int
    service: str

    @property
    def wanted(self) -> int:
        return half_up(self.seconds * (NIGHT if self.service == "Night" else 1))


@dataclass
class Row:
    """What the row says, and how its months stand."""

    bought: int
    unused: str
    most: int
    until: date
    pro_rata: bool
    months: dict[date, Month] = field(default_factory=lambda: defaultdict(Month))

    def left(self, first: date, day: date) -> int:
        month = self.months[first]
        left = month.opening + self.bought - month.drawn - month.handed
        if self.unused == "carry-until" and day > self.until:
            left -= max(month.opening - month.early, 0)
        return max(left, 0)

    def cover(self, first: date, work: Work, seconds: int) -> None:
        self.months[first].drawn += seconds
        if work.day <= self.until:
            self.months[first].early += seconds

    def close(self, first: date) -> None:
        month, following = self.months[first], after(first)
        left = month.opening + self.bought - month.drawn
        month.handed = {
            "lost": 0,
            "carry-1-month": max(self.bought - month.drawn, 0),
            "carry-max": min(max(left, 0), self.most),
            "carry-until": max(left, 0) if following <= self.until else 0,
            "net": left,
        }[self.unused]
        month.closed = True
        self.months[following].opening = month.handed

    def bill(self, running: date, works: list[Work]) -> dict[int, int]:
        """Extra seconds by entry of the document on which this month ends."""
        extra: dict[int, int] = {}
        for first in sorted({work.day.replace(day=1) for work in works} | {running}):
            if first == running and self.unused == "net":
                past = [month for when, month in self.months.items() if when < first]
                self.months[first].opening = sum(self.bought - month.drawn for month in past)
            mine = sorted((work for work in works if work.day.replace(day=1) == first), key=lambda work: work.day)
            for work, seconds in self.covered(first, mine, late=first != running):
                self.cover(first, work, seconds)
                factor = NIGHT if work.service == "Night" else Fraction(1)
                rest = 0 if seconds == work.wanted else work.seconds - half_up(seconds / factor)
                if rest:
                    extra[work.number] = rest
        self.close(running)
        return extra

    def covered(self, first: date, works: list[Work], late: bool) -> list[tuple[Work, int]]:
        if self.unused == "net":
            return [(work, work.wanted) for work in works]
        found = []
        if not self.pro_rata:
            taken = Row(self.bought, self.unused, self.most, self.until, False, defaultdict(Month))
            taken.months[first] = replace(self.months[first])
            for work in works:
                seconds = min(work.wanted, taken.left(first, work.day))
                taken.cover(first, work, seconds)
                found.append((work, seconds))
            return found
        early = sum(work.wanted for work in works if self.unused != "carry-until" or work.day <= self.until)
        own = self.left(first, date.max) if self.unused == "carry-until" else self.left(first, date.min)
        available = own + min(self.left(first, date.min) - own, early)
        over = max(sum(work.wanted for work in works) - available, 0)
        by_line: dict[str, list[Work]] = defaultdict(list)
        for work in works:
            by_line[work.service].append(work)
        shares = largest_remainder(over, [sum(work.wanted for work in line) for line in by_line.values()])
        for line, share in zip(by_line.values(), shares, strict=True):
            parts = largest_remainder(share, [work.wanted for work in line])
            found += [(work, work.wanted - part) for work, part in zip(line, parts, strict=True)]
        return found


def half_up(value: Fraction | int) -> int:
    return int(value + Fraction(1, 2))


def after(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def largest_remainder(total: int, weights: list[int]) -> list[int]:
    if not sum(weights):
        return [0 for _ in weights]
    exact = [Fraction(total * weight, sum(weights)) for weight in weights]
    parts = [int(share) for share in exact]
    order = sorted(range(len(parts)), key=lambda at: (parts[at] - exact[at], at))
    for at in order[: total - sum(parts)]:
        parts[at] += 1
    return parts


def test_a_second_computation_agrees_on_random_months() -> None:
    random, met = Random(7), Counter[str]()
    for _ in range(100):
        unused = random.choice(("lost", "carry-1-month", "carry-max", "carry-until", "net"))
        row = Row(random.randint(1, 12) * 3600, unused, 5400, date(2026, 12, 10), random.random() < 0.4)
        policy = Unused(
            unused, 5400 if unused == "carry-max" else None, row.until if unused == "carry-until" else None
        )  # fmt: skip
        bought = retainer(
            str(row.bought // 3600), "100", unused=policy, draw="pro-rata" if row.pro_rata else "chronological",
            valid_from="2026-10-01",
        )  # fmt: skip
        now = world([], retainers=[bought], rates=[rate("80")], premiums=[premium("N", service="Night", factor="1.25")])
        number = 0
        for first in MONTHS:
            works = []
            for _ in range(random.randint(0, 4)):
                number += 1
                begin = (
                    first
                    if random.random() < 0.8 or first == MONTHS[0]
                    else random.choice(MONTHS[: MONTHS.index(first)])
                )
                day = begin.replace(day=random.randint(1, 28))
                works.append(Work(number, day, random.randint(1, 300) * 60, random.choice(("X", "Y", "Night"))))
            works.sort(key=lambda work: (work.day, str(work.number)))
            entries = [
                entry(str(work.number), str(work.day), work.seconds / 3600, service=work.service) for work in works
            ]
            now = later(
                now,
                str(after(first).replace(day=3)),
                *(seconds_of(one, work) for one, work in zip(entries, works, strict=True)),
            )
            made = bill(now)
            extra = {
                int(line.entry): line.billed_seconds
                for document in made.documents
                for line in document.allocations
                if line.effect == "invoiced"
            }
            expected = row.bill(first, works)
            assert extra == expected, (row, works)
            met[unused] += bool(extra)
            met["pro-rata" if row.pro_rata else "chronological"] += bool(extra)
            met["late"] += any(work.day < first for work in works)
            now = post(now, made)
    print(dict(met))
    assert min(met[name] for name in ("lost", "carry-1-month", "carry-max", "carry-until", "pro-rata", "late")) > 10


def seconds_of(one: Entry, work: Work) -> Entry:
    return replace(one, work=replace(one.work, seconds=work.seconds))
