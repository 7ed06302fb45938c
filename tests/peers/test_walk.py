"""The main job on a real Redmine and a real Request Tracker at once: 40 entries, corrected before and after posting.

What must be billed is computed here by a model of its own: each change that a person makes in a tool is made in the
model too, and the model only multiplies and adds. Hours and rates are such that no line needs rounding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.e2e.company import DECEMBER, NOVEMBER, Company
from tests.e2e.conftest import MakeCompany
from tests.e2e.dump import changed_tables, dump
from tests.peers.conftest import CLIENTS
from tests.peers.counting import Counted, counting
from tests.peers.redmine import RedmineServer
from tests.peers.request_tracker import RequestTrackerServer

pytestmark = [pytest.mark.peer, pytest.mark.timeout(900)]

HOURLY = {"timesheets": Decimal(84), "helpdesk": Decimal(60)}
HOLDS = {"hours": "0.00", "invoices CAD": "0.00", "receivables CAD": "0.00"}
Amounts = dict[tuple[str, str], Decimal]
"""(client, month) → what its work is worth before tax."""


@dataclass
class Work:
    """One entry of the model."""

    tool: str
    client: str
    month: str
    minutes: int


@dataclass
class World:
    """Both tools with their work, and the model of what it is worth."""

    redmine: RedmineServer
    tracker: RequestTrackerServer
    projects: list[int]
    tickets: dict[str, list[int]] = field(default_factory=dict)
    entries: list[int] = field(default_factory=list)
    model: dict[str, Work] = field(default_factory=dict)
    at: dict[str, int] = field(default_factory=dict)
    """Request Tracker's transaction → its ticket."""

    def fill(self) -> None:
        """24 entries in Redmine and 16 in Request Tracker, in turn for three clients, half of them in September."""
        for number in range(24):
            day = date(2026, 9 + number // 12, 10 + number % 12)
            entry = self.redmine.create_entry(day, "1.5", project_id=self.projects[number % 3])
            self.entries.append(entry)
            self.model[f"r{entry}"] = Work("timesheets", CLIENTS[number % 3], f"{day:%Y-%m}", 90)
        for client in CLIENTS:
            self.tickets[client] = [self.tracker.create_ticket(client, f"{client} {number}") for number in (0, 1)]
        for number in range(16):
            client = CLIENTS[number % 3]
            self.take(client, self.tickets[client][number // 3 % 2], 30, 9 + number // 8, 3 + number % 8)

    def take(self, client: str, ticket: int, minutes: int, month: int, day: int) -> None:
        """Time on a ticket, at noon in Toronto."""
        moment = datetime(2026, month, day, 16, tzinfo=UTC)
        act = self.tracker.add_time if minutes > 0 else self.tracker.correct
        transaction = act(ticket, minutes, at=moment)
        self.at[transaction] = ticket
        self.model[f"t{transaction}"] = Work("helpdesk", client, f"{moment:%Y-%m}", minutes)

    def edit(self, number: int, minutes: int) -> None:
        self.redmine.change_entry(self.entries[number], hours=str(Decimal(minutes) / 60))
        self.model[f"r{self.entries[number]}"].minutes = minutes

    def delete(self, number: int) -> None:
        self.redmine.delete_entry(self.entries[number])
        del self.model[f"r{self.entries[number]}"]

    def merge(self, ticket: int, into: int, client: str) -> None:
        self.tracker.merge(ticket, into)
        for transaction, its in self.at.items():
            if its == ticket:
                self.model[f"t{transaction}"].client = client

    def worth(self) -> Amounts:
        amounts: Amounts = defaultdict(Decimal)
        for work in self.model.values():
            amounts[work.client, work.month] += HOURLY[work.tool] * work.minutes / 60
        return dict(amounts)


@dataclass(frozen=True)
class Journals:
    redmine: Counted
    tracker: Counted


@pytest.fixture(scope="module")
def queues(request_tracker_server: RequestTrackerServer) -> None:
    for name in CLIENTS:
        request_tracker_server.create_queue(name)


@pytest.fixture
def world(
    redmine_server: RedmineServer, request_tracker_server: RequestTrackerServer, projects: list[int], queues: None
) -> World:
    redmine_server.empty()
    request_tracker_server.empty()
    made = World(redmine_server, request_tracker_server, projects)
    made.fill()
    return made


@pytest.fixture
def journals(world: World) -> Iterator[Journals]:
    with ExitStack() as stack:
        yield Journals(*(stack.enter_context(counting(tool.url)) for tool in (world.redmine, world.tracker)))


@pytest.fixture
def company(make_company: MakeCompany, world: World, journals: Journals) -> Company:
    sources = [
        f'[sources.timesheets]\nkind = "redmine"\nurl = "{journals.redmine.url}"\ntoken = "env:REDMINE_KEY"',
        f'[sources.helpdesk]\nkind = "request-tracker"\nurl = "{journals.tracker.url}"\ntoken = "env:RT_TOKEN"',
    ]
    company = make_company(sources="\n".join(f"{source}\nsince = 2026-09-01\n" for source in sources))
    company.secrets |= {"REDMINE_KEY": world.redmine.key, "RT_TOKEN": world.tracker.token}
    company.emulator("/emulator/seed", {"customers": list(CLIENTS)})
    company.table("clients", "source_client,quickbooks_customer\n" + "".join(f"{name},=\n" for name in CLIENTS))
    services = "timesheets,Development,Consultation,Consultation\nhelpdesk,,Support,Support\n"
    company.table("services", f"source,source_service,service,quickbooks_item\n{services}")
    company.table("rates", "service,rate\nConsultation,84.00\nSupport,60.00\n")
    return company


def pulled(company: Company, *now: str) -> dict[str, tuple[int, int, int]]:
    """By source: how many entries were new, changed and vanished."""
    rows = company.report("pull", *now)["sources"]
    return {row["source"]: (row["new"], row["changed"], row["vanished"]) for row in rows}


def drafted(company: Company, *now: str) -> Amounts:
    """The previewed documents; a credit memo's amount is negative."""
    rows = company.report("preview", *now)["documents"]
    return {(row["client"], row["period"]): Decimal(row["subtotal"]) for row in rows}


def posted(company: Company) -> Decimal:
    """What QuickBooks holds before tax, credit memos taken off."""

    def before_tax(row: Any) -> Decimal:
        return Decimal(row["TotalAmt"]) - Decimal(row["TxnTaxDetail"]["TotalTax"])

    return sum(map(before_tax, company.books("Invoice")), Decimal()) - sum(
        map(before_tax, company.books("CreditMemo")), Decimal()
    )


def test_40_entries_of_two_tools_are_billed_paid_corrected_and_left_alone(
    company: Company, world: World, journals: Journals
) -> None:
    assert len(world.model) == 40
    assert pulled(company, *NOVEMBER) == {"timesheets": (24, 0, 0), "helpdesk": (16, 0, 0)}
    assert drafted(company, *NOVEMBER) == world.worth()

    # Before posting: an edit, a deletion, a merge into another client's ticket, and 10 minutes taken back.
    world.edit(0, 120)
    world.delete(1)
    world.merge(world.tickets["Aquilon"][1], world.tickets["Mistral"][0], "Mistral")
    world.take("Zéphyr", world.tickets["Zéphyr"][0], -10, 10, 20)
    changes = pulled(company, *NOVEMBER)
    assert changes["timesheets"] == (0, 1, 1)
    assert (changes["helpdesk"][0], changes["helpdesk"][2]) == (1, 0)
    first = world.worth()
    assert drafted(company, *NOVEMBER) == first
    company.run("approve", "--all", *NOVEMBER)
    company.run("push", *NOVEMBER)
    assert len(company.books("Invoice")) == len(first) == 6
    assert posted(company) == sum(first.values())

    company.emulator("/emulator/pay", {"doc_number": "AB-2026-0001", "amount": "100.00"})
    company.run("reconcile", *NOVEMBER)
    remote = company.document("AB-2026-0001")["remote"]
    assert Decimal(remote["total"]) - Decimal(remote["balance"]) == 100
    assert company.proofs() == HOLDS

    # The same four after posting.
    world.edit(20, 180)
    world.delete(22)
    world.merge(world.tickets["Zéphyr"][1], world.tickets["Aquilon"][0], "Aquilon")
    world.take("Mistral", world.tickets["Mistral"][1], -10, 11, 10)
    changes = pulled(company, *NOVEMBER)
    assert changes["timesheets"] == (0, 1, 1)
    assert (changes["helpdesk"][0], changes["helpdesk"][2]) == (1, 0)
    assert drafted(company, *DECEMBER) == differences(first, world.worth())
    company.run("approve", "--all", *DECEMBER)
    company.run("push", *DECEMBER)
    company.run("reconcile", *DECEMBER)
    assert posted(company) == sum(world.worth().values())
    assert company.proofs(*DECEMBER) == HOLDS

    left_alone(company, journals)


def differences(before: Amounts, after: Amounts) -> Amounts:
    """By client, on November's document: what it owes now less what it was billed; 0.00 where lines cancel out."""
    found: Amounts = {}
    for client in CLIENTS:
        owed = sum((amount for key, amount in after.items() if key[0] == client), Decimal())
        billed = sum((amount for key, amount in before.items() if key[0] == client), Decimal())
        found[client, "2026-11"] = owed - billed
    return found


def left_alone(company: Company, journals: Journals) -> None:
    """A second run changes no row and writes nothing anywhere; its requests, by the journals."""
    company.run("run", "--once", *DECEMBER)
    before, last = dump(company.store_url), company.requests()[-1]["number"]
    for journal in (journals.redmine, journals.tracker):
        journal.new_requests()
    company.run("run", "--once", *DECEMBER)
    assert changed_tables(before, dump(company.store_url)) == {}
    to_quickbooks = [row["method"] for row in company.requests(last)]
    to_redmine, to_tracker = journals.redmine.new_requests(), journals.tracker.new_requests()
    asked = [request.partition("?")[0] for request in to_redmine + to_tracker]
    print(f"The second run asked QuickBooks {to_quickbooks}, the tools {asked}.")
    assert set(to_quickbooks) == {"GET"}
    assert all(request.startswith("GET ") for request in to_redmine + to_tracker)
    assert (len(to_quickbooks), len(to_redmine), len(to_tracker)) == (2, 1, 5)
