"""Pulls time entries, and the issues that they refer to, from one Redmine server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator
from typing import ClassVar

import msgspec

from connectors.http import ReadError
from connectors.pages import alive, in_pages, result_of
from connectors.redmine.client import Project, RedmineClient, open_client
from connectors.redmine.hidden import Known, as_cursor, hidden_record, missing, projects_of, remembered
from connectors.redmine.records import Meaning, read_projects
from connectors.redmine.settings import CUSTOM_FIELD, RedmineSettings
from connectors.source import Cursor, Health, Incremental, Page, Record, SourceError, Span, Window
from connectors.tool_source import ToolSource
from mappings.problems import Problem
from mappings.work import WorkItem


class RedmineSource(ToolSource[RedmineSettings]):
    """A Redmine server. It cannot say what changed, so the whole window of worked days is read on each pull."""

    incremental: Incremental = Incremental.WORK_DATES
    settings_type: ClassVar[type[RedmineSettings]] = RedmineSettings

    def check(self) -> Health:
        """Ask who the key's user is and what they may see."""
        problems = [problem for _, problem in self._settings.wrong_values()]
        if problems:
            return Health("The settings cannot be used.", tuple(problems))
        try:
            with self._client() as client:
                user = client.current_user()
                projects = result_of(self._projects(client))
                entries = client.count_time_entries()
        except SourceError as error:
            return Health(error.what, (_why(error, self._settings),))
        says = f"The key is {user.login}'s. Time entries: {entries}, projects: {len(projects)}."
        return Health(says, tuple(self._doubts(user.login, projects)))

    def pull(self, cursor: Cursor, window: Window) -> Iterator[Page]:
        """Yield the window's issues and entries.

        Complete unless the list changed under every attempt to read it, or a project is out of sight. The cursor holds
        the projects that had work, no position: the window is read whole each time.
        """
        for _, problem in self._settings.wrong_values():
            raise SourceError(problem.what, problem.fix)
        with self._client() as client:
            rows = yield from alive(client.time_entries(window.span), cursor)
            settings = self._settings
            known = {} if settings.client_from == "project" else (yield from alive(self._projects(client), cursor))
            meaning = Meaning(self.name, self._timezone, settings.client_from, settings.billable_from, known)
            entries = [meaning.entry(raw) for raw in rows.raws]
            _assert_filtered(entries, window.span)
            issues = yield from alive(client.issues(_issue_numbers(entries)), cursor)
            seen, hidden = _out_of_sight(client, remembered(cursor), projects_of(rows.raws), window.span)
        records = (*(meaning.task(raw) for raw in issues.raws), *entries, *hidden)
        complete = window.span if rows.steady and not hidden else None
        after = as_cursor(seen)
        yield from in_pages(records, after, after, complete)

    def _client(self) -> RedmineClient:
        return open_client(self._settings, clock=self._clock, secret=self._secret, before_request=self._before_request)

    def _projects(self, client: RedmineClient) -> Generator[None, None, dict[int, Project]]:
        rows = yield from client.projects()
        try:
            return read_projects(rows.raws)
        except msgspec.ValidationError as error:
            raise SourceError(
                f"projects.json is not as documented: {error}.", "Check that url is a Redmine."
            ) from error

    def _doubts(self, login: str, projects: dict[int, Project]) -> Iterator[Problem]:
        """What would make the pull wrong although every request succeeds."""
        if not projects:
            what = f"{login} sees no project."
            yield Problem("no-projects", what, "Make that user a member of the projects, with View spent time.")
        for name, count in Counter(project.name for project in projects.values()).items():
            if count > 1 and self._settings.client_from == "project":
                what = f"{count} projects are named {name}: their work counts as one client's."
                fix = "Rename one, or take the client from elsewhere with client_from."
                yield Problem("project-name-twice", what, fix, subject=name, warning=True)
        name = self._settings.client_from.removeprefix(CUSTOM_FIELD)
        fields = {field.name for project in projects.values() for field in project.custom_fields}
        if self._settings.client_from.startswith(CUSTOM_FIELD) and projects and name not in fields:
            what = f"No project has a custom field {name}; it must then be one of each time entry."
            yield Problem("client-field-missing", what, "Check the name in client_from.", warning=True)


def _out_of_sight(client: RedmineClient, known: Known, listed: Known, span: Span) -> tuple[Known, list[Record]]:
    """The projects to remember, and of those that are there and not listed any more what a person is told."""
    shown = {number: client.shows_time_of(number) for number in missing(known, listed, span)}
    kept = {number: seen for number, seen in known.items() if shown.get(number, False) is False}
    hidden = [hidden_record(number, known[number]) for number, shows in shown.items() if shows is False]
    return {**kept, **listed}, hidden


def _issue_numbers(entries: list[Record]) -> list[int]:
    return sorted({int(entry.item.task) for entry in entries if isinstance(entry.item, WorkItem) and entry.item.task})


def _assert_filtered(entries: list[Record], span: Span) -> None:
    """A server that does not know a filter answers with everything: then nothing of the answer can be relied upon."""
    for entry in entries:
        if isinstance(entry.item, WorkItem) and entry.item.worked_on not in span:
            what = f"The server ignored the filter {span.first} to {span.last}: entry {entry.key} is outside it."
            raise SourceError(what, "Check that url leads to a Redmine itself, and what stands between.")


def _why(error: SourceError, settings: RedmineSettings) -> Problem:
    """The problem behind a failed check, with what a Redmine administrator does about it."""
    status = error.status if isinstance(error, ReadError) else 0
    if status == 401:
        fix = (
            f"Check the key behind {settings.token}, and that Administration › Settings › API › "
            "Enable REST web service is ticked."
        )
        return Problem("token-refused", error.what, fix)
    if status == 403:
        fix = "Give the key's user the permission View spent time, and tick Enable REST web service in the settings."
        return Problem("permission-missing", error.what, fix)
    if status == 404:
        return Problem("address-wrong", error.what, "Write the address of Redmine's own root in url.")
    return Problem("source-unreachable", error.what, error.fix)
