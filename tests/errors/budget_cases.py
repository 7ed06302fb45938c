"""Mistakes in the tables of caps and discounts."""

from __future__ import annotations

from tests.errors.case import Case

CAPS = "client,project,amount,hours,every,alerts,over\n"
DISCOUNTS = "client,service,percent,amount,base,quickbooks_item,from,until\n"

CASES = [
    Case(
        "a cap that limits nothing",
        """\
mappings/caps.csv:2: cap-without-limit
  2 | Hydro-Québec,Web,,,month,,warn
    | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  The cap of Hydro-Québec › Web has neither an amount nor hours: it would limit nothing.
  Fill in one of them, or both.
""",
        {"mappings/caps.csv": CAPS + "Hydro-Québec,Web,,,month,,warn\n"},
    ),
    Case(
        "alerts of a cap that are no percentages",
        """\
mappings/caps.csv:2:6: value-unknown
  2 | Hydro-Québec,,2600,,,80%|nearly,hold
    |                      ^^^^^^^^^^
  alerts must be whole percentages such as 80%|95%, not “80%|nearly”.
""",
        {"mappings/caps.csv": CAPS + "Hydro-Québec,,2600,,,80%|nearly,hold\n"},
    ),
    Case(
        "what happens beyond a cap, unknown",
        """\
mappings/caps.csv:2:7: value-unknown
  2 | Hydro-Québec,,2600,,,,stop
    |                       ^^^^
  “stop” is not a over: over can be write-down, hold or warn.
""",
        {"mappings/caps.csv": CAPS + "Hydro-Québec,,2600,,,,stop\n"},
    ),
    Case(
        "a cap of an amount with too many decimals",
        """\
mappings/caps.csv:2:3: too-many-decimals
  2 | Hydro-Québec,,2600.005,,,,hold
    |               ^^^^^^^^
  The amount for Hydro-Québec has more decimals than CAD (2).
  Write 2600.00.
""",
        {"mappings/caps.csv": CAPS + "Hydro-Québec,,2600.005,,,,hold\n"},
    ),
    Case(
        "a discount of two sizes",
        """\
mappings/discounts.csv:2: discount-without-size
  2 | Hydro-Québec,,5,50.00,,Rabais,,
    | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  The discount for Hydro-Québec needs either a percent or an amount.
  Fill in exactly one of them.
mappings/discounts.csv:3: discount-without-size
  3 | Hydro-Québec,Support,,,,Rabais,,
    | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  The discount for Hydro-Québec › Support needs either a percent or an amount.
  Fill in exactly one of them.
""",
        {"mappings/discounts.csv": DISCOUNTS + "Hydro-Québec,,5,50.00,,Rabais,,\nHydro-Québec,Support,,,,Rabais,,\n"},
    ),
    Case(
        "a discount of more than everything",
        """\
mappings/discounts.csv:2:3: discount-too-large
  2 | Hydro-Québec,,105,,,Rabais,,
    |               ^^^
  The discount for Hydro-Québec is 105 %, more than everything.
  Write at most 100.
""",
        {"mappings/discounts.csv": DISCOUNTS + "Hydro-Québec,,105,,,Rabais,,\n"},
    ),
    Case(
        "a discount of a percent that is no number",
        """\
mappings/discounts.csv:2:3: percent-not-a-number
  2 | Hydro-Québec,,five,,,Rabais,,
    |               ^^^^
  The percent for Hydro-Québec must be a number such as 5 or 7.5.
mappings/discounts.csv:3:3: negative-percent
  3 | Hydro-Québec,Support,-5,,,Rabais,,
    |                      ^^
  The percent for Hydro-Québec › Support must be a number such as 5 or 7.5, not below zero.
""",
        {"mappings/discounts.csv": DISCOUNTS + "Hydro-Québec,,five,,,Rabais,,\nHydro-Québec,Support,-5,,,Rabais,,\n"},
    ),
]
