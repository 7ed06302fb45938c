"""The filters and sort keys that the stand-in knows. What the real server knows and this one does not is said with 501;
what neither knows is dropped without a word, as the real one does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from connectors.stand_ins.redmine.tracker import STATUSES, Issue, TimeEntry, User
from connectors.stand_ins.server import NotKnownError

Keep = Callable[[Any], bool]

_ENTRY_FILTERS_OF_THE_REAL_SERVER = ("hours", "comments", "cf_", "issue.", "project.", "user.", "author_id")
_ISSUE_FILTERS_OF_THE_REAL_SERVER = (
    *("updated_on", "created_on", "closed_on", "tracker_id", "assigned_to_id", "subject", "cf_", "author_id"),
    *("priority_id", "start_date", "due_date", "category_id", "fixed_version_id", "parent_id", "child_id"),
)
_SORT_KEYS: Mapping[str, Callable[[TimeEntry], Any]] = {
    "spent_on": lambda entry: (entry.spent_on, entry.created_on),
    "created_on": lambda entry: entry.created_on,
    "hours": lambda entry: entry.hours,
    "user": lambda entry: entry.user.name,
    "project": lambda entry: entry.project.name,
    "activity": lambda entry: entry.activity_id,
}


def filtered_entries(entries: list[TimeEntry], query: Mapping[str, str], user: User) -> list[TimeEntry]:
    """The entries that pass every filter."""
    _refuse_unknown(query, _ENTRY_FILTERS_OF_THE_REAL_SERVER)
    keeps: list[Keep] = [_spent_on(query["spent_on"])] if "spent_on" in query else []
    first, last = _day(query.get("from")), _day(query.get("to"))
    if first:
        keeps.append(lambda entry: entry.spent_on >= first)
    if last:
        keeps.append(lambda entry: entry.spent_on <= last)
    if "user_id" in query:
        people = {str(user.id) if each == "me" else each for each in query["user_id"].split("|")}
        keeps.append(lambda entry: str(entry.user.id) in people)
    if "issue_id" in query:
        wanted = set(query["issue_id"].split("|"))
        keeps.append(lambda entry: entry.issue is not None and str(entry.issue.id) in wanted)
    if "activity_id" in query:
        done = set(query["activity_id"].split("|"))
        keeps.append(lambda entry: str(entry.activity_id) in done)
    return [entry for entry in entries if all(keep(entry) for keep in keeps)]


def filtered_issues(issues: list[Issue], query: Mapping[str, str]) -> list[Issue]:
    """The issues that pass every filter; without one on the status, the open ones."""
    _refuse_unknown(query, _ISSUE_FILTERS_OF_THE_REAL_SERVER)
    status = query.get("status_id", "open")
    keeps: list[Keep] = []
    if status in ("open", "closed"):
        keeps.append(lambda issue: STATUSES[issue.status_id][1] is (status == "closed"))
    elif status != "*":
        keeps.append(lambda issue: str(issue.status_id) in status.split("|"))
    if "issue_id" in query:
        wanted = set(query["issue_id"].split(","))
        keeps.append(lambda issue: str(issue.id) in wanted)
    return [issue for issue in issues if all(keep(issue) for keep in keeps)]


def sorted_by(entries: list[TimeEntry], sort: str | None) -> list[TimeEntry]:
    """By a known key; by number where the key is none; without any, the latest day and entry first."""
    name, _, direction = (sort or "spent_on:desc").partition(":")
    if name == "issue":
        raise NotKnownError("sort=issue")
    ordered = sorted(entries, key=lambda entry: entry.id)
    if name in _SORT_KEYS:
        ordered.sort(key=_SORT_KEYS[name], reverse=direction == "desc")
    return ordered


def _spent_on(value: str) -> Keep:
    """A day, from a day on, up to a day, or between two."""
    if value.startswith("><"):
        first, last = (date.fromisoformat(each) for each in value[2:].split("|"))
        return lambda entry: first <= entry.spent_on <= last
    day = _day(value.lstrip("><="))
    if day is None:
        raise NotKnownError(f"spent_on={value}")
    if value.startswith(">="):
        return lambda entry: entry.spent_on >= day
    if value.startswith("<="):
        return lambda entry: entry.spent_on <= day
    return lambda entry: entry.spent_on == day


def _day(text: str | None) -> date | None:
    """A date, or nothing for what is none: then there is no filter."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _refuse_unknown(query: Mapping[str, str], real: tuple[str, ...]) -> None:
    named = [
        name for name in query if name in real or name.startswith(tuple(each for each in real if each[-1] in "._"))
    ]
    if named:
        raise NotKnownError(f"the filter {named[0]}")
