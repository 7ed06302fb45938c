"""Cap: a budget of a client's work. Billed so far and this > cap: the entry that reaches it is cut to the cent.

Counted are time and products, before discount and tax, without covered hours. Work is admitted in chronological order;
what is beyond is written down for good, held, or billed with a warning. Of several caps the tightest counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from mappings.documents import Posted
from mappings.money import plain
from mappings.problems import Problem
from mappings.rules.budgets import Budget, Budgets, Cap
from mappings.rules.cap_cuts import Piece, cut
from mappings.rules.charges import Charge, with_step
from mappings.rules.ledger import Key
from mappings.rules.lines import Shares
from mappings.rules.pricing import EXACT, Pricing
from mappings.steps import Step, hours, step


@dataclass(frozen=True, slots=True)
class Held:
    """What waits for a person because a cap is reached."""

    charge: Charge
    what: str


@dataclass(slots=True)
class Admitted:
    """What of a client's work may be billed, per group of its documents."""

    lines: dict[str, list[Shares]]
    written: dict[str, list[Charge]] = field(default_factory=lambda: defaultdict(list))
    """Written down for good."""
    held: list[Held] = field(default_factory=list)
    passed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Sentences on the caps that work of a group passes."""
    warnings: list[Problem] = field(default_factory=list)


def admit(
    lines: Mapping[str, list[Shares]],
    caps: Iterable[Cap],
    posted: Iterable[Posted],
    released: frozenset[Key],
    pricing: Pricing = EXACT,
) -> Admitted:
    """Admit the priced lines of one client's documents under its caps.

    `posted` is what was billed to the client so far. Entries of `released` pass a cap that holds: a person said so.
    """
    budgets = Budgets(caps)
    for row in posted:
        budgets.count_posted(row.allocation)
    admission = _Admission(budgets, released, pricing)
    admission.go_through(lines)
    return admission.result


class _Admission:
    def __init__(self, budgets: Budgets, released: frozenset[Key], pricing: Pricing) -> None:
        self._budgets, self._released, self._pricing = budgets, released, pricing
        self._kept: dict[tuple[str, int], dict[int, tuple[Charge, int]]] = defaultdict(dict)
        self._by_money: set[tuple[str, int]] = set()
        self._cut: set[tuple[str, int]] = set()
        self._passed: dict[tuple[str, str], tuple[str, Budget]] = {}
        self.result = Admitted({})

    def go_through(self, lines: Mapping[str, list[Shares]]) -> None:
        """First what is taken back, which makes room; then the rest as it was worked."""
        for piece in sorted(_pieces(lines), key=_order):
            self._admit(piece)
        for group, mine in lines.items():
            kept = (self._line(group, at) for at in range(len(mine)))
            self.result.lines[group] = [line for line in kept if line]
        for group, budget in self._passed.values():
            sentence = _sentence(budget)
            self.result.passed[group].append(sentence)
            if budget.cap.row.over == "warn":
                fix = "Raise the cap, or agree with the client."
                self.result.warnings.append(Problem("over-cap", sentence, fix, budget.cap.row.place, warning=True))

    def _line(self, group: str, at: int) -> Shares:
        """What is left of a line. Where no amount cut it, it is priced again: its hours times its rate."""
        kept = tuple(share for _, share in sorted(self._kept[group, at].items()))
        if kept and (group, at) in self._cut and (group, at) not in self._by_money:
            charges = [charge for charge, _ in kept]
            again = tuple(zip(charges, self._pricing.price(charges)[1], strict=True))
            return again if self._fits(kept, again) else kept
        return kept

    def _fits(self, before: Shares, after: Shares) -> bool:
        """Whether a line that is priced again, by some cents more, still passes no amount; then it is counted so."""
        more: dict[int, int] = defaultdict(int)
        budgets: dict[int, Budget] = {}
        for (charge, share), (_, again) in zip(before, after, strict=True):
            for budget in self._budgets.of(charge):
                more[id(budget)] += again - share
                budgets[id(budget)] = budget
        for at, budget in budgets.items():
            limit = budget.limit_minor
            if budget.cap.row.over != "warn" and limit is not None and more[at] > 0 and budget.minor + more[at] > limit:
                return False
        for at, budget in budgets.items():
            budget.count(more[at], 0)
        return True

    def _admit(self, piece: Piece) -> None:
        budgets = list(self._budgets.of(piece.charge))
        charge, share = piece.charge, piece.share
        tightest, share, seconds = self._tightest(budgets, charge, share)
        kept: Charge | None = charge
        if tightest is not None:
            if tightest.left_minor == share:
                self._by_money.add((piece.group, piece.line))
            self._cut.add((piece.group, piece.line))
            self._passed.setdefault((piece.group, tightest.name), (piece.group, tightest))
            kept = self._excess(piece, seconds, share, tightest)
        if kept is None:
            return
        self._kept[piece.group, piece.line][piece.at] = (kept, share)
        for budget in budgets:
            budget.count(share, kept.billed_seconds)
            if budget.cap.row.over == "warn" and budget.is_passed and (share > 0 or kept.billed_seconds > 0):
                self._passed.setdefault((piece.group, budget.name), (piece.group, budget))

    def _tightest(self, budgets: list[Budget], charge: Charge, share: int) -> tuple[Budget | None, int, int]:
        """The cap that leaves the least of a charge, if one does, and the cents and billed seconds that it leaves."""
        tightest, least = None, (share, charge.billed_seconds)
        if share < 0 or charge.billed_seconds < 0:
            return None, *least
        for budget in budgets:
            over = budget.cap.row.over
            if over == "warn" or (over == "hold" and (charge.work.source, charge.work.id) in self._released):
                continue
            room = budget.room(charge, share)
            if room < least:
                tightest, least = budget, room
        return tightest, *least

    def _excess(self, piece: Piece, seconds: int, share: int, budget: Budget) -> Charge | None:
        """Put what is beyond a cap where that says; gives back what stays on the line, None for nothing."""
        inside, beyond = cut(piece.charge, seconds, share)
        if beyond is not None:
            if budget.cap.row.over == "hold":
                what = f"Beyond the cap {budget.name}: raise it, or decide with `syncd release` or `syncd write-off`."
                self.result.held.append(Held(beyond, what))
            else:
                reason = with_step(beyond.reason, _beyond(budget, piece.share - share, beyond))
                self.result.written[piece.group].append(replace(beyond, reason=reason, cap=budget.cap.key))
        if inside is None or beyond is None:
            return inside
        return replace(inside, reason=with_step(inside.reason, _within(budget, share, inside)))


def _pieces(lines: Mapping[str, list[Shares]]) -> Iterator[Piece]:
    for group, mine in sorted(lines.items()):
        for line, shares in enumerate(mine):
            for at, (charge, share) in enumerate(shares):
                yield Piece(group, line, at, charge, share)


def _order(piece: Piece) -> tuple[object, ...]:
    charge = piece.charge
    added = charge.adjustment is None or piece.share > 0 or charge.billed_seconds > 0
    return (added, charge.work.chronological, charge.offset_seconds or 0)


def _within(budget: Budget, share: int, inside: Charge) -> Step:
    """What is said of the entry that reaches a cap: what of it is billed, as the cap counts."""
    cap, row = budget.name, budget.cap.row.place
    if budget.limit_minor is None:
        return step("within-cap-hours", cap=cap, row=row, seconds=inside.billed_seconds)
    currency = inside.terms.currency
    return step("within-cap", cap=cap, row=row, amount=plain(share, currency), currency=currency)


def _beyond(budget: Budget, amount_minor: int, beyond: Charge) -> Step:
    cap, row = budget.name, budget.cap.row.place
    if budget.limit_minor is None:
        return step("over-cap-hours", cap=cap, row=row, seconds=beyond.billed_seconds)
    currency = beyond.terms.currency
    return step("over-cap", cap=cap, row=row, amount=plain(amount_minor, currency), currency=currency)


def _sentence(budget: Budget) -> str:
    minor, seconds, currency = budget.limit_minor, budget.limit_seconds, budget.currency
    limits = [f"{plain(minor, currency)} {currency}"] if minor is not None else []
    limits += [f"{hours(seconds)} h"] if seconds is not None else []
    limit = f"The cap {budget.name} of {' and '.join(limits)}"
    if budget.cap.row.over == "warn":
        return f"{limit} is passed: {plain(budget.minor, currency)} {currency}, {hours(budget.seconds)} h are billed."
    done = "held" if budget.cap.row.over == "hold" else "written down"
    return f"{limit} is reached: work beyond it is {done}."
