"""Random worlds of every rule, billed twice: by the rules, and by a second computation that shares nothing with them.

A world that differs is told whole, with its seed. `make oracle SEED=5000 SECONDS=60` goes through thousands.
"""

from __future__ import annotations

import ast
import os
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.oracle.compare import difference

FEW = 250
WORLDS_OF_MANY = 4000
"""After so many worlds each rule must have occurred AT_LEAST times."""
AT_LEAST = 20
FOLDER = Path(__file__).parent
OF_BOTH = {"handover.py", "compare.py", "test_oracle.py", "test_laws.py"}
"""What hands the worlds to the rules; the computation itself knows nothing of them."""
RULES = [
    *(f"rate by {column}" for column in ("task", "project", "client", "person", "role", "team", "service")),
    *(f"rate of unit {unit}" for unit in ("hour", "day", "each")),
    *("rate with dates", "no rate", "rates equal", "source_rates fallback", "source_rates override"),
    *(f"step {way} by {scope}" for way in ("up", "nearest", "down") for scope in ("entry", "day", "line")),
    *("minimum", "negative time", "time that became 0", "cut at midnight", "late work"),
    *(f"premium {kind}" for kind in ("always", "window", "outside", "weekend", "holiday", "daily-over", "weekly-over")),
    *("premium by rate", "premium by add", "premium by factor", "premiums compete", "premium cuts an entry"),
    "premium in the night clocks change",
    *("cap write-down", "cap hold", "cap warns", "cap in hours", "cap in money", "cap cuts an entry", "several caps"),
    *(f"cap every {every}" for every in ("time", "week", "month", "quarter", "year")),
    *(f"discount {base}, {of}" for base in ("net", "gross") for of in ("percent", "amount")),
    *("several discounts", "expense", "product", "rebate", "markup", "item at a rate row of unit each"),
    *("retainer minimum covers", "retainer block covers", "second retainer covers", "retainer pro-rata"),
    *("retainer cuts an entry", "premium draws its factor", "extra rate", "spend, true-up", "spend, enough"),
    *(f"unused {way}" for way in ("lost", "carry-1-month", "carry-max", "carry-until", "net")),
    *(f"retainer fee, minimum, prorated {way}" for way in ("no", "calendar", "30", "calendar+hours", "30+hours")),
    "retainer fee, block, prorated no",
    *(f"fixed fee every {every}" for every in ("once", "month", "quarter")),
    *("fixed fee on a day number", "fixed fee prorated no", "fixed fee prorated calendar", "fixed fee prorated 30"),
    *(f"lines_per {way}" for way in ("entry", "day", "week", "person", "service", "task", "project", "rate", "one")),
    *(f"one_invoice_per {way}" for way in ("client", "project", "parent-task", "task", "purchase-order", "person")),
    *(f"hours {hours}, money by {way}" for hours in ("exact", "two-decimals") for way in ("line", "entry")),
    *(f"currency of {digits} digits" for digits in (0, 2, 3)),
    *(f"period {kind}" for kind in ("week", "half-month", "month")),
]


def agree(seeds: range, met: Counter[str], until: float) -> int:
    """Go through these worlds until a moment of the process's clock; gives how many there were."""
    for number, seed in enumerate(seeds):
        if time.process_time() > until:
            return number
        differs = difference(seed, met)
        assert differs == "", differs
    return len(seeds)


def table(met: Counter[str]) -> str:
    return "\n".join(f"{name:45} {met[name]:>10,}" for name in sorted({*RULES, *met}))


def test_the_second_computation_agrees_on_some_worlds():
    met: Counter[str] = Counter()
    agree(range(FEW), met, float("inf"))
    assert sum(met[name] > 0 for name in RULES) > len(RULES) * 3 / 4


@pytest.mark.oracle
def test_the_second_computation_agrees_on_thousands_of_worlds():
    met: Counter[str] = Counter()
    first, seconds = int(os.environ.get("ORACLE_SEED", "0")), float(os.environ.get("ORACLE_SECONDS", "20"))
    worlds = agree(range(first, first + 10**9), met, time.process_time() + seconds)
    print(f"\nseeds {first} to {first + worlds - 1}: how often each rule occurred\n{table(met)}")
    assert {name: met[name] for name in RULES if met[name] < AT_LEAST * min(worlds / WORLDS_OF_MANY, 1)} == {}


def test_the_second_computation_imports_nothing_of_the_rules():
    for path in sorted(FOLDER.glob("*.py")):
        if path.name in OF_BOTH:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [one.name for one in node.names] if isinstance(node, ast.Import) else []
            assert not [name for name in names if name.split(".")[0] in ("mappings", "syncd", "connectors")], path.name
            assert not [name for name in names if name.startswith("tests.") and not name.startswith("tests.oracle.")]
