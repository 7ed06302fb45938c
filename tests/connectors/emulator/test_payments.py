"""Payments, credits, and the balances that follow from them."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from tests.connectors.emulator.support import Api, codes, detail, document, line, names_of, payment


def balance(api: Api, customer: str = "1") -> float:
    found: float = api.read("Customer", customer)["Balance"]
    return found


def links(api: Api, entity: str, identity: str) -> list[str]:
    return [link["TxnId"] for link in api.read(entity, identity)["LinkedTxn"]]


def test_a_payment_lowers_the_balance_and_links_both_sides(api: Api) -> None:
    invoice = api.invoice("100")

    paid = api.create("Payment", payment("100", ("Invoice", invoice["Id"], "100")))

    after = api.read("Invoice", invoice["Id"])
    assert (after["Balance"], after["TotalAmt"]) == (0, 100)
    assert after["LinkedTxn"] == [{"TxnId": paid["Id"], "TxnType": "Payment"}]
    assert (after["SyncToken"], paid["UnappliedAmt"], paid["TotalAmt"]) == ("1", 0, 100)
    assert paid["DepositToAccountRef"] == {"value": "4", "name": "Undeposited Funds"}
    assert balance(api) == 0


def test_a_part_payment_leaves_the_rest_open(api: Api) -> None:
    invoice = api.invoice("100")
    api.create("Payment", payment("30", ("Invoice", invoice["Id"], "30")))

    assert api.read("Invoice", invoice["Id"])["Balance"] == 70
    assert balance(api) == 70


def test_one_payment_settles_several_invoices(api: Api) -> None:
    first, second = api.invoice("100"), api.invoice("50")

    api.create("Payment", payment("130", ("Invoice", first["Id"], "100"), ("Invoice", second["Id"], "30")))

    assert [api.read("Invoice", i["Id"])["Balance"] for i in (first, second)] == [0, 20]


def test_several_payments_settle_one_invoice(api: Api) -> None:
    invoice = api.invoice("100")
    ids = [api.create("Payment", payment(amount, ("Invoice", invoice["Id"], amount)))["Id"] for amount in ("60", "40")]

    assert api.read("Invoice", invoice["Id"])["Balance"] == 0
    assert links(api, "Invoice", invoice["Id"]) == ids


def test_a_payment_without_lines_is_a_credit_of_the_customer(api: Api) -> None:
    paid = api.create("Payment", payment("80"))

    assert (paid["UnappliedAmt"], paid["Line"]) == (80, [])
    assert balance(api) == -80


def test_what_is_more_than_the_invoices_stays_unapplied(api: Api) -> None:
    invoice = api.invoice("100")

    paid = api.create("Payment", payment("120", ("Invoice", invoice["Id"], "100")))

    assert paid["UnappliedAmt"] == 20
    assert balance(api) == -20


@pytest.mark.parametrize(
    ("total", "amount", "text"),
    [("200", "100.01", "only 100.00 is open"), ("50", "60", "more than the payment")],
)
def test_more_than_is_open_or_paid_cannot_be_applied(api: Api, total: str, amount: str, text: str) -> None:
    invoice = api.invoice("100.00")

    answer = api.post("Payment", payment(total, ("Invoice", invoice["Id"], amount)))

    assert codes(answer) == ["6000"]
    assert text in detail(answer)
    assert api.read("Invoice", invoice["Id"])["Balance"] == 100


def test_what_other_payments_settled_is_no_longer_open(api: Api) -> None:
    invoice = api.invoice("100")
    api.create("Payment", payment("60", ("Invoice", invoice["Id"], "60")))

    answer = api.post("Payment", payment("41", ("Invoice", invoice["Id"], "41")))

    assert codes(answer) == ["6000"]
    assert "only 40.00 is open" in detail(answer)


def test_two_lines_on_one_invoice_count_together(api: Api) -> None:
    invoice = api.invoice("100")
    two = [("Invoice", invoice["Id"], "60"), ("Invoice", invoice["Id"], "60")]

    assert codes(api.post("Payment", payment("120", *two))) == ["6000"]


def test_a_payment_settles_its_own_customers_invoices_alone(api: Api) -> None:
    invoice = api.invoice("100", customer="2")

    assert codes(api.post("Payment", payment("100", ("Invoice", invoice["Id"], "100")))) == ["6000"]


def test_a_parent_pays_for_its_sub_customer(api: Api) -> None:
    sub = api.customer("Site B", Job=True, ParentRef={"value": "1"})
    invoice = api.invoice("100", customer=sub)

    api.create("Payment", payment("100", ("Invoice", invoice["Id"], "100")))

    assert api.read("Invoice", invoice["Id"])["Balance"] == 0
    assert api.read("Customer", "1")["BalanceWithJobs"] == 0


@pytest.mark.parametrize("member", ["CustomerRef", "TotalAmt", "CurrencyRef"])
def test_a_payment_wants_its_members(api: Api, member: str) -> None:
    body = payment("10")
    del body[member]

    assert codes(api.post("Payment", body)) == ["2020"]


@pytest.mark.parametrize(
    ("line_of", "code"),
    [
        (("Invoice", "99", "10"), "2500"),
        (("JournalEntry", "1", "10"), "500"),
        (("Invoice", "1", "0"), "6000"),
        (("Invoice", "1", "-5"), "6000"),
    ],
)
def test_a_payment_line_settles_something_open_by_an_amount(api: Api, line_of: tuple[str, str, str], code: str) -> None:
    api.invoice("100")

    assert codes(api.post("Payment", payment("10", line_of))) == [code]


def test_a_negative_payment_is_refused(api: Api) -> None:
    assert codes(api.post("Payment", payment("-10"))) == ["6000"]


def test_changing_a_payments_lines_opens_and_closes_invoices(api: Api) -> None:
    first, second = api.invoice("100"), api.invoice("100")
    paid = api.create("Payment", payment("100", ("Invoice", first["Id"], "100")))

    moved = payment("100", ("Invoice", second["Id"], "100"))["Line"]
    api.update("Payment", paid, Line=moved)

    assert [api.read("Invoice", i["Id"])["Balance"] for i in (first, second)] == [100, 0]
    assert links(api, "Invoice", first["Id"]) == []


def test_a_sparse_change_of_a_payment_keeps_its_lines_and_an_empty_list_takes_them_off(api: Api) -> None:
    invoice = api.invoice("100")
    paid = api.create("Payment", payment("100", ("Invoice", invoice["Id"], "100")))

    noted = api.update("Payment", paid, PrivateNote="cheque 12")
    assert api.read("Invoice", invoice["Id"])["Balance"] == 0
    assert api.read("Invoice", invoice["Id"])["SyncToken"] == "1"

    freed = api.update("Payment", noted, Line=[])
    assert freed["UnappliedAmt"] == 100
    assert api.read("Invoice", invoice["Id"])["Balance"] == 100


def test_a_full_change_of_a_payment_without_lines_takes_them_off(api: Api) -> None:
    invoice = api.invoice("100")
    paid = api.create("Payment", payment("100", ("Invoice", invoice["Id"], "100")))
    body = {k: v for k, v in payment("100").items() if k != "Line"}

    assert api.create("Payment", {**body, **names_of(paid)})["UnappliedAmt"] == 100


def test_a_deleted_payment_opens_its_invoices(api: Api) -> None:
    invoice = api.invoice("100")
    paid = api.create("Payment", payment("100", ("Invoice", invoice["Id"], "100")))

    answer = api.delete("Payment", paid)

    assert answer.json()["Payment"]["status"] == "Deleted"
    assert api.read("Invoice", invoice["Id"])["Balance"] == 100
    assert links(api, "Invoice", invoice["Id"]) == []
    assert balance(api) == 100


def test_a_voided_payment_stays_with_nothing_in_it(api: Api) -> None:
    invoice = api.invoice("100")
    paid = api.create("Payment", payment("100", ("Invoice", invoice["Id"], "100")))

    voided = api.void("Payment", paid)

    assert (voided["TotalAmt"], voided["UnappliedAmt"], voided["Line"]) == (0, 0, [])
    assert voided["PrivateNote"] == "Voided"
    assert api.read("Invoice", invoice["Id"])["Balance"] == 100
    assert codes(api.post("Payment", {**names_of(voided), "sparse": True, "TotalAmt": 5})) == ["6000"]


def test_a_voided_invoice_gives_its_payments_back_as_credit(api: Api) -> None:
    invoice, other = api.invoice("100"), api.invoice("50")
    both = [("Invoice", invoice["Id"], "100"), ("Invoice", other["Id"], "50")]
    paid = api.create("Payment", payment("150", *both))

    voided = api.void("Invoice", api.read("Invoice", invoice["Id"]))

    after = api.read("Payment", paid["Id"])
    assert (after["UnappliedAmt"], after["SyncToken"]) == (100, "1")
    assert [one["LinkedTxn"][0]["TxnId"] for one in after["Line"]] == [other["Id"]]
    assert (voided["LinkedTxn"], voided["Balance"]) == ([], 0)
    assert voided["SyncToken"] == "2"
    assert balance(api) == -100


def test_an_invoice_lowered_below_what_was_paid_gives_the_rest_back(api: Api) -> None:
    invoice = api.invoice("100")
    first = api.create("Payment", payment("60", ("Invoice", invoice["Id"], "60")))
    last = api.create("Payment", payment("40", ("Invoice", invoice["Id"], "40")))

    lowered = api.update("Invoice", api.read("Invoice", invoice["Id"]), Line=[line("70")])

    assert (lowered["TotalAmt"], lowered["Balance"]) == (70, 0)
    assert api.read("Payment", first["Id"])["UnappliedAmt"] == 0
    assert api.read("Payment", last["Id"])["UnappliedAmt"] == 30
    assert balance(api) == -30


def credit(api: Api, amount: str) -> dict[str, str]:
    return api.create("CreditMemo", document(amount))


def test_a_credit_memo_is_applied_by_a_payment_of_zero_with_two_lines(api: Api) -> None:
    invoice, memo = api.invoice("100"), credit(api, "40")
    two = [("CreditMemo", memo["Id"], "40"), ("Invoice", invoice["Id"], "40")]

    applied = api.create("Payment", payment("0", *two))

    assert (applied["TotalAmt"], applied["UnappliedAmt"]) == (0, 0)
    assert api.read("Invoice", invoice["Id"])["Balance"] == 60
    assert api.read("CreditMemo", memo["Id"])["RemainingCredit"] == 0
    assert links(api, "CreditMemo", memo["Id"]) == [applied["Id"]]
    assert balance(api) == 60


def test_a_credit_memo_helps_to_pay(api: Api) -> None:
    invoice, memo = api.invoice("100"), credit(api, "40")
    two = [("CreditMemo", memo["Id"], "40"), ("Invoice", invoice["Id"], "100")]

    assert api.create("Payment", payment("60", *two))["UnappliedAmt"] == 0
    assert balance(api) == 0


@pytest.mark.parametrize(("credited", "settled"), [("40", "30"), ("41", "41")])
def test_more_credit_than_is_used_or_open_is_refused(api: Api, credited: str, settled: str) -> None:
    invoice, memo = api.invoice("100"), credit(api, "40")
    two = [("CreditMemo", memo["Id"], credited), ("Invoice", invoice["Id"], settled)]

    assert codes(api.post("Payment", payment("0", *two))) == ["6000"]


@pytest.mark.parametrize("gone", ["Invoice", "CreditMemo"])
def test_voiding_either_side_of_an_applied_credit_frees_the_other(api: Api, gone: str) -> None:
    made = {"Invoice": api.invoice("100"), "CreditMemo": credit(api, "40")}
    two = [("CreditMemo", made["CreditMemo"]["Id"], "40"), ("Invoice", made["Invoice"]["Id"], "40")]
    applied = api.create("Payment", payment("0", *two))

    api.void(gone, api.read(gone, made[gone]["Id"]))

    other = "Invoice" if gone == "CreditMemo" else "CreditMemo"
    after = api.read(other, made[other]["Id"])
    assert after["Balance"] == after["TotalAmt"]
    assert api.read("Payment", applied["Id"])["Line"] == []
    assert balance(api) == (-40 if gone == "Invoice" else 100)


def test_an_applied_credit_memo_cannot_be_deleted(api: Api) -> None:
    invoice, memo = api.invoice("100"), credit(api, "40")
    two = [("CreditMemo", memo["Id"], "40"), ("Invoice", invoice["Id"], "40")]
    api.create("Payment", payment("0", *two))

    assert codes(api.delete("CreditMemo", api.read("CreditMemo", memo["Id"]))) == ["6000"]


def test_a_balance_moves_without_the_invoice_being_asked_twice(api: Api) -> None:
    """A payment that touches an invoice moves its token once, however many lines name it."""
    invoice = api.invoice("100")
    two = [("Invoice", invoice["Id"], "10"), ("Invoice", invoice["Id"], "20")]
    api.create("Payment", payment("30", *two))

    after = api.read("Invoice", invoice["Id"])
    assert (after["SyncToken"], after["Balance"]) == ("1", 70)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_all_balances_agree(api: Api, seed: int) -> None:
    """Balances kept step by step equal those added up anew from the documents."""
    dice = random.Random(seed)
    for _step in range(80):
        _random_act(api, dice)
        _assert_balances(api)
    done = {entry.operation for entry in api.emulator.requests() if entry.entity == "payment" and entry.committed}
    assert done == {"create", "delete"}


def _random_act(api: Api, dice: random.Random) -> None:
    """Try something at random on one of three customers; a refusal is as good as a success."""
    customer = dice.choice(["1", "2"])
    invoices, memos, payments = (api.emulator.all(name) for name in ("Invoice", "CreditMemo", "Payment"))
    amount = str(dice.randint(1, 200))
    match dice.randrange(8):
        case 0 | 1:
            api.post("Invoice", document(amount, customer=customer))
        case 2:
            api.post("CreditMemo", document(amount, customer=customer))
        case 3 | 4:
            some = dice.sample(invoices + memos, min(len(invoices + memos), dice.randint(0, 3)))
            lines = [
                ("CreditMemo" if "RemainingCredit" in one else "Invoice", one["Id"], str(dice.randint(1, 100)))
                for one in some
            ]
            api.post("Payment", payment("300", *lines, customer=customer))
        case 5 if payments:
            one = dice.choice(payments)
            api.post("Payment", names_of(one), operation="delete")
        case 6 if invoices + memos:
            one = dice.choice(invoices + memos)
            entity = "CreditMemo" if "RemainingCredit" in one else "Invoice"
            api.post(entity, names_of(one), operation=dice.choice(["void", "delete"]))
        case 7 if invoices:
            one = dice.choice(invoices)
            api.post("Invoice", {**names_of(one), "sparse": True, "Line": [line(amount)]})


def _assert_balances(api: Api) -> None:
    owed: dict[str, Decimal] = {"1": Decimal(0), "2": Decimal(0)}
    applied: dict[tuple[str, str], Decimal] = {}
    for paid in api.emulator.all("Payment"):
        credit_used = Decimal(0)
        for one in paid["Line"]:
            target = (one["LinkedTxn"][0]["TxnType"], one["LinkedTxn"][0]["TxnId"])
            applied[target] = applied.get(target, Decimal(0)) + one["Amount"]
            credit_used += one["Amount"] if target[0] == "CreditMemo" else -one["Amount"]
        assert paid["UnappliedAmt"] == paid["TotalAmt"] + credit_used
        assert 0 <= paid["UnappliedAmt"] <= paid["TotalAmt"]
        owed[paid["CustomerRef"]["value"]] -= paid["UnappliedAmt"]
    for entity, sign in (("Invoice", 1), ("CreditMemo", -1)):
        for made in api.emulator.all(entity):
            assert made["Balance"] == made["TotalAmt"] - applied.pop((entity, made["Id"]), Decimal(0))
            assert 0 <= made["Balance"] <= made["TotalAmt"]
            owed[made["CustomerRef"]["value"]] += sign * made["Balance"]
    assert applied == {}
    for identity, total in owed.items():
        assert api.emulator.read("Customer", identity)["Balance"] == total
