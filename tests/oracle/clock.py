"""Days and the clock on the wall: which local day it was, and when midnight came."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Toronto")


def minutes_of(start: datetime, seconds: int) -> Iterator[tuple[int, datetime]]:
    """The time from `start` (an instant) in bits that end with each full minute: their seconds, local time."""
    done = 0
    while done < seconds:
        now = start + timedelta(seconds=done)
        bit = min(60 - now.second, seconds - done)
        yield bit, now.astimezone(ZONE)
        done += bit


def days_of(world: dict, entry: dict) -> list[tuple[date, datetime | None, int]]:
    """The days that an entry counts on, each with its start and seconds."""
    if world["day_split"] == "start" or entry["start"] is None or entry["seconds"] <= 0:
        return [(entry["day"], entry["start"], entry["seconds"])]
    found: list[tuple[date, datetime | None, int]] = []
    done = 0
    for bit, local in minutes_of(entry["start"], entry["seconds"]):
        if found and found[-1][0] == local.date():
            day, start, seconds = found[-1]
            found[-1] = (day, start, seconds + bit)
        else:
            found.append((local.date(), entry["start"] + timedelta(seconds=done), bit))
        done += bit
    world["met"]["cut at midnight"] += len(found) > 1
    return found


def month_of(day: date) -> date:
    """The first of its month."""
    return day.replace(day=1)


def next_month(first: date, months: int = 1) -> date:
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def last_of(first: date) -> date:
    return next_month(first) - timedelta(days=1)
