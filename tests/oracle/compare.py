"""Bills one random world twice, period by period: by `bill` and by the second computation."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

from mappings.rules.billing import bill
from mappings.world import Bill
from tests.mappings.rules.worlds import post
from tests.oracle.handover import read_back, the_entry, the_world
from tests.oracle.histories import Books
from tests.oracle.random_worlds import random_world

ROUNDS = (date(2026, 11, 3), date(2026, 12, 3))
Documents = dict[tuple[str, str], dict]


def difference(seed: int, met: Counter[str]) -> str:
    """What differs in this world, in words; "" when both agree. `met` counts which rules occurred."""
    plain = random_world(seed)
    plain["met"] = met
    now, books = the_world(plain), Books(plain)
    for today in ROUNDS:
        seen = [entry for entry in plain["entries"] if entry["known"] < today]
        now = replace(now, today=today, entries=tuple(the_entry(entry, plain["client"]) for entry in seen))
        expected = books.bill(today, seen)
        made = bill(now)
        found = {(one.key.period, one.key.group): read_back(one) for one in made.documents}
        found = {key: one for key, one in found.items() if one["lines"] or one["entries"] or one["blocked"]}
        blocked = any(one["blocked"] for one in found.values())
        # Covered work needs no rate: whether work without one blocks is then another question.
        if expected is None and (blocked or plain["retainers"]):
            met["blocked"] += 1
            return ""
        if expected != found:
            return told(plain, today, expected or {}, found, made)
        met["documents"] += len(found)
        now = post(now, made)
    return ""


def told(plain: dict, today: date, expected: Documents, found: Documents, made: Bill) -> str:
    """The world and both results, to be read by a person."""
    out = [f"seed {plain['seed']}, billed on {today}"]
    out += [f"  {name}: {value}" for name, value in plain.items() if name not in ("met", "entries", "people")]
    out += ["  " + str({name: value for name, value in entry.items() if value}) for entry in plain["entries"]]
    for key in sorted({*expected, *found}):
        if expected.get(key) != found.get(key):
            out += [f"{key}", f"  expected {expected.get(key)}", f"  billed   {found.get(key)}"]
    return "\n".join([*out, *(str(problem) for document in made.documents for problem in document.problems)])
