"""One company's books: the records of every entity, their ids, and changes that happen wholly or not at all."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.emulator import faults
from connectors.emulator.clock import pacific_seconds
from connectors.emulator.entities import ENTITIES, PEOPLE
from connectors.emulator.numbers import write_json
from connectors.emulator.storage import Storage, StoredRecord

Data = dict[str, Any]
Key = tuple[str, str]

# Enough old versions for a list that lags a few seconds behind.
VERSIONS_KEPT = 8


@dataclass
class Record:
    """One entity as it stands, and as it stood."""

    entity: str
    id: str
    data: Data
    changed: datetime
    deleted: bool = False
    # (when it became so, what it was; None: deleted). Only lists that lag read the older ones.
    versions: list[tuple[datetime, Data | None]] = field(default_factory=list)
    _text: str | None = None

    def text(self) -> str:
        """Return the record as the API writes it."""
        if self._text is None:
            self._text = write_json(self.data)
        return self._text

    def replace(self, data: Data, at: datetime, *, touched: bool, deleted: bool) -> None:
        """Move to a new state; `touched` says that its LastUpdatedTime moved too."""
        self.data, self.deleted, self._text = data, deleted, None
        if touched:
            self.changed = at
        self.versions.append((at, None if deleted else data))
        del self.versions[:-VERSIONS_KEPT]

    def as_of(self, instant: datetime) -> Data | None:
        """Return what a list that lags to this instant shows: None when not yet there, or no longer."""
        shown: Data | None = None
        for at, data in self.versions:
            if at <= instant:
                shown = data
        return shown


@dataclass(frozen=True)
class _Staged:
    data: Data
    touched: bool
    deleted: bool


class Books:
    """The records of a company. Changes are staged, then committed together, or rolled back."""

    def __init__(self, country: str, realm_id: str, storage: Storage, now: Callable[[], datetime]) -> None:
        self.country = country
        self.realm_id = realm_id
        self.now = now
        self._storage = storage
        self._records: dict[str, dict[str, Record]] = {name: {} for name in ENTITIES}
        self._keys: dict[Key, dict[Key, None]] = {}
        self._staged: dict[Key, _Staged] = {}
        self._values: dict[str, Any] = {}
        self.counters: dict[str, int] = storage.value("counters") or {}
        # {currency: [[first day, home units for one unit], …]}, oldest day first; replaced as a whole, never changed.
        self.exchange_rates: dict[str, list[list[str]]] = storage.value("exchange_rates") or {}
        self._counters_before = dict(self.counters)
        self._rates_before = self.exchange_rates
        for stored in storage.records():
            self._load(stored)

    def _load(self, stored: StoredRecord) -> None:
        changed = datetime.fromisoformat(stored.changed)
        record = Record(stored.entity, stored.id, stored.data, changed, stored.deleted)
        record.versions.append((changed, None if stored.deleted else stored.data))
        self._records[stored.entity][stored.id] = record
        if not stored.deleted:
            self._index(stored.entity, stored.id, stored.data)

    @property
    def is_empty(self) -> bool:
        """Tell whether the books were never opened."""
        return not self._records["CompanyInfo"]

    # Reading

    def find(self, entity: str, identity: str) -> Data | None:
        """Return an entity as this change sees it, inactive ones too; None when absent or deleted."""
        staged = self._staged.get((entity, identity))
        if staged:
            return None if staged.deleted else staged.data
        record = self._records[entity].get(identity)
        return None if record is None or record.deleted else record.data

    def get(self, entity: str, identity: str) -> Data:
        """Return an entity; raises 610 when it is missing, 2030 when the id is not one."""
        if not identity.isdigit() and entity != "TaxCode":
            raise faults.bad_id(identity)
        data = self.find(entity, identity)
        if data is None:
            raise faults.deleted() if identity in self._records[entity] else faults.inactive()
        return data

    def record(self, entity: str, identity: str) -> Record:
        """Return the committed record of an entity that exists."""
        return self._records[entity][identity]

    def records(self, entity: str) -> Iterator[Record]:
        """Yield the committed records of one entity, deleted ones too."""
        return iter(self._records[entity].values())

    def all(self, entity: str) -> Iterator[Data]:
        """Yield what exists of one entity, as this change sees it."""
        for identity in list(self._records[entity]):
            data = self.find(entity, identity)
            if data is not None:
                yield data
        for (kind, identity), staged in list(self._staged.items()):
            if kind == entity and identity not in self._records[entity] and not staged.deleted:
                yield staged.data

    def holders(self, key: Key) -> list[Key]:
        """Return (entity, id) of those that hold a name or document number, this change included."""
        holders = [holder for holder in self._keys.get(key, {}) if holder not in self._staged]
        holders += [
            holder
            for holder, staged in self._staged.items()
            if not staged.deleted and key in keys_of(holder[0], staged.data)
        ]
        return holders

    @property
    def preferences(self) -> Data:
        """Return the company's preferences."""
        return self.get("Preferences", "1")

    @property
    def home_currency(self) -> str:
        """Return the code of the company's own currency."""
        return str(self.preferences["CurrencyPrefs"]["HomeCurrency"]["value"])

    @property
    def multicurrency(self) -> bool:
        """Tell whether the company invoices in several currencies."""
        return bool(self.preferences["CurrencyPrefs"]["MultiCurrencyEnabled"])

    def value(self, name: str) -> Any:
        """Return a named value that a commit kept beside the records, or None."""
        if name not in self._values:
            kept = self._storage.value(name)
            if kept is None:
                return None
            self._values[name] = kept
        return self._values[name]

    # Changing

    def next_id(self, entity: str) -> str:
        """Draw an id: transactions share one sequence, people another, each further list has its own."""
        sequence = entity
        if ENTITIES[entity].is_transaction:
            sequence = "transaction"
        elif entity in PEOPLE:
            sequence = "name"
        return str(self.count(sequence))

    def count(self, sequence: str) -> int:
        """Draw the next number of a sequence."""
        self.counters[sequence] = self.counters.get(sequence, 0) + 1
        return self.counters[sequence]

    def add(self, entity: str, members: Data, identity: str | None = None) -> Data:
        """Stage a new entity with SyncToken 0."""
        stamp = pacific_seconds(self.now())
        data = {
            "domain": "QBO",
            "sparse": False,
            "Id": identity or self.next_id(entity),
            "SyncToken": "0",
            "MetaData": {"CreateTime": stamp, "LastUpdatedTime": stamp},
            **members,
        }
        self._staged[entity, data["Id"]] = _Staged(data, touched=True, deleted=False)
        return data

    def update(self, entity: str, old: Data, members: Data) -> Data:
        """Stage a new version: SyncToken and LastUpdatedTime move on, once in a change."""
        before = self._staged.get((entity, old["Id"]))
        step = 0 if before and before.touched else 1
        data = {
            "domain": "QBO",
            "sparse": False,
            "Id": old["Id"],
            "SyncToken": str(int(old["SyncToken"]) + step),
            "MetaData": {**old["MetaData"], "LastUpdatedTime": pacific_seconds(self.now())},
            **members,
        }
        self._staged[entity, data["Id"]] = _Staged(data, touched=True, deleted=False)
        return data

    def amend(self, entity: str, old: Data, members: Data) -> None:
        """Stage a change of figures that QuickBooks derives: neither SyncToken nor LastUpdatedTime move."""
        before = self._staged.get((entity, old["Id"]))
        data = {**old, **members}
        self._staged[entity, old["Id"]] = _Staged(data, touched=before.touched if before else False, deleted=False)

    def delete(self, entity: str, old: Data) -> None:
        """Stage a deletion."""
        data = {**old, "MetaData": {**old["MetaData"], "LastUpdatedTime": pacific_seconds(self.now())}}
        self._staged[entity, old["Id"]] = _Staged(data, touched=True, deleted=True)

    def commit(self, values: dict[str, Any] | None = None) -> None:
        """Make the staged changes true, on disk first."""
        at = self.now()
        stored = [self._stored(key, staged, at) for key, staged in self._staged.items()]
        extra = dict(values or {})
        if self.counters != self._counters_before:
            extra["counters"] = self.counters
        if self.exchange_rates is not self._rates_before:
            extra["exchange_rates"] = self.exchange_rates
        if stored or extra:
            self._storage.save(stored, extra)
        self._values |= values or {}
        for (entity, identity), staged in self._staged.items():
            self._apply(entity, identity, staged, at)
        self._staged = {}
        self._counters_before = dict(self.counters)
        self._rates_before = self.exchange_rates

    @property
    def has_changes(self) -> bool:
        """Tell whether anything is staged."""
        return bool(self._staged)

    def rollback(self) -> None:
        """Forget the staged changes; ids and numbers that they drew are free again."""
        self._staged = {}
        self.counters = dict(self._counters_before)
        self.exchange_rates = self._rates_before

    def _stored(self, key: Key, staged: _Staged, at: datetime) -> StoredRecord:
        record = self._records[key[0]].get(key[1])
        changed = at if staged.touched or record is None else record.changed
        return StoredRecord(key[0], key[1], staged.data, changed.isoformat(), staged.deleted)

    def _apply(self, entity: str, identity: str, staged: _Staged, at: datetime) -> None:
        record = self._records[entity].get(identity)
        if record is None:
            record = self._records[entity][identity] = Record(entity, identity, staged.data, at)
        elif not record.deleted:
            for key in keys_of(entity, record.data):
                self._keys[key].pop((entity, identity), None)
        record.replace(staged.data, at, touched=staged.touched, deleted=staged.deleted)
        if not staged.deleted:
            self._index(entity, identity, staged.data)

    def _index(self, entity: str, identity: str, data: Data) -> None:
        for key in keys_of(entity, data):
            self._keys.setdefault(key, {})[entity, identity] = None

    def seen(self, entity: str, lag_seconds: float) -> list[Data]:
        """Return what a list of one entity shows when it lags behind."""
        if not lag_seconds:
            return [record.data for record in self._records[entity].values() if not record.deleted]
        instant = self.now() - timedelta(seconds=lag_seconds)
        shown = (record.as_of(instant) for record in self._records[entity].values())
        return [data for data in shown if data is not None]


def keys_of(entity: str, data: Data) -> list[Key]:
    """Return what must not be held twice: a document number, or a name within its list."""
    if entity in {"Invoice", "CreditMemo"}:
        return [("number", data["DocNumber"])] if data.get("DocNumber") else []
    if entity in PEOPLE:
        return [("people", data["DisplayName"].lower())]
    name = data.get("FullyQualifiedName") or data.get("Name")
    return [(entity, name.lower())] if name else []
