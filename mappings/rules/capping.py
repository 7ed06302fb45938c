"""Capping: what the caps of a client do to the documents of one period, and where held work stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from mappings.documents import Hold
from mappings.problems import Problem
from mappings.rules.budgets import Cap
from mappings.rules.caps import Admitted, Held, admit
from mappings.rules.ledger import Key, Ledger
from mappings.rules.names import fold
from mappings.rules.parts import Parts
from mappings.rules.pricing import Pricing
from mappings.rules.selection import Selection
from mappings.settings import Approval
from mappings.work import WorkItem


class Capping:
    """All caps of a run, over what is billed so far: the ledger and the drafts that the run made before."""

    def __init__(
        self,
        caps: Iterable[Cap],
        ledger: Ledger,
        released: frozenset[Key],
        selection: Selection,
        approval: Approval,
        pricing: Pricing,
    ) -> None:
        self._pricing = pricing
        self._caps, self._ledger, self._released = tuple(caps), ledger, released
        self._selection, self._asks = selection, "over-budget" in approval.hold_when

    def apply(self, client: str, currency: str, parts: Mapping[str, Parts]) -> list[Problem]:
        """Cut the priced lines of a client's documents; gives back warnings."""
        caps = [cap for cap in self._caps if cap.clients.matches(fold(client))]
        if not caps:
            return []
        for cap in caps:
            if cap.row.currency not in ("", currency):
                what = f"The cap {cap.name} is in {cap.row.currency}, and {client} is billed in {currency}."
                problem = Problem("currency-mismatch", what, f"Give it in {currency}.", cap.row.place, client)
                for part in parts.values():
                    part.problems.append(problem)
        lines = {group: part.lines for group, part in parts.items()}
        admitted = admit(lines, caps, self._ledger.of_client(client), self._released, self._pricing)
        for group, part in parts.items():
            self._apply(part, group, admitted)
        self._stand(client, admitted.held)
        return admitted.warnings

    def _stand(self, client: str, held: Iterable[Held]) -> None:
        """Where held work stands: each entry once for a cap, however it was cut before."""
        seconds: dict[tuple[Key, str], int] = defaultdict(int)
        quantities: dict[tuple[Key, str], int] = defaultdict(int)
        works: dict[tuple[Key, str], WorkItem] = {}
        for one in held:
            key = ((one.charge.work.source, one.charge.work.id), one.what)
            works[key] = one.charge.work
            seconds[key] += one.charge.seconds
            quantities[key] += one.charge.scaled_quantity
        for (entry, what), work in works.items():
            at = (entry, what)
            self._selection.stand(work, seconds[at], "waiting", ("over-cap", what), client, quantities[at])

    def _apply(self, part: Parts, group: str, admitted: Admitted) -> None:
        part.lines = admitted.lines[group]
        part.charges = [charge for charge in part.charges if charge.effect != "invoiced"]
        part.charges += [charge for line in part.lines for charge, _ in line]
        part.charges += admitted.written.get(group, ())
        if self._asks:
            part.holds += [Hold("over-budget", what) for what in admitted.passed.get(group, ())]
