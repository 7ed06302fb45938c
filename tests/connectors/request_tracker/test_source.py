"""What RT's records mean, and its traps, one at a time, on the stand-in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from connectors.source import Page, SourceError, Span, Window
from connectors.stand_ins import Fault
from mappings.work import Task, WorkItem
from tests.connectors.contract import WINDOW, complete, pulled, records, work
from tests.connectors.request_tracker.world import TORONTO, RequestTrackerWorld, noon

OCTOBER_5 = date(2026, 10, 5)
NOON = noon(OCTOBER_5)


def only(pages: list[Page]) -> WorkItem:
    (item,) = work(pages).values()
    return item


def problem_codes(pages: list[Page]) -> list[str]:
    return [record.problem.code for record in records(pages) if record.problem]


def test_a_transaction_becomes_work(world: RequestTrackerWorld) -> None:
    made = world.server.comment(world.ticket, "Pilote réinstallé", minutes=75, by="tess", at=NOON)

    assert only(pulled(world)) == WorkItem(
        source="helpdesk",
        id=str(made.id),
        worked_on=OCTOBER_5,
        seconds=4500,
        person="tess",
        client="Acme",
        project="Acme",
        task=str(world.ticket.id),
        service="Acme",
        notes="Pilote réinstallé",
    )


def test_ten_minutes_less_are_an_entry_of_minus_600_seconds(world: RequestTrackerWorld) -> None:
    world.server.comment(world.ticket, "", minutes=30, at=NOON)
    world.server.set_time_worked(world.ticket, 20, at=NOON)

    assert [item.seconds for item in work(pulled(world)).values()] == [1800, -600]


def test_what_took_no_time_is_no_work(world: RequestTrackerWorld) -> None:
    world.server.comment(world.ticket, "Only a note", at=NOON)

    assert work(pulled(world)) == {}


def test_an_entry_of_half_past_eleven_in_the_evening_is_of_the_local_day(world: RequestTrackerWorld) -> None:
    late = datetime(2026, 10, 31, 23, 30, tzinfo=TORONTO)
    world.server.comment(world.ticket, "", minutes=30, at=late)

    assert (late.astimezone(UTC).day, only(pulled(world)).worked_on) == (1, date(2026, 10, 31))


def test_a_merge_takes_work_to_the_surviving_ticket_and_its_client(world: RequestTrackerWorld) -> None:
    survivor = world.server.open_ticket(world.server.add_queue("Boreal"), "Network")
    made = world.server.comment(world.ticket, "Seen", minutes=30, at=NOON)
    before = pulled(world)
    world.server.merge(world.ticket, survivor)
    after = world.changes(before[-1].cursor)

    assert [(each.id, each.client, each.task) for each in (only(before), only(after))] == [
        (str(made.id), "Acme", str(world.ticket.id)),
        (str(made.id), "Boreal", str(survivor.id)),
    ]
    assert only(pulled(world)) == only(after)


def test_a_change_of_the_surviving_ticket_reaches_what_was_merged(world: RequestTrackerWorld) -> None:
    survivor = world.server.open_ticket(world.queue, "Network")
    world.server.comment(world.ticket, "", minutes=30, at=NOON)
    world.server.merge(world.ticket, survivor)
    cursor = pulled(world)[-1].cursor
    world.server.move(survivor, world.server.add_queue("Boreal"))

    assert only(world.changes(cursor)).client == "Boreal"


def test_a_ticket_moved_to_another_queue_brings_its_old_work_along(world: RequestTrackerWorld) -> None:
    world.server.comment(world.ticket, "", minutes=30, at=datetime(2026, 1, 5, tzinfo=UTC))
    cursor = pulled(world)[-1].cursor
    world.server.move(world.ticket, world.server.add_queue("Boreal"))

    assert only(world.changes(cursor)).client == "Boreal"


def test_a_ticket_that_did_not_change_is_not_read_again(world: RequestTrackerWorld) -> None:
    world.add(OCTOBER_5, Decimal(1))
    other = world.server.open_ticket(world.queue, "Network")
    cursor = pulled(world)[-1].cursor
    made = world.server.comment(other, "", minutes=30)

    assert list(work(world.changes(cursor))) == [str(made.id)]


def test_a_quiet_pull_is_one_request_and_keeps_the_cursor(world: RequestTrackerWorld) -> None:
    world.add(OCTOBER_5, Decimal(1))
    cursor = pulled(world)[-1].cursor
    before = world.requests
    pages = world.changes(cursor)

    assert (records(pages), pages[-1].cursor, world.requests - before) == ([], cursor, 1)


def test_one_new_comment_costs_five_requests(world: RequestTrackerWorld) -> None:
    """Its sign, its ticket, what was merged into that, its time, its text."""
    cursor = pulled(world)[-1].cursor
    world.server.comment(world.ticket, "Seen", minutes=30)
    before = world.requests
    pages = world.changes(cursor)

    assert (only(pages).notes, world.requests - before) == ("Seen", 5)


def test_what_is_ten_minutes_old_is_read_once_more(world: RequestTrackerWorld) -> None:
    """A transaction with a lower number may become visible after one with a higher."""
    now = world.clock.now()
    world.server.comment(world.ticket, "", minutes=5, at=now - timedelta(minutes=30))
    settled = world.server.transactions[-1].id
    world.server.comment(world.ticket, "", minutes=5, at=now - timedelta(minutes=5))

    assert pulled(world)[-1].cursor == {"transaction": settled}
    assert world.changes({"transaction": settled})[-1].cursor == {"transaction": settled}


def test_a_reading_of_everything_ignores_the_cursor(world: RequestTrackerWorld) -> None:
    key = world.add(OCTOBER_5, Decimal(1))
    pages = list(world.source().pull({"transaction": 10**6}, Window(WINDOW.span, full=True)))

    assert (list(work(pages)), complete(pages, OCTOBER_5)) == ([key], True)


def test_a_pull_that_ends_early_leaves_the_cursor_as_it_was(world: RequestTrackerWorld) -> None:
    before = {"transaction": 12}
    for _ in range(120):
        world.add(OCTOBER_5, Decimal(1))
    pages = list(world.source().pull(before, WINDOW))

    assert [page.cursor for page in pages[:-1]] == [before] * (len(pages) - 1)
    assert pages[-1].cursor == {"transaction": world.server.transactions[-1].id}


def test_changes_conclude_nothing_from_absence(world: RequestTrackerWorld) -> None:
    world.add(OCTOBER_5, Decimal(1))

    assert [page for page in world.changes({"transaction": 1}) if page.complete] == []


def test_a_custom_field_of_the_ticket_plays_client_and_service(world: RequestTrackerWorld) -> None:
    for name, value in {"Customer": "Clinique du Lac", "Kind": "Réseau"}.items():
        world.server.add_custom_field(name)
        world.ticket.custom_fields[name] = []
        world.server.set_custom_field(world.ticket, name, value)
    world.add(OCTOBER_5, Decimal(1))
    source = world.source(client_from="custom-field:Customer", service_from="custom-field:Kind")
    item = only(list(source.pull({}, WINDOW)))

    assert (item.client, item.service, item.project) == ("Clinique du Lac", "Réseau", "Acme")


def test_a_field_of_the_transaction_goes_before_that_of_its_ticket(world: RequestTrackerWorld) -> None:
    world.server.add_transaction_field("Kind")
    world.server.add_custom_field("Kind")
    world.server.set_custom_field(world.ticket, "Kind", "Réseau")
    for minutes, custom in ((30, {"Kind": "Formation"}), (15, {})):
        world.server.comment(world.ticket, "", minutes=minutes, at=NOON, custom=custom)

    pages = list(world.source(service_from="custom-field:Kind").pull({}, WINDOW))

    assert [(item.seconds, item.service) for item in work(pages).values()] == [(1800, "Formation"), (900, "Réseau")]


@pytest.mark.parametrize("setting", ["client", "service"])
def test_a_custom_field_that_is_nowhere_is_a_problem_of_each_entry(world: RequestTrackerWorld, setting: str) -> None:
    world.add(OCTOBER_5, Decimal(1))
    source = world.source(**{f"{setting}_from": "custom-field:Custmer"})

    assert problem_codes(list(source.pull({}, WINDOW))) == [f"{setting}-field-missing"]
    assert [problem.code for problem in source.check().problems] == [f"{setting}-field-missing"]


def test_the_requestor_s_domain_plays_the_client(world: RequestTrackerWorld) -> None:
    asked = world.server.open_ticket(world.queue, "Printer", requestor="Jane@Clinique.example")
    world.server.comment(asked, "", minutes=30, at=NOON)
    world.add(OCTOBER_5, Decimal(1))
    pages = list(world.source(client_from="requestor-domain").pull({}, WINDOW))

    assert [item.client for item in work(pages).values()] == ["clinique.example", ""]


def test_requestors_of_two_clients_make_a_problem_of_the_work(world: RequestTrackerWorld) -> None:
    world.ticket.requestors = [world.server.user(name) for name in ("ann@acme.example", "bob@boreal.example")]
    world.add(OCTOBER_5, Decimal(1))

    assert problem_codes(list(world.source(client_from="requestor-domain").pull({}, WINDOW))) == ["requestors-several"]


def test_a_ticket_becomes_a_task_that_is_done_by_its_status(world: RequestTrackerWorld) -> None:
    world.add(OCTOBER_5, Decimal(1))
    late = datetime(2026, 10, 20, 23, 30, tzinfo=TORONTO)
    world.server.set_status(world.ticket, "resolved", at=late)
    done = [record.item for record in records(pulled(world)) if isinstance(record.item, Task)]
    world.server.set_status(world.ticket, "open", at=late)
    again = [record.item for record in records(pulled(world)) if isinstance(record.item, Task)]

    task = Task(
        "helpdesk", str(world.ticket.id), "Printer down", "Acme", "Acme", "", "resolved", True, date(2026, 10, 20)
    )
    assert done == [task]
    assert [(each.state, each.done, each.done_on) for each in again] == [("open", False, None)]


def test_work_goes_and_comes_with_a_ticket_that_is_deleted_and_opened_again(world: RequestTrackerWorld) -> None:
    key = world.add(OCTOBER_5, Decimal(1))
    cursor = pulled(world)[-1].cursor
    world.server.set_status(world.ticket, "deleted")
    gone = world.changes(cursor)
    world.server.set_status(world.ticket, "open")

    assert [(record.key, record.deleted) for record in records(gone)] == [(key, True)]
    assert list(work(world.changes(cursor))) == [key]


def test_101_transactions_are_read_to_the_last(world: RequestTrackerWorld) -> None:
    keys = {world.add(OCTOBER_5, Decimal(1)) for _ in range(101)}

    assert work(pulled(world)).keys() == keys


def test_an_rt_without_any_time_is_complete(world: RequestTrackerWorld) -> None:
    pages = pulled(world)

    assert (records(pages), complete(pages, OCTOBER_5)) == ([], True)


def test_a_long_reading_shows_that_it_lives(world: RequestTrackerWorld) -> None:
    """The engine renews its lease with each page, also with empty ones."""
    for _ in range(250):
        world.add(OCTOBER_5, Decimal(1))
    signs = [world.requests for page in world.source().pull({}, WINDOW) if not page.records]

    assert signs == sorted(set(signs))
    assert len(signs) == world.requests - 1


def test_the_check_says_who_sees_what(world: RequestTrackerWorld) -> None:
    world.add(OCTOBER_5, Decimal(1))
    health = world.source().check()

    assert (health.says, health.problems) == ("RT 5.0.3. The token is root's. Time transactions: 1.", ())


def test_an_rt_in_which_no_time_is_seen_is_told(world: RequestTrackerWorld) -> None:
    (problem,) = world.source().check().problems

    assert (problem.code, problem.warning, "ShowTicketComments" in problem.fix) == ("no-time-seen", True, True)


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"client_from": "customer"}, "client-from-unknown"),
        ({"service_from": "activity"}, "service-from-unknown"),
        ({"url": "http://rt.example"}, "source-unreachable"),
        ({"url": "rt.example"}, "source-unreachable"),
        ({"url": "https://ann:pw@rt.example"}, "source-unreachable"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told(world: RequestTrackerWorld, settings: dict[str, str], code: str) -> None:
    source = world.source(**settings)
    (problem,) = source.check().problems

    assert problem.code == code
    assert problem.fix
    assert "pw" not in problem.what + problem.fix
    with pytest.raises(SourceError):
        list(source.pull({}, WINDOW))
    assert world.server.requests == []


def test_only_the_days_of_the_window_are_given(world: RequestTrackerWorld) -> None:
    world.add(date(2026, 10, 4), Decimal(1))
    key = world.add(OCTOBER_5, Decimal(1))
    pages = list(world.source().pull({}, Window(Span(OCTOBER_5, OCTOBER_5), full=True)))

    assert list(work(pages)) == [key]


def test_a_login_page_is_not_taken_for_an_answer(world: RequestTrackerWorld) -> None:
    page = Fault(200, {"Content-Type": "text/html"}, b"<!DOCTYPE html><title>Login</title>")
    world.fail_next(page)
    (problem,) = world.source().check().problems
    world.fail_next(page)

    assert (problem.code, "web page" in problem.what, bool(problem.fix)) == ("source-unreachable", True, True)
    with pytest.raises(SourceError, match="web page"):
        pulled(world)
    assert world.slept == []


def test_a_user_who_sees_no_comments_is_told_nothing_of_them_and_proves_nothing(world: RequestTrackerWorld) -> None:
    hidden = world.add(OCTOBER_5, Decimal(1))
    seen = world.server.set_time_worked(world.ticket, 75, at=NOON)
    narrow = world.server.add_user("syncd", token="1-31-narrow")
    narrow.queues.add(world.queue.id)
    world.token = narrow.token
    pages = pulled(world)

    assert seen is not None
    assert hidden not in work(pages)
    assert (list(work(pages)), complete(pages, OCTOBER_5)) == ([str(seen.id)], False)
