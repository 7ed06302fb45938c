"""Receivables by age, and what needs a person with the command that comes next."""

from __future__ import annotations

import shlex
from datetime import UTC, date, datetime, timedelta

import click
import pytest

from mappings.documents import Hold
from mappings.problems import Problem
from syncd.commands.group import root
from syncd.engine.content import encode
from syncd.engine.marks import DOCUMENTS_READ, set_mark
from syncd.reports.ageing import bucket_of, totals
from syncd.reports.status import CRITICAL, check
from syncd.store import schema
from syncd.store.database import Store
from tests.syncd.reports.ledgers import COMPANY, NOON, Books


@pytest.fixture
def books(sqlite_store: Store) -> Books:
    made = Books(sqlite_store)
    made.insert(schema.source_state, source="times", cursor="{}", last_complete_at=NOON)
    made.read_at()
    return made


def connect(books: Books, **columns: object) -> None:
    values: dict[str, object] = {
        "environment": "sandbox",
        "realm": "9",
        "company_name": "Atelier",
        "tokens": b"sealed",
        "refresh_expires_at": datetime(2027, 2, 1, tzinfo=UTC),
        "connected_at": NOON,
    }
    books.insert(schema.connection, **(values | columns))


@pytest.mark.parametrize(
    ("due", "bucket"),
    [
        (date(2026, 11, 4), "current"),
        (date(2026, 11, 3), "current"),
        (date(2026, 11, 2), "days_1_30"),
        (date(2026, 10, 4), "days_1_30"),
        (date(2026, 10, 3), "days_31_60"),
        (date(2026, 9, 4), "days_31_60"),
        (date(2026, 9, 3), "days_61_90"),
        (date(2026, 8, 5), "days_61_90"),
        (date(2026, 8, 4), "days_91_up"),
    ],
)
def test_an_invoice_stands_in_the_column_of_its_days_past_due(due: date, bucket: str) -> None:
    assert bucket_of(due, date(2026, 11, 3)) == bucket


def test_ageing_is_by_client_and_currency_with_unapplied_money_apart(books: Books) -> None:
    books.customer("Hydro", 9000)
    books.customer("Boston", 500, currency="USD")
    books.remote("1", 10000, due=date(2026, 11, 30))
    books.remote("2", 20000, balance=5000, due=date(2026, 10, 1))
    books.remote("3", 6000, kind="Payment", balance=6000)
    books.remote("4", 500, customer="Boston", currency="USD", due=date(2026, 1, 1))

    ageing = books.status().ageing

    assert [(row.client, row.currency, str(row.total)) for row in ageing] == [
        ("Boston", "USD", "5.00"),
        ("Hydro", "CAD", "90.00"),
    ]
    hydro = ageing[1]
    assert [str(cell) for cell in (hydro.current, hydro.days_31_60, hydro.unapplied)] == ["100.00", "50.00", "-60.00"]
    assert [(row.currency, str(row.total)) for row in totals(ageing)] == [("CAD", "90.00"), ("USD", "5.00")]


def test_each_need_has_a_command_that_exists(books: Books) -> None:
    connect(books, refresh_expires_at=datetime(2026, 11, 12, tzinfo=UTC))
    books.change(
        schema.source_state,
        {"source": "times"},
        down_since=NOON,
        last_error="no answer",
        fuse='{"what": "Half is gone."}',
    )
    books.work("1", 3600)
    books.stand("1", 3600, "blocked", "no-rate")
    books.draft("Nord Ltd", problems=(Problem("no-rate", "There is no rate.", "Add one."),))
    for client in ("Ouest", "Sud"):
        books.draft(client, holds=(Hold("new-client", "Nothing was posted yet."),))
    books.change(schema.draft, {"client": "Sud"}, shown_hash=schema.draft.c.content_hash)
    books.draft("Est")
    refusal = encode(Problem("quickbooks-6210", "The books are closed.", "Reopen them."))
    for number, state in (("AB-01", "refused"), ("AB-02", "unknown"), ("AB-03", "ready")):
        books.document(number, 100, outbox=state)
    books.change(schema.outbox, {"document_id": "AB-01"}, problem=refusal)
    books.document("AB-04", 100)
    books.insert(
        schema.drift,
        document_id="AB-04",
        type="Invoice",
        quickbooks_id="04",
        code="voided",
        what="It was voided.",
        expected="",
        found="",
        found_at=NOON,
    )

    report = books.status()

    assert [(need.code, need.command) for need in report.needs] == [
        ("refused", "syncd retry AB-01"),
        ("source-down", "syncd doctor"),
        ("fuse", "syncd pull --accept-vanished times"),
        ("connection-expires", "syncd connect quickbooks"),
        ("in-doubt", "syncd push"),
        ("voided", "syncd release AB-04"),
        ("no-rate", "syncd mappings check"),
        ("blocked", "syncd preview --client 'Nord Ltd'"),
        ("held", "syncd preview --client Ouest"),
        ("held", "syncd approve Sud"),
        ("to-send", "syncd push"),
        ("to-approve", "syncd preview"),
    ]
    for need in report.needs:
        words = shlex.split(need.command)
        command = root.get_command(click.Context(root), words[1])
        assert command is not None
        command.make_context(words[1], words[2:], parent=click.Context(root)).close()


