"""What differs from what is stored, entry by entry."""

from __future__ import annotations

from connectors.source import Record
from mappings.work import WorkItem
from syncd.store.comparing import Known, differing, encode
from syncd.store.database import Store
from syncd.store.work import mark_vanished, upsert_records
from tests.support.sources import entry

ODD = ['"quoted"', "back\\slash", "é€😀", "$.x[0]", "a b", "7", "07"]


def digest(item: WorkItem) -> str:
    return encode(item)[1]


def test_only_what_is_not_stored_so_differs(store: Store) -> None:
    same, changed, gone = (entry(number) for number in (1, 2, 3))
    records = [Record(item.id, "{}", item) for item in (same, changed, gone)]
    with store.write() as connection:
        upsert_records(connection, "boreal", "tracker", records, store.clock.now())
        mark_vanished(connection, "boreal", "tracker", ["3"], store.clock.now())
        given = {"1": digest(same), "2": digest(entry(2, 60)), "3": digest(gone), "4": "any"}
        assert differing(connection, "boreal", "tracker", given) == {
            "2": Known(1, 3_600, False, "Hydro", 0),
            "3": Known(2, 3_600, True, "Hydro", 0),
            "4": None,
        }
        assert differing(connection, "other", "tracker", {"1": digest(same)}) == {"1": None}
        assert differing(connection, "boreal", "tracker", {}) == {}


def test_keys_may_hold_any_character(store: Store) -> None:
    items = {key: entry(1, id=key) for key in ODD}
    given = {key: digest(item) for key, item in items.items()}
    with store.write() as connection:
        assert differing(connection, "boreal", "tracker", given) == dict.fromkeys(ODD)
        records = [Record(key, "{}", item) for key, item in items.items()]
        upsert_records(connection, "boreal", "tracker", records, store.clock.now())
        assert differing(connection, "boreal", "tracker", given) == {}
