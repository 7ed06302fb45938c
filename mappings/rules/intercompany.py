"""Intercompany: a document of one company, the borrower, has hours of another's people; the lender bills them to it.

Each line with their hours gives one line of the lender: the same hours, covered ones too, at a share of the bill rate
or at a transfer rate, rounded once. What is taken back there is taken back here, at the rate that was recorded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

from mappings.documents import Allocation, Document, DocumentKey, FeeAllocation, Lent, Line, Reason
from mappings.money import amount_of_seconds, divide_half_up, plain, spread
from mappings.problems import Problem
from mappings.rows import IntercompanyRow, PersonRow, Tables
from mappings.rules.clients import Clients, ClientTable
from mappings.rules.descriptions import Words, unique
from mappings.rules.names import NO_MATCH, Matcher, fold, in_window
from mappings.rules.pricing import quantity
from mappings.rules.services import People
from mappings.settings import Company
from mappings.steps import Step, step

GROUP = "intercompany|"
"""How the groups of the lender's documents begin; the borrower, its client and its group follow."""
HOUR = 3600
_HUNDREDTH_SECONDS = 36
Posted: TypeAlias = Mapping[tuple[str, str], Sequence[FeeAllocation]]
"""(source, entry) of the borrower → what the lender's ledger has of it, oldest first."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one ledger row of the borrower gives: `amount_minor` where it is known and not to be rounded with others."""

    row: Allocation
    lent: Lent
    source_row: str
    customer: str
    item: str
    unit: str
    amount_minor: int | None = None
    step: Step | None = None


@dataclass(slots=True)
class _Standing:
    """What stands of an entry at one bill rate and one rate of the lender's: what of it may be taken back."""

    rate: Decimal
    seconds_per_unit: int
    seconds: int = 0
    amount_minor: int = 0


@dataclass(slots=True)
class _Found:
    posted: Posted
    pieces: list[_Piece] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    standing: dict[tuple[str, str, Decimal | None], list[_Standing]] = field(default_factory=dict)

    def standing_of(self, row: Allocation) -> list[_Standing]:
        """What stands of a row's entry at its bill rate, the latest first; taken from while a document is made."""
        key = (row.source, row.entry, row.terms.rate)
        if key not in self.standing:
            self.standing[key] = _standing(self.posted.get(key[:2], ()), row.terms.rate)
        return self.standing[key]


