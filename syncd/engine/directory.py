"""Which names belong to which client of ours: a client is known by its folded name, and has several in the store.

One source's client may be several of ours (a row of the table says since when), and several may be one. What is found
here is never too little: which client an entry is of on its day, billing itself decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, bindparam, select

from mappings.rules.names import fold
from mappings.rules.rating import Lookups
from syncd.store import schema
from syncd.store.changes import EVERYTHING

PORTION = 8
"""Clients that are drafted together: few enough to be held in memory with all that was ever billed to them.

Of 500 entries each, eight take some 20 MB, and are drafted as fast as 32."""

_CHANGE = schema.client_change.c
_CHANGED_SINCE = select(_CHANGE.source, _CHANGE.client, _CHANGE.change).where(
    _CHANGE.company == bindparam("of_company"), _CHANGE.change > bindparam("of_change")
)


class Directory:
    """All clients that were ever seen in a source, billed, or named in the tables. Threads may share it."""

    def __init__(self, lookups: Lookups) -> None:
        self.changes: dict[tuple[str, str], int] = {}
        self._seen = -1
        self._lookups = lookups
        # Sets are replaced, never added to: another thread may be going through one.
        self._ours: dict[str, frozenset[str]] = {}
        self._theirs: dict[str, frozenset[tuple[str, str]]] = {}
        tables = lookups.tables
        named = [row.quickbooks_customer for row in tables.clients if row.quickbooks_customer != "="]
        self.add_ours((*named, *(row.client for row in tables.retainers), *(row.client for row in tables.fixed_fees)))

    def refresh(self, connection: Connection, company: str) -> None:
        """Learn what is new since the last time: names are never forgotten, and their changes only grow."""
        seen = self._seen
        rows = connection.execute(_CHANGED_SINCE, {"of_company": company, "of_change": seen})
        for source, client, change in rows:
            if (source, client) not in self.changes and (source, client) != EVERYTHING:
                self.add_ours([client])
                for customer in self.clients_of(source, client) if source else ():
                    self._theirs[customer] = self._theirs.get(customer, frozenset()) | {(source, client)}
            self.changes[source, client] = change
            seen = max(seen, change)
        self._seen = seen

    def add_ours(self, names: Iterable[str]) -> None:
        """Know more names of ours."""
        for name in names:
            self._ours[fold(name)] = self._ours.get(fold(name), frozenset()) | {name}

    def changed_since(self, change: int) -> list[tuple[str, str]]:
        """The names (source, name there) of clients that something concerns since a change."""
        return [key for key, last in list(self.changes.items()) if last > change]

    def clients_of(self, source: str, client: str) -> frozenset[str]:
        """The clients, folded, that a name may mean; without a source it is one of our names."""
        return self._lookups.clients.customers(source, client) if source else frozenset({fold(client)})

    def ours(self, clients: Iterable[str]) -> set[str]:
        """All names under which these clients (folded) may stand on documents and drafts."""
        return {name for client in clients for name in self._ours.get(client, ())}

    def theirs(self, clients: Iterable[str]) -> set[tuple[str, str]]:
        """All (source, name there) whose work may be these clients'."""
        return {key for client in clients for key in self._theirs.get(client, ())}

    def everybody(self) -> set[str]:
        """All clients, folded."""
        return set(self._ours) | set(self._theirs)


def portions(clients: Iterable[str]) -> Iterator[frozenset[str]]:
    """Some clients at a time, in order."""
    rest = sorted(clients)
    for start in range(0, len(rest), PORTION):
        yield frozenset(rest[start : start + PORTION])
