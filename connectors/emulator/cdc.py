"""Change data capture: what changed since an instant, deletions included."""

from datetime import timedelta

from connectors.emulator import faults
from connectors.emulator.books import Books, Record
from connectors.emulator.clock import parse_instant
from connectors.emulator.entities import ENTITIES
from connectors.emulator.numbers import write_json

MOST_OBJECTS = 1000
LONGEST_LOOK_BACK = timedelta(days=30)


def answer(books: Books, entities: str, changed_since: str, lag_seconds: float = 0) -> str:
    """Return the JSON text of the QueryResponse list: one element an entity asked for, in order, `{}` if unchanged.

    At most 1000 objects of each entity, the newest first; there is no second page.
    With a lag, what changed within it is not reported yet.
    """
    names = [name.strip() for name in entities.split(",") if name.strip()]
    if not names:
        raise faults.missing("entities")
    if not changed_since:
        raise faults.missing("changedSince")
    for name in names:
        if name not in ENTITIES or not ENTITIES[name].in_cdc:
            raise faults.unsupported(f"cdc of {name}")
    since = parse_instant(changed_since)
    if since is None:
        raise faults.unreadable(f"changedSince: {changed_since!r} is not an instant; it")
    if books.now() - since > LONGEST_LOOK_BACK:
        raise faults.business("changedSince must be within the last 30 days.", "changedSince")
    # Times have whole seconds, so a change of the asked second counts.
    since, until = since.replace(microsecond=0), books.now() - timedelta(seconds=lag_seconds)
    elements = []
    for name in names:
        changed = [r for r in books.records(name) if r.changed.replace(microsecond=0) >= since and r.changed <= until]
        changed.sort(key=lambda record: (record.changed, int(record.id)), reverse=True)
        elements.append(_element(name, changed[:MOST_OBJECTS]))
    return "[" + ",".join(elements) + "]"


def _element(name: str, records: list[Record]) -> str:
    if not records:
        return "{}"
    texts = [_stub(record) if record.deleted else record.text() for record in records]
    return f'{{"{name}":[{",".join(texts)}],"startPosition":1,"maxResults":{len(texts)}}}'


def _stub(record: Record) -> str:
    meta = {"LastUpdatedTime": record.data["MetaData"]["LastUpdatedTime"]}
    return write_json({"domain": "QBO", "status": "Deleted", "Id": record.id, "MetaData": meta})
