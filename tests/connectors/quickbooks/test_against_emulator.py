"""The whole client against the emulator, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.emulator import Emulator, play, running
from connectors.quickbooks.documents import same_document
from connectors.quickbooks.errors import AmbiguousError, ForbiddenError, RefusedError, ThrottledError, holder_of_number
from connectors.quickbooks.payloads import document_payload
from connectors.quickbooks.reading import quoted
from connectors.quickbooks.remote import Link, parse_remote
from connectors.quickbooks.tokens import NeedsReconnectError
from mappings.catalogue import Books, TaxComponent
from mappings.documents import Document
from syncd.clock import SystemClock
from tests.connectors.quickbooks.support import MARKER, Connected, connect_to_emulator, document, line
from tests.support.clock import FakeClock


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(country="ca", limits=False) as emulator:
        yield emulator


@pytest.fixture
def connected(emulator: Emulator) -> Iterator[Connected]:
    with connect(emulator) as connected:
        yield connected


@contextmanager
def connect(emulator: Emulator) -> Iterator[Connected]:
    with running(emulator) as url, connect_to_emulator(url, FakeClock(datetime.now(UTC))) as connected:
        yield connected


def resolved(connected: Connected, *lines: Any, **changes: Any) -> Document:
    """An invoice whose item, tax code and customer are looked up in the company."""
    books = connected.client.books()
    ids = {
        (kind, row.name): row.id
        for kind in ("customer", "item", "tax-code")
        for row in connected.client.named(kind, books)
    }
    lines = lines or ({},)
    made = [
        line(
            **{"number": number, "item_id": ids["item", "Consultation"]}
            | {"tax_code_id": ids["tax-code", "GST/QST QC - 9.975"]}
            | one
        )
        for number, one in enumerate(lines, 1)
    ]
    return document(*made, **{"customer_id": ids["customer", "Clinique du Lac"]} | changes)


def payload_of(
    connected: Connected, invoice: Document, number: str | None = "AB-2026-0001", marker: str = MARKER
) -> dict[str, Any]:
    return document_payload(invoice, doc_number=number, marker=marker, books=connected.client.books())


def test_the_books_of_the_company_are_read(emulator: Emulator, connected: Connected) -> None:
    emulator.seed({"closed_books": "2026-08-31"})

    books = connected.client.books()

    assert books == Books(
        realm=emulator.realm_id,
        company_name="Atelier Boréal inc.",
        country="CA",
        home_currency="CAD",
        multicurrency=True,
        custom_numbers=True,
        closed_until=date(2026, 8, 31),
    )


def test_lists_are_read_with_what_is_inactive(emulator: Emulator, connected: Connected) -> None:
    emulator.seed(
        {
            "customers": [{"name": "Hydro", "email": "ap@hydro.example"}, {"name": "Chantier", "parent": "Hydro"}],
            "classes": ["Nord"],
            "departments": ["Montréal"],
        }
    )
    play.customer(emulator, name="Ville de Rimouski", active=False)
    client, books = connected.client, connected.client.books()

    customers = {row.name: row for row in client.named("customer", books)}

    assert customers["Hydro"].email == "ap@hydro.example"
    assert customers["Hydro:Chantier"].active
    assert not customers["Ville de Rimouski"].active
    assert customers["Northwind Traders Inc."].currency == "USD"
    assert "Net 30" in [row.name for row in client.named("term", books)]
    assert [row.name for row in client.named("class", books)] == ["Nord"]
    assert [row.name for row in client.named("department", books)] == ["Montréal"]


def test_tax_codes_are_read_with_their_rates(connected: Connected) -> None:
    client = connected.client
    code = {row.name: row.id for row in client.named("tax-code", client.books())}["GST/QST QC - 9.975"]

    assert client.tax_components()[code] == (TaxComponent("GST", Decimal(5)), TaxComponent("QST", Decimal("9.975")))


def test_an_exchange_rate_is_read_for_its_day(emulator: Emulator, connected: Connected) -> None:
    emulator.seed({"exchange_rates": {"USD": [["2026-10-01", "1.3702"], ["2026-11-01", "1.41"]]}})

    assert connected.client.exchange_rate("USD", date(2026, 10, 31)) == Decimal("1.3702")
    assert connected.client.exchange_rate("CHF", date(2026, 10, 31)) is None


def test_an_invoice_is_created_as_it_was_meant(connected: Connected) -> None:
    # 220.00 at GST 5 % and QST 9.975 %: 11.00 + 21.95 (21.945 half-up).
    invoice = resolved(connected, {"quantity": Decimal("2.5"), "rate": Decimal(88), "amount_minor": 22_000})
    payload = payload_of(connected, invoice)

    created = connected.client.create("Invoice", payload, "r1")
    read = parse_remote("Invoice", connected.client.get("Invoice", created["Id"]), "CAD")

    assert same_document(created, payload)
    assert (read.subtotal_minor, read.tax_minor, read.total_minor) == (22_000, 3295, 25_295)
    assert (read.doc_number, read.marker, read.state) == ("AB-2026-0001", MARKER, "live")
    assert (read.txn_date, read.balance_minor, read.currency) == (date(2026, 10, 31), 25_295, "CAD")


def test_lines_of_every_kind_are_accepted(connected: Connected) -> None:
    invoice = resolved(
        connected,
        {},
        {"quantity": Decimal("-0.4"), "amount_minor": -3360, "service_date": date(2026, 9, 30)},
        {"quantity": Decimal(1), "rate": Decimal("70.00"), "amount_minor": 6999},
        {"quantity": Decimal(1), "rate": None, "amount_minor": 50_000},
        {"quantity": Decimal("0.33333"), "rate": Decimal("69.99999"), "amount_minor": 2333},
        {"quantity": Decimal(2), "rate": Decimal(0), "amount_minor": 0},
    )

    created = connected.client.create("Invoice", payload_of(connected, invoice), "r1")

    read = parse_remote("Invoice", created, "CAD")
    assert read.subtotal_minor == 84_000 - 3360 + 6999 + 50_000 + 2333
    assert read.state == "live"


def test_a_credit_memo_is_created_positive(connected: Connected) -> None:
    memo = resolved(connected, {"quantity": Decimal("-0.4"), "amount_minor": -3360}, kind="credit-memo")

    created = connected.client.create("CreditMemo", payload_of(connected, memo), "r1")

    read = parse_remote("CreditMemo", created, "CAD")
    assert (read.subtotal_minor, read.balance_minor) == (3360, read.total_minor)


def test_a_foreign_invoice_keeps_its_rate(connected: Connected) -> None:
    customers = connected.client.named("customer", connected.client.books())
    customer = next(row for row in customers if row.currency == "USD")
    invoice = resolved(connected, currency="USD", customer_id=customer.id, exchange_rate=Decimal("1.3702"))

    read = parse_remote("Invoice", connected.client.create("Invoice", payload_of(connected, invoice), "r1"), "CAD")

    assert (read.currency, read.exchange_rate) == ("USD", Decimal("1.3702"))
    assert read.home_total_minor == int(
        (Decimal(read.total_minor) * Decimal("1.3702")).quantize(Decimal(1), "ROUND_HALF_UP")
    )


def test_an_american_company_works_too() -> None:
    with Emulator(country="us", limits=False) as emulator, connect(emulator) as connected:
        books = connected.client.books()
        customer = connected.client.named("customer", books)[0]
        codes = {row.name: row.id for row in connected.client.named("tax-code", books)}
        invoice = document(line(tax_code_id=codes["NON"]), currency="USD", customer_id=customer.id, language="en-US")

        payload = document_payload(invoice, doc_number="A-1", marker=MARKER, books=books)
        read = parse_remote("Invoice", connected.client.create("Invoice", payload, "r1"), books.home_currency)

    assert (books.country, books.multicurrency) == ("US", False)
    assert (read.subtotal_minor, read.tax_minor, read.currency) == (84_000, 0, "USD")


def test_the_same_request_id_makes_one_invoice(emulator: Emulator, connected: Connected) -> None:
    payload = payload_of(connected, resolved(connected))

    first = connected.client.create("Invoice", payload, "r1")
    second = connected.client.create("Invoice", payload, "r1")

    assert first == second
    assert len(emulator.all("Invoice")) == 1


@pytest.mark.parametrize("kind", ["lost-answer", "truncated", "gateway-timeout"])
def test_a_document_whose_answer_was_lost_is_found_by_its_number(
    emulator: Emulator, connected: Connected, kind: str
) -> None:
    payload = payload_of(connected, resolved(connected))
    emulator.fault(kind, method="POST", entity="invoice")

    with pytest.raises(AmbiguousError):
        connected.client.create("Invoice", payload, "r1")
    found = connected.client.look_for("Invoice", payload)

    assert len(found.ours) == 1
    assert found.ours[0][0] == "Invoice"
    assert same_document(found.ours[0][1], payload)
    assert found.others == ()


def test_a_document_that_was_never_made_is_not_found(emulator: Emulator, connected: Connected) -> None:
    payload = payload_of(connected, resolved(connected))
    emulator.fault("html", method="POST", entity="invoice", when="before", status=502)

    with pytest.raises(AmbiguousError):
        connected.client.create("Invoice", payload, "r1")

    assert connected.client.look_for("Invoice", payload).ours == ()


def test_without_a_number_of_ours_the_customer_the_day_and_the_marker_tell(connected: Connected) -> None:
    invoice = resolved(connected)
    ours = payload_of(connected, invoice, number=None)
    twin = payload_of(connected, invoice, number=None, marker="syncd:doc-2 0123456789ab")
    for request_id, payload in (("r1", ours), ("r2", twin)):
        connected.client.create("Invoice", payload, request_id)

    found = connected.client.look_for("Invoice", ours)

    assert [row["PrivateNote"] for _, row in found.ours] == [MARKER]


def test_a_number_that_somebody_else_has_is_refused_and_its_holder_named(connected: Connected) -> None:
    theirs = payload_of(connected, resolved(connected), marker="syncd:other 0123456789ab")
    held = connected.client.create("Invoice", theirs, "r1")
    payload = payload_of(connected, resolved(connected))

    with pytest.raises(RefusedError) as caught:
        connected.client.create("Invoice", payload, "r2")
    found = connected.client.look_for("Invoice", payload)

    assert caught.value.codes == ("6140",)
    assert holder_of_number(caught.value) == held["Id"]
    assert found.ours == ()
    assert [row["Id"] for _, row in found.others] == [held["Id"]]


def test_a_number_changed_by_hand_does_not_hide_our_document(emulator: Emulator, connected: Connected) -> None:
    payload = payload_of(connected, resolved(connected))
    connected.client.create("Invoice", payload, "r1")
    play.edit(emulator, doc_number="AB-2026-0001", new_doc_number="X-9")

    assert len(connected.client.look_for("Invoice", payload).ours) == 1


def test_a_document_changed_by_hand_is_ours_and_not_the_same(emulator: Emulator, connected: Connected) -> None:
    payload = payload_of(connected, resolved(connected))
    connected.client.create("Invoice", payload, "r1")
    play.edit(emulator, doc_number="AB-2026-0001", amount="1.00")

    found = connected.client.look_for("Invoice", payload)

    assert len(found.ours) == 1
    assert not same_document(found.ours[0][1], payload)


def test_an_invoice_is_mailed_to_its_own_or_another_address(emulator: Emulator, connected: Connected) -> None:
    created = connected.client.create(
        "Invoice", payload_of(connected, resolved(connected, email_to="comptes@lac.example")), "r1"
    )

    sent = connected.client.send("Invoice", created["Id"], "r2")
    connected.client.send("Invoice", created["Id"], "r3", "a+b@lac.example")

    read = parse_remote("Invoice", sent, "CAD")
    assert read.email_status == "EmailSent"
    assert read.delivered_at is not None
    assert [mail.address for mail in emulator.api.mails] == ["comptes@lac.example", "a+b@lac.example"]


def test_a_void_is_seen_and_a_stale_one_refused(connected: Connected) -> None:
    created = connected.client.create("Invoice", payload_of(connected, resolved(connected)), "r1")

    connected.client.void(created["Id"], created["SyncToken"], "r2")
    with pytest.raises(RefusedError) as caught:
        connected.client.void(created["Id"], created["SyncToken"], "r3")

    read = parse_remote("Invoice", connected.client.get("Invoice", created["Id"]), "CAD")
    assert (read.state, read.total_minor, read.marker) == ("voided", 0, MARKER)
    assert caught.value.codes == ("5010",)


def test_a_void_in_french_is_seen(emulator: Emulator, connected: Connected) -> None:
    connected.client.create("Invoice", payload_of(connected, resolved(connected)), "r1")
    emulator.settings.language = "fr"
    play.void(emulator, doc_number="AB-2026-0001")

    found = connected.client.query("Invoice", f"DocNumber = {quoted('AB-2026-0001')}")

    assert parse_remote("Invoice", found[0], "CAD").state == "voided"


def test_changes_bring_payments_edits_and_deletions(emulator: Emulator, connected: Connected) -> None:
    client, since = connected.client, emulator.now() - timedelta(minutes=5)
    for number in ("A-1", "A-2"):
        client.create("Invoice", payload_of(connected, resolved(connected), number=number), number)
    paid = play.pay(emulator, doc_numbers=["A-1"], amount="100.00")
    play.delete(emulator, doc_number="A-2")

    changes = client.changes(["Invoice", "CreditMemo", "Payment"], since)

    invoice = parse_remote("Invoice", changes.objects["Invoice"][0], "CAD")
    payment = parse_remote("Payment", changes.objects["Payment"][0], "CAD")
    gone = parse_remote("Invoice", changes.deleted["Invoice"][0], "CAD")
    assert invoice.balance_minor == invoice.total_minor - 10_000
    assert invoice.links == (Link("Payment", paid["Id"]),)
    assert payment.links == (Link("Invoice", invoice.id, 10_000),)
    assert (gone.state, gone.id != invoice.id) == ("deleted", True)
    assert changes.objects["CreditMemo"] == ()
    assert abs(changes.server_time - emulator.now()) < timedelta(seconds=10)


def test_a_credit_is_applied_by_a_payment_of_zero(emulator: Emulator, connected: Connected) -> None:
    client = connected.client
    invoice = client.create("Invoice", payload_of(connected, resolved(connected), number="A-1"), "r1")
    less = resolved(connected, {"quantity": Decimal("-0.4"), "amount_minor": -3360}, kind="credit-memo")
    memo = client.create("CreditMemo", payload_of(connected, less, number="A-2"), "r2")
    amount = memo["TotalAmt"]

    applied = client.create(
        "Payment",
        {
            "CustomerRef": invoice["CustomerRef"],
            "TotalAmt": 0,
            "CurrencyRef": {"value": "CAD"},
            "Line": [
                {"Amount": amount, "LinkedTxn": [{"TxnId": memo["Id"], "TxnType": "CreditMemo"}]},
                {"Amount": amount, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]},
            ],
        },
        "r3",
    )

    left = parse_remote("CreditMemo", client.get("CreditMemo", memo["Id"]), "CAD")
    owed = parse_remote("Invoice", client.get("Invoice", invoice["Id"]), "CAD")
    assert parse_remote("Payment", applied, "CAD").state == "live"
    assert left.balance_minor == 0
    assert owed.balance_minor == owed.total_minor - left.total_minor


def test_a_deleted_invoice_is_a_definite_610(emulator: Emulator, connected: Connected) -> None:
    created = connected.client.create("Invoice", payload_of(connected, resolved(connected)), "r1")
    play.delete(emulator, doc_number="AB-2026-0001")

    with pytest.raises(RefusedError) as caught:
        connected.client.get("Invoice", created["Id"])

    assert caught.value.codes == ("610",)


def test_refusals_are_read_by_code_in_french(emulator: Emulator, connected: Connected) -> None:
    emulator.settings.language = "fr"
    payload = payload_of(connected, resolved(connected))
    payload["CustomerRef"] = {"value": "999"}

    with pytest.raises(RefusedError) as caught:
        connected.client.create("Invoice", payload, "r1")

    assert caught.value.codes == ("2500",)
    assert caught.value.intuit_tid


def test_a_closed_period_is_refused_with_advice(emulator: Emulator, connected: Connected) -> None:
    payload = payload_of(connected, resolved(connected))
    emulator.seed({"closed_books": "2026-10-31"})

    with pytest.raises(RefusedError) as caught:
        connected.client.create("Invoice", payload, "r1")

    assert caught.value.codes == ("6210",)
    assert "reopen the period" in caught.value.advice


@pytest.mark.parametrize("shape", ["json", "gateway", "xml", "html", "403"])
def test_throttling_is_known_in_every_shape(emulator: Emulator, connected: Connected, shape: str) -> None:
    payload = payload_of(connected, resolved(connected))
    emulator.fault("throttle", entity="invoice", shape=shape, retry_after=11)

    with pytest.raises(ThrottledError) as caught:
        connected.client.create("Invoice", payload, "r1")

    assert caught.value.retry_after_seconds == 11
    assert emulator.all("Invoice") == []


def test_a_wrong_company_is_forbidden(emulator: Emulator, connected: Connected) -> None:
    emulator.fault("forbidden", entity="invoice")

    with pytest.raises(ForbiddenError) as caught:
        connected.client.create("Invoice", payload_of(connected, resolved(connected)), "r1")

    assert caught.value.codes == ("3100",)


def test_an_expired_token_is_renewed_and_the_new_refresh_token_kept(emulator: Emulator, connected: Connected) -> None:
    before = connected.keeper.tokens
    emulator.oauth.expire_access_tokens()

    connected.client.books()

    after = connected.keeper.tokens
    assert before is not None
    assert after is not None
    assert after.refresh != before.refresh
    assert after.access != before.access
    assert connected.keeper.saved == [after]
    assert after.refresh_hard_expires_at is not None


def test_a_token_renewed_in_time_is_never_rejected(emulator: Emulator, connected: Connected) -> None:
    clock = connected.clock
    assert isinstance(clock, FakeClock)
    for seconds in (3000, 500, 3000, 500):
        clock.advance(seconds)
        emulator.advance(seconds)
        connected.client.books()

    statuses = {entry.status for entry in emulator.requests() if entry.entity != "oauth"}
    assert statuses == {200}


def test_a_revoked_connection_needs_a_person(emulator: Emulator, connected: Connected) -> None:
    emulator.oauth.grants.clear()

    with pytest.raises(NeedsReconnectError):
        connected.client.books()


def test_more_than_a_page_of_customers_is_read(emulator: Emulator, connected: Connected) -> None:
    emulator.seed({"customers": [f"Client {number:04}" for number in range(1100)]})

    customers = connected.client.named("customer", connected.client.books())

    assert len({row.id for row in customers}) == len(customers) == len(emulator.all("Customer"))


def test_every_request_says_minorversion_75_and_each_write_its_id(emulator: Emulator, connected: Connected) -> None:
    connected.client.create("Invoice", payload_of(connected, resolved(connected)), "r1")

    entries = [entry for entry in emulator.requests() if entry.entity != "oauth"]

    assert {entry.query["minorversion"] for entry in entries} == {"75"}
    assert [entry.requestid for entry in entries if entry.method == "POST"] == ["r1"]


def test_the_companys_limits_are_kept_in_real_time() -> None:
    with Emulator(country="ca") as emulator, running(emulator) as url:
        with connect_to_emulator(url, SystemClock()) as connected:
            for _ in range(20):
                connected.client.exchange_rate("USD", date(2026, 10, 31))
        statuses = [entry.status for entry in emulator.requests() if entry.entity != "oauth"]

    assert statuses == [200] * 20
