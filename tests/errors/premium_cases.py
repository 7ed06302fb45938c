"""Mistakes in the tables premiums and holidays, and in the region of the public holidays."""

from __future__ import annotations

from tests.errors.case import CONFIG, Case


def _premium(when: str, price: str = ",,1.5") -> dict[str, str]:
    return {"mappings/premiums.csv": f"name,when,rate,add,factor\nNight,{when},{price}\n"}


CASES = [
    Case(
        "a premium at no time that is known",
        """\
mappings/premiums.csv:2:2: when-unknown
  2 | Night,week-end,,,1.5
    |       ^^^^^^^^
  “week-end” is no time at which a premium can apply.
  Did you mean weekend?
""",
        _premium("week-end"),
    ),
    Case(
        "a window without its end",
        """\
mappings/premiums.csv:2:2: when-unknown
  2 | Night,Mon-Fri 17:00,,,1.5
    |       ^^^^^^^^^^^^^
  “Mon-Fri 17:00” is no time at which a premium can apply.
  Write Mon-Fri 17:00-09:00, outside Mon-Fri 09:00-17:00, weekend, holiday, daily-over 8h or weekly-over 40h.
""",
        _premium("Mon-Fri 17:00"),
    ),
    Case(
        "a window of a day that does not exist",
        """\
mappings/premiums.csv:2:2: when-unknown
  2 | Night,Mo-Fri 17:00-09:00,,,1.5
    |       ^^^^^^^^^^^^^^^^^^
  In “Mo-Fri 17:00-09:00”, “mo” is no day.
  Did you mean Mon?
""",
        _premium("Mo-Fri 17:00-09:00"),
    ),
    Case(
        "a window of an hour that no day has",
        """\
mappings/premiums.csv:2:2: when-unknown
  2 | Night,17:00-25:00,,,1.5
    |       ^^^^^^^^^^^
  In “17:00-25:00”, “25:00” is no time of day.
  Write it as 09:00; a day ends at 24:00.
""",
        _premium("17:00-25:00"),
    ),
    Case(
        "a window that ends when it begins",
        """\
mappings/premiums.csv:2:2: when-unknown
  2 | Night,Sat 09:00-09:00,,,1.5
    |       ^^^^^^^^^^^^^^^
  In “Sat 09:00-09:00”, the window begins when it ends.
  A whole day is 00:00-24:00.
""",
        _premium("Sat 09:00-09:00"),
    ),
    Case(
        "overtime without hours",
        """\
mappings/premiums.csv:2:2: when-unknown
  2 | Night,daily-over,,,1.5
    |       ^^^^^^^^^^
  “daily-over” must be a number of hours such as daily-over 8h, less than 24.
""",
        _premium("daily-over"),
    ),
    Case(
        "overtime over more than a week has",
        """\
mappings/premiums.csv:2:2: when-unknown
  2 | Night,weekly-over 170h,,,1.5
    |       ^^^^^^^^^^^^^^^^
  “weekly-over 170h” must be a number of hours such as weekly-over 40h, less than 168.
""",
        _premium("weekly-over 170h"),
    ),
    Case(
        "a premium without a price",
        """\
mappings/premiums.csv:2: premium-price
  2 | Night,weekend,,,
    | ^^^^^^^^^^^^^^^^
  The premium Night says neither rate, add nor factor.
  Fill in one: the new rate, what is added, or by what to multiply.
""",
        _premium("weekend", ",,"),
    ),
    Case(
        "a premium with two prices",
        """\
mappings/premiums.csv:2:5: premium-price
  2 | Night,weekend,120,,1.5
    |                    ^^^
  The premium Night says rate and factor.
  Keep one of them.
""",
        _premium("weekend", "120,,1.5"),
    ),
    Case(
        "a factor that is no number",
        """\
mappings/premiums.csv:2:5: factor-not-a-number
  2 | Night,weekend,,,x1.5
    |                 ^^^^
  The factor for Night must be a number such as 1.5.
""",
        _premium("weekend", ",,x1.5"),
    ),
    Case(
        "a factor below zero",
        """\
mappings/premiums.csv:2:5: negative-factor
  2 | Night,weekend,,,-1.5
    |                 ^^^^
  The factor for Night must be a number such as 1.5, not below zero.
""",
        _premium("weekend", ",,-1.5"),
    ),
    Case(
        "a premium for holidays, and no holidays",
        """\
mappings/premiums.csv:2:2: holidays-missing
  2 | Night,holiday,,,1.5
    |       ^^^^^^^
  The premium Night is for holidays, and none are known.
  Add the table holidays, or holidays = "CA-QC" in [company].
""",
        _premium("holiday"),
    ),
    Case(
        "a holiday of a region that is no code",
        """\
mappings/holidays.csv:2:2: region-unknown
  2 | 2026-12-24,Québec,Réveillon
    |            ^^^^^^
  region must be a code such as CA-QC or FR, not “Québec”.
""",
        {"mappings/holidays.csv": "date,region,name\n2026-12-24,Québec,Réveillon\n"},
    ),
    Case(
        "a region whose holidays are not known",
        """\
config.toml:3:12: region-unknown
  3 | holidays = "CA-QQ"
    |            ^^^^^^^
  No public holidays are known for “CA-QQ”.
  Did you mean CA-QC?
""",
        {"config.toml": CONFIG.replace("currency", 'holidays = "CA-QQ"\ncurrency')},
    ),
]
