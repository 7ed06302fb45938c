"""Random worlds of plain work, priced twice: by the rules, and by a brute-force reading of them that shares no code."""

from __future__ import annotations

import os
import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from mappings.rules.billing import bill
from tests.mappings.rules import oracle
from tests.mappings.rules.worlds import entry, person, rate, world

PEOPLE = {"Marie": ("Senior", "Web"), "Luc": ("Junior", "Web"), "Ana": ("Senior", "")}
VALUES = {
    "task": ["7", "8"],
    "project": ["Web", "Web shop", "App"],
    "client": ["Hydro", "Acme", "Acme Labs"],
    "person": list(PEOPLE),
    "role": ["Senior", "Junior"],
    "team": ["Web"],
    "service": ["Consultation", "Support"],
}


def _cell(random_: random.Random, column: str) -> str:
    if random_.random() < 0.72:
        return ""
    names = random_.sample(VALUES[column], random_.randint(1, min(2, len(VALUES[column]))))
    return "|".join(name[: random_.randint(1, 3)] + "*" if random_.random() < 0.3 else name for name in names)


def _row(random_: random.Random) -> dict:
    row = {column: _cell(random_, column) for column in oracle.ORDER}
    row["rate"] = Decimal(random_.randint(1, 20_000_000)).scaleb(-5)
    if random_.random() < 0.3:
        row["from"] = date(2026, 9, 1) + timedelta(days=random_.randint(0, 60))
    if random_.random() < 0.3:
        row["until"] = date(2026, 9, 1) + timedelta(days=random_.randint(0, 60))
    return row


def _work(random_: random.Random) -> dict:
    work = {column: random_.choice([*VALUES[column], ""]) for column in ("task", "project")}
    work |= {column: random_.choice(VALUES[column]) for column in ("client", "person", "service")}
    work["role"], work["team"] = PEOPLE[work["person"]]
    work["day"] = date(2026, 9, 1) + timedelta(days=random_.randint(0, 60))
    work["seconds"] = random_.choice([0, 1, 59, 600, 900, 1200, 3600, 5400, -900, random_.randint(0, 40_000)])
    return work


def _both(seed: int, happened: Counter) -> tuple[dict, dict]:
    random_ = random.Random(seed)
    rows = [_row(random_) for _ in range(random_.randint(1, 12))]
    works = [_work(random_) for _ in range(random_.randint(1, 12))]
    step, direction = random_.choice([0, 0, 6, 15]), random_.choice(["up", "nearest", "down"])
    minimum = random_.choice([0, 0, 20])
    expected = oracle.price(works, rows, step * 60, direction, minimum * 60)

    entries = []
    for number, work in enumerate(works):
        fields = {key: work[key] for key in ("project", "task", "person", "service")}
        plain = entry(str(number), work["day"].isoformat(), 0, work["client"], **fields)
        entries.append(replace(plain, work=replace(plain.work, seconds=work["seconds"])))
    rates = [
        rate(
            str(row["rate"]),
            valid_from=row.get("from"),
            valid_until=row.get("until"),
            **{c: row[c] for c in oracle.ORDER},
        )
        for row in rows
    ]
    people = [person(name, role=role, team=team) for name, (role, team) in PEOPLE.items()]
    made = bill(world(entries, "12-03", rates=rates, people=people, rounding=(step, direction, "entry", minimum)))
    found: dict = {}
    for document in made.documents:
        key = (document.key.client, document.key.period)
        happened[document.kind if not document.problems else document.problems[0].code] += 1
        if document.problems:
            found[key] = "blocked"
        elif document.lines:
            found[key] = {_line(document, line): line.amount_minor for line in document.lines}
    return expected, found


def _line(document, line) -> tuple[str, Fraction]:
    (service,) = {row.terms.service for row in document.allocations if row.line == line.number}
    return (service, Fraction(line.rate))


def test_a_brute_force_reading_of_the_rules_agrees():
    """Set SYNCD_WORLDS higher for a long search; the seed of a world that differs is in the message."""
    happened: Counter = Counter()
    for seed in range(int(os.environ.get("SYNCD_WORLDS", "300"))):
        expected, found = _both(seed, happened)
        assert found == expected, f"seed {seed}"
    print(dict(happened))

    assert set(happened) >= {"invoice", "credit-memo", "no-rate", "rates-equal"}
