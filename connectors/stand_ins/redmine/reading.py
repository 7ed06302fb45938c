"""The stand-in's answers to GET."""

from __future__ import annotations

from connectors.stand_ins.redmine.filters import filtered_entries, filtered_issues, sorted_by
from connectors.stand_ins.redmine.tracker import OPEN, STATUSES, Project, TimeEntry
from connectors.stand_ins.redmine.view import NOTHING, View, moment
from connectors.stand_ins.server import FIRST_MOMENT, Answer, Json


def time_entries(view: View) -> Answer:
    """The entries that the filters leave, the latest day first unless a known sort key says otherwise."""
    if "project_id" in view.asked.query and not view.redmine.ignores_filters:
        within = view.project(view.asked.query["project_id"])
        return NOTHING[404] if within is None else _entries(view, within)
    return _entries(view, None)


def project_time_entries(view: View, named: str) -> Answer:
    """Those of one project and the ones below it; 403 for one that is archived or hidden."""
    within = view.project(named)
    if within is None:
        return NOTHING[404]
    return _entries(view, within) if view.sees(within) else NOTHING[403]


def _entries(view: View, within: Project | None) -> Answer:
    if not view.user.sees_time:
        return NOTHING[403]
    found = [entry for entry in view.redmine.entries if view.sees(entry.project) and _is_below(entry.project, within)]
    if not view.redmine.ignores_filters:
        found = filtered_entries(found, view.asked.query, view.user)
    ordered = sorted_by(found, view.asked.query.get("sort"))
    return view.page("time_entries", [view.time_entry(entry) for entry in ordered])


def time_entry(view: View, number: str) -> Answer:
    """One entry; 404 once it is deleted, 403 while its project is archived or hidden."""
    entry = view.redmine.entry(int(number))
    refused = refusal(view, entry)
    if entry is None or refused is not None:
        return refused or NOTHING[404]
    return Answer(200, {"time_entry": view.time_entry(entry)})


def refusal(view: View, entry: TimeEntry | None) -> Answer | None:
    """Why the user does not get the entry; None if they do."""
    if entry is None:
        return NOTHING[404]
    return None if view.sees(entry.project) and view.user.sees_time else NOTHING[403]


def issues(view: View) -> Answer:
    """The open issues, or what status_id and the other filters say; the newest first."""
    within = None
    if "project_id" in view.asked.query and not view.redmine.ignores_filters:
        within = view.project(view.asked.query["project_id"])
        if within is None:
            return NOTHING[404]
    found = [issue for issue in view.redmine.issues if view.sees(issue.project) and _is_below(issue.project, within)]
    found = filtered_issues(found, {} if view.redmine.ignores_filters else view.asked.query)
    found.sort(key=lambda issue: issue.id, reverse=view.asked.query.get("sort") != "id")
    return view.page("issues", [view.issue(issue) for issue in found])


def issue(view: View, number: str) -> Answer:
    """One issue, open or closed."""
    found = next((each for each in view.redmine.issues if each.id == int(number)), None)
    if found is None:
        return NOTHING[404]
    return Answer(200, {"issue": view.issue(found)}) if view.sees(found.project) else NOTHING[403]


def projects(view: View) -> Answer:
    """Those that are open, in the order of their tree; closed ones only when status asks for them by number.

    `status=*`, which means all issues elsewhere, finds none here.
    """
    wanted = {int(each) for each in view.asked.query.get("status", str(OPEN)).split("|") if each.isdecimal()}
    visible = [project for project in view.redmine.projects if view.sees(project) and project.status in wanted]
    ordered = sorted(visible, key=_place_in_tree)
    return view.page("projects", [view.project_record(project, alone=False) for project in ordered])


def project(view: View, named: str) -> Answer:
    """One project, open or closed; 403 for one that is archived or hidden."""
    found = view.project(named)
    if found is None:
        return NOTHING[404]
    if not view.sees(found):
        return NOTHING[403]
    return Answer(200, {"project": view.project_record(found)})


def current_user(view: View) -> Answer:
    """Whose key it is; only an administrator is told of all members."""
    user = view.user
    shown: Json = {"id": user.id, "login": user.login, "admin": user.admin, "firstname": user.first_name}
    shown |= {"lastname": user.last_name, "last_login_on": None, "twofa_scheme": None, "api_key": user.key}
    shown |= dict.fromkeys(("created_on", "updated_on", "passwd_changed_on"), moment(FIRST_MOMENT))
    return Answer(200, {"user": {**shown, "mail": f"{user.login}@example.net", "status": 1} if user.admin else shown})


def activities(view: View) -> Answer:
    """What time can be spent on."""
    found = view.redmine.activities.items()
    listed = [{"id": number, "name": name, "is_default": False, "active": True} for number, name in found]
    return Answer(200, {"time_entry_activities": listed})


def statuses(_: View) -> Answer:
    """The states of an issue."""
    listed = [{"id": number, "name": name, "is_closed": closed} for number, (name, closed) in STATUSES.items()]
    return Answer(200, {"issue_statuses": listed})


def _is_below(project: Project, within: Project | None) -> bool:
    """Whether the project is the other one, or below it."""
    above: Project | None = project
    while above is not None and above is not within:
        above = above.parent
    return within is None or above is within


def _place_in_tree(project: Project) -> tuple[str, ...]:
    above = _place_in_tree(project.parent) if project.parent else ()
    return (*above, project.name.lower())
