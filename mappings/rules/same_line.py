"""Same line: whether an edit in the source leaves billed work on its line, at its rate, so that nothing is adjusted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from mappings.documents import Price, Terms
from mappings.rules.charges import line_key
from mappings.rules.ledger import Slot
from mappings.rules.names import fold
from mappings.rules.rating import Rated, Rater
from mappings.work import WorkItem


def stays(slot: Slot, work: WorkItem, rater: Rater) -> bool:
    """Whether seconds that stand on the ledger would land on the same line at the same rate today.

    What is compared is the source's edit alone: a table that changed since moves nothing.
    """
    last, price = slot.last, slot.terms.price
    if work.kind != (price.kind if price else "time"):
        return False
    if slot.effect == "written-down" and not slot.is_capped:
        return True
    if price is not None and not _same_item(slot.terms, price, work):
        return False
    was = (last.worked_on, last.source_client, last.person, last.project, last.task, last.source_service)
    if was == (work.worked_on, work.client, work.person, work.project, work.task, work.service):
        return True
    now = rater.rate(work)
    if _lands_on(now, slot, work.worked_on):
        return True
    before = replace(
        work, worked_on=last.worked_on, client=last.source_client, person=last.person, project=last.project,
        task=last.task, service=last.source_service,
    )  # fmt: skip
    return _alike(now, rater.rate(before), work.worked_on, last.worked_on)


def _same_item(terms: Terms, price: Price, work: WorkItem) -> bool:
    """Whether a priced item still says its own tax code and currency, and has not lost its own amount.

    Another amount, or rebate, is no other line: the difference is charged.
    """
    if work.amount is None and not price.of_rate:
        return False
    return work.tax_code == price.tax_code and work.source_currency in ("", terms.currency)


def _lands_on(now: Rated, slot: Slot, day: date) -> bool:
    """Whether work, rated today, shares the terms under which these seconds were billed."""
    if now.terms is None or fold(now.client) != fold(slot.terms.client):
        return False
    terms = now.terms
    if slot.cover[0]:
        by = [cover for cover in now.covers if cover.key == slot.cover[0]]
        if not by or by[0].period(day).name != slot.cover[1]:
            return False
        normal = slot.effect == "invoiced" and by[0].retainer is not None and by[0].retainer.extra_rate is None
        if not normal:
            billed = slot.terms
            terms = replace(terms, rate=billed.rate, unit=billed.unit, seconds_per_unit=billed.seconds_per_unit)
    elif now.covers and not slot.is_capped:
        return False
    return line_key(terms) == line_key(slot.terms)


def _alike(now: Rated, before: Rated, day: date, day_before: date) -> bool:
    """Whether two states of an entry land on the same line by today's tables."""
    if now.terms is None or before.terms is None or line_key(now.terms) != line_key(before.terms):
        return False
    theirs = {(cover.key, cover.period(day_before).name) for cover in before.covers}
    return {(cover.key, cover.period(day).name) for cover in now.covers} == theirs
