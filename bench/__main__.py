"""`python -m bench`: one table of goals, yardsticks and what syncd reaches."""

from __future__ import annotations

import argparse
import importlib
import sys
import time

from bench.goals import FULL, Row, table
from bench.place import somewhere

MODULES = {
    "p1": ("p1_load",),
    "p2": ("p1_load",),
    "p3": ("p1_load",),
    "p4": ("p4_drafts",),
    "p5": ("p4_drafts",),
    "p6": ("p6_edit",),
    "p7": ("p7_push",),
    "p8": ("p4_drafts", "p9_commands"),
    "p9": ("p9_commands",),
    "p10": ("p10_recovery",),
    "p11": ("p11_rules",),
}
"""Which modules measure a goal; one may measure several."""


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and return 1 if a required goal is too far from its yardstick."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("goals", nargs="*", metavar="GOAL", help="p1 to p11; all of them if none is given")
    parser.add_argument("--entries", type=int, default=FULL, metavar="N", help="for P1 to P5 and P11, and shares of it")
    given = parser.parse_args(arguments)
    wanted = [goal.lower() for goal in given.goals] or list(MODULES)
    if unknown := [goal for goal in wanted if goal not in MODULES]:
        parser.error(f"no such goal: {', '.join(unknown)} (known: {', '.join(MODULES)})")
    rows: list[Row] = []
    with somewhere() as place:
        for name in dict.fromkeys(name for goal in wanted for name in MODULES[goal]):
            began = time.perf_counter()
            found = importlib.import_module(f"bench.{name}").measure(place, given.entries)
            rows += [row for row in found if row.code.lower() in wanted]
            sys.stderr.write(f"{name}: {time.perf_counter() - began:.0f} s\n")
    rows.sort(key=lambda row: int(row.code[1:]))
    sys.stdout.write(table(rows) + "\n")
    return 1 if any(row.off for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