def test_cents_of_tax_are_told_and_warn_nobody(books: Books) -> None:
    connect(books)
    books.document("AB-01", 100)
    books.insert(
        schema.drift,
        document_id="AB-01",
        type="Invoice",
        quickbooks_id="01",
        code="tax-variance",
        what="QuickBooks computed another tax, within rounding.",
        expected="15.03",
        found="14.98",
        found_at=NOON,
    )

    needs = books.status().needs

    assert [(need.code, need.severity) for need in needs] == [("tax-variance", "info")]


@pytest.mark.parametrize(
    ("columns", "code", "severity"),
    [
        ({"broken_because": "The consent was revoked"}, "connection-broken", "critical"),
        ({"refresh_expires_at": datetime(2026, 11, 1, tzinfo=UTC)}, "connection-expired", "critical"),
        ({"hard_expires_at": datetime(2026, 11, 16, tzinfo=UTC)}, "connection-expires", "warning"),
        ({"refresh_expires_at": NOON + timedelta(days=14)}, "connection-expires", "warning"),
        ({"refresh_expires_at": NOON + timedelta(days=7, seconds=1)}, "connection-expires", "warning"),
        ({"refresh_expires_at": NOON + timedelta(days=7)}, "connection-expires", "critical"),
        ({"refresh_expires_at": NOON}, "connection-expired", "critical"),
        ({"environment": "emulator"}, "another-environment", "critical"),
    ],
)
def test_a_connection_is_told_of_before_and_when_it_ends(
    books: Books, columns: dict[str, object], code: str, severity: str
) -> None:
    connect(books, **columns)

    needs = books.status().needs

    assert [(need.code, need.severity) for need in needs] == [(code, severity)]


@pytest.mark.parametrize(
    ("days", "code", "word"),
    [(15, 0, "OK"), (14, 1, "WARNING"), (8, 1, "WARNING"), (7, 2, "CRITICAL"), (-1, 2, "CRITICAL")],
)
def test_monitoring_warns_two_weeks_before_the_end_and_is_critical_in_the_last(
    books: Books, days: int, code: int, word: str
) -> None:
    connect(books, hard_expires_at=NOON + timedelta(days=days))

    told, line = check(books.status())

    assert told == code
    assert line.startswith(f"SYNCD {word} - Atelier: ")


@pytest.mark.parametrize(("hours", "codes"), [(48, []), (49, ["quickbooks-stale"])])
def test_quickbooks_that_could_not_be_read_for_two_days_is_told(books: Books, hours: int, codes: list[str]) -> None:
    """Its proofs read 0.00 for ever: nothing they are made of moves."""
    connect(books)
    with books.store.write() as connection:
        set_mark(connection, COMPANY, DOCUMENTS_READ, NOON - timedelta(hours=hours))

    assert [need.code for need in books.status().needs] == codes


def test_nothing_needs_anybody_when_all_is_well(books: Books) -> None:
    connect(books)

    report = books.status()

    assert report.needs == ()
    assert check(report) == (0, "SYNCD OK - Atelier: all three proofs read 0.00 (0 critical, 0 warnings)")


def test_a_proof_that_fails_is_critical_with_its_difference(books: Books) -> None:
    connect(books)
    books.work("1", 3600)

    code, line = check(books.status())

    assert code == CRITICAL
    assert line == "SYNCD CRITICAL - Atelier: hours differ by -1.00 hours (0 critical, 0 warnings)"
