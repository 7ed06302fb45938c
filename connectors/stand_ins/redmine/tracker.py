"""A small Redmine 5 on loopback: projects, issues and time entries, as its people make and change them.

Written from the behaviour of the real 5.0.4. What a reader has to know of it, and can try here: hours are kept exactly
and shown rounded; an entry carries the names of now, so that a renamed project renames all its work without a trace;
an archived project takes its entries out of every list, a closed one only itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from connectors.stand_ins.server import Answer, Asked, StandIn

KEY = "5f0c77d0a9e14b6c8a3e2d1b4c6f8091aabbccdd"
OPEN, CLOSED, ARCHIVED = 1, 5, 9
"""States of a project."""
ACTIVITIES = {8: "Design", 9: "Development"}
"""Those of a new installation."""
STATUSES = {
    1: ("New", False),
    2: ("In Progress", False),
    3: ("Resolved", False),
    4: ("Feedback", False),
    5: ("Closed", True),
    6: ("Rejected", True),
}


@dataclass(eq=False)
class User:
    id: int
    login: str
    first_name: str
    last_name: str
    key: str = ""
    admin: bool = False
    hidden_projects: set[int] = field(default_factory=set)
    """Projects that this user may not see, by number."""
    sees_time: bool = True
    """Whether a role of theirs has the permission View spent time."""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


@dataclass(eq=False)
class Project:
    id: int
    name: str
    identifier: str
    created_on: datetime
    updated_on: datetime
    parent: Project | None = None
    status: int = OPEN
    custom_values: dict[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class Issue:
    id: int
    project: Project
    subject: str
    author: User
    created_on: datetime
    updated_on: datetime
    status_id: int = 1
    parent_id: int = 0
    closed_on: datetime | None = None


@dataclass(eq=False)
class TimeEntry:
    id: int
    project: Project
    user: User
    activity_id: int
    hours: Decimal
    """As they were entered; the server shows them rounded to two decimals."""
    spent_on: date
    created_on: datetime
    updated_on: datetime
    issue: Issue | None = None
    comments: str | None = ""
    custom_values: dict[str, str | list[str] | None] = field(default_factory=dict)


class Redmine(StandIn):
    """The server, its data, and what its people do. Two members spoil it as a server in between could."""

    def __init__(self, now: Callable[[], datetime] | None = None) -> None:
        super().__init__(now)
        self.rest_enabled = True
        self.ignores_filters = False
        """Something on the way drops what the server is asked for."""
        self.most_per_page = 100
        self.activities = dict(ACTIVITIES)
        self.admin = User(1, "admin", "Redmine", "Admin", KEY, admin=True)
        self.users: list[User] = [self.admin]
        self.projects: list[Project] = []
        self.issues: list[Issue] = []
        self.entries: list[TimeEntry] = []
        self.entry_fields: list[str] = []
        """Custom fields of time entries, by name."""
        self.project_fields: list[str] = []
        self._numbers: dict[str, int] = {}

    @property
    def key(self) -> str:
        """The administrator's, which sees everything."""
        return self.admin.key

    def answer(self, asked: Asked) -> Answer:
        from connectors.stand_ins.redmine.api import answer

        return answer(self, asked)

    def add_user(self, first_name: str, last_name: str, *, key: str = "") -> User:
        with self.lock:
            # Numbers 2 to 4 are the installation's own: anonymous and two groups.
            number = self._number("user", after=4)
            self.users.append(User(number, f"{first_name}.{last_name}".lower(), first_name, last_name, key))
            return self.users[-1]

    def add_activity(self, name: str) -> int:
        with self.lock:
            number = max(self.activities) + 1
            self.activities[number] = name
            return number

    def add_project(self, name: str, *, parent: Project | None = None, **custom: str) -> Project:
        with self.lock:
            moment = self.now()
            plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
            identifier = re.sub("[^a-z0-9]+", "-", plain).strip("-")
            project = Project(self._number("project"), name, identifier, moment, moment, parent)
            self._set_fields(self.project_fields, project.custom_values, custom)
            self.projects.append(project)
            return project

    def rename_project(self, project: Project, name: str) -> None:
        """The identifier stays, and no entry's updated_on moves."""
        with self.lock:
            project.name, project.updated_on = name, self.now()

    def close_project(self, project: Project) -> None:
        """Read-only from now on, with all below it: gone from the list of projects, the entries stay in theirs."""
        self._set_status(project, OPEN, CLOSED)

    def reopen_project(self, project: Project) -> None:
        self._set_status(project, CLOSED, OPEN)

    def archive_project(self, project: Project) -> None:
        """Gone from every list with all below it, entries and issues too; nothing is deleted."""
        for status in (OPEN, CLOSED):
            self._set_status(project, status, ARCHIVED)

    def unarchive_project(self, project: Project) -> None:
        """It comes back alone: what is below it stays archived."""
        with self.lock:
            project.status, project.updated_on = OPEN, self.now()

    def add_issue(
        self, project: Project, subject: str, *, parent: Issue | None = None, closed_on: datetime | None = None
    ) -> Issue:
        with self.lock:
            moment = self.now()
            issue = Issue(self._number("issue"), project, subject, self.admin, moment, moment)
            issue.parent_id = parent.id if parent else 0
            if closed_on:
                issue.status_id, issue.closed_on = 5, closed_on
            self.issues.append(issue)
            return issue

    def set_issue_status(self, issue: Issue, status_id: int) -> None:
        with self.lock:
            moment = self.now()
            issue.status_id, issue.updated_on = status_id, moment
            issue.closed_on = moment if STATUSES[status_id][1] else issue.closed_on

    def delete_issue(self, issue: Issue) -> None:
        """With its time entries: nobody was asked whether to keep them."""
        with self.lock:
            self.issues.remove(issue)
            self.entries = [entry for entry in self.entries if entry.issue is not issue]

    def add_entry(
        self,
        project: Project,
        day: date,
        hours: Decimal,
        *,
        issue: Issue | None = None,
        user: User | None = None,
        activity: str = "Development",
        comments: str | None = "",
        **custom: str,
    ) -> TimeEntry:
        with self.lock:
            moment, number = self.now(), self._number("entry")
            activity_id = next(each for each, name in self.activities.items() if name == activity)
            entry = TimeEntry(number, project, user or self.admin, activity_id, hours, day, moment, moment, issue)
            entry.comments = comments
            self._set_fields(self.entry_fields, entry.custom_values, custom)
            self.entries.append(entry)
            return entry

    def entry(self, number: int) -> TimeEntry | None:
        return next((entry for entry in self.entries if entry.id == number), None)

    def change_entry(
        self,
        entry: TimeEntry,
        *,
        hours: Decimal | None = None,
        spent_on: date | None = None,
        comments: str | None = None,
        **custom: str,
    ) -> None:
        with self.lock:
            entry.hours = entry.hours if hours is None else hours
            entry.spent_on = spent_on or entry.spent_on
            entry.comments = entry.comments if comments is None else comments
            self._set_fields(self.entry_fields, entry.custom_values, custom)
            entry.updated_on = self.now()

    def move_entry(self, entry: TimeEntry, project: Project) -> None:
        """To another project; an issue belongs to one, so the entry leaves its own."""
        with self.lock:
            entry.project, entry.updated_on = project, self.now()
            if entry.issue is not None and entry.issue.project is not project:
                entry.issue = None

    def delete_entry(self, entry: TimeEntry) -> None:
        with self.lock:
            self.entries.remove(entry)

    def _set_status(self, project: Project, before: int, after: int) -> None:
        """Of a project and all below it, where it was `before`."""
        with self.lock:
            if project.status == before:
                project.status, project.updated_on = after, self.now()
            for part in self.projects:
                if part.parent is project:
                    self._set_status(part, before, after)

    def _set_fields(self, fields: list[str], values: dict[str, Any], custom: dict[str, str]) -> None:
        """A field that is named for the first time is one of all records from then on."""
        for name, value in custom.items():
            if name not in fields:
                fields.append(name)
            values[name] = value

    def _number(self, kind: str, after: int = 0) -> int:
        """The next of its kind; a deleted record's number is never given again."""
        self._numbers[kind] = self._numbers.get(kind, after) + 1
        return self._numbers[kind]
