"""A person's new consent, seen by a daemon that runs: what waited for it goes on within a minute."""

from __future__ import annotations

from datetime import datetime, timedelta

from syncd.engine.tokens import connected_at
from syncd.store.database import Store

LOOK_EVERY = timedelta(seconds=30)
"""One row is read: somebody who has just connected again looks for what it brings."""


class Consents:
    """Remembers the last consent that this daemon knows of."""

    def __init__(self, store: Store, company: str) -> None:
        self._store, self._company = store, company
        self._known: datetime | None = None
        self._looked = False

    def is_new(self) -> bool:
        """Whether somebody has consented since the last look. What was there at the first look is not new."""
        known, looked = self._known, self._looked
        self._known, self._looked = connected_at(self._store, self._company), True
        return looked and self._known is not None and self._known != known
