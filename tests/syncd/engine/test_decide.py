"""Work of a voided or deleted document waits for a person: billed again, or written off; never by itself."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from sqlalchemy import insert

from mappings.problems import Problem
from mappings.work import WorkItem
from syncd.engine.content import encode
from syncd.engine.decide import By, Decided, release, release_entry, write_off, write_off_entry
from syncd.engine.held import held_documents
from syncd.store import schema
from tests.support.books import COMPANY, Desk


def by(desk: Desk) -> By:
    return By("Marie", "the client disagrees", desk.clock.now(), date(2026, 11, 2))


def ledger(desk: Desk) -> Counter[tuple[str, str]]:
    """Seconds and cents by effect and entry, over all documents that stand."""
    sums: Counter[tuple[str, str]] = Counter()
    for row in desk.rows(schema.ledger):
        sums[row["effect"], "seconds"] += row["seconds"]
        sums[row["effect"], "cents"] += row["amount_minor"]
    return Counter({key: value for key, value in sums.items() if value})


def voided(desk: Desk, act: str = "void", **more: str) -> str:
    document_id = desk.approve(["100.00", "50.00"], **more)
    desk.push()
    desk.read_payments()
    desk.clock.advance(60)
    desk.play(act, doc_number=f"AB-2026-{desk.numbers:04}")
    desk.read_payments()
    return document_id


@pytest.mark.parametrize("act", ["void", "delete"])
def test_a_voided_document_is_held_until_somebody_decides(desk: Desk, act: str) -> None:
    document_id = voided(desk, act)

    with desk.store.read() as connection:
        assert [row.id for row in held_documents(connection, COMPANY)] == [document_id]
    assert ledger(desk) == {("invoiced", "seconds"): 7200, ("invoiced", "cents"): 15000}


def test_release_takes_back_every_second_and_cent(desk: Desk) -> None:
    document_id = voided(desk)

    decided = release(desk.store, desk.config, "AB-2026-0001", by(desk))

    assert isinstance(decided, Decided)
    assert (decided.decision, decided.seconds) == ("release", 7200)
    assert ledger(desk) == {}
    settlement = desk.document(decided.settlement_id)
    assert (settlement["kind"], settlement["sequence"], settlement["quickbooks_id"]) == ("settlement", -1, None)
    assert desk.document(document_id)["decision"] == "release"
    assert desk.drifts() == []
    with desk.store.read() as connection:
        assert held_documents(connection, COMPANY) == []


def test_released_seconds_wait_until_the_next_draft(desk: Desk) -> None:
    voided(desk)

    release(desk.store, desk.config, "AB-2026-0001", by(desk))

    rows = desk.rows(schema.standing)
    assert [(row["seconds"], row["state"], row["code"]) for row in rows] == [(3600, "waiting", "released")] * 2


def test_write_off_lets_the_time_stand_as_written_down(desk: Desk) -> None:
    document_id = voided(desk)

    decided = write_off(desk.store, desk.config, document_id, by(desk))

    assert isinstance(decided, Decided)
    assert ledger(desk) == {("written-down", "seconds"): 7200}
    assert desk.rows(schema.standing) == []
    assert desk.document(document_id)["decision"] == "write-off"


def test_fees_are_taken_back_by_release_alone(desk: Desk) -> None:
    voided(desk, fee="retainer|Clinique|||Support")
    other = voided(desk, fee="retainer|Clinique|||Extra")

    release(desk.store, desk.config, "AB-2026-0001", by(desk))
    write_off(desk.store, desk.config, other, by(desk))

    sums: Counter[str] = Counter()
    for row in desk.rows(schema.fee_ledger):
        sums[row["fee"]] += row["amount_minor"]
    assert sums == {"retainer|Clinique|||Support": 0, "retainer|Clinique|||Extra": 10000}


def test_nothing_is_decided_twice(desk: Desk) -> None:
    voided(desk)
    release(desk.store, desk.config, "AB-2026-0001", by(desk))

    again = write_off(desk.store, desk.config, "AB-2026-0001", by(desk))

    assert isinstance(again, Problem)
    assert again.code == "already-decided"
    assert ledger(desk) == {}


def test_a_document_that_stands_in_quickbooks_is_not_decided_about(desk: Desk) -> None:
    desk.approve()
    desk.push()
    desk.read_payments()

    refused = release(desk.store, desk.config, "AB-2026-0001", by(desk))
    unknown = release(desk.store, desk.config, "AB-2026-0099", by(desk))

    assert isinstance(refused, Problem)
    assert isinstance(unknown, Problem)
    assert (refused.code, unknown.code) == ("not-voided", "unknown-document")
    assert len(desk.rows(schema.document)) == 1


def test_a_voided_document_is_never_sent_again(desk: Desk) -> None:
    voided(desk)
    release(desk.store, desk.config, "AB-2026-0001", by(desk))
    creates = len(desk.creates())

    desk.push()

    assert len(desk.creates()) == creates


def an_entry(desk: Desk, state: str = "waiting", seconds: int = 5400) -> None:
    item = WorkItem(
        "timesheets", "42", date(2026, 10, 7), 5400, person="Marie", client="Clinique", service="consulting"
    )
    with desk.store.write() as connection:
        connection.execute(
            insert(schema.work_revision).values(
                company=COMPANY,
                source="timesheets",
                entry="42",
                revision=3,
                item=encode(item),
                raw="{}",
                deleted=False,
                seen_at=desk.clock.now(),
            )
        )
        connection.execute(
            insert(schema.standing).values(
                company=COMPANY,
                source="timesheets",
                entry="42",
                position=0,
                seconds=seconds,
                state=state,
                code="late-work",
                what="It came after its period was billed.",
                client="Clinique du Lac",
                worked_on=date(2026, 10, 7),
            )
        )


def test_an_entry_is_released_by_name(desk: Desk) -> None:
    an_entry(desk)

    decided = release_entry(desk.store, desk.config, "timesheets", "42", by(desk))

    assert isinstance(decided, Decided)
    assert decided.seconds == 5400
    [row] = desk.rows(schema.decision)
    assert (row["entry"], row["kind"], row["decided_by"], row["reason"]) == (
        "42",
        "release",
        "Marie",
        "the client disagrees",
    )
    assert desk.rows(schema.ledger) == []


@pytest.mark.parametrize(("state", "seconds"), [("waiting", 5400), ("blocked", 5400), ("waiting", -1440)])
def test_an_entry_is_written_off_with_what_is_unbilled_of_it(desk: Desk, state: str, seconds: int) -> None:
    an_entry(desk, state, seconds)

    decided = write_off_entry(desk.store, desk.config, "timesheets", "42", by(desk))

    assert isinstance(decided, Decided)
    [row] = desk.rows(schema.ledger)
    assert (row["effect"], row["seconds"], row["amount_minor"], row["revision"]) == ("written-down", seconds, 0, 3)
    assert desk.rows(schema.standing) == []
    assert [row["kind"] for row in desk.rows(schema.decision)] == ["write-off"]


def test_an_entry_of_which_nothing_waits_is_refused(desk: Desk) -> None:
    an_entry(desk, "not-billable")

    answers = [
        decide(desk.store, desk.config, "timesheets", "42", by(desk)) for decide in (release_entry, write_off_entry)
    ]

    assert [answer.code for answer in answers if isinstance(answer, Problem)] == ["nothing-waits", "nothing-waits"]
