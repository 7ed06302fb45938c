"""Each proof holds on whole books, and shows the exact difference when a row on either side is broken."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from mappings.periods import month_of
from syncd.reports.values import Money, Selection
from syncd.store import schema
from syncd.store.database import Store
from tests.syncd.reports.ledgers import Books, billed, marker


@pytest.fixture
def books(store: Store) -> Books:
    """Six hours: 2.5 invoiced, 1 covered, 0.5 not billable, 1 waiting, 1 blocked; and one deleted entry."""
    made = Books(store)
    made.work("1", 9000)
    made.work("2", 3600)
    made.work("3", 1800)
    made.work("4", 3600)
    made.work("5", 3600)
    made.work("6", 7200, deleted=True)
    made.document(
        "AB-01",
        21000,
        1050,
        allocations=(billed("1", 9000, 21000, billed_seconds=9900), billed("2", 3600, 0, effect="covered")),
    )
    made.stand("3", 1800, "not-billable", "not-billable")
    made.stand("4", 3600, "waiting", "running-period")
    made.stand("5", 3600, "blocked", "unmapped-client", client="Nobody")
    made.remote("01", 22050, tax=1050, balance=12050, marker=marker("AB-01"), due=date(2026, 11, 30))
    made.remote("51", 10000, kind="Payment", balance=0, dated=date(2026, 11, 2))
    made.customer("Hydro", 12050)
    made.read_at()
    return made


def test_whole_books_read_zero_three_times(books: Books) -> None:
    report = books.status()

    assert [(proof.code, proof.difference) for proof in report.proofs] == [
        ("hours", "0.00"),
        ("invoices", "0.00"),
        ("receivables", "0.00"),
    ]
    assert report.proofs_hold
    assert report.hours.pulled_seconds == 21600
    assert {row.code: row.seconds for row in report.hours.rows} == {
        "invoiced": 9000,
        "covered": 3600,
        "written-down": 0,
        "not-billable": 1800,
        "waiting": 3600,
        "blocked": 3600,
    }


def test_what_increments_added_is_beside_the_sum_and_not_in_it(books: Books) -> None:
    hours = books.status().hours

    assert hours.increments_seconds == 900
    assert hours.accounted_seconds == 21600


def test_an_entry_lost_from_the_work_table_is_named_with_its_seconds(books: Books) -> None:
    books.remove(schema.work, entry="1")

    hours = books.status().hours

    assert hours.difference_seconds == 9000
    assert [(row.entry, row.pulled_seconds, row.held_seconds) for row in hours.uneven] == [("1", 0, 9000)]
    assert not hours.holds


def test_a_ledger_row_that_is_gone_leaves_its_seconds_unaccounted(books: Books) -> None:
    books.remove(schema.ledger, entry="2")

    hours = books.status().hours

    assert hours.difference_seconds == -3600
    assert [(row.entry, row.pulled_seconds, row.held_seconds) for row in hours.uneven] == [("2", 3600, 0)]


def test_a_standing_row_that_is_gone_leaves_its_seconds_unaccounted(books: Books) -> None:
    books.remove(schema.standing, entry="5")

    assert books.status().hours.difference_seconds == -3600


def test_two_errors_that_cancel_out_are_found(books: Books) -> None:
    books.change(schema.ledger, {"entry": "1"}, seconds=9600)
    books.change(schema.standing, {"entry": "4"}, seconds=3000)

    report = books.status()

    assert report.hours.difference_seconds == 0
    assert report.hours.uneven_count == 2
    assert not report.proofs_hold


def test_rows_of_a_withdrawn_document_do_not_count(books: Books) -> None:
    books.document("AB-02", 8400, outbox="withdrawn", allocations=(billed("4", 3600, 8400),))
    books.change(schema.document, {"id": "AB-02"}, withdrawn_at=datetime(2026, 11, 2, tzinfo=UTC))

    assert books.status().proofs_hold


def test_an_entry_edited_after_posting_stands_with_its_difference(books: Books) -> None:
    books.change(schema.work, {"entry": "1"}, seconds=7200)
    books.stand("1", -1800, "waiting", "drafted")

    assert books.status().proofs_hold


def test_an_invoice_that_quickbooks_lost_is_missing_by_its_total(books: Books) -> None:
    books.remove(schema.remote_document, id="01")

    proof = books.status().invoices[0]

    assert str(proof.difference) == "-220.50"
    assert [(row.code, row.number, str(row.expected), str(row.found)) for row in proof.documents] == [
        ("missing", "AB-01", "220.50", "0.00")
    ]


def test_an_invoice_with_our_marker_that_we_never_approved_breaks_the_second_proof(books: Books) -> None:
    books.remote("77", 5000, marker="syncd:somebody-else 0123456789ab")

    proof = books.status().invoices[0]

    assert str(proof.difference) == "50.00"
    assert [(row.code, row.number) for row in proof.documents] == [("claimed", "Q77")]


def test_a_document_lost_here_is_found_there_with_our_marker(books: Books) -> None:
    books.change(schema.document, {"id": "AB-01"}, quickbooks_id=None)

    proof = books.status().invoices[0]

    # Here it is done and nowhere; there it is ours by its marker and claimed by nobody.
    assert {row.code for row in proof.documents} == {"missing", "claimed"}
    assert not proof.holds


def test_an_amount_edited_in_quickbooks_is_the_difference(books: Books) -> None:
    books.change(schema.remote_document, {"id": "01"}, total_minor=20050)

    proof = books.status().invoices[0]

    assert str(proof.difference) == "-20.00"
    assert [(row.code, str(row.found)) for row in proof.documents] == [("edited", "200.50")]


def test_tax_that_quickbooks_computed_otherwise_is_a_row_of_its_own(books: Books) -> None:
    books.change(schema.remote_document, {"id": "01"}, total_minor=22051, tax_minor=1051)

    proof = books.status().invoices[0]

    assert str(proof.difference) == "0.00"
    assert [str(row.amount) for row in proof.rows if row.code == "tax-variance"] == ["0.01"]
    assert proof.holds


def test_a_foreign_invoice_is_told_and_not_in_the_sum(books: Books) -> None:
    books.remote("88", 50000)
    books.change(schema.reference, {"id": "Hydro"}, balance_minor=62050)

    report = books.status()

    told = [row for row in report.invoices[0].rows if not row.counts]
    assert [(row.code, row.documents, str(row.amount)) for row in told] == [("foreign", 1, "500.00")]
    foreign = [row for row in report.receivables[0].rows if row.code == "foreign-invoices"]
    assert [str(row.amount) for row in foreign] == ["500.00"]
    assert report.proofs_hold


@pytest.mark.parametrize(("state", "code"), [("ready", "ready"), ("unknown", "unknown"), ("refused", "refused")])
def test_what_is_not_there_yet_has_its_row(books: Books, state: str, code: str) -> None:
    books.document("AB-02", 8400, 420, outbox=state)

    proof = books.status().invoices[0]

    assert [str(row.amount) for row in proof.rows if row.code == code] == ["-88.20"]
    assert proof.holds


def test_a_document_in_doubt_that_has_arrived_counts_on_both_sides(books: Books) -> None:
    books.document("AB-02", 8400, 420, outbox="unknown")
    books.remote("02", 8820, tax=420, marker=marker("AB-02"))

    proof = books.status().invoices[0]

    assert str(proof.found) == "308.70"
    assert proof.holds


def test_what_was_sent_after_quickbooks_was_read_is_not_missing(books: Books) -> None:
    books.document("AB-02", 8400, changed_at=datetime(2026, 11, 3, 18, tzinfo=UTC))

    proof = books.status().invoices[0]

    assert [str(row.amount) for row in proof.rows if row.code == "unread"] == ["-84.00"]
    assert proof.holds


def test_a_voided_invoice_is_taken_off_by_name(books: Books) -> None:
    books.change(schema.remote_document, {"id": "01"}, state="voided", total_minor=0, tax_minor=0, balance_minor=0)

    proof = books.status().invoices[0]

    assert [(row.code, row.documents, str(row.amount)) for row in proof.rows if row.code == "voided"] == [
        ("voided", 1, "-220.50")
    ]
    assert proof.holds


def test_a_credit_memo_counts_negative_on_both_sides(books: Books) -> None:
    books.document("AB-09", -4000, -200, kind="credit-memo")
    books.remote("09", 4200, tax=200, kind="CreditMemo", marker=marker("AB-09"))
    books.change(schema.reference, {"id": "Hydro"}, balance_minor=7850)

    report = books.status()

    assert str(report.invoices[0].expected) == "178.50"
    assert [str(row.amount) for row in report.receivables[0].rows if row.code == "credits"] == ["-42.00"]
    assert report.proofs_hold


def test_a_payment_that_the_mirror_lacks_is_the_difference_of_the_third_proof(books: Books) -> None:
    books.remove(schema.remote_document, id="51")

    proof = books.status().receivables[0]

    assert str(proof.difference) == "-100.00"
    assert [(row.client, str(row.rolled), str(row.balance)) for row in proof.customers] == [
        ("Hydro", "220.50", "120.50")
    ]


def test_a_balance_that_quickbooks_says_otherwise_is_the_difference_of_the_third_proof(books: Books) -> None:
    books.change(schema.reference, {"id": "Hydro"}, balance_minor=12550)

    assert str(books.status().receivables[0].difference) == "5.00"


def test_customers_whose_differences_cancel_out_are_named(books: Books) -> None:
    books.change(schema.reference, {"id": "Hydro"}, balance_minor=11050)
    books.customer("Nord", 1000)

    proof = books.status().receivables[0]

    assert not proof.difference
    assert {row.client for row in proof.customers} == {"Hydro", "Nord"}
    assert not proof.holds


def test_each_currency_has_its_own_proofs(books: Books) -> None:
    books.document("US-05", 30000, client="Boston", currency="USD")
    books.remote("05", 30000, customer="Boston", currency="USD", marker=marker("US-05"))
    books.customer("Boston", 30000, currency="USD")

    report = books.status()

    assert [(proof.currency, str(proof.found)) for proof in report.invoices] == [("CAD", "220.50"), ("USD", "300.00")]
    assert [(proof.currency, str(proof.closing)) for proof in report.receivables] == [
        ("CAD", "120.50"),
        ("USD", "300.00"),
    ]
    assert report.proofs_hold


def test_the_roll_forward_of_a_period_begins_with_what_was_open(books: Books) -> None:
    november = Selection(period=month_of(date(2026, 11, 1)))

    rows = {row.code: row.amount for row in books.status(november).receivables[0].rows}

    assert rows["opening"] == Money(22050, "CAD")
    assert rows["invoices"] == Money(0, "CAD")
    assert rows["payments"] == Money(-10000, "CAD")


def test_a_period_takes_the_work_that_is_done_in_it_now(books: Books) -> None:
    books.work("7", 600, date(2026, 11, 2))
    books.stand("7", 600, "waiting", "running-period")

    october = books.status(Selection(period=month_of(date(2026, 10, 1)))).hours
    november = books.status(Selection(period=month_of(date(2026, 11, 1)))).hours

    assert (october.pulled_seconds, october.difference_seconds) == (21600, 0)
    assert (november.pulled_seconds, november.difference_seconds) == (600, 0)


def test_a_clients_hours_are_those_of_entries_that_name_it(books: Books) -> None:
    report = books.status(Selection(client="Nobody"))

    assert report.hours.pulled_seconds == 3600
    assert report.hours.holds
    assert report.invoices[0].rows[0].documents == 0


def test_work_moved_between_clients_balances_for_each(books: Books) -> None:
    books.stand("1", -9000, "waiting", "drafted", client="Hydro")
    books.stand("1", 9000, "waiting", "drafted", client="Nord")

    nord = books.status(Selection(client="Nord")).hours

    assert {row.code: row.seconds for row in nord.rows if row.seconds} == {"waiting": 9000}
    assert (nord.pulled_seconds, nord.holds) == (9000, True)
