"""Shares of a price: fees that are a part of an amount or of an accepted estimate, or what is complete of it so far.

The shares of one price (same client, project, percent_of) are split together, in row order, by largest remainder, so
that they sum to it; what was billed stays. What is complete so far (`to 35%`) is billed less what was billed of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import lcm

from mappings.catalogue import Estimate
from mappings.documents import Hold, PostedFee
from mappings.money import digits_of, divide_half_up, plain, spread, to_minor
from mappings.problems import Problem
from mappings.rows import FixedFeeRow, Share
from mappings.rules.estimates import estimate_number, find_estimate
from mappings.rules.fees import Billed, FeeClient
from mappings.rules.names import fold, in_window
from mappings.rules.retainers import fee_key
from mappings.steps import Step, step


@dataclass(frozen=True, slots=True)
class ShareDue:
    """One share that is due: its name in the ledger, its amount, and the price that it is of."""

    row: FixedFeeRow
    due: str
    day: date
    amount_minor: int
    price: str
    why: Step
    hold: Hold | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """One share of a price: when it is due (None: not yet), and what was billed of it (None: nothing)."""

    row: FixedFeeRow
    share: Share
    due: str
    day: date | None
    billed: int | None


def share_fees(
    rows: Iterable[FixedFeeRow],
    client: FeeClient,
    billed: Billed,
    fees: Sequence[PostedFee],
    estimates: Sequence[Estimate],
) -> tuple[list[ShareDue], list[Problem]]:
    """The shares of one client that are due and not billed, in row order of their prices."""
    prices: dict[str, list[FixedFeeRow]] = {}
    for row in rows:
        prices.setdefault(price_key(row), []).append(row)
    found: list[ShareDue] = []
    problems: list[Problem] = []
    for key, of_price in prices.items():
        parts = [_part(row, client, billed) for row in of_price]
        if all(part.day is None or part.billed is not None for part in parts):
            continue
        price = _price(of_price[0], client, estimates)
        if isinstance(price, Problem):
            problems.append(price)
            continue
        keys = {fee_key(row) for row in of_price}
        before = sum(one.fee.amount_minor for one in fees if one.fee.price == key or one.fee.fee in keys)
        due = list(_due(key, parts, price, before, client))
        found += due
        problems += _over(due, price, before, client)
    return found, problems


def price_key(row: FixedFeeRow) -> str:
    """The key of the price that a row is a share of."""
    return f"{fold(row.client)}|{fold(row.project)}|{row.percent_of}"


def _part(row: FixedFeeRow, client: FeeClient, billed: Billed) -> _Part:
    share = row.share
    assert share is not None
    due = f"to {share.part}" if share.so_far else "once"
    before = billed.get((fee_key(row), due))
    day = client.milestones.day(row)
    if day is not None:
        since = client.settings.since
        in_force = in_window(day, row.valid_from, row.valid_until) and in_window(day, since, None)
        day = day if in_force and day <= client.until else None
    return _Part(row, share, due, day, before.amount_minor if before else None)


def _price(row: FixedFeeRow, client: FeeClient, estimates: Sequence[Estimate]) -> int | Problem:
    """The whole price in minor units."""
    currency = client.settings.policy.currency
    if estimate_number(row):
        estimate = find_estimate(row, currency, estimates)
        return estimate if isinstance(estimate, Problem) else estimate.total_minor
    amount = Decimal(row.percent_of)
    if amount != round(amount, digits_of(currency)):
        what = f"The price {row.percent_of} of {row.description} has more decimals than {currency}."
        return Problem("too-many-decimals", what, "Round it.", row.place, row.client)
    return to_minor(amount, currency)


def _due(key: str, parts: Sequence[_Part], price: int, before: int, client: FeeClient) -> Iterator[ShareDue]:
    """In the order in which they fall due: what is complete so far takes off what was billed before."""
    amounts = _split(parts, price)
    total = before
    waiting = [(part.day, index) for index, part in enumerate(parts) if part.day is not None and part.billed is None]
    for day, index in sorted(waiting):
        part = parts[index]
        amount = amounts[index] if index in amounts else _rounded(price, part.share.part) - total
        why = _why(part.share, price, total, client.settings.policy.currency)
        total += amount
        if amount:
            yield ShareDue(part.row, part.due, day, amount, key, why, _hold(part.row, price, total, client))


def _why(share: Share, price: int, before: int, currency: str) -> Step:
    whole, billed, part = plain(price, currency), plain(before, currency), share.written
    return step("share-so-far" if share.so_far else "share", share=part, price=whole, billed=billed, currency=currency)


def _split(parts: Sequence[_Part], price: int) -> Mapping[int, int]:
    """What each share is that is not billed: its part of what is left, so that all sum to the price."""
    shares = [(index, part) for index, part in enumerate(parts) if not part.share.so_far]
    open_shares = [(index, part.share.part) for index, part in shares if part.billed is None]
    whole = sum((part.share.part for _, part in shares), Fraction(0))
    left = price - sum(part.billed or 0 for _, part in shares)
    if whole > 1 or left < 0:
        # More than all of it: of an estimate that is held, of an amount it is refused.
        return {index: _rounded(price, share) for index, share in open_shares}
    weights = [*(share for _, share in open_shares), 1 - whole]
    scale = lcm(*(weight.denominator for weight in weights))
    split = spread(left, [int(weight * scale) for weight in weights])
    return {index: amount for (index, _), amount in zip(open_shares, split, strict=False)}


def _rounded(price: int, share: Fraction) -> int:
    return divide_half_up(price * share.numerator, share.denominator)


def _hold(row: FixedFeeRow, price: int, total: int, client: FeeClient) -> Hold | None:
    """What is billed never exceeds an estimate without a person who looks."""
    number, currency = estimate_number(row), client.settings.policy.currency
    if not number or total <= price:
        return None
    what = f"With {row.description}, {plain(total, currency)} {currency} of the estimate {number} over "
    return Hold("over-estimate", f"{what}{plain(price, currency)} {currency} are billed.")


def _over(due: Sequence[ShareDue], price: int, before: int, client: FeeClient) -> Iterator[Problem]:
    """What is billed never exceeds an amount."""
    total = before + sum(one.amount_minor for one in due)
    if not due or estimate_number(due[0].row) or total <= price:
        return
    row, currency = due[-1].row, client.settings.policy.currency
    what = f"With {row.description}, {plain(total, currency)} of {plain(price, currency)} {currency} would be billed."
    yield Problem("over-the-price", what, "Lower its share, or raise percent_of.", row.place, row.client)
