"""One client's documents, period by period: the order of operations from work to lines."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from datetime import date, timedelta

from tests.oracle.calendar_fees import fixed_fees
from tests.oracle.caps import apply_caps
from tests.oracle.discounts import discount_lines
from tests.oracle.increments import add_increments
from tests.oracle.lines import make_lines, without_zero
from tests.oracle.premiums import cut_all
from tests.oracle.retainers import Retainers, true_up
from tests.oracle.works import group_of, rounding_group, works_of

Period = tuple[date, date, str]


def period_of(kind: str, day: date) -> Period:
    """First day, last day and name of the week, half-month or month in which a day lies."""
    if kind == "week":
        monday = day - timedelta(days=day.weekday())
        year, week, _ = day.isocalendar()
        return (monday, monday + timedelta(days=6), f"{year}-W{week:02}")
    last = day.replace(day=monthrange(day.year, day.month)[1])
    if kind == "month":
        return (day.replace(day=1), last, f"{day:%Y-%m}")
    if day.day <= 15:
        return (day.replace(day=1), day.replace(day=15), f"{day:%Y-%m}-H1")
    return (day.replace(day=16), last, f"{day:%Y-%m}-H2")


class Books:
    """What was billed so far, and what the next documents are."""

    def __init__(self, world: dict) -> None:
        self.world = world
        self.settled: set[tuple[str, int]] = set()
        self.billed: list[dict] = []
        """Pieces on documents that were sent."""
        self.caps: dict = {}
        self.retainers = Retainers(world)
        self.fees: set = set()
        self.last: date | None = None

    def bill(self, today: date, entries: list[dict]) -> dict[tuple[str, str], dict] | None:
        """Documents by (period, group), which are then sent; None: work without a rate blocks some."""
        world = self.world
        world["met"][f"currency of {world['digits']} digits"] += 1
        world["met"][f"period {world['period']}"] += 1
        works = [work for work in works_of(world, entries) if (work["id"], work["part"]) not in self.settled]
        by_period: dict[Period, list[dict]] = defaultdict(list)
        late = []
        for work in works:
            period = period_of(world["period"], self.retainers.waits_until(work))
            if world["one_invoice_per"] == "parent-task" and work["task"] and work["task"] not in world["done"]:
                world["met"]["a sub-task that is not done waits"] += 1
                continue
            if period[1] >= today:
                continue
            (late if self.last and period[1] <= self.last else by_period[period]).append(work)
        for month in (date(2026, 10, 1), date(2026, 11, 1)) if world["retainers"] or world["fees"] else ():
            period = period_of("month", month)
            if period[1] < today and (self.last is None or period[1] > self.last):
                by_period[period] += []
        if late:
            world["met"]["late work"] += 1
            by_period[min(by_period) if by_period else self.latest_over(today)][:0] = late
        if any(
            work["problem"] and (work["seconds"] or work["kind"] != "time")
            for mine in by_period.values()
            for work in mine
        ):
            return None
        documents = {}
        for period in sorted(by_period):
            documents |= self.of_period(period, by_period[period])
        return documents

    def latest_over(self, today: date) -> Period:
        now = period_of(self.world["period"], today)
        return period_of(self.world["period"], now[0] - timedelta(days=1))

    def of_period(self, period: Period, works: list[dict]) -> dict[tuple[str, str], dict]:
        world = self.world
        time = [work for work in works if work["kind"] == "time"]
        add_increments(world, time, lambda work: rounding_group(world, work))
        pieces = cut_all(world, time, [piece for piece in self.billed if piece["kind"] == "time"])
        pieces += [work for work in works if work["kind"] != "time"]
        pieces = self.retainers.draw(pieces)
        self.retainers.close(period[1])
        for number, piece in enumerate(pieces):
            piece["number"] = number
        covered = [piece for piece in pieces if piece.get("effect") == "covered"]
        lines = make_lines(world, [piece for piece in pieces if piece.get("effect") != "covered"])
        beyond = apply_caps(world, lines, self.caps)
        fees = self.retainers.fee_lines(period[1]) + fixed_fees(world, self.fees, period[0], period[1])
        lines = [*without_zero(world, lines), *fees]
        on_lines = {id(piece) for line in lines for piece in line["pieces"]}
        groups = {group_of(world, work) for work in works} | {line["group"] for line in lines}
        groups |= {""} if world["retainers"] else set()
        documents = {}
        for group in groups:
            mine = [line for line in lines if line["group"] == group]
            off = discount_lines(world, mine, period[1])
            mine += true_up(world, mine, off, period[0], period[1]) if group == "" else []
            down = [piece for piece in beyond if group_of(world, piece) == group and piece["over"] == "write-down"]
            covers = [piece for piece in covered if group_of(world, piece) == group]
            zero = [piece for piece in pieces if id(piece) not in on_lines and group_of(world, piece) == group]
            zero = [piece for piece in zero if piece.get("effect") != "covered"]
            documents[period[2], group] = document_of([*mine, *off], down, zero, covers)
        self.settle(pieces)
        found = {key: one for key, one in documents.items() if one["lines"] or one["entries"]}
        if found or any(piece["over"] == "write-down" for piece in beyond):
            self.last = max(period[1], self.last or period[1])
        return found

    def settle(self, pieces: list[dict]) -> None:
        """Everything is sent. What a cap holds back never comes again here: nobody raises a cap."""
        self.settled |= {(piece["id"], piece["part"]) for piece in pieces}
        self.billed += pieces


def document_of(lines: list[dict], down: list[dict], zero: list[dict], covered: list[dict]) -> dict:
    entries: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for effect, pieces in (
        ("invoiced", [piece for line in lines for piece in line["pieces"]]), ("written-down", down),
        ("invoiced", zero), ("covered", covered),
    ):  # fmt: skip
        for piece in pieces:
            if piece.get("fee"):
                continue
            found = entries[piece["id"], effect]
            found[0] += piece["seconds"]
            found[1] += piece["billed"]
            found[2] += 0 if effect == "written-down" else piece.get("cents", 0)
    return {
        "lines": sorted(
            (line["kind"], line["item"], line["tax_code"], line["amount"], line["seconds"]) for line in lines
        ),
        "entries": {key: tuple(value) for key, value in entries.items() if any(value)},
        "subtotal": sum(line["amount"] for line in lines),
        "blocked": False,
    }
