"""From a row's texts to a time entry, a priced item or a task, or to everything that is wrong with it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from connectors.files import cells as read
from connectors.files.cells import CellError
from connectors.files.grid import Grid, GridRow
from connectors.files.layout import DURATIONS, FIELDS, FIELDS_OF, Layout, nearest
from connectors.source import Record
from mappings.problems import Place, Problem
from mappings.work import SignOff, Task, WorkItem, WorkKind

T = TypeVar("T")
_ITEM_KINDS: Mapping[str, WorkKind] = {"expense": "expense", "product": "product"}
MOST_DECIMALS = 5
MOST = Decimal(10) ** 11
"""QuickBooks takes no larger amount on a line."""
IDENTITY = ("person", "client", "project", "task", "service")
"""Beside its day (or, without one, its start): what makes a row without an id the same row in the next export."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of one row: its record, and what decides between two rows of the same key."""

    record: Record
    place: Place
    updated_at: datetime | None = None
    is_task: bool = False
    has_id: bool = True
    task: Task | None = None
    """What a row of time, or of a priced item, says of its task beside."""
    says_done: bool = False
    """Whether it says if that is done."""


def bind(grid: Grid, layout: Layout) -> tuple[dict[str, int], list[Problem]]:
    """Which field stands in which column, and a problem for each heading that is none or stands twice."""
    columns: dict[str, int] = {}
    problems: list[Problem] = []

    def complain(code: str, what: str, fix: str, column: int) -> None:
        problems.append(Problem(code, what, fix, grid.place(None, column)))

    for column, heading in enumerate(grid.headings):
        name = layout.field_of(heading)
        if heading.lower() in layout.ignored:
            continue
        if not heading:
            if any(len(row.cells) > column and row.cells[column] for row in grid.rows):
                complain("heading-missing", "A column with values has no heading.", "Write its heading.", column)
        elif name is None:
            fix = f"{nearest(heading, layout.headings())} Name it under `ignore` in a layout to leave it out."
            complain("column-unknown", f"{heading} is not a known column.", fix, column)
        elif name in columns or name in layout.constants:
            complain("column-twice", f"{heading} is {name}, which is given already.", "Keep one of them.", column)
        else:
            columns[name] = column
    if not {"date", "start", "task"} & (columns.keys() | layout.constants.keys()):
        complain("column-missing", "There is no column date or start.", "Add one, or name a layout.", -1)
    return columns, problems


@dataclass(frozen=True, slots=True)
class _Price:
    """What a row says of a priced item's price."""

    quantity: Decimal | None = None
    amount: Decimal | None = None
    rebate_percent: Decimal = Decimal(0)


class _Cells:
    """The texts of one row by field, and the faults found in them so far."""

    def __init__(self, grid: Grid, row: GridRow, columns: dict[str, int], layout: Layout) -> None:
        self.grid, self.row, self.columns = grid, row, columns
        self.faults: list[tuple[str, CellError]] = []
        self._texts: dict[str, str] = {}
        for name in FIELDS:
            column = columns.get(name, -1)
            text = row.cells[column] if 0 <= column < len(row.cells) else ""
            text = text or layout.constants.get(name, "")
            self._texts[name] = layout.words.get(name, {}).get(text.lower(), text)

    def text(self, name: str) -> str:
        return self._texts[name]

    def value(self, name: str, reader: Callable[[str], T]) -> T | None:
        """The field's value; None when it is blank or, after noting the fault, when it is wrong."""
        text = self._texts[name]
        if not text:
            return None
        try:
            return reader(text)
        except CellError as error:
            self.faults.append((name, error))
            return None

    def fault(self, name: str, code: str, what: str, fix: str) -> None:
        self.faults.append((name, CellError(code, what, fix)))

    def problem(self) -> Problem | None:
        """Every fault of the row as one problem, placed at the first."""
        if not self.faults:
            return None
        sentences = [f"{self._heading(name)}: {fault.what}" if name else fault.what for name, fault in self.faults]
        fixes = dict.fromkeys(fault.fix for _, fault in self.faults if fault.fix)
        name, first = self.faults[0]
        place = self.grid.place(self.row, self.columns.get(name, -1))
        return Problem(first.code, " ".join(sentences), " ".join(fixes), place, subject=self.text("client"))

    def _heading(self, name: str) -> str:
        return self.grid.headings[self.columns[name]] if name in self.columns else name


