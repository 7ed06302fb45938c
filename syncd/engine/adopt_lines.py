"""What a document in QuickBooks has billed, told from its lines where no draft agrees with it to the hash.

Its lines are the truth: what each charges is taken as billed of the client's owed entries, oldest first, of the same
item and rate before any others. What a line charges beyond them stands on an entry of its own that is deleted, so that
the next draft takes it back. So the sum of what is billed is what QuickBooks says, and the next draft carries exactly
the difference to what is owed. Which of several entries were meant cannot be known, and each reason says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.quickbooks.remote import RemoteDocument
from connectors.quickbooks.values import day_of, decimal_of, text_of
from connectors.quickbooks.wire import Json, parse_json, write_json
from mappings.documents import Allocation, Document, DocumentKey, FeeAllocation, Line, Reason, TaxLine, Terms
from mappings.money import RATE_SCALE, round_to_minor, spread, to_decimal
from mappings.periods import parse_period
from mappings.settings import Rounding
from mappings.steps import step
from mappings.work import WorkItem

SOURCE = "quickbooks"
"""The source under which time stands that QuickBooks has billed and no source of ours tells of."""
_HOUR = 3600
_FEES = ("retainer", "fixed-fee", "discount")
_SENT = ("CustomerRef", "TxnDate", "PrivateNote", "DocNumber", "CurrencyRef", "SalesTermRef", "DepartmentRef")


@dataclass(slots=True)
class _Owed:
    """One owed row of a draft's line, and how much of it is still free."""

    row: Allocation
    line: Line
    free: int
    """Billed seconds."""

    def take(self, most: int) -> Allocation:
        """Up to so many billed seconds of it; the whole row where they suffice."""
        if abs(most) >= abs(self.free) == abs(self.row.billed_seconds):
            self.free = 0
            return self.row
        part = self.free if abs(most) >= abs(self.free) else most
        whole = part == self.free
        # Seconds worked go with the billed ones; what is left of an entry is taken with its last part.
        worked = self.row.seconds * part // self.row.billed_seconds if self.row.billed_seconds else 0
        rest = self.row.seconds - self.row.seconds * (self.row.billed_seconds - self.free) // self.row.billed_seconds
        self.free -= part
        return replace(self.row, seconds=rest if whole else worked, billed_seconds=part)


@dataclass(slots=True)
class Billed:
    """A document as its lines tell it, the entries made for what no source tells of, and the payload for comparing."""

    document: Document
    extra: list[WorkItem]
    payload: str


@dataclass(slots=True)
class _Told:
    """What one line turns into."""

    line: Line
    rows: list[Allocation] = field(default_factory=list)
    fees: list[FeeAllocation] = field(default_factory=list)


def lines_understood(remote: RemoteDocument) -> bool:
    """Whether the document has nothing but lines as we write them: a discount or a group is a person's own."""
    kinds = {line.get("DetailType") for line in _all_lines(remote) if decimal_of(line, "Amount")}
    return kinds <= {"SalesItemLineDetail", "SubTotalLineDetail"}


def billed_by(
    remote: RemoteDocument,
    key: DocumentKey,
    drafts: Iterable[Document],
    names: Mapping[tuple[str, str], str],
    language: str,
    go_live: date | None = None,
) -> Billed:
    """The document that QuickBooks has, billed of what `drafts` (of its client) say is owed.

    `names` are QuickBooks' names by kind and id. The document's own draft gives what stands on no line: covered time.
    Of a period before `go_live` no source tells: what it charges stays billed as it is, and is never taken back.
    """
    taking = _Taking(remote, key, list(drafts), names)
    taking.sources_tell = go_live is None or parse_period(key.period).last >= go_live
    told = [taking.line(number, line) for number, line in enumerate(_lines(remote), start=1)]
    own = next((document for document in taking.drafts if document.key == key), None)
    loose = [row for row in own.allocations if row.line is None and row.effect != "invoiced"] if own else []
    subtotal = sum(one.line.amount_minor for one in told)
    tax = taking.sign * remote.tax_minor
    document = Document(
        key=key,
        kind="credit-memo" if remote.entity == "CreditMemo" else "invoice",
        period=parse_period(key.period),
        dated=remote.txn_date or parse_period(key.period).last,
        currency=remote.currency,
        language=language,
        lines=tuple(one.line for one in told),
        allocations=(*loose, *(row for one in told for row in one.rows)),
        fees=tuple(fee for one in told for fee in one.fees),
        subtotal_minor=subtotal,
        taxes=(TaxLine("", "QuickBooks", Decimal(0), subtotal, tax),) if tax else (),
        tax_computed=False,
        customer_id=remote.customer_id,
        exchange_rate=remote.exchange_rate,
    )
    return Billed(document, taking.extra, _payload(remote))


