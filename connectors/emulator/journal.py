"""The journal of requests: what was asked, what was done, what was answered."""

import re
from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

# Requests kept; older ones are forgotten.
MOST_ENTRIES = 20_000
_SECRETS = re.compile(r'((?:code|token|refresh_token|assertion)(?:=|"\s*:\s*"))[^&"]+')


@dataclass
class Entry:
    """One request. `committed` is true as soon as the books have changed, `status` stays None without an answer."""

    number: int
    time: str
    method: str
    path: str
    query: dict[str, str]
    body: str
    entity: str
    operation: str
    requestid: str | None
    realm: str | None
    intuit_tid: str
    committed: bool = False
    replayed: bool = False
    status: int | None = None
    faults: tuple[str, ...] = ()

    @property
    def is_write(self) -> bool:
        """Tell whether the request wanted to change the books or the tokens."""
        return self.operation not in {"read", "query", "cdc", "unknown"}


class Journal:
    """The requests to the API and to the token endpoints, in order of arrival."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=MOST_ENTRIES)
        self._number = 0

    def add(self, **members: Any) -> Entry:
        """Write a request down before it is carried out; tokens in it are masked."""
        self._number += 1
        if members["operation"] == "token" or members["operation"] == "revoke":
            members["body"] = _SECRETS.sub(r"\1…", members["body"])
        entry = Entry(number=self._number, **members)
        self._entries.append(entry)
        return entry

    def entries(self, *, since: datetime | int | None = None, writes: bool = False) -> list[Entry]:
        """Return the entries after a number or at and after an instant, all or those that write."""
        found = list(self._entries)
        if isinstance(since, int):
            found = [entry for entry in found if entry.number > since]
        elif since is not None:
            found = [entry for entry in found if datetime.fromisoformat(entry.time) >= since]
        return [entry for entry in found if entry.is_write] if writes else found

    def clear(self) -> None:
        """Forget all entries; numbers go on."""
        self._entries.clear()


def as_json(entry: Entry) -> dict[str, Any]:
    """Return an entry as JSON members."""
    return {**asdict(entry), "faults": list(entry.faults)}
