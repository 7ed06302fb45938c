"""Pairs: a company's document and the invoice of another for the hours on it, together or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connectors.emulator import play
from mappings.problems import Problem
from syncd.engine.conservation import broken_conservation
from syncd.engine.decide import By, release
from syncd.engine.pairs import open_pairs
from syncd.engine.push_report import PushReport
from syncd.engine.retry import retry
from syncd.reports.needs import needs_of
from syncd.reports.take import take_snapshot
from syncd.reports.values import Selection
from syncd.store import schema
from syncd.store.database import Store
from tests.support.clock import FakeClock
from tests.support.pairs import BORROWER, LENDER, TODAY, Two, entry, two_companies

DECEMBER = date(2026, 12, 3)


@pytest.fixture
def two(store: Store, tmp_path: Path, clock: FakeClock) -> Iterator[Two]:
    with two_companies(store, tmp_path, clock) as two:
        yield two


def results(report: PushReport) -> list[tuple[str, str]]:
    return [(row.client, row.result) for row in report.outcomes]


def conserved(two: Two) -> bool:
    with two.store.read() as connection:
        return all(broken_conservation(connection, name) is None for name in (BORROWER, LENDER))


def test_both_are_drafted_approved_and_sent_together_the_second_right_after_the_first(two: Two):
    two.work(entry(1, "2", "Hydro"), entry(2, "3", "Hydro", person="Paul"))
    drafts = two.draft()
    (told,) = drafts.problems
    assert told.what == (
        f"Hydro-Québec 2026-10 has hours of {LENDER}: its invoice of 126.00 CAD before tax to {BORROWER} is approved "
        "and sent with it."
    )

    two.approve()
    assert [(row["company"], row["client"], row["subtotal_minor"]) for row in two.rows(schema.document)] == [
        (BORROWER, "Hydro-Québec", 42000),
        (LENDER, "Boréal", 12600),
    ]
    report = two.push()

    assert results(report) == [("Hydro-Québec", "sent"), ("Boréal", "sent")]
    assert two.amounts(BORROWER) == ["420.00"]
    assert two.amounts(LENDER) == ["126.00"]
    assert conserved(two)
    two.draft()
    two.draft(LENDER)
    assert two.approve().approved == ()
    assert two.approve(LENDER).approved == ()
    assert len(two.rows(schema.document, withdrawn_at=None)) == 2


def test_the_lenders_own_draft_neither_withdraws_nor_repeats_it(two: Two):
    two.work(entry(1, "2", "Hydro"))
    two.draft()
    two.approve()

    report = two.draft(LENDER)

    assert report.documents == ()
    assert report.withdrawn == ()
    assert [row["withdrawn_at"] for row in two.rows(schema.document)] == [None, None]


def test_what_blocks_the_second_blocks_the_first(two: Two):
    two.lend(f"{BORROWER},Marie,,3/4,,Nobody,Consultation,,\n")
    two.work(entry(1, "2", "Hydro"))
    (item,) = two.draft().documents

    assert {problem.code for problem in item.document.problems} == {"intercompany-blocked"}
    assert two.approve().approved == ()
    assert two.rows(schema.document) == []


def test_what_changes_before_it_is_sent_withdraws_both(two: Two):
    two.work(entry(1, "2", "Hydro"))
    two.draft()
    two.approve()
    two.lend(f"{BORROWER},Marie,,1/2,,Boréal,Consultation,,\n")

    withdrawn = two.draft().withdrawn

    assert len(withdrawn) == 1
    assert all(row["withdrawn_at"] is not None for row in two.rows(schema.document))
    two.approve()
    two.push()
    assert (two.amounts(BORROWER), two.amounts(LENDER)) == (["168.00"], ["84.00"])


def test_the_second_waits_for_the_first(two: Two):
    two.work(entry(1, "2", "Hydro"))
    two.draft()
    two.approve()

    report = two.push(LENDER)

    assert [(row.result, row.problem and row.problem.code) for row in report.outcomes] == [
        ("waiting", "first-not-sent")
    ]
    assert two.amounts(LENDER) == []


def test_the_first_waits_while_the_lender_cannot_write(two: Two):
    two.work(entry(1, "2", "Hydro"))
    two.draft()
    two.approve()
    with two.store.write() as connection:
        table = schema.connection
        connection.execute(table.update().where(table.c.company == LENDER).values(broken_because="revoked"))

    report = two.push()

    assert [row.problem and row.problem.code for row in report.outcomes] == ["lender-not-ready"]
    assert (two.amounts(BORROWER), two.amounts(LENDER)) == ([], [])


def half_posted(two: Two) -> PushReport:
    """The first is sent, and the second refused, as its customer became inactive meanwhile; another pair waits."""
    two.work(entry(1, "2", "Hydro"))
    two.draft()
    two.approve()
    play.customer(two.books[LENDER], name="Boréal", active=False)
    report = two.push()
    two.work(entry(1, "2", "Hydro"), entry(2, "1", "Nord"))
    return report


def half_posted_needs(two: Two, name: str) -> int:
    with two.store.read() as connection:
        found = take_snapshot(connection, name, currency="CAD", now=two.clock.now(), today=TODAY, selection=Selection())
    return [need.code for need in needs_of(found)].count("half-posted-pair")


def test_a_half_posted_pair_stops_both_companies_until_the_second_is_mended(two: Two):
    assert results(half_posted(two)) == [("Hydro-Québec", "sent"), ("Boréal", "refused")]
    assert [half_posted_needs(two, name) for name in (BORROWER, LENDER)] == [1, 1]
    play.customer(two.books[LENDER], name="Boréal (deleted)", new_name="Boréal", active=True)
    two.draft()
    two.approve()

    held = [row for row in two.push().outcomes if row.client == "Nord Ltd"]
    assert [(row.result, row.problem and row.problem.code) for row in held] == [("waiting", "half-posted-pair")]
    assert held[0].problem is not None
    assert "syncd retry" in held[0].problem.fix
    assert "syncd release" in held[0].problem.fix
    assert two.amounts(BORROWER) == ["168.00"]

    steps = two.steps(LENDER)
    with steps.quickbooks() as opened:
        retry(two.store, steps.config, opened, min(numbers(two, LENDER)), clock=two.clock, holder="test")
    two.push(LENDER)
    two.push()
    assert (two.amounts(BORROWER), two.amounts(LENDER)) == (["168.00", "84.00"], ["126.00", "63.00"])
    with two.store.read() as connection:
        assert open_pairs(connection, BORROWER) == []
    assert [half_posted_needs(two, name) for name in (BORROWER, LENDER)] == [0, 0]


def test_a_half_posted_pair_may_be_voided_and_is_then_drafted_anew(two: Two):
    half_posted(two)
    play.customer(two.books[LENDER], name="Boréal (deleted)", new_name="Boréal", active=True)
    (first,) = numbers(two, BORROWER)
    play_void(two, BORROWER, first)

    by = By("Marie", "half-posted", two.clock.now(), TODAY)
    assert not isinstance(release(two.store, two.steps().config, first, by), Problem)

    assert numbers(two, LENDER) == []
    two.draft()
    two.approve()
    two.push()
    assert sorted(two.amounts(BORROWER)) == ["0.00", "168.00", "84.00"]
    assert sorted(two.amounts(LENDER)) == ["126.00", "63.00"]
    assert conserved(two)


def test_a_crash_between_the_two_is_made_good_by_the_next_push_of_either(two: Two):
    two.work(entry(1, "2", "Hydro"))
    two.draft()
    two.approve()
    steps = two.steps()
    with steps.quickbooks() as opened:
        alone = replace(steps, config=replace(steps.config, lenders=()))
        alone.push(opened)
    assert (two.amounts(BORROWER), two.amounts(LENDER)) == (["168.00"], [])

    assert results(two.push(LENDER)) == [("Boréal", "sent")]

    assert two.amounts(LENDER) == ["126.00"]
    assert two.push().outcomes == ()


def test_a_covered_hour_is_billed_although_the_first_goes_nowhere(two: Two):
    retainers = "client,name,kind,hours,fee,from,until\nHydro-Québec,Support,block,10,0,2026-10-01,\n"
    two.group.each[BORROWER].table("retainers", retainers)
    two.work(entry(1, "2", "Hydro"))
    two.draft()
    two.approve()

    two.push()

    assert (two.amounts(BORROWER), two.amounts(LENDER)) == ([], ["126.00"])
    assert conserved(two)


def test_what_is_edited_after_posting_is_taken_back_in_both(two: Two):
    two.work(entry(1, "4", "Hydro"))
    two.draft()
    two.approve()
    two.push()
    two.clock.advance(30 * 86_400)
    two.work(entry(1, "3.6", "Hydro"), today=DECEMBER)
    two.draft(today=DECEMBER)

    two.approve(today=DECEMBER)
    two.push()

    assert (two.amounts(BORROWER), two.amounts(LENDER)) == (["336.00"], ["252.00"])
    assert (two.amounts(BORROWER, "CreditMemo"), two.amounts(LENDER, "CreditMemo")) == (["33.60"], ["25.20"])
    assert conserved(two)


def numbers(two: Two, name: str) -> list[str]:
    return [row["number"] for row in two.rows(schema.document, company=name, withdrawn_at=None)]


def test_a_voided_document_is_billed_again_only_once_its_partner_is_voided_too(two: Two):
    two.work(entry(1, "2", "Hydro"))
    two.draft()
    two.approve()
    two.push()
    (first,), (second,) = numbers(two, BORROWER), numbers(two, LENDER)
    by = By("Marie", "wrong month", two.clock.now(), TODAY)
    play_void(two, BORROWER, first)

    refused = release(two.store, two.steps().config, first, by)
    assert isinstance(refused, Problem)
    assert refused.code == "pair-stands"

    play_void(two, LENDER, second)
    assert not isinstance(release(two.store, two.steps().config, first, by), Problem)
    assert not isinstance(release(two.store, two.steps(LENDER).config, second, by), Problem)
    two.draft()
    two.approve()
    two.push()
    assert (two.amounts(BORROWER)[-1], two.amounts(LENDER)[-1]) == ("168.00", "126.00")
    assert conserved(two)


def play_void(two: Two, name: str, number: str) -> None:
    play.void(two.books[name], doc_number=number)
    two.read(name)
