"""Premiums: which part of an entry is dearer, read from the clock on the wall minute by minute."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

from tests.oracle.arithmetic import in_force, split, strength
from tests.oracle.clock import ZONE, minutes_of
from tests.oracle.rates import round_rate


def candidates(world: dict, work: dict) -> list[dict]:
    """The premiums that could apply: of rows with one name the one that names the client, then the service, best."""
    best: dict[str, tuple] = {}
    for row in world["premiums"]:
        levels = (strength(row["client"], work["client"]), strength(row["service"], work["service"]))
        if None in levels or not in_force(row, work["day"]):
            continue
        if row["name"] not in best or levels > best[row["name"]][0]:
            best[row["name"]] = (levels, row)
    return [row for row in world["premiums"] if any(row is chosen for _, chosen in best.values())]


def resulting(row: dict, rate: Fraction) -> Fraction:
    if row.get("rate") is not None:
        return row["rate"]
    if row.get("add") is not None:
        return round_rate(rate + row["add"])
    return round_rate(rate * row["factor"])


def in_window(when: dict, local: datetime) -> bool:
    """A window begins on each of its days, and may last until the next one."""
    second = local.hour * 3600 + local.minute * 60
    begins, ends = when["begins"], when["ends"]
    if begins < ends:
        return local.weekday() in when["days"] and begins <= second < ends
    begun_today = local.weekday() in when["days"] and second >= begins
    begun_yesterday = (local.weekday() - 1) % 7 in when["days"] and second < ends
    return begun_today or begun_yesterday


def applies(world: dict, row: dict, day: date, local: datetime | None, before: dict) -> bool:
    """Whether a premium applies to a moment; `before`: the person's real seconds until then, by day and by week."""
    when = row["when"]
    kind = when["kind"]
    if kind == "always":
        return True
    if kind in ("window", "outside"):
        return local is not None and in_window(when, local) == (kind == "window")
    on = local.date() if local is not None else day
    if kind == "weekend":
        return on.weekday() >= 5
    if kind == "holiday":
        return on in world["holidays"]
    return before[kind] >= when["over_seconds"]


def bits_of(work: dict, limits: list[tuple[str, int]], before: dict) -> list[tuple[int, datetime | None]]:
    """The work's time in bits in which nothing can change: a minute at most, cut where an overtime limit is reached."""
    if work["start"] is None:
        bits = [(work["seconds"], None)]
    else:
        bits = list(minutes_of(work["start"], work["seconds"]))
    edges = {over - before[kind] for kind, over in limits}
    found, done = [], 0
    for seconds, local in bits:
        inside = sorted(edge for edge in edges if done < edge < done + seconds)
        for begin, end in zip([done, *inside], [*inside, done + seconds], strict=True):
            found.append((end - begin, local))
        done += seconds
    return found


def cut(world: dict, work: dict, before: dict) -> list[dict]:
    """The pieces of one work, each at one rate. `before` has the person's earlier seconds by day and by week."""
    rows = candidates(world, work)
    if not rows or work["rate"] is None:
        return [work | {"premium": "", "base": work["rate"]}]
    limits = [(row["when"]["kind"], row["when"]["over_seconds"]) for row in rows if "over" in row["when"]["kind"]]
    runs: list[tuple[dict | None, int]] = []
    done = 0
    if work["seconds"] <= 0:
        bits = [(work["seconds"], None if work["start"] is None else work["start"].astimezone(ZONE))]
    else:
        bits = bits_of(work, limits, before)
    for seconds, local in bits:
        so_far = {kind: count + done for kind, count in before.items()}
        now = [row for row in rows if applies(world, row, work["day"], local, so_far)]
        chosen = max(now, key=lambda row: resulting(row, work["rate"])) if now else None
        if runs and runs[-1][0] is chosen:
            runs[-1] = (chosen, runs[-1][1] + seconds)
        else:
            runs.append((chosen, seconds))
        done += seconds
        tell(world, now, chosen)
    return pieces(world, work, runs)


def tell(world: dict, now: list[dict], chosen: dict | None) -> None:
    world["met"]["premiums compete"] += len(now) > 1
    if chosen is not None:
        world["met"][f"premium {chosen['when']['kind']}"] += 1
        for way in ("rate", "add", "factor"):
            world["met"][f"premium by {way}"] += chosen.get(way) is not None


def pieces(world: dict, work: dict, runs: list[tuple[dict | None, int]]) -> list[dict]:
    found = []
    billed = split(work["billed"], [seconds for _, seconds in runs])
    world["met"]["premium cuts an entry"] += len(runs) > 1
    for (row, seconds), share in zip(runs, billed, strict=True):
        piece = work | {"seconds": seconds, "billed": share, "premium": "", "base": work["rate"]}
        if row is not None:
            piece |= {"premium": row["name"], "rate": resulting(row, work["rate"])}
            if work["start"] is not None and spans_clock_change(work["start"], work["seconds"]):
                world["met"]["premium in the night clocks change"] += 1
        found.append(piece)
    return found


def spans_clock_change(start: datetime, seconds: int) -> bool:
    end = start + timedelta(seconds=seconds)
    return start.astimezone(ZONE).utcoffset() != end.astimezone(ZONE).utcoffset()


def cut_all(world: dict, works: list[dict], earlier: list[dict]) -> list[dict]:
    """The pieces of all works in chronological order; `earlier` is what was billed before, and counts first."""
    found = []
    counted = [(one["person"], one["day"], one["seconds"]) for one in earlier]
    for work in works:
        mine = [(day, seconds) for person, day, seconds in counted if person == work["person"]]
        monday = work["day"] - timedelta(days=work["day"].weekday())
        before = {
            "daily-over": sum(seconds for day, seconds in mine if day == work["day"]),
            "weekly-over": sum(seconds for day, seconds in mine if monday <= day < monday + timedelta(days=7)),
        }
        found += cut(world, work, before)
        counted.append((work["person"], work["day"], work["seconds"]))
    return found
