"""Retainers: which hours a fee covers, what is extra, and what a period hands on to the next."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction

from tests.oracle.arithmetic import half_up, in_force, split, strength
from tests.oracle.calendar_fees import fee_line, season_of, share, touched
from tests.oracle.works import line_key

ENDLESS = 10**12


def covers(row: dict, piece: dict) -> bool:
    """Whether a retainer speaks of this time: its services, projects and dates."""
    return (
        in_force(row, piece["day"])
        and strength(row["services"], piece["service"]) is not None
        and strength(row["projects"], piece["project"]) is not None
    )


def last_served(row: dict, day: date) -> date:
    """The day on which the row's period around a day ends; one that is prorated ends with the row."""
    end = season_of(row, day)[1]
    return end if row["prorate"] == "no" or row["until"] is None else min(end, row["until"])


class Retainers:
    """The hours of one client's retainers."""

    def __init__(self, world: dict) -> None:
        self.world = world
        minimums = [row for row in world["retainers"] if row["kind"] == "minimum"]
        blocks = [row for row in world["retainers"] if row["kind"] == "block"]
        self.rows = [*minimums, *sorted(blocks, key=lambda row: row["from"])]
        self.drawn: dict[tuple[str, date], int] = defaultdict(int)
        self.opening: dict[tuple[str, date], int] = defaultdict(int)
        self.early: dict[tuple[str, date], int] = defaultdict(int)
        self.fees: set[tuple[str, date]] = set()

    def waits_until(self, work: dict) -> date:
        """Work that a minimum names waits for the day on which its period ends."""
        rows = [row for row in self.rows if row["kind"] == "minimum" and covers(row, work)]
        ends = [work["day"], *(last_served(row, work["day"]) for row in rows)]
        return max(ends) if work["kind"] == "time" else work["day"]

    def key(self, row: dict, day: date) -> tuple[str, date]:
        return (row["name"], row["from"] if row["kind"] == "block" else season_of(row, day)[0])

    def bought(self, row: dict, day: date) -> int:
        if row["hours"] is None:
            return ENDLESS
        part = share(row, *season_of(row, day)) if row["prorate"].endswith("+hours") else Fraction(1)
        return half_up(row["hours"] * 3600 * part)

    def left(self, row: dict, day: date) -> int:
        """What a piece of this day may still draw."""
        if row["unused"] == "net":
            return ENDLESS
        key = self.key(row, day)
        left = self.bought(row, day) + self.opening[key] - self.drawn[key]
        if row["unused"] == "carry-until" and day > row["unused_until"]:
            # What was handed on is gone by then; earlier work of the period drew it first.
            left -= max(self.opening[key] - self.early[key], 0)
        return max(left, 0)

    def take(self, row: dict, day: date, seconds: int) -> None:
        self.drawn[self.key(row, day)] += seconds
        if row["unused"] == "carry-until" and day <= row["unused_until"]:
            self.early[self.key(row, day)] += seconds

    def draw(self, pieces: list[dict]) -> list[dict]:
        """The pieces with what is covered and what is extra apart."""
        if not self.rows:
            return pieces
        if self.rows[0]["draw"] == "pro-rata":
            granted = self.pro_rata(self.rows[0], pieces)
        else:
            granted = [self.in_order(piece) if piece["kind"] == "time" else [] for piece in pieces]
        found = []
        for piece, drawn in zip(pieces, granted, strict=True):
            found += self.parts(piece, drawn)
        return found

    def wanted(self, piece: dict) -> int:
        """An hour at a premium draws more: its rate over the rate without it."""
        if piece["rate"] == piece["base"] or not piece["base"]:
            return piece["billed"]
        self.world["met"]["premium draws its factor"] += 1
        return half_up(piece["billed"] * piece["rate"] / piece["base"])

    def in_order(self, piece: dict) -> list[int]:
        """What each retainer that covers the piece gives it, in order."""
        left, given = self.wanted(piece), []
        for row in self.rows:
            if covers(row, piece):
                taken = min(left, self.left(row, piece["day"]))
                if taken < left and piece["base"] and not half_up(Fraction(taken * piece["base"], piece["rate"])):
                    taken = 0  # Too few hours to cover one second of it: they are kept for other work.
                self.take(row, piece["day"], taken)
                left -= taken
                self.world["met"]["second retainer covers"] += sum(given) > 0 and taken > 0
                self.world["met"][f"retainer {row['kind']} covers"] += taken > 0
                given.append(taken)
        return given

    def pro_rata(self, row: dict, pieces: list[dict]) -> list[list[int]]:
        """What is over, spread over the lines by their seconds, then over their entries."""
        granted = {id(piece): 0 for piece in pieces}
        seasons: dict[date, dict] = defaultdict(lambda: defaultdict(list))
        for piece in pieces:
            if piece["kind"] == "time" and covers(row, piece):
                seasons[self.key(row, piece["day"])[1]][line_key(self.world, piece)].append(piece)
        for season, lines in seasons.items():
            sizes = [sum(self.wanted(piece) for piece in line) for line in lines.values()]
            over = max(sum(sizes) - self.left(row, season), 0)
            self.world["met"]["retainer pro-rata"] += over > 0
            for line, extra in zip(lines.values(), split(over, sizes), strict=True):
                wanted = [self.wanted(piece) for piece in line]
                for piece, seconds, part in zip(line, wanted, split(extra, wanted), strict=True):
                    granted[id(piece)] = seconds - part
                    self.take(row, piece["day"], seconds - part)
        return [[granted[id(piece)]] for piece in pieces]

    def parts(self, piece: dict, drawn: list[int]) -> list[dict]:
        """The covered parts of a piece, one for each retainer, and what is extra."""
        rows = [row for row in self.rows if piece["kind"] == "time" and covers(row, piece)]
        if not rows:
            return [piece]
        wanted, covered = self.wanted(piece), []
        for seconds in drawn:
            left = piece["billed"] - sum(covered)
            last = sum(drawn) == wanted and sum(drawn[: len(covered) + 1]) == wanted
            covered.append(left if last else min(left, half_up(Fraction(seconds * piece["base"], piece["rate"]))))
        extra = piece["billed"] - sum(covered)
        real = split(piece["seconds"], [*covered, extra])
        self.world["met"]["retainer cuts an entry"] += 0 < extra < piece["billed"]
        found = [
            piece | {"billed": billed, "seconds": seconds, "effect": "covered", "cents": 0}
            for billed, seconds in zip(covered, real, strict=False)
            if billed or seconds
        ]
        if extra or not found:
            changed = {"billed": extra, "seconds": real[-1]}
            if rows[0]["extra_rate"] is not None:
                self.world["met"]["extra rate"] += 1
                changed |= {"rate": rows[0]["extra_rate"], "unit": "hour"}
            found.append(piece | (changed if extra else {"effect": "covered", "cents": 0}))
        return found

    def close(self, last: date) -> None:
        """Each period that ends by this day hands on what its row says."""
        for row in self.rows:
            if row["kind"] != "minimum" or row["hours"] is None or not touched(row, date.min, last):
                continue
            end = season_of(row, last)[1]
            if end != last:
                continue
            key = self.key(row, last)
            bought, drawn = self.bought(row, last), self.drawn[key]
            left = bought + self.opening[key] - drawn
            handed = {
                "lost": 0,
                "carry-1-month": max(bought - drawn, 0),
                "carry-max": min(max(left, 0), row["most"]),
                "carry-until": max(left, 0) if row["unused_until"] > last else 0,
                "net": left,
            }[row["unused"]]
            self.world["met"][f"unused {row['unused']}"] += handed != 0 or row["unused"] == "lost"
            following = season_of(row, date.fromordinal(last.toordinal() + 1))[0]
            self.opening[row["name"], following] = handed

    def fee_lines(self, last: date) -> list[dict]:
        """Fees of periods that end by this day, and of blocks that began; each once."""
        lines = []
        for row in self.rows:
            if row["kind"] == "block":
                due, part, key = row["from"], Fraction(1), (row["name"], row["from"])
            else:
                first, end = season_of(row, last)
                due, part, key = last_served(row, last), share(row, first, end), (row["name"], first)
                if not touched(row, first, end):
                    continue
            cents = half_up(row["fee"] * part * 10 ** self.world["digits"])
            if key in self.fees or due > last or (row["kind"] == "block" and not cents):
                continue
            self.fees.add(key)
            self.world["met"][f"retainer fee, {row['kind']}, prorated {row['prorate']}"] += 1
            tax_code = self.world["client_tax_code"] or self.world["tax_code"]
            lines.append(fee_line(self.world, {}, "retainer", "Retainer", tax_code, cents, due))
        return lines


def true_up(world: dict, lines: list[dict], off: list[dict], first: date, last: date) -> list[dict]:
    """A minimum spend: one line for what the month's usage, after discount and before tax, is short of the fee."""
    found = []
    for row in world["retainers"]:
        if row["kind"] != "spend" or not touched(row, first, last):
            continue
        usage = 0
        for line in lines:
            for piece in line["pieces"]:
                usage += piece["cents"] if counts(row, piece, first, last) else 0
        for line in off:
            usage -= sum(cents for piece, cents in line["offs"] if counts(row, piece, first, last))
        fee = half_up(row["fee"] * share(row, first, last) * 10 ** world["digits"])
        world["met"]["spend, true-up" if usage < fee else "spend, enough"] += 1
        if usage < fee:
            tax_code = world["client_tax_code"] or world["tax_code"]
            found.append(fee_line(world, {}, "retainer", "Retainer", tax_code, fee - usage, last))
    return found


def counts(row: dict, piece: dict, first: date, last: date) -> bool:
    """Time, products and fixed fees by their day; no expenses, and no work before or after the row."""
    return piece["kind"] not in ("expense", "retainer") and first <= piece["day"] <= last and covers(row, piece)