@dataclass(slots=True)
class RowReader:
    """Reads the rows of one file, in their order: rows without an id are told apart by it."""

    source: str
    grid: Grid
    layout: Layout
    columns: dict[str, int]
    zone: ZoneInfo
    hours_per_day: Decimal | None
    _seen: Counter[str] = field(default_factory=Counter)

    def read(self, row: GridRow) -> Reading:
        """One row as a record; whatever is wrong with it is its problem, said all at once."""
        cells = _Cells(self.grid, row, self.columns, self.layout)
        kind = cells.text("kind").lower() or "time"
        self._check_shape(cells, kind)
        updated_at = cells.value("updated_at", lambda text: read.day_or_instant(text, self.zone, self._formats))
        about = cells.text("parent_task") or cells.text("task_done")
        task = self._task(cells) if kind == "task" or about else None
        work = None if kind == "task" else self._work(cells, kind)
        problem = cells.problem()
        key = cells.text("task") if kind == "task" else cells.text("id") or self._hash(cells, kind)
        key = key or f"{self.grid.file}:{row.line}"
        item = task if kind == "task" else work and replace(work, id=key)
        record = Record(key, self._raw(row), None if problem else item, problem)
        has_id = kind == "task" or bool(cells.text("id"))
        beside = None if problem or kind == "task" else task
        says_done = bool(cells.text("task_done"))
        return Reading(record, self.grid.place(row, -1), updated_at, kind == "task", has_id, beside, says_done)

    @property
    def _formats(self) -> tuple[str, ...]:
        return self.layout.date_formats

    def _day(self, text: str) -> date:
        return read.day(text, self._formats)

    def _instant(self, text: str) -> datetime:
        return read.instant(text, self.zone, self._formats)

    def _number(self, text: str) -> Decimal:
        return read.number(text, decimal_comma=self.grid.decimal_comma)

    def _check_shape(self, cells: _Cells, kind: str) -> None:
        """The row has as many cells as there are headings, a kind that is read, and nothing that its kind lacks."""
        got, expected = len(cells.row.cells), len(self.grid.headings)
        if got < expected or any(cells.row.cells[expected:]):
            fix = "Put cells that contain the separator between quotation marks; leave empty cells empty."
            cells.fault("", "row-shape", f"The row has {got} cells, its headings are {expected}.", fix)
        if kind not in FIELDS_OF:
            fix = "Write time, task, expense or product, or nothing."
            cells.fault("kind", "kind-unknown", f"{kind!r} is no kind of row.", fix)
            return
        for name in sorted(self.columns.keys() - FIELDS_OF[kind]):
            if cells.text(name):
                kinds = ", ".join(each for each, fields in FIELDS_OF.items() if name in fields)
                fix = f"Leave it empty; it belongs to rows of kind {kinds}."
                cells.fault(name, "column-not-of-kind", f"A row of kind {kind} has none.", fix)

    def _task(self, cells: _Cells) -> Task | None:
        name = cells.text("task")
        if not name:
            what = "The row speaks of a task and does not name it."
            cells.fault("task", "task-missing", what, "Write the name that entries use.")
        done_text = cells.text("task_done").lower()
        done_on = None if done_text in ("yes", "no") else cells.value("task_done", self._day)
        client, project, parent = cells.text("client"), cells.text("project"), cells.text("parent_task")
        done = done_text == "yes" or done_on is not None
        return Task(self.source, name, name, client, project, parent, done=done, done_on=done_on)

    def _work(self, cells: _Cells, kind: str) -> WorkItem | None:
        """A time entry or a priced item, still without its key."""
        day = cells.value("date", self._day)
        start, end = cells.value("start", self._instant), cells.value("end", self._instant)
        worked_on = self._worked_on(cells, day, start)
        is_item = kind in _ITEM_KINDS
        seconds = 0 if is_item else self._seconds(cells, start, end)
        billable = cells.value("billable", read.yes_or_no)
        sign_off, signed_off_on = self._sign_off(cells)
        currency = cells.value("currency", _currency)
        rate = cells.value("rate", self._number)
        price = self._price(cells) if is_item else _Price()
        if worked_on is None or seconds is None:
            return None
        return WorkItem(
            source=self.source,
            id="",
            worked_on=worked_on,
            seconds=seconds,
            person=cells.text("person"),
            client=cells.text("client"),
            project=cells.text("project"),
            task=cells.text("task"),
            service=cells.text("service"),
            started_at=start,
            ended_at=end,
            billable=billable is not False,
            sign_off=sign_off,
            signed_off_on=signed_off_on,
            purchase_order=cells.text("purchase_order"),
            source_rate=rate,
            source_currency=currency or "",
            notes=cells.text("notes"),
            kind=_ITEM_KINDS.get(kind, "time"),
            quantity=price.quantity,
            amount=price.amount,
            rebate_percent=price.rebate_percent,
            tax_code=cells.text("tax_code"),
        )

    def _price(self, cells: _Cells) -> _Price:
        """What a priced item counts and costs: a blank quantity is 1, a blank amount the rate table's."""
        quantity, amount = cells.value("quantity", self._exact), cells.value("amount", self._exact)
        rebate = cells.value("rebate_percent", self._number)
        if rebate is not None and not 0 <= rebate <= 100:
            what = f"{rebate:f} is no rebate."
            cells.fault("rebate_percent", "rebate-wrong", what, "Write a percentage from 0 to 100.")
        quantity = Decimal(1) if quantity is None else quantity
        if abs(quantity) >= MOST or abs(quantity * (amount or 0)) >= MOST:
            fix = "Correct the quantity or the amount of one."
            cells.fault("quantity", "item-too-large", "It is more than QuickBooks takes on a line.", fix)
        return _Price(quantity, amount, rebate or Decimal(0))

    def _exact(self, text: str) -> Decimal:
        """A number with as many decimals as a price may have, written one way only."""
        value = self._number(text).normalize()
        exponent = value.as_tuple().exponent
        assert isinstance(exponent, int)
        if -exponent > MOST_DECIMALS:
            what = f"{text!r} has more than {MOST_DECIMALS} decimals."
            raise CellError("number-too-fine", what, f"Round it to {MOST_DECIMALS} decimals.")
        return value if exponent <= 0 else value.quantize(Decimal(1))

    def _worked_on(self, cells: _Cells, day: date | None, start: datetime | None) -> date | None:
        """The day as written, else the company's local day of the start; both must agree."""
        local = start.astimezone(self.zone).date() if start else None
        if day and local and day != local:
            fix = "Correct one of them; a start without an offset is local to the company."
            cells.fault("date", "date-differs", f"{day} is not the day of the start, {local}.", fix)
        if not cells.text("date") and not cells.text("start"):
            cells.fault("date", "date-missing", "The row says no day.", "Write a date such as 2026-10-31, or a start.")
        return day or local

    def _seconds(self, cells: _Cells, start: datetime | None, end: datetime | None) -> int | None:
        """The duration where one is written, else from start to end."""
        written = [unit for unit in DURATIONS if cells.text(unit)]
        if start and end and end < start:
            cells.fault("end", "end-before-start", "The end is before the start.", "Correct one of them.")
        if len(written) > 1:
            cells.fault(written[1], "duration-twice", f"{written[0]} is given as well.", "Keep one of them.")
        elif written:
            unit = written[0]
            return cells.value(unit, lambda text: read.whole_seconds(self._number(text), unit, self.hours_per_day))
        elif start and end:
            between = end - start
            return between.days * 86400 + between.seconds + (between.microseconds >= 500_000)
        elif not (cells.text("start") and cells.text("end")):
            fix = "Write hours, minutes, seconds or days, or a start and an end."
            cells.fault("hours", "duration-missing", "The row says no duration.", fix)
        return None

    def _sign_off(self, cells: _Cells) -> tuple[SignOff, date | None]:
        approved = cells.value("approved", read.yes_or_no)
        signed_off_on = cells.value("approved_on", self._day)
        if signed_off_on and not cells.text("approved"):
            fix = "Write approved = yes or no beside it."
            cells.fault("approved_on", "approval-unclear", "It is dated, but approved is blank.", fix)
        answers: dict[bool | None, SignOff] = {True: "approved", False: "refused", None: "unknown"}
        return answers[approved], signed_off_on

    def _hash(self, cells: _Cells, kind: str) -> str:
        """A key for a row without an id: of its day and names, and its number among those that are alike."""
        when = _normal(cells.text("date"), self._day) or _normal(cells.text("start"), self._instant)
        names = [cells.text(name) for name in IDENTITY]
        # Time came first, and keeps the keys that it had.
        identity = json.dumps([when, *names, *([kind] if kind in _ITEM_KINDS else [])], ensure_ascii=True)
        self._seen[identity] += 1
        return f"{hashlib.sha256(identity.encode()).hexdigest()[:20]}-{self._seen[identity]}"

    def _raw(self, row: GridRow) -> str:
        """The row's own cells, without the line that it stands on, which moves with every insertion."""
        named = dict(zip(self.grid.headings, row.cells, strict=False))
        return json.dumps(named, ensure_ascii=False, separators=(",", ":"))


def _normal(text: str, reader: Callable[[str], date | datetime]) -> str:
    """The same text for the same day however it is written; a value that cannot be read stands for itself."""
    try:
        value = reader(text) if text else None
    except CellError:
        return text
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value.isoformat() if value else ""


def _currency(text: str) -> str:
    if len(text) == 3 and text.isascii() and text.isalpha():
        return text.upper()
    raise CellError("currency-wrong", f"{text!r} is not a currency.", "Write three letters, such as CAD.")