class _Taking:
    """The lines of one document, taken one after another from what is owed."""

    def __init__(
        self, remote: RemoteDocument, key: DocumentKey, drafts: list[Document], names: Mapping[tuple[str, str], str]
    ) -> None:
        self.remote, self.key, self.drafts, self._names = remote, key, drafts, names
        self.sign = -1 if remote.entity == "CreditMemo" else 1
        self.extra: list[WorkItem] = []
        self.sources_tell = True
        self._number = remote.doc_number or remote.id
        lines = [(document, line) for document in drafts for line in document.lines]
        self._fees = [
            (line, fee)
            for document, line in lines
            for fee in document.fees
            if fee.line == line.number and line.kind in _FEES
        ]
        self._items = [
            (line, rows)
            for document, line in lines
            if (rows := [row for row in document.allocations if row.line == line.number and row.terms.price])
        ]
        self._owed = [
            _Owed(row, line, row.billed_seconds)
            for document, line in lines
            for row in document.allocations
            if row.line == line.number and row.billed_seconds
        ]
        self._owed.sort(key=lambda one: (one.row.worked_on, one.row.source, one.row.entry))

    def line(self, number: int, found: Json) -> _Told:
        """One line of QuickBooks' as one of ours, with the rows that it has billed."""
        line = self._as_line(number, found)
        fee = self._fee(line)
        if fee is not None:
            return _Told(
                replace(line, kind="fixed-fee"), fees=[replace(fee, amount_minor=line.amount_minor, line=number)]
            )
        if items := self._sold(line):
            return _Told(replace(line, kind="product", unit="each"), [replace(row, line=number) for row in items])
        rows = [replace(row, line=number) for row in self._rows(line)]
        if not rows:
            due = f"{self.remote.entity} {self.remote.id} line {number}"
            kept = FeeAllocation(
                f"adopted|{self.key.client}", due, line.amount_minor, number, reason=self._why(Reason())
            )
            return _Told(replace(line, kind="fixed-fee"), fees=[kept])
        shares = spread(line.amount_minor, [row.billed_seconds for row in rows])
        line = replace(line, seconds=sum(row.billed_seconds for row in rows))
        return _Told(line, [replace(row, amount_minor=share) for row, share in zip(rows, shares, strict=True)])

    def _as_line(self, number: int, found: Json) -> Line:
        detail = "SalesItemLineDetail"
        quantity, price = decimal_of(found, detail, "Qty"), decimal_of(found, detail, "UnitPrice")
        item, tax, of_class = (text_of(found, detail, name, "value") for name in ("ItemRef", "TaxCodeRef", "ClassRef"))
        amount = round_to_minor(decimal_of(found, "Amount") or Decimal(0), self.remote.currency)
        return Line(
            number=number,
            kind="time",
            description=text_of(found, "Description"),
            item=self._names.get(("item", item), ""),
            tax_code=self._names.get(("tax-code", tax), ""),
            amount_minor=self.sign * amount,
            quantity=self.sign * (quantity or Decimal(0)),
            rate=price,
            unit="hour",
            service_date=day_of(found, detail, "ServiceDate"),
            item_id=item,
            tax_code_id=tax,
            class_id=of_class,
        )

    def _fee(self, line: Line) -> FeeAllocation | None:
        """The fee that a line bills: by its item and its words, or its amount."""
        for index, (ours, fee) in enumerate(self._fees):
            same = _words(ours.description) == _words(line.description) or ours.amount_minor == line.amount_minor
            if ours.item_id == line.item_id and same:
                del self._fees[index]
                return fee
        return None

    def _sold(self, line: Line) -> list[Allocation]:
        """The expenses or products that a line bills: all of the line of ours that is most like it."""
        priced = {one.line.rate for one in self._owed}
        alike = [
            (line.rate != ours.rate, line.amount_minor != ours.amount_minor, index)
            for index, (ours, _) in enumerate(self._items)
            if ours.item_id == line.item_id and _words(line.description).startswith(_words(ours.description))
        ]
        # Time may be told in the same words: only a price that no time has can be a corrected one of an item.
        likely = [one for one in alike if not (one[0] and one[1]) or line.rate not in priced]
        if not likely:
            return []
        _, rows = self._items.pop(min(likely)[2])
        if len(rows) == 1 and line.rate is not None:
            # It may have been corrected since: what QuickBooks has is what was billed.
            rows = [replace(rows[0], scaled_quantity=round(line.quantity * RATE_SCALE))]
        shares = [row.amount_minor for row in rows]
        if sum(shares) != line.amount_minor:
            shares = spread(line.amount_minor, [row.scaled_quantity for row in rows])
        pairs = zip(rows, shares, strict=True)
        return [replace(row, amount_minor=share, reason=self._why(row.reason)) for row, share in pairs]

    def _rows(self, line: Line) -> Iterator[Allocation]:
        """What the line has billed: the same words first, then the same item and rate, then what else is owed."""
        alike = [one for one in self._owed if one.line.item_id == line.item_id and line.rate in (None, one.line.rate)]
        alike.sort(key=lambda one: _words(one.line.description) != _words(line.description))
        others = [one for one in self._owed if one not in alike]
        unit = alike[0].row.terms.seconds_per_unit if alike else _HOUR
        wanted = _seconds(line.quantity, unit) or self._seconds_of_amount(line)
        for one in (*alike, *others):
            if wanted and one.free and (one.free > 0) == (wanted > 0):
                row = one.take(wanted)
                wanted -= row.billed_seconds
                yield self._taken(row, one, line)
        if wanted and self.sources_tell:
            yield self._beyond(line, wanted, next((one.row.terms for one in alike), None))

    def _seconds_of_amount(self, line: Line) -> int:
        """The time behind a line whose amount stands alone: at the rate of the line of ours with the same words."""
        for one in self._owed:
            rate = one.line.rate
            same = one.line.item_id == line.item_id and _words(line.description).startswith(
                _words(one.line.description)
            )
            if same and rate:
                if line.amount_minor == one.line.amount_minor:
                    return one.line.seconds
                unit = one.row.terms.seconds_per_unit
                return _seconds(to_decimal(line.amount_minor, self.remote.currency) / rate, unit)
        return 0

    def _taken(self, row: Allocation, one: _Owed, line: Line) -> Allocation:
        terms = row.terms
        if line.rate not in (None, terms.rate) or line.item_id != one.line.item_id:
            terms = replace(terms, rate=line.rate, item=line.item or terms.item)
        # It was rounded with what its document held then, which cannot be known: from here on it is rounded alone.
        return replace(row, terms=terms, rounding_group="", rounding=Rounding(), reason=self._why(row.reason))

    def _beyond(self, line: Line, seconds: int, terms: Terms | None) -> Allocation:
        """Time that QuickBooks has billed and nothing owed accounts for: an entry that is no more."""
        day = line.service_date or self.remote.txn_date or parse_period(self.key.period).last
        entry = f"{self.remote.entity} {self.remote.id} line {line.number}"
        work = WorkItem(SOURCE, entry, day, seconds, client=self.key.client, notes=line.description)
        self.extra.append(work)
        terms = terms or Terms(
            client=self.key.client,
            group=self.key.group,
            label="",
            service=line.item,
            item=line.item,
            rate=line.rate,
            unit="hour",
            seconds_per_unit=_HOUR,
            currency=self.remote.currency,
            tax_code=line.tax_code,
            class_name="",
            service_month=f"{day:%Y-%m}",
        )
        return Allocation(
            source=SOURCE,
            entry=entry,
            revision=1,
            effect="invoiced",
            seconds=seconds,
            billed_seconds=seconds,
            amount_minor=0,
            line=line.number,
            worked_on=day,
            source_client=work.client,
            person="",
            project="",
            task="",
            source_service="",
            terms=replace(terms, rate=line.rate if line.rate is not None else terms.rate),
            reason=self._why(Reason()),
        )

    def _why(self, reason: Reason) -> Reason:
        return replace(reason, steps=(*reason.steps, step("adopted-by-lines", number=self._number)))


def _seconds(quantity: Decimal, unit: int) -> int:
    return int((quantity * unit).to_integral_value(ROUND_HALF_UP))


def _words(text: str) -> str:
    return " ".join(text.split()).casefold()


def _all_lines(remote: RemoteDocument) -> list[Json]:
    found: list[Json] = parse_json(remote.raw).get("Line") or []
    return found


def _lines(remote: RemoteDocument) -> list[Json]:
    return [line for line in _all_lines(remote) if line.get("DetailType") == "SalesItemLineDetail"]


def _payload(remote: RemoteDocument) -> str:
    """The document as QuickBooks has it: what a person changes from here on is drift."""
    raw: dict[str, Any] = parse_json(remote.raw)
    kept = {name: raw[name] for name in _SENT if name in raw}
    return write_json(kept | {"Line": _lines(remote)})
