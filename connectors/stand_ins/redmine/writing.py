"""The stand-in's answers to POST, PUT and DELETE: what other tools and scripts do."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.stand_ins.redmine.reading import refusal
from connectors.stand_ins.redmine.tracker import STATUSES, Issue, Project
from connectors.stand_ins.redmine.view import NOTHING, View
from connectors.stand_ins.server import Answer, Json, NotKnownError


def add_entry(view: View) -> Answer:
    """201 with the entry, or 422 with what is wrong, all at once."""
    said = _said(view, "time_entry")
    issue = _issue(view, said)
    project = issue.project if issue and "project_id" not in said else _project(view, said.get("project_id"))
    if not view.user.admin:
        return NOTHING[403]
    hours = hours_of(said.get("hours"))
    errors = ["Activity cannot be blank"] if not said.get("activity_id") else []
    errors += ["Project cannot be blank"] if project is None and not said.get("project_id") else []
    errors += _wrong_hours(said, hours)
    errors += ["Project is invalid"] if project is None else []
    errors += ["Issue is invalid"] if said.get("issue_id") and (issue is None or issue.project is not project) else []
    if errors or project is None or hours is None:
        return _refused(errors)
    day = date.fromisoformat(said["spent_on"]) if said.get("spent_on") else view.redmine.now().date()
    activity = view.redmine.activities[int(said["activity_id"])]
    entry = view.redmine.add_entry(
        project, day, hours, issue=issue, activity=activity, comments=said.get("comments"), **_custom(view, said)
    )
    location = {"Location": f"{view.asked.base_url}/time_entries/{entry.id}"}
    return Answer(201, {"time_entry": view.time_entry(entry)}, headers=location)


def change_entry(view: View, number: str) -> Answer:
    """204, or 422 with what is wrong."""
    entry = view.redmine.entry(int(number))
    refused = refusal(view, entry)
    if entry is None or refused is not None:
        return refused or NOTHING[404]
    if not view.user.admin:
        return NOTHING[403]
    said = _said(view, "time_entry")
    project = _project(view, said["project_id"]) if "project_id" in said else entry.project
    issue = _issue(view, said) if "issue_id" in said else entry.issue
    hours = hours_of(said.get("hours", str(entry.hours)))
    errors = _wrong_hours(said, hours) if "hours" in said else []
    errors += ["Project is invalid"] if project is None else []
    errors += ["Issue is invalid"] if issue is not None and issue.project is not project else []
    if errors or project is None:
        return _refused(errors)
    day = date.fromisoformat(said["spent_on"]) if "spent_on" in said else None
    view.redmine.change_entry(entry, hours=hours, spent_on=day, comments=said.get("comments"), **_custom(view, said))
    entry.project, entry.issue = project, issue
    return NOTHING[204]


def delete_entry(view: View, number: str) -> Answer:
    """204, and 404 from then on."""
    entry = view.redmine.entry(int(number))
    refused = refusal(view, entry)
    if entry is None or refused is not None:
        return refused or NOTHING[404]
    view.redmine.delete_entry(entry)
    return NOTHING[204]


def add_issue(view: View) -> Answer:
    """201 with the issue."""
    said = _said(view, "issue")
    project = _project(view, said.get("project_id"))
    if project is None or not said.get("subject"):
        return _refused(["Project cannot be blank"] if project is None else ["Subject cannot be blank"])
    parent = next((each for each in view.redmine.issues if each.id == said.get("parent_issue_id")), None)
    made = view.redmine.add_issue(project, said["subject"], parent=parent)
    return Answer(
        201, {"issue": view.issue(made, new=True)}, headers={"Location": f"{view.asked.base_url}/issues/{made.id}"}
    )


def change_issue(view: View, number: str) -> Answer:
    """204; its status alone can be changed here."""
    found = next((each for each in view.redmine.issues if each.id == int(number)), None)
    if found is None:
        return NOTHING[404]
    said = _said(view, "issue")
    if said.keys() != {"status_id"} or int(said["status_id"]) not in STATUSES:
        raise NotKnownError(f"that change of an issue: {said}")
    view.redmine.set_issue_status(found, int(said["status_id"]))
    return NOTHING[204]


def delete_issue(view: View, number: str) -> Answer:
    """204; its time entries are deleted too."""
    found = next((each for each in view.redmine.issues if each.id == int(number)), None)
    if found is None:
        return NOTHING[404]
    view.redmine.delete_issue(found)
    return NOTHING[204]


def add_project(view: View) -> Answer:
    """201 with the project."""
    said = _said(view, "project")
    parent = _project(view, said.get("parent_id")) if said.get("parent_id") else None
    fields = {each["id"]: each["value"] for each in said.get("custom_fields", [])}
    first = len(view.redmine.entry_fields) + 1
    custom = {view.redmine.project_fields[number - first]: value for number, value in fields.items()}
    made = view.redmine.add_project(said["name"], parent=parent, **custom)
    made.identifier = said["identifier"]
    location = {"Location": f"{view.asked.base_url}/projects/{made.id}"}
    return Answer(201, {"project": view.project_record(made)}, headers=location)


def change_project(view: View, named: str) -> Answer:
    """204; its name alone can be changed here."""
    found = view.project(named)
    if found is None:
        return NOTHING[404]
    said = _said(view, "project")
    if said.keys() != {"name"}:
        raise NotKnownError(f"that change of a project: {said}")
    view.redmine.rename_project(found, said["name"])
    return NOTHING[204]


def set_project_status(view: View, named: str, act: str) -> Answer:
    """204."""
    found = view.project(named)
    if found is None:
        return NOTHING[404]
    redmine = view.redmine
    acts = {
        "archive": redmine.archive_project,
        "unarchive": redmine.unarchive_project,
        "close": redmine.close_project,
        "reopen": redmine.reopen_project,
    }
    acts[act](found)
    return NOTHING[204]


def hours_of(said: object) -> Decimal | None:
    """Hours as people type them: 1.5, 1,5, 0:20, 1h45, 20m; None for what is none."""
    text = "" if said is None else str(said).strip().replace(",", ".").lower()
    clock = re.fullmatch(r"(\d+):([0-5]\d)", text) or re.fullmatch(r"(\d+)h(\d*)m?", text)
    if clock:
        return int(clock[1]) + Decimal(int(clock[2] or 0)) / 60
    minutes = re.fullmatch(r"(\d+)m(?:in)?", text)
    if minutes:
        return Decimal(int(minutes[1])) / 60
    return Decimal(text) if re.fullmatch(r"-?\d+(\.\d*)?", text) else None


def _wrong_hours(said: Json, hours: Decimal | None) -> list[str]:
    if said.get("hours") in (None, ""):
        return ["Hours cannot be blank"]
    return ["Hours is invalid"] if hours is None or hours < 0 else []


def _said(view: View, member: str) -> Json:
    """What was sent under its name; nothing when it is not JSON, as the real server takes it."""
    try:
        said = json.loads(view.asked.body)
    except ValueError:
        return {}
    found: Json = said.get(member, {}) if isinstance(said, dict) else {}
    return found


def _custom(view: View, said: Json) -> dict[str, Any]:
    """The values of custom fields by name; the JSON names them by number."""
    return {view.redmine.entry_fields[each["id"] - 1]: each["value"] for each in said.get("custom_fields", [])}


def _project(view: View, said: object) -> Project | None:
    """By number alone: an identifier is not understood where something is written."""
    return next((each for each in view.redmine.projects if str(each.id) == str(said)), None)


def _issue(view: View, said: Json) -> Issue | None:
    return next((each for each in view.redmine.issues if str(each.id) == str(said.get("issue_id"))), None)


def _refused(errors: list[str]) -> Answer:
    return Answer(422, {"errors": errors})
