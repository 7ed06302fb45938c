"""The tools that the example firm keeps its time in: a Redmine and a Request Tracker, as its people have filled them.

Their data is made anew from redmine.csv and helpdesk.csv each time, always the same: what the demo shows, and what
`syncd emulator` serves beside the demo's books afterwards, is one world.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

from connectors.stand_ins import Redmine, RequestTracker, running
from connectors.stand_ins.redmine.writing import hours_of

MARK = ".syncd-demo"
"""A file that says: this folder was made by the demo, and may be made anew. It holds the tools' ports."""

MORNING = time(13, tzinfo=UTC)
"""Of a working day in Québec."""
LATE = datetime(2026, 11, 4, 20, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Tools:
    """The two servers, filled."""

    redmine: Redmine
    helpdesk: RequestTracker


def october() -> Tools:
    """What was entered by the end of October."""
    return Tools(_redmine(), _helpdesk())


def november(tools: Tools) -> None:
    """A colleague enters October's work late and corrects an entry that was billed; two tickets were one problem."""
    redmine, helpdesk = tools.redmine, tools.helpdesk
    first = redmine.entries[0]
    redmine.change_entry(first, hours=first.hours - Decimal("0.5"))
    jonas = next(user for user in redmine.users if user.name == "Jonas Tremblay")
    said, day = "Saisi après la fin du mois", date(2026, 10, 30)
    redmine.add_entry(first.project, day, Decimal("1.5"), user=jonas, activity="Développement", comments=said)
    printer, desks = (
        next(ticket for ticket in helpdesk.tickets if ticket.subject == subject)
        for subject in ("Imprimante du comptoir", "Postes de travail")
    )
    helpdesk.merge(printer, desks, by="mcote", at=LATE)
    helpdesk.set_time_worked(desks, desks.time_worked - 10, by="mcote", at=LATE)


@contextmanager
def served(tools: Tools, ports: tuple[int, int] = (0, 0)) -> Iterator[Tools]:
    """Serve both; raises OSError when one of the ports is taken."""
    with running(tools.redmine, ports[0]), running(tools.helpdesk, ports[1]):
        yield tools


@contextmanager
def served_beside(books: Path | None) -> Iterator[Tools | None]:
    """The tools of the demo whose books these are, on the ports that its config.toml names; None for other books."""
    mark = books.parent / MARK if books else None
    if mark is None or not mark.exists():
        yield None
        return
    said = json.loads(mark.read_text(encoding="utf-8"))
    tools = october()
    if said["november"]:
        november(tools)
    with served(tools, (said["redmine"], said["helpdesk"])):
        yield tools


def write_mark(folder: Path, tools: Tools, *, is_november: bool) -> None:
    """Remember the ports, and how far the story went."""
    redmine, helpdesk = (int(each.url.rpartition(":")[2]) for each in (tools.redmine, tools.helpdesk))
    said = {"made by": "syncd demo, anew each time it runs", "redmine": redmine, "helpdesk": helpdesk}
    text = json.dumps({**said, "november": is_november}, indent=1)
    (folder / MARK).write_text(f"{text}\n", encoding="utf-8")


def _redmine() -> Redmine:
    """A project for each client, with one below it for each job."""
    redmine = Redmine()
    people = {name: redmine.add_user(*name.split(" ")) for name in ("Amélie Roy", "Jonas Tremblay", "Sara Benali")}
    for row in _rows("redmine.csv"):
        known = {project.name: project for project in redmine.projects}
        client = known.get(row["client"]) or redmine.add_project(row["client"])
        project = known.get(row["project"]) or redmine.add_project(row["project"], parent=client)
        if row["activity"] not in redmine.activities.values():
            redmine.add_activity(row["activity"])
        hours = hours_of(row["hours"])
        assert hours is not None, row
        redmine.add_entry(
            project,
            date.fromisoformat(row["date"]),
            hours,
            user=people[row["person"]],
            activity=row["activity"],
            comments=row["comments"],
        )
    return redmine


def _helpdesk() -> RequestTracker:
    """A queue for each client, a ticket for each problem, a comment with its minutes for each row."""
    helpdesk = RequestTracker()
    helpdesk.add_user("mcote", email="mcote@boreal.example", real_name="Marc Côté")
    helpdesk.add_custom_field("Activity")
    for number, row in enumerate(_rows("helpdesk.csv")):
        moment = datetime.combine(date.fromisoformat(row["date"]), MORNING) + timedelta(minutes=number)
        queue = next((each for each in helpdesk.queues if each.name == row["queue"]), None)
        queue = queue or helpdesk.add_queue(row["queue"])
        wanted = (queue.id, row["subject"])
        ticket = next((each for each in helpdesk.tickets if (each.queue.id, each.subject) == wanted), None)
        activity = {"Activity": row["activity"]}
        ticket = ticket or helpdesk.open_ticket(queue, row["subject"], by="mcote", at=moment, custom=activity)
        helpdesk.comment(ticket, row["subject"], minutes=int(row["minutes"]), by=row["person"], at=moment)
    return helpdesk


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("syncd") / "demo" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
