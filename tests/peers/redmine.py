"""A real Redmine for tests: brought up by redmine.sh, spoken to by its own REST API, as its users' tools do.

`running_redmine()` installs the package when it is missing (root and apt, about 30 s), starts it on a free port with
the pristine database (5 s), and stops it. One process at a time has it: the package has one database on the machine.
"""

from __future__ import annotations

import fcntl
import os
import re
import socket
import sqlite3
import subprocess
import unicodedata
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx

SCRIPT = Path(__file__).with_name("redmine.sh")
KEY = "0123456789abcdef0123456789abcdef01234567"
DATABASE = "/var/lib/dbconfig-common/sqlite3/redmine/instances/default/redmine_default"
DESIGN, DEVELOPMENT = 8, 9
"""Activities of the package's default data."""


@dataclass
class RedmineServer:
    """A running server and a connection of its administrator."""

    url: str
    key: str
    http: httpx.Client

    def create_project(self, name: str, *, customer: str = "", parent_id: int | None = None) -> int:
        """A project of that name, with the custom field Customer; its number."""
        project: dict[str, Any] = {"name": name, "identifier": _identifier(name), "parent_id": parent_id}
        project["enabled_module_names"] = ["issue_tracking", "time_tracking"]
        project["custom_fields"] = [{"id": self.custom_field("ProjectCustomField", "Customer"), "value": customer}]
        return self._create("projects.json", "project", project)

    def change_project(self, number: int, **changes: object) -> None:
        self._put(f"projects/{number}.json", "project", changes)

    def set_project_status(self, number: int, act: str) -> None:
        """Close, reopen, archive or unarchive it."""
        assert self.http.put(f"projects/{number}/{act}.json").status_code == 204

    def create_issue(self, project_id: int, subject: str, *, parent_id: int | None = None) -> int:
        issue = {"project_id": project_id, "tracker_id": 3, "subject": subject, "parent_issue_id": parent_id}
        return self._create("issues.json", "issue", issue)

    def close_issue(self, issue_id: int) -> None:
        """Status 5 of the default data is Closed."""
        self._put(f"issues/{issue_id}.json", "issue", {"status_id": 5})

    def create_entry(self, day: date, hours: str, *, comments: str = "", **where: int) -> int:
        """A time entry on `project_id` or `issue_id`; `hours` as a person types them: "1.5", "0:20"."""
        entry = {"spent_on": str(day), "hours": hours, "comments": comments, "activity_id": DEVELOPMENT, **where}
        return self._create("time_entries.json", "time_entry", entry)

    def change_entry(self, number: int, **changes: object) -> None:
        self._put(f"time_entries/{number}.json", "time_entry", changes)

    def delete_entry(self, number: int) -> None:
        self.http.delete(f"time_entries/{number}.json").raise_for_status()

    def custom_field(self, sort: str, name: str) -> int:
        """The number of a custom field that redmine.sh made."""
        query = "select id from custom_fields where type = ? and name = ?"
        with closing(sqlite3.connect(DATABASE)) as database:
            return int(database.execute(query, (sort, name)).fetchone()[0])

    def empty(self) -> None:
        """Remove every time entry, past the server: thousands of DELETE requests would take a minute."""
        with closing(sqlite3.connect(DATABASE, timeout=10)) as database, database:
            database.execute("delete from time_entries")
            database.execute("delete from custom_values where customized_type = 'TimeEntry'")

    def _create(self, path: str, member: str, content: dict[str, Any]) -> int:
        answer = self.http.post(path, json={member: content})
        assert answer.status_code == 201, answer.text
        return int(answer.json()[member]["id"])

    def _put(self, path: str, member: str, content: object) -> None:
        answer = self.http.put(path, json={member: content})
        assert answer.status_code == 204, answer.text


@contextmanager
def running_redmine() -> Iterator[RedmineServer]:
    """A server with an empty, pristine database."""
    run = Path(os.environ.get("PEER_RUN", "/tmp/syncd-peer-redmine"))
    run.mkdir(parents=True, exist_ok=True)
    with (run / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        port = os.environ.get("REDMINE_PORT") or str(_free_port())
        environment = {**os.environ, "REDMINE_PORT": port, "REDMINE_API_KEY": KEY, "PEER_RUN": str(run)}
        _script("all", environment, run)
        try:
            url = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=url, headers={"X-Redmine-API-Key": KEY}, timeout=30) as http:
                yield RedmineServer(url, KEY, http)
        finally:
            _script("stop", environment, run)


def set_rest_enabled(enabled: bool) -> None:
    """Tick or untick Administration › Settings › API › Enable REST web service."""
    value = "1" if enabled else "0"
    subprocess.run([SCRIPT, "shell", f'Setting.rest_api_enabled = "{value}"'], check=True, capture_output=True)


def _script(command: str, environment: dict[str, str], run: Path) -> None:
    # A file, not a pipe: the server inherits it and would keep a pipe open.
    with (run / "script.log").open("w") as log:
        done = subprocess.run([SCRIPT, command], env=environment, stdout=log, stderr=log, check=False)
    assert done.returncode == 0, (run / "script.log").read_text(errors="replace")[-2000:]


def _identifier(name: str) -> str:
    """A project's identifier: lower-case ASCII letters, digits and dashes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