class Lender:
    """What one company lends to another: made once for its tables, asked for each document of the borrower."""

    def __init__(self, company: Company, tables: Tables, borrower: str, people: People) -> None:
        self.company, self.borrower = company, borrower
        self.rows = tuple(row for row in tables.intercompany if fold(row.borrower) == fold(borrower))
        self._people = people
        self._tables = tables
        self._clients = Clients(ClientTable(tables.clients), company, None, ())
        self._teams: dict[str, tuple[str, ...]] = {}

    def invoice(self, document: Document, posted: Posted) -> Document | None:
        """What the lender bills the borrower for this document of its; None where it has no hours of theirs."""
        found = _Found(posted)
        for row in document.allocations:
            if row.terms.price is None and row.effect != "written-down" and row.billed_seconds:
                self._take(row, document.currency, found)
        if not found.pieces and not found.problems:
            return None
        customer = found.pieces[0].customer if found.pieces else self.rows[0].quickbooks_customer
        policy = self._clients.settings(customer).policy
        lines, fees = self._lines(document, found.pieces, policy.tax_code, policy.class_name, Words(policy.language))
        subtotal = sum(line.amount_minor for line in lines)
        key = document.key
        group = f"{GROUP}{self.borrower}|{key.client}|{key.group}"
        order = policy.purchase_order
        return Document(
            key=DocumentKey(customer, key.period, group, key.sequence),
            kind="credit-memo" if subtotal < 0 else "invoice",
            period=document.period,
            dated=document.dated,
            currency=policy.currency,
            language=policy.language,
            lines=lines,
            fees=fees,
            terms=policy.terms,
            purchase_order="" if order.casefold() == "required" else order,
            email_to=policy.email_to,
            department=policy.department,
            problems=tuple(dict.fromkeys(found.problems)),
            subtotal_minor=subtotal,
        )

    def _take(self, row: Allocation, currency: str, found: _Found) -> None:
        """The pieces of one ledger row: new hours by the table, hours taken back as they were billed."""
        if row.billed_seconds < 0:
            found.pieces.extend(self._taken_back(row, found.standing_of(row)))
            return
        matches = self._strongest(row)
        if not matches:
            return
        if len(matches) > 1:
            found.problems.append(_equal(matches, row))
            return
        made = self._new(matches[0], row, currency)
        if isinstance(made, Problem):
            found.problems.append(made)
        else:
            found.pieces.append(made)

    def _strongest(self, row: Allocation) -> list[IntercompanyRow]:
        person = fold(self._people.find(row.source, row.person).name)
        matches = []
        for one in self.rows:
            if not in_window(row.worked_on, one.valid_from, one.valid_until):
                continue
            teams = Matcher(one.team)
            team = max((teams.strength(fold(name)) for name in (*self._teams_of(person), "")), default=NO_MATCH)
            strength = (Matcher(one.person).strength(person), team)
            if NO_MATCH not in strength:
                matches.append((strength, one))
        best = max((strength for strength, _ in matches), default=None)
        return [one for strength, one in matches if strength == best]

    def _teams_of(self, person: str) -> tuple[str, ...]:
        """The teams of a person (our name, folded) by the lender's own people table."""
        known = self._teams.get(person)
        if known is None:
            rows = (row for row in self._tables.people if row.team)
            mine = [row.team for row in rows if _names(row).matches(person)]
            known = self._teams[person] = tuple(dict.fromkeys(mine))
        return known

    def _new(self, one: IntercompanyRow, row: Allocation, currency: str) -> _Piece | Problem:
        terms, ours = row.terms, self._clients.settings(one.quickbooks_customer).policy.currency
        if one.rate is not None:
            rate, unit, per_unit = one.rate, "hour", HOUR
            said = step("lent-rate", borrower=self.borrower, rate=f"{rate:f}", row=str(one.place))
        elif terms.rate is None:
            what = f"Covered work of {row.person} on {row.worked_on} has no rate to take a share of."
            return Problem("no-rate", what, "Add a rate for it, or lend at a rate.", one.place, self.borrower)
        elif currency != ours:
            what = f"{self.borrower} bills {terms.client} in {currency}; a share of that is not in {ours}."
            return Problem("currency-mismatch", what, f"Lend at a rate in {ours}.", one.place, self.borrower)
        else:
            assert one.share is not None
            rate, unit, per_unit = _part(terms.rate, one), terms.unit, terms.seconds_per_unit
            percent = f"{one.share.numerator}/{one.share.denominator}"
            said = step(
                "lent-share", borrower=self.borrower, share=percent, bill=f"{terms.rate:f}", rate=f"{rate:f}",
                row=str(one.place),
            )  # fmt: skip
        lent = Lent(row.source, row.entry, row.billed_seconds, rate, per_unit, terms.rate)
        return _Piece(row, lent, str(one.place), one.quickbooks_customer, one.quickbooks_item, unit, None, said)

    def _taken_back(self, row: Allocation, standing: Iterable[_Standing]) -> Iterator[_Piece]:
        """Of what was billed at that bill rate, the latest first; all of it is its exact negative."""
        left, first = -row.billed_seconds, self.rows[0]
        currency = self._clients.settings(first.quickbooks_customer).policy.currency
        for one in standing:
            take = min(left, one.seconds)
            if take <= 0:
                continue
            whole, per_unit = take == one.seconds, one.seconds_per_unit
            minor = one.amount_minor if whole else amount_of_seconds(take, one.rate, currency, per_unit)
            left, one.seconds, one.amount_minor = left - take, one.seconds - take, one.amount_minor - minor
            lent = Lent(row.source, row.entry, -take, one.rate, per_unit, row.terms.rate)
            said = step("lent-back", borrower=self.borrower, amount=plain(minor, currency), currency=currency)
            unit, customer = "hour" if per_unit == HOUR else "day", first.quickbooks_customer
            yield _Piece(row, lent, "", customer, first.quickbooks_item, unit, -minor, said)

    def _lines(
        self, document: Document, pieces: Iterable[_Piece], tax_code: str, class_name: str, words: Words
    ) -> tuple[tuple[Line, ...], tuple[FeeAllocation, ...]]:
        """One line for each line there (covered hours: for each service and month) and rate, and its ledger rows."""
        groups: dict[tuple[object, ...], list[_Piece]] = defaultdict(list)
        for piece in pieces:
            terms, lent = piece.row.terms, piece.lent
            alike = (terms.service_month, terms.service, terms.label) if piece.row.line is None else ()
            back = piece.amount_minor is not None
            groups[piece.row.line or 1_000_000, alike, back, piece.item, lent.rate, lent.seconds_per_unit].append(piece)
        lines: list[Line] = []
        fees: list[FeeAllocation] = []
        for number, members in enumerate((groups[key] for key in sorted(groups)), start=1):
            line, shares = self._line(number, document, members, words)
            lines.append(replace(line, tax_code=tax_code or self.company.billing.tax_code, class_name=class_name))
            fees += _rows(self.borrower, number, document, members, shares)
        return tuple(lines), tuple(fees)

    def _line(self, number: int, document: Document, members: Sequence[_Piece], words: Words) -> tuple[Line, list[int]]:
        first, lent = members[0], members[0].lent
        seconds = sum(piece.lent.seconds for piece in members)
        currency = self._clients.settings(first.customer).policy.currency
        known = [piece.amount_minor for piece in members if piece.amount_minor is not None]
        if known:
            shares = known
        else:
            shares = self._priced_shares([piece.lent for piece in members], currency)
        names = unique(self._people.find(piece.row.source, piece.row.person).name for piece in members)
        months = unique(words.month(piece.row.terms.service_month) for piece in members)
        services = unique(piece.row.terms.service for piece in members if piece.row.terms.service)
        about = ", ".join([document.key.client, *services, *names, *months])
        return (
            Line(
                number=number,
                kind="adjustment" if known else "time",
                description=words.lent(about, back=bool(known)),
                item=first.item,
                tax_code="",
                amount_minor=sum(shares),
                quantity=quantity(self._priced(seconds), lent.seconds_per_unit),
                rate=lent.rate,
                unit=first.unit,
                seconds=seconds,
                service_date=max(piece.row.worked_on for piece in members),
                service_month=max(piece.row.terms.service_month for piece in members),
            ),
            shares,
        )

    def _priced_shares(self, lent: Sequence[Lent], currency: str) -> list[int]:
        """Each entry's share of a line that is rounded once, or by itself with `round_money = "entry"`."""
        rate, per_unit, worked = lent[0].rate, lent[0].seconds_per_unit, [one.seconds for one in lent]
        if self.company.billing.round_money == "entry":
            return [amount_of_seconds(self._priced(seconds), rate, currency, per_unit) for seconds in worked]
        return spread(amount_of_seconds(self._priced(sum(worked)), rate, currency, per_unit), worked)

    def _priced(self, seconds: int) -> int:
        """The seconds of hours as they are priced: the lender's `hours`."""
        if self.company.billing.hours != "two-decimals":
            return seconds
        return divide_half_up(seconds, _HUNDREDTH_SECONDS) * _HUNDREDTH_SECONDS


