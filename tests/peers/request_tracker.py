"""A real Request Tracker for tests: brought up by request_tracker.sh, spoken to by REST 2.0, as its users' tools do.

`running_request_tracker()` installs the package when it is missing (root and apt, about 45 s), starts it on a free port
with the pristine database (4 s), and stops it. One process at a time has it: the package has one database on the
machine.
"""

from __future__ import annotations

import fcntl
import os
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

SCRIPT = Path(__file__).with_name("request_tracker.sh")
DATABASE = "/var/lib/dbconfig-common/sqlite3/request-tracker5/rtdb"
ROOT_ID = 14
"""The number of the administrator in the package's default data."""


@dataclass
class RequestTrackerServer:
    """A running server and a connection of its administrator. Minutes are whole.

    `token` is the administrator's; `narrow_token` that of syncd, who sees the queue Seen and no comments.
    """

    url: str
    token: str
    narrow_token: str
    http: httpx.Client

    def create_queue(self, name: str) -> int:
        """A queue; its tickets have the custom fields Customer and Service, their transactions Activity."""
        return self._create("queue", {"Name": name})

    def create_user(self, login: str, address: str) -> None:
        self._create("user", {"Name": login, "EmailAddress": address})

    def create_ticket(
        self, queue: str, subject: str, *, requestor: str | list[str] = "", minutes: int = 0, **fields: str
    ) -> int:
        """A ticket by the queue's name; `minutes` are time worked from the start, `fields` custom fields."""
        ticket: dict[str, Any] = {"Queue": queue, "Subject": subject, "Requestor": requestor, "CustomFields": fields}
        if minutes:
            ticket["TimeWorked"] = str(minutes)
        return self._create("ticket", ticket)

    def add_time(
        self,
        ticket: int,
        minutes: int,
        text: str = "",
        *,
        at: datetime | None = None,
        reply: bool = False,
        html: bool = False,
        **fields: str,
    ) -> str:
        """A comment, or a reply, that took minutes; gives back the transaction's number. `at` is when it was made."""
        said: dict[str, Any] = {"Content": text or "-", "ContentType": "text/html" if html else "text/plain"}
        said |= {"TimeTaken": str(minutes), "TxnCustomFields": fields}
        answer = self.http.post(f"ticket/{ticket}/{'correspond' if reply else 'comment'}", json=said)
        assert answer.status_code == 201, answer.text
        return self._newest_time(ticket, at)

    def correct(self, ticket: int, minutes: int, *, at: datetime | None = None) -> str:
        """Type a total that differs by so many minutes, mostly fewer; gives back the transaction's number."""
        worked = int(self.http.get(f"ticket/{ticket}").json()["TimeWorked"])
        self.change(ticket, TimeWorked=str(worked + minutes))
        return self._newest_time(ticket, at)

    def merge(self, ticket: int, into: int) -> None:
        self.change(ticket, MergeInto=str(into))

    def move(self, ticket: int, queue: str) -> None:
        self.change(ticket, Queue=queue)

    def set_status(self, ticket: int, status: str) -> None:
        """new, open, stalled, resolved, rejected or deleted; a deleted ticket comes back by another status."""
        self.change(ticket, Status=status)

    def change(self, ticket: int, **changes: object) -> None:
        answer = self.http.put(f"ticket/{ticket}", json=changes)
        assert answer.status_code == 200, answer.text

    def put_time(self, ticket: int, minutes: int, text: str, at: datetime) -> str:
        """As add_time, but past the server, which takes a third of a second for each comment."""
        when = _moment(at)
        with _database() as database:
            made = database.execute(
                "insert into Transactions (ObjectType, ObjectId, TimeTaken, Type, ReferenceType, Creator, Created)"
                " values ('RT::Ticket', ?, ?, 'Comment', '', ?, ?)",
                (ticket, minutes, ROOT_ID, when),
            ).lastrowid
            database.execute(
                "insert into Attachments (TransactionId, Parent, ContentType, ContentEncoding, Content, Headers,"
                " Creator, Created) values (?, 0, 'text/plain', 'none', ?, ?, ?, ?)",
                (made, text, 'Content-Type: text/plain; charset="utf-8"', ROOT_ID, when),
            )
        return str(made)

    def rewrite(self, transaction: str, **columns: object) -> None:
        """Change a transaction past the server, which itself never does: TimeTaken, Created."""
        values = {name: _moment(each) if isinstance(each, datetime) else each for name, each in columns.items()}
        change = f"update Transactions set {', '.join(f'{name} = ?' for name in values)} where id = ?"  # noqa: S608
        with _database() as database:
            database.execute(change, (*values.values(), transaction))

    def shred(self, transaction: str) -> None:
        """Remove a transaction for good, as rt-shredder does: it leaves no trace."""
        with _database() as database:
            database.execute("delete from Attachments where TransactionId = ?", (transaction,))
            database.execute("delete from Transactions where id = ?", (transaction,))

    def empty(self) -> None:
        """Let no transaction have taken time, nor be so recent that a pull looks at it again.

        None is removed, since the server would give their numbers again.
        """
        with _database() as database:
            database.execute("update Transactions set TimeTaken = 0, Created = '2020-01-01 00:00:00'")

    def _newest_time(self, ticket: int, at: datetime | None) -> str:
        query = f"ObjectType = 'RT::Ticket' AND ObjectId = {ticket} AND TimeTaken != 0"
        asked = {"query": query, "orderby": "id", "order": "DESC", "per_page": "1"}
        number = str(self.http.get("transactions", params=asked).json()["items"][0]["id"])
        if at is not None:
            self.rewrite(number, Created=at)
        return number

    def _create(self, kind: str, content: dict[str, Any]) -> int:
        answer = self.http.post(kind, json=content)
        assert answer.status_code == 201, answer.text
        number = str(answer.json()["id"])
        return int(number) if number.isdecimal() else 0


@contextmanager
def running_request_tracker() -> Iterator[RequestTrackerServer]:
    """A server with a pristine database, for one process at a time."""
    run = Path(os.environ.get("RT_PEER_RUN", "/tmp/syncd-peer-request-tracker"))
    run.mkdir(parents=True, exist_ok=True)
    with (run / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        port = os.environ.get("RT_PORT") or str(_free_port())
        environment = {**os.environ, "RT_PORT": port, "PEER_RUN": str(run)}
        _script("all", environment, run)
        try:
            root, narrow = Path(f"{DATABASE}.tokens").read_text().split()
            url = f"http://127.0.0.1:{port}"
            headers = {"Authorization": f"token {root}"}
            with httpx.Client(base_url=f"{url}/REST/2.0", headers=headers, timeout=60) as http:
                yield RequestTrackerServer(url, root, narrow, http)
        finally:
            _script("stop", environment, run)


def _script(command: str, environment: dict[str, str], run: Path) -> None:
    # A file, not a pipe: the server inherits it and would keep a pipe open.
    with (run / "script.log").open("w") as log:
        done = subprocess.run([SCRIPT, command], env=environment, stdout=log, stderr=log, check=False)
    assert done.returncode == 0, (run / "script.log").read_text(errors="replace")[-2000:]


@contextmanager
def _database() -> Iterator[sqlite3.Connection]:
    """One transaction past the server. Tests make hundreds of them, and lose nothing by a power failure."""
    with closing(sqlite3.connect(DATABASE, timeout=20)) as database, database:
        database.execute("pragma synchronous = off")
        yield database


def _moment(at: datetime) -> str:
    """An instant as the database keeps it."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
