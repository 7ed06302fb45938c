"""What Redmine's records mean: time entries become work, issues become tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import msgspec

from connectors.redmine.client import CustomField, Issue, Named, Project, TimeEntry
from connectors.redmine.settings import CUSTOM_FIELD
from connectors.source import Record
from mappings.money import divide_half_up
from mappings.problems import Problem
from mappings.work import Task, WorkItem

SECONDS_PER_HOUR = 3600

_ENTRY = msgspec.json.Decoder(TimeEntry)
_ISSUE = msgspec.json.Decoder(Issue)
_PROJECT = msgspec.json.Decoder(Project)
_KEY = msgspec.json.Decoder(dict[str, msgspec.Raw])


class MeaningError(Exception):
    """The record is well-formed, but does not say what the settings rest on."""

    def __init__(self, code: str, what: str, fix: str) -> None:
        super().__init__(what)
        self.problem = Problem(code, what, fix)


@dataclass(frozen=True, slots=True)
class Meaning:
    """Turns records into the shared vocabulary, as one source's settings say."""

    source: str
    zone: ZoneInfo
    client_from: str
    billable_from: str
    projects: Mapping[int, Project] = field(default_factory=dict)
    """Needed unless the client is the project itself."""

    def entry(self, raw: bytes) -> Record:
        """A time entry as work. `spent_on` is a calendar day, never converted; hours become whole seconds, half-up.

        The server has rounded the hours to two decimals: three times 20 minutes arrive as 3 × 0.33 h = 3,564 s.
        """
        try:
            entry = _ENTRY.decode(raw)
            numerator, denominator = (entry.hours * SECONDS_PER_HOUR).as_integer_ratio()
            item = WorkItem(
                source=self.source,
                id=str(entry.id),
                worked_on=entry.spent_on,
                seconds=divide_half_up(numerator, denominator),
                person=entry.user.name,
                client=self._client(entry.project, entry.custom_fields),
                project=entry.project.name,
                task=str(entry.issue.id) if entry.issue else "",
                service=entry.activity.name,
                billable=self._billable(entry),
                notes=entry.comments or "",
            )
        except (msgspec.ValidationError, MeaningError) as error:
            return _bad_record("entry", raw, error)
        return Record(item.id, raw.decode(), item)

    def task(self, raw: bytes) -> Record:
        """An issue as a task, done when its status is a closed one; the day of closing is the company's local one."""
        try:
            issue = _ISSUE.decode(raw)
            closed = issue.status.is_closed
            done = issue.closed_on is not None if closed is None else closed
            task = Task(
                source=self.source,
                id=str(issue.id),
                title=issue.subject,
                client=self._client(issue.project, None),
                project=issue.project.name,
                parent=str(issue.parent.id) if issue.parent else "",
                state=issue.status.name,
                done=done,
                done_on=issue.closed_on.astimezone(self.zone).date() if done and issue.closed_on else None,
            )
        except (msgspec.ValidationError, MeaningError) as error:
            return _bad_record("issue", raw, error)
        return Record(_issue_key(task.id), raw.decode(), task)

    def _client(self, project: Named, own_fields: Iterable[CustomField] | None) -> str:
        """The client of an entry with these fields, or of an issue (None), which has fields of another sort."""
        if self.client_from == "project":
            return project.name
        if self.client_from == "top-project":
            return self._top_project(project)
        name = self.client_from.removeprefix(CUSTOM_FIELD)
        known = self.projects.get(project.id)
        fields = [each for each in (*(own_fields or ()), *(known.custom_fields if known else ())) if each.name == name]
        if not fields and own_fields is not None:
            what = f"Neither the entry nor its project {project.name} has a custom field {name}."
            raise MeaningError("client-field-missing", what, "Correct client_from, or add the field in Redmine.")
        return next(filter(None, map(_single, fields)), "")

    def _top_project(self, project: Named) -> str:
        known = self.projects.get(project.id)
        if known is None:
            what = f"The project {project.name} is not in the list of projects."
            raise MeaningError("project-missing", what, "Let the key's user see the project.")
        while known.parent is not None and known.parent.id in self.projects:
            known = self.projects[known.parent.id]
        return known.parent.name if known.parent else known.name

    def _billable(self, entry: TimeEntry) -> bool:
        """Redmine has no such flag: all work is billable, unless a custom field of yes or no says otherwise."""
        if not self.billable_from:
            return True
        name = self.billable_from.removeprefix(CUSTOM_FIELD)
        found = next((each for each in entry.custom_fields if each.name == name), None)
        if found is None:
            what = f"The entry has no custom field {name}."
            raise MeaningError("billable-field-missing", what, "Correct billable_from, or add the field in Redmine.")
        value = _single(found)
        if value not in ("", "0", "1"):
            what = f"The custom field {name} says {value!r}, which is neither yes nor no."
            raise MeaningError("billable-field-wrong", what, "Make it a field of format Boolean in Redmine.")
        return value != "0"


def read_projects(raws: Iterable[bytes]) -> dict[int, Project]:
    """Projects by their number; raises msgspec.ValidationError."""
    projects = map(_PROJECT.decode, raws)
    return {project.id: project for project in projects}


def _single(custom: CustomField) -> str:
    if isinstance(custom.value, list):
        if len(custom.value) > 1:
            what = f"The custom field {custom.name} holds {len(custom.value)} values."
            raise MeaningError("custom-field-several", what, "Choose one of them in Redmine.")
        return custom.value[0] if custom.value else ""
    return custom.value or ""


def _bad_record(kind: str, raw: bytes, error: Exception) -> Record:
    key = bytes(_KEY.decode(raw)["id"]).decode()
    if isinstance(error, MeaningError):
        found = error.problem
    else:
        fix = "Open it in Redmine and save it again; if that does not help, report it."
        found = Problem("record-malformed", f"Its form is not the documented one: {error}.", fix)
    what = f"Redmine's {kind} {key}: {found.what}"
    problem = Problem(found.code, what, found.fix, subject=f"{kind} {key}")
    return Record(key if kind == "entry" else _issue_key(key), raw.decode(), problem=problem)


def _issue_key(number: str) -> str:
    """Issues and time entries are numbered apart; their records must not be taken for each other's."""
    return f"issue {number}"
