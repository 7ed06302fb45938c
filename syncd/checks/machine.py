"""The machine: its clock, its time zones, and the room on its disk."""

from __future__ import annotations

import re
import shutil
from datetime import date, datetime, timedelta
from importlib import metadata
from itertools import pairwise
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo

from sqlalchemy import func, select

from mappings.problems import Problem
from syncd.checks.check import Check, moment_text
from syncd.cycle import Steps
from syncd.store import schema

_BACK_IN_TIME = timedelta(minutes=5)
_ROOM_BYTES, _LITTLE_ROOM_BYTES = 100 * 2**20, 1024 * 2**20
"""A month of a busy company takes some tens of megabytes; a backup takes as much again."""
_OLD_YEARS = 3
"""Governments change their clocks at short notice; data of so many years ago may miss it."""


def check_clock(steps: Steps) -> Check:
    """Whether the clock has not gone back behind what it recorded."""
    now = steps.clock.now()
    with steps.store.read() as connection:
        last = connection.execute(select(func.max(schema.event.c.at))).scalar_one()
    local = now.astimezone(steps.config.company.timezone)
    says = f"{local:%Y-%m-%d %H:%M} in {steps.config.company.timezone.key}"
    if last is not None and last - now > _BACK_IN_TIME:
        what = f"The clock is behind: the last thing recorded happened at {moment_text(last)}, which is later."
        return Check("clock", says, (Problem("clock-behind", what, "Set the clock, best by NTP."),))
    return Check("clock", says)


def check_time_zone(steps: Steps) -> Check:
    """When the company's clocks change next, and by which data."""
    zone, now = steps.config.company.timezone, steps.clock.now()
    version = _data_version(zone)
    change = _next_change(zone, now)
    when = f"clocks change on {change}" if change else "clocks do not change within a year"
    says = f"{zone.key}, UTC{now.astimezone(zone):%z}; {when}; data {version or 'of an unknown version'}"
    year = re.match(r"\d{4}", version)
    if year and now.year - int(year[0]) >= _OLD_YEARS:
        what = f"The time zone data of this machine is of {year[0]}: an hour may be counted on the wrong day."
        fix = "Update the system's package tzdata (or Python's, `pip install --upgrade tzdata`)."
        return Check("time zone", says, (Problem("time-zone-data-old", what, fix, warning=True),))
    return Check("time zone", says)


def _next_change(zone: ZoneInfo, now: datetime) -> date | None:
    days = [(now + timedelta(days=count)).astimezone(zone) for count in range(367)]
    for before, after in pairwise(days):
        if before.utcoffset() != after.utcoffset():
            return after.date()
    return None


def _data_version(zone: ZoneInfo) -> str:
    """Such as 2026b: of the system's data where it has this zone, else of the package; "" where it does not say."""
    for folder in map(Path, TZPATH):
        if (folder / zone.key).is_file():
            try:
                first = (folder / "tzdata.zi").read_text(encoding="utf-8", errors="replace").partition("\n")[0]
            except OSError:
                return ""
            return first.rpartition(" ")[2] if first.startswith("# version") else ""
    try:
        return metadata.version("tzdata")
    except metadata.PackageNotFoundError:
        return ""


def check_disk(steps: Steps) -> Check:
    """How much room is left where the database is."""
    folder = (steps.store.path or steps.config.folder / "x").parent
    free = shutil.disk_usage(folder if folder.exists() else Path()).free
    says = f"{free / 2**30:,.1f} GB free in {folder}"
    if free < _LITTLE_ROOM_BYTES:
        what = f"There is little room left on the disk of {folder}: {free / 2**20:,.0f} MB."
        return Check("disk", says, (Problem("disk-full", what, "Free some space.", warning=free >= _ROOM_BYTES),))
    return Check("disk", says)
