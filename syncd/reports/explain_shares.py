"""Explains one row of the ledger: what a document did to an entry, with the rows of the tables and steps behind it."""

from __future__ import annotations

from collections.abc import Iterator

from mappings.documents import Allocation, Discount, Reason
from mappings.steps import say
from syncd.reports.explain_words import Words
from syncd.reports.explained import Share, TableRow
from syncd.reports.values import Money, quantity_text


def share_of(row: Allocation, document: str, state: str, currency: str, words: Words) -> Share:
    """One row of the ledger, or of a draft."""
    terms = row.terms
    return Share(
        document=document,
        state=state,
        line=row.line,
        source=row.source,
        entry=row.entry,
        revision=row.revision,
        worked_on=row.worked_on,
        person=row.person,
        project=row.project,
        task=row.task,
        effect=row.effect,
        seconds=row.seconds,
        billed_seconds=row.billed_seconds,
        amount=Money(row.amount_minor, currency),
        rate=terms.rate,
        unit=terms.unit,
        service=terms.service,
        item=terms.item,
        tax_code=terms.tax_code,
        rounding=_rounding(row, words),
        tables=tables_of(row.reason, words, row.retainer),
        steps=(*said(row.reason, words), *_state_of(row, words)),
        quantity=quantity_text(row.scaled_quantity),
        premium=terms.premium,
        base_rate=terms.base_rate,
        retainer=name_of(row.retainer),
        retainer_period=row.retainer_period,
        drawn_seconds=row.draws_seconds if row.retainer and row.effect == "covered" else 0,
        part=row.part,
    )


def said(reason: Reason, words: Words) -> tuple[str, ...]:
    """The steps of a reason."""
    return tuple(say(step, words.language) for step in reason.steps)


def tables_of(reason: Reason, words: Words, key: str = "") -> tuple[TableRow, ...]:
    """The rows that decided, in the order of the journey: client, service, person, rate, retainer.

    `key` is that of the fee or discount that a reason is of, or of the retainer that work counts against.
    """
    kind = kind_of(key)
    rate = kind if kind in ("fixed-fee", "discount") and not reason.client_row else "rate"
    note = name_of(key) if reason.client_row else ""
    rows = (
        TableRow("client", reason.client_row),
        TableRow("service", reason.service_row),
        TableRow("person", reason.person_row),
        TableRow(
            rate,
            reason.rate_row,
            "; ".join(filter(None, (_dates(reason, words), say(reason.runner_up, words.language)))),
        ),
        TableRow("fixed-fee" if kind == "fixed-fee" else "retainer", reason.retainer_row, note),
    )
    return tuple(row for row in rows if row.row)


def _dates(reason: Reason, words: Words) -> str:
    """When the rate row is in force: "from 2026-10-01"."""
    first, _, last = reason.rate_dates.partition("..")
    if first and last:
        return words("from-until", first=first, last=last)
    return words("from", first=first) if first else words("until", last=last) if last else ""


def kind_of(key: str) -> str:
    """What a key of the ledger is of: retainer, fixed-fee, discount, intercompany."""
    return key.split("|", 1)[0]


def name_of(key: str) -> str:
    """The name in a key of the ledger: a retainer's, a fee's description, a discount's item, lent work."""
    if kind_of(key) == "intercompany":
        return " ".join(key.split("|")[1:])
    return key.removesuffix("|catalogue").split("|", 4)[-1]


def discounts_said(discounts: tuple[Discount, ...], words: Words) -> Iterator[str]:
    """That percentages come off."""
    for discount in discounts:
        yield words("discounted", percent=words.number(f"{discount.percent.normalize():f}"))


def _state_of(row: Allocation, words: Words) -> Iterator[str]:
    """What the row itself says and none of its steps does: of changes, that which was said when it was billed first."""
    codes = {step.code for step in row.reason.steps if not isinstance(step, str)}
    terms = row.terms
    if row.part and "split-at-midnight" not in codes:
        yield words("part", day=row.worked_on)
    if terms.premium and terms.rate is not None and terms.base_rate is not None and "premium" not in codes:
        rate, base = (words.number(f"{one:f}") for one in (terms.rate, terms.base_rate))
        yield words("premium", name=terms.premium, rate=rate, base=base)
    if row.retainer and not any(code.startswith(("covered", "extra")) for code in codes):
        period = words("once") if row.retainer_period == "once" else row.retainer_period
        yield words("counts", name=name_of(row.retainer), period=period)
    if row.effect == "invoiced":
        yield from discounts_said(terms.discounts, words)


def _rounding(row: Allocation, words: Words) -> str:
    rounding = row.rounding
    parts = []
    if rounding.minimum_minutes:
        parts.append(words("minimum", minutes=rounding.minimum_minutes))
    if rounding.step_minutes:
        parts.append(words(f"step-{rounding.direction}", minutes=rounding.step_minutes))
    return ", ".join((*parts, words(f"by-{rounding.applies_to}"))) if parts else ""
