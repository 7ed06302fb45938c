"""A deposit is invoiced alone and outside tax; what was paid of it pays open invoices, after tax and after credits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mappings.documents import Document
from mappings.rows import RetainerRow
from mappings.rules.billing import bill
from mappings.rules.retainers import retainer_key
from mappings.world import OpenItem, World
from tests.mappings.rules.worlds import day, discount, entry, later, only, post, retainer, shown, world

DRAWN = "deposit-used:Acompte"


def deposit(amount: str = "500", name: str = "Acompte", start: str = "10-01", **more: Any) -> RetainerRow:
    row = retainer(None, amount, name=name, valid_from=start, item="Client deposits", **more)
    return replace(row, kind="money")


def with_open(before: World, *items: tuple[str, str, int], paid: dict[str, int] | None = None) -> World:
    """The same, with documents of Hydro open in QuickBooks: (kind, day, cents), a draw with "draw" as its kind."""
    rows = {row.name: retainer_key(row) for row in before.tables.retainers}
    found = []
    for kind, dated, cents in items:
        about: tuple[Any, ...] = ("credit-memo", "x") if kind == "draw" else (kind, "")
        found.append(OpenItem("Hydro", about[0], day(dated), cents, about[1]))
    cash = {rows[name]: cents for name, cents in (paid or {}).items()}
    return replace(before, open_items=tuple(found), deposits_paid=cash)


def posted(*rows: RetainerRow, **more: Any) -> World:
    """October, with four hours, is sent: the deposit's invoice, too."""
    more = {"no_tax_code": "Out of Scope", "tax_code": "GST"} | more
    return post(world([entry("1", "10-05", 4)], retainers=rows or [deposit()], **more))


def draws(made_in: World) -> list[tuple[str, str, int]]:
    return [
        (document.key.group, document.kind, document.subtotal_minor)
        for document in bill(made_in).documents
        if document.key.group.startswith("deposit-used:")
    ]


def test_a_deposit_is_invoiced_alone_with_its_item_outside_tax() -> None:
    made = world([entry("1", "10-05", 4)], retainers=[deposit()], no_tax_code="Out of Scope", tax_code="GST",
                 discounts=[discount("10")])  # fmt: skip

    work, alone = sorted(bill(made).documents, key=lambda document: document.key.group)

    assert [line.kind for line in work.lines] == ["time", "discount"]
    assert (alone.key.group, alone.kind, alone.period.name) == ("deposit:Acompte", "invoice", "2026-10")
    assert shown(alone) == [("Deposit: Acompte", "500.00")]
    assert [(line.item, line.tax_code, line.kind) for line in alone.lines] == [
        ("Client deposits", "Out of Scope", "deposit")
    ]


def test_it_is_invoiced_once() -> None:
    assert bill(later(posted(), "12-02")).documents == ()


def test_without_a_tax_code_for_what_is_outside_tax_it_is_blocked() -> None:
    made = bill(world([], retainers=[deposit()]))

    assert [[one.code for one in document.problems] for document in made.documents] == [["no-tax-code-missing"]]


def test_what_is_not_paid_cannot_be_drawn() -> None:
    assert draws(with_open(posted(), ("invoice", "10-31", 38640))) == []


def test_an_invoice_is_drawn_with_its_tax_as_a_credit_memo_never_as_a_line() -> None:
    paid = with_open(posted(), ("invoice", "10-31", 38640), paid={"Acompte": 50000})

    document = only(bill(paid))

    assert (document.kind, document.key.group, document.period.name) == ("credit-memo", DRAWN, "2026-10")
    assert shown(document) == [("Deposit used: Acompte", "-386.40")]
    assert [(line.item, line.tax_code) for line in document.lines] == [("Client deposits", "Out of Scope")]


def test_only_what_was_paid_is_drawn_and_the_rest_stays() -> None:
    assert draws(with_open(posted(), ("invoice", "10-31", 38640), paid={"Acompte": 20000})) == [
        (DRAWN, "credit-memo", -20000)
    ]


def test_credits_come_first() -> None:
    items = [("invoice", "10-31", 38640), ("credit-memo", "10-31", 30000)]

    assert draws(with_open(posted(), *items, paid={"Acompte": 50000})) == [(DRAWN, "credit-memo", -8640)]


def test_what_is_drawn_and_not_applied_yet_is_not_drawn_again() -> None:
    first = post(with_open(posted(), ("invoice", "10-31", 38640), paid={"Acompte": 50000}))

    again = with_open(first, ("invoice", "10-31", 38640), ("draw", "10-31", 38640), paid={"Acompte": 50000})
    after = with_open(first, ("invoice", "11-30", 20000), paid={"Acompte": 50000})

    assert draws(again) == []
    assert draws(after) == [(DRAWN, "credit-memo", -11360)]  # 500.00 less 386.40


def test_an_invoice_from_before_the_deposit_is_not_drawn() -> None:
    rows = (deposit(start="10-15"),)

    assert draws(with_open(posted(*rows), ("invoice", "09-30", 10000), paid={"Acompte": 50000})) == []


def test_credits_that_an_older_invoice_takes_leave_the_later_one_to_the_deposit() -> None:
    items = [("invoice", "09-30", 10000), ("invoice", "10-31", 20000), ("credit-memo", "10-31", 15000)]

    assert draws(with_open(posted(deposit(start="10-15")), *items, paid={"Acompte": 50000})) == [
        (DRAWN, "credit-memo", -15000)
    ]


def test_the_earlier_of_two_deposits_is_drawn_first() -> None:
    rows = (deposit("300", "Second", start="10-10"), deposit("100", "First"))
    both = with_open(posted(*rows), ("invoice", "10-31", 25000), paid={"First": 10000, "Second": 30000})

    assert sorted(draws(both)) == [
        ("deposit-used:First", "credit-memo", -10000),
        ("deposit-used:Second", "credit-memo", -15000),
    ]


def test_before_go_live_it_counts_as_paid_and_is_not_invoiced() -> None:
    old = posted(deposit(start="2026-08-01"), go_live="10-01")

    assert draws(with_open(old, ("invoice", "10-31", 38640))) == [(DRAWN, "credit-memo", -38640)]
    assert all("Deposit:" not in line for document in bill(old).documents for line, _ in shown(document))


@pytest.mark.parametrize("per", ["project", "purchase-order", "person"])
def test_it_stands_alone_whatever_invoices_are_made_by(per: str) -> None:
    made = bill(
        world([entry("1", "10-05", 4, project="Site")], retainers=[deposit()], no_tax_code="NON", one_invoice_per=per)
    )

    alone: Document = next(one for one in made.documents if one.key.group == "deposit:Acompte")
    assert (len(made.documents), alone.purchase_order) == (2, "")
