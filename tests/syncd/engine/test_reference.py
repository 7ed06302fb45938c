"""QuickBooks' lists and settings: read whole once, then what changed; nothing is ever created there."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connectors.quickbooks.errors import ThrottledError
from mappings.catalogue import Catalogue, Named, TaxComponent
from syncd.engine.reference import ensure_exchange_rates, load_catalogue, refresh
from syncd.store import schema
from tests.support.books import COMPANY, CUSTOMER, TAX, Desk


def catalogue(desk: Desk) -> Catalogue:
    with desk.store.read() as connection:
        return load_catalogue(connection, COMPANY)


def named(desk: Desk, kind: str, name: str) -> list[Named]:
    return [row for row in catalogue(desk).named if (row.kind, row.name) == (kind, name)]


def operations(desk: Desk, since: int) -> list[str]:
    return [f"{entry.operation} {entry.entity}" for entry in desk.emulator.requests()[since:]]


def test_lists_and_settings_are_read(desk: Desk) -> None:
    read = catalogue(desk)

    assert read.books is not None
    assert (read.books.country, read.books.home_currency, read.books.multicurrency) == ("CA", "CAD", True)
    assert (read.books.company_name, read.books.custom_numbers) == ("Atelier Boréal inc.", True)
    assert {row.kind for row in read.named} == {"customer", "item", "tax-code", "term"}
    assert named(desk, "customer", CUSTOMER) == [Named("customer", desk.ids[CUSTOMER], CUSTOMER, currency="CAD")]
    assert read.tax_components[desk.ids[TAX]] == (
        TaxComponent("GST", Decimal(5)),
        TaxComponent("QST", Decimal("9.975")),
    )
    assert read.tax_components[desk.ids["Out of Scope"]] == ()


def test_a_second_refresh_asks_once_and_changes_nothing(desk: Desk) -> None:
    desk.clock.advance(60)
    before, requests = desk.rows(schema.reference), len(desk.emulator.requests())

    report = refresh(desk.store, desk.opened, clock=desk.clock)

    assert (report.changed, report.whole) == (0, False)
    assert desk.rows(schema.reference) == before
    assert [operation.split()[0] for operation in operations(desk, requests)] == ["cdc"]


def test_a_rename_and_a_new_customer_come_as_changes(desk: Desk) -> None:
    desk.clock.advance(3600)
    desk.play("customer", name=CUSTOMER, new_name="Clinique du Fleuve")
    desk.play("customer", name="Studio Sud", email="ap@sud.example")

    report = refresh(desk.store, desk.opened, clock=desk.clock)

    assert (report.changed, report.whole) == (2, False)
    assert [row.id for row in named(desk, "customer", "Clinique du Fleuve")] == [desk.ids[CUSTOMER]]
    assert [row.email for row in named(desk, "customer", "Studio Sud")] == ["ap@sud.example"]


def test_an_inactive_customer_stays_known_as_inactive(desk: Desk) -> None:
    desk.clock.advance(3600)
    desk.play("customer", name=CUSTOMER, active=False)

    refresh(desk.store, desk.opened, clock=desk.clock)

    assert [row.active for row in named(desk, "customer", CUSTOMER)] == [False]


def test_tax_codes_are_read_once_a_day_or_when_a_name_is_missing(desk: Desk) -> None:
    desk.emulator.seed({"tax_rates": {"QST": "10"}})
    components = desk.ids[TAX]
    desk.clock.advance(3600)

    refresh(desk.store, desk.opened, clock=desk.clock)
    assert catalogue(desk).tax_components[components][1].percent == Decimal("9.975")

    refresh(desk.store, desk.opened, clock=desk.clock, unresolved=True)
    assert catalogue(desk).tax_components[components][1].percent == Decimal(10)

    desk.emulator.seed({"tax_rates": {"QST": "11"}})
    desk.clock.advance(86_401)
    refresh(desk.store, desk.opened, clock=desk.clock)
    assert catalogue(desk).tax_components[components][1].percent == Decimal(11)


def test_closed_books_are_seen(desk: Desk) -> None:
    desk.emulator.seed({"closed_books": "2026-09-30"})
    desk.clock.advance(86_401)

    refresh(desk.store, desk.opened, clock=desk.clock)

    books = catalogue(desk).books
    assert books is not None
    assert books.closed_until == date(2026, 9, 30)


def test_after_four_weeks_everything_is_read_again(desk: Desk) -> None:
    desk.clock.advance(29 * 86_400)
    desk.play("customer", name=CUSTOMER, new_name="Clinique du Fleuve")
    desk.clock.advance(40 * 86_400)

    report = refresh(desk.store, desk.opened, clock=desk.clock)

    assert report.whole
    assert len(named(desk, "customer", "Clinique du Fleuve")) == 1


def test_a_rate_is_read_once_and_frozen(desk: Desk) -> None:
    day = date(2026, 10, 31)

    missing = ensure_exchange_rates(desk.store, desk.opened, [("USD", day), ("USD", day)])
    requests = len(desk.emulator.requests())
    desk.emulator.seed({"exchange_rates": {"USD": "1.99"}})
    ensure_exchange_rates(desk.store, desk.opened, [("USD", day)])

    assert missing == ()
    assert catalogue(desk).exchange_rates == {("USD", day): Decimal("1.37")}
    assert len(desk.emulator.requests()) == requests


def test_a_rate_that_quickbooks_does_not_know_is_named_and_never_1(desk: Desk) -> None:
    missing = ensure_exchange_rates(desk.store, desk.opened, [("JPY", date(2026, 10, 31))])

    assert missing == (("JPY", date(2026, 10, 31)),)
    assert catalogue(desk).exchange_rates == {}


def test_nothing_is_asked_while_quickbooks_wants_silence(desk: Desk) -> None:
    desk.approve()
    desk.emulator.fault("throttle", operation="create")
    desk.push()
    requests = len(desk.emulator.requests())

    with pytest.raises(ThrottledError):
        refresh(desk.store, desk.opened, clock=desk.clock)
    with pytest.raises(ThrottledError):
        desk.read_payments()

    assert len(desk.emulator.requests()) == requests


def test_reading_lists_writes_nothing_to_quickbooks(desk: Desk) -> None:
    refresh(desk.store, desk.opened, clock=desk.clock, whole=True)

    assert {entry.operation for entry in desk.emulator.requests(writes=True)} == {"token"}
