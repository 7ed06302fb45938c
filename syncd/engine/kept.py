"""What drafting asks one company's store and tables again and again, kept by the process as long as it is still so."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from sqlalchemy import Connection

from mappings.catalogue import Catalogue
from mappings.rules.rating import Lookups
from mappings.tables.resolve import NameIndex
from syncd.config import Config
from syncd.engine.directory import Directory
from syncd.engine.due_drafts import digest_of
from syncd.engine.reference import load_lists
from syncd.store.changes import EVERYTHING, change_of
from syncd.store.database import Store


@dataclass(frozen=True, slots=True)
class Lists:
    """QuickBooks' lists as they stood at a change that concerned everybody."""

    change: int
    lists: Catalogue
    index: NameIndex


class Kept:
    """One company's tables, indexed, the names of its clients, and QuickBooks' lists."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.lookups = Lookups(config.tables)
        self.digest = digest_of((config.company, config.tables))
        self.directory = Directory(self.lookups)
        self._lists: Lists | None = None

    def lists(self, connection: Connection) -> Lists:
        """The lists of this snapshot, read only if they have changed. What is of no concern to drafts may be older."""
        company = self.config.company.name
        change, known = change_of(connection, company, EVERYTHING), self._lists
        if known is None or known.change != change:
            lists = load_lists(connection, company)
            known = self._lists = Lists(change, lists, NameIndex(lists.named))
        return known


_kept: WeakKeyDictionary[Store, dict[str, Kept]] = WeakKeyDictionary()


def kept_of(store: Store, config: Config, *, fresh: bool) -> Kept:
    """What is kept of a company for this configuration; `fresh`: nothing is, so that memory stays bounded."""
    mine = _kept.setdefault(store, {})
    known = mine.get(config.company.name)
    same = known is not None and known.config.tables is config.tables and known.config.company is config.company
    if known is None or not same or fresh:
        known = mine[config.company.name] = Kept(config)
    return known