def fee_key(borrower: str, source: str, entry: str) -> str:
    """Under which key the lender's ledger has the hours of an entry of the borrower."""
    return f"{GROUP}{borrower}|{source}|{entry}"


def by_entry(fees: Iterable[FeeAllocation]) -> dict[tuple[str, str], list[FeeAllocation]]:
    """The lender's ledger rows by the borrower's entry."""
    found: dict[tuple[str, str], list[FeeAllocation]] = defaultdict(list)
    for fee in fees:
        if fee.lent is not None:
            found[fee.lent.source, fee.lent.entry].append(fee)
    return found


def _names(row: PersonRow) -> Matcher:
    """The names that a row of people gives."""
    return Matcher((row.person,) if row.person else row.source_person)


def _part(bill: Decimal, one: IntercompanyRow) -> Decimal:
    """A share of a rate, rounded to the 5 decimals that a rate may have, half-up."""
    assert one.share is not None
    exact = bill * one.share.numerator / one.share.denominator
    return exact.quantize(Decimal("0.00001"), ROUND_HALF_UP)


def _standing(posted: Sequence[FeeAllocation], bill_rate: Decimal | None) -> list[_Standing]:
    net: dict[tuple[Decimal, int], _Standing] = {}
    for fee in posted:
        lent = fee.lent
        if lent is not None and lent.bill_rate == bill_rate:
            one = net.setdefault((lent.rate, lent.seconds_per_unit), _Standing(lent.rate, lent.seconds_per_unit))
            one.seconds += lent.seconds
            one.amount_minor += fee.amount_minor
    return list(reversed(net.values()))


def _rows(
    borrower: str, number: int, document: Document, members: Sequence[_Piece], shares: Sequence[int]
) -> Iterator[FeeAllocation]:
    for position, (piece, share) in enumerate(zip(members, shares, strict=True)):
        lent, steps = piece.lent, () if piece.step is None else (piece.step,)
        yield FeeAllocation(
            fee=fee_key(borrower, lent.source, lent.entry),
            due=f"{document.period.name}|{number}|{position}",
            amount_minor=share,
            line=number,
            reason=Reason(rate_row=piece.source_row, steps=steps),
            day=piece.row.worked_on,
            lent=lent,
        )


def _equal(rows: Sequence[IntercompanyRow], row: Allocation) -> Problem:
    what = f"{rows[0].place} and {rows[1].place} say equally at what {row.person} is lent on {row.worked_on}."
    return Problem("rows-equal", what, "Delete one of the two rows, or make one narrower.", rows[1].place)
