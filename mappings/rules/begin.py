"""When each client's billing begins, for fees that do not say since when they are owed."""

from __future__ import annotations

from datetime import date

from mappings.rules.rating import Rater
from mappings.world import World


class Begin:
    """Each client's earliest work: where a fee without `from` begins when there is no go-live."""

    def __init__(self, world: World, rater: Rater) -> None:
        self._world, self._rater = world, rater
        self._days: dict[str, date] | None = None

    def of(self, client: str) -> date | None:
        if self._days is None:
            days: dict[str, date] = {}
            for posted in self._world.ledger:
                row = posted.allocation
                days[row.terms.client] = min(row.worked_on, days.get(row.terms.client, row.worked_on))
            for entry in self._world.entries:
                work = entry.work
                if not entry.deleted:
                    name = self._rater.clients.find(work.source, work.client, work.worked_on).name
                    days[name] = min(work.worked_on, days.get(name, work.worked_on))
            self._days = days
        return self._days.get(client)
