"""One request's view of the data: who asks, what they may see, and how records are written as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.stand_ins.redmine.tracker import (
    ARCHIVED,
    STATUSES,
    Issue,
    Project,
    Redmine,
    TimeEntry,
    User,
)
from connectors.stand_ins.server import Answer, Asked, Json

NOTHING = {
    status: Answer(status, content_type="application/json" if status > 400 else "") for status in (204, 403, 404)
}
"""Answers without a body."""
LIMIT = 25


class View:
    """What one user may see of a Redmine."""

    def __init__(self, redmine: Redmine, asked: Asked, user: User) -> None:
        self.redmine = redmine
        self.asked = asked
        self.user = user

    def sees(self, project: Project) -> bool:
        """Whether the project is there for this user: not archived, nor below an archived one, nor hidden."""
        above: Project | None = project
        while above is not None:
            if above.status == ARCHIVED:
                return False
            above = above.parent
        return project.id not in self.user.hidden_projects

    def project(self, named: str) -> Project | None:
        """By number or identifier, whoever may see it."""
        return next((each for each in self.redmine.projects if named in (str(each.id), each.identifier)), None)

    def page(self, member: str, found: Sequence[Json]) -> Answer:
        """A page of a list, by limit and offset, or by limit and page."""
        query = self.asked.query
        limit = min(_whole(query.get("limit")) or LIMIT, self.redmine.most_per_page)
        offset = _whole(query.get("offset"))
        if "offset" not in query and _whole(query.get("page")):
            offset = (_whole(query["page"]) - 1) * limit
        listing = {member: list(found[offset : offset + limit]), "total_count": len(found)}
        return Answer(200, {**listing, "offset": offset, "limit": limit})

    def time_entry(self, entry: TimeEntry) -> Json:
        """A time entry; hours with two decimals at most, whatever was entered."""
        shown: Json = {"id": entry.id, "project": _named(entry.project)}
        if entry.issue is not None:
            shown["issue"] = {"id": entry.issue.id}
        shown["user"] = {"id": entry.user.id, "name": entry.user.name}
        shown["activity"] = {"id": entry.activity_id, "name": self.redmine.activities[entry.activity_id]}
        shown["hours"] = float(entry.hours.quantize(Decimal("0.01"), ROUND_HALF_UP))
        shown |= {"comments": entry.comments, "spent_on": str(entry.spent_on)}
        shown |= {"created_on": moment(entry.created_on), "updated_on": moment(entry.updated_on)}
        if self.redmine.entry_fields:
            shown["custom_fields"] = self._fields(self.redmine.entry_fields, entry.custom_values, 0)
        return shown

    def issue(self, issue: Issue, *, new: bool = False) -> Json:
        """An issue, of the tracker Support; one that was just made has no hours yet."""
        name, is_closed = STATUSES[issue.status_id]
        children = [each for each in self.redmine.issues if each.parent_id == issue.id]
        shown: Json = {"id": issue.id, "project": _named(issue.project), "tracker": {"id": 3, "name": "Support"}}
        shown["status"] = {"id": issue.status_id, "name": name, "is_closed": is_closed}
        shown["priority"] = {"id": 2, "name": "Normal"}
        shown["author"] = {"id": issue.author.id, "name": issue.author.name}
        if issue.parent_id:
            shown["parent"] = {"id": issue.parent_id}
        shown |= {"subject": issue.subject, "description": None, "start_date": str(issue.created_on.date())}
        closed = [each for each in children if STATUSES[each.status_id][1]]
        shown |= {"due_date": None, "done_ratio": 100 * len(closed) // len(children) if children else 0}
        shown |= {"is_private": False, "estimated_hours": None}
        shown["total_estimated_hours"] = 0.0 if children else None
        if not new:
            shown |= {"spent_hours": self._hours([issue]), "total_spent_hours": self._hours([issue, *children])}
        shown |= {"created_on": moment(issue.created_on), "updated_on": moment(issue.updated_on)}
        return {**shown, "closed_on": moment(issue.closed_on) if issue.closed_on else None}

    def _hours(self, issues: Sequence[Issue]) -> float:
        return float(sum(entry.hours for entry in self.redmine.entries if entry.issue in issues))

    def project_record(self, project: Project, *, alone: bool = True) -> Json:
        """A project, with its parent where the user may see that one; in a list (not `alone`) it has less to say."""
        shown: Json = {"id": project.id, "name": project.name, "identifier": project.identifier, "description": None}
        shown |= {"homepage": ""} if alone else {}
        if project.parent is not None and self.sees(project.parent):
            shown["parent"] = _named(project.parent)
        shown |= {"status": project.status, "is_public": True, "inherit_members": False}
        if fields := self.redmine.project_fields:
            shown["custom_fields"] = self._fields(fields, project.custom_values, len(self.redmine.entry_fields))
        return {**shown, "created_on": moment(project.created_on), "updated_on": moment(project.updated_on)}

    def _fields(self, names: Sequence[str], values: Mapping[str, Any], first: int) -> list[Json]:
        """Each custom field of the kind, whether the record has a value or not."""
        numbered = enumerate(names, start=first + 1)
        return [{"id": number, "name": name, "value": values.get(name)} for number, name in numbered]


def moment(value: datetime) -> str:
    """An instant, to the second, in UTC."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _named(project: Project) -> Json:
    return {"id": project.id, "name": project.name}


def _whole(text: str | None) -> int:
    """The number, or 0 for what is none."""
    return int(text) if text and text.isdecimal() else 0
