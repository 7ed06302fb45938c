"""Queries to their last row and changes since, against answers written from the documented shapes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import httpx
import pytest
import respx

from connectors.quickbooks.errors import QuickBooksError
from connectors.quickbooks.reading import TooLongAgoError, quoted
from connectors.quickbooks.values import UnexpectedAnswerError
from mappings.catalogue import Named, TaxComponent
from tests.connectors.quickbooks.support import BOOKS, US_BOOKS
from tests.connectors.quickbooks.test_session import COMPANY, Parts

Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def parts() -> Parts:
    return Parts()


def pages(*states: int) -> tuple[Handler, list[str]]:
    """A list that holds the rows 1 to n, with another n at each request; and the statements that came."""
    statements: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        statement = request.url.params["query"]
        count = states[min(len(statements), len(states) - 1)]
        statements.append(statement)
        match = re.search(r"STARTPOSITION (\d+) MAXRESULTS (\d+)$", statement)
        assert match, statement
        start, most = int(match[1]), int(match[2])
        # The rows with the lowest ids are those that disappear.
        rows = [{"Id": str(number)} for number in range(1 + states[0] - count, 1 + states[0])][start - 1 :][:most]
        body = {"Invoice": rows, "startPosition": start, "maxResults": len(rows)} if rows else {}
        return httpx.Response(200, json={"QueryResponse": body, "time": "2026-11-02T01:00:00-08:00"})

    return handler, statements


@respx.mock
def test_every_page_is_read_in_the_order_of_ids(parts: Parts) -> None:
    handler, statements = pages(2500)
    respx.get(f"{COMPANY}/query").mock(side_effect=handler)

    rows = parts.client.query("Invoice", f"CustomerRef = {quoted('7')}")

    assert [row["Id"] for row in rows] == [str(number) for number in range(1, 2501)]
    where = "SELECT * FROM Invoice WHERE CustomerRef = '7' ORDERBY Id"
    assert statements == [
        f"{where} STARTPOSITION 1 MAXRESULTS 1000",
        f"{where} STARTPOSITION 1000 MAXRESULTS 1000",
        f"{where} STARTPOSITION 1999 MAXRESULTS 1000",
    ]


@respx.mock
@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001])
def test_a_list_of_any_length_is_read_whole(parts: Parts, count: int) -> None:
    handler, _ = pages(count)
    respx.get(f"{COMPANY}/query").mock(side_effect=handler)

    assert len(parts.client.query("Invoice")) == count


@respx.mock
def test_a_row_that_slips_between_pages_is_noticed(parts: Parts) -> None:
    # A row disappears after the first page, so the next page begins one row later than it should.
    handler, statements = pages(1500, 1499)
    respx.get(f"{COMPANY}/query").mock(side_effect=handler)

    rows = parts.client.query("Invoice")

    assert [row["Id"] for row in rows] == [str(number) for number in range(2, 1501)]
    assert len(statements) == 4


@respx.mock
def test_a_list_that_never_stands_still_is_an_error(parts: Parts) -> None:
    handler, _ = pages(*range(3000, 2900, -1))
    respx.get(f"{COMPANY}/query").mock(side_effect=handler)

    with pytest.raises(QuickBooksError, match="changed each time"):
        parts.client.query("Invoice")


@respx.mock
@pytest.mark.parametrize("body", [{}, {"QueryResponse": None}, {"QueryResponse": {"Invoice": [{"no": "id"}]}}])
def test_an_answer_that_is_no_list_is_never_taken_for_an_empty_one(parts: Parts, body: dict[str, Any]) -> None:
    respx.get(f"{COMPANY}/query").respond(json=body)

    with pytest.raises(UnexpectedAnswerError):
        parts.client.query("Invoice")


@respx.mock
def test_a_failed_query_is_never_taken_for_an_empty_one(parts: Parts) -> None:
    respx.get(f"{COMPANY}/query").respond(500)

    with pytest.raises(QuickBooksError):
        parts.client.query("Invoice")


def test_quotes_and_backslashes_are_escaped() -> None:
    assert quoted("O'Reilly") == r"'O\'Reilly'"
    assert quoted("AB\\") == r"'AB\\'"


# What changed since

EASTERN = timezone(timedelta(hours=-5))
SINCE = datetime(2026, 11, 1, 20, 0, tzinfo=EASTERN)


def cdc(*parts_of_answer: dict[str, Any]) -> dict[str, Any]:
    return {"CDCResponse": [{"QueryResponse": list(parts_of_answer)}], "time": "2026-11-02T01:00:00.250-08:00"}


@respx.mock
def test_changes_are_told_apart_from_deletions(parts: Parts) -> None:
    deleted = {
        "domain": "QBO",
        "status": "Deleted",
        "Id": "42",
        "MetaData": {"LastUpdatedTime": "2026-11-02T00:59:00-08:00"},
    }
    route = respx.get(f"{COMPANY}/cdc").respond(
        json=cdc(
            {"Payment": [{"Id": "57"}], "startPosition": 1, "maxResults": 1}, {}, {"Invoice": [{"Id": "41"}, deleted]}
        )
    )

    changes = parts.client.changes(["Invoice", "CreditMemo", "Payment"], SINCE)

    assert dict(route.calls.last.request.url.params) == {
        "entities": "Invoice,CreditMemo,Payment",
        "changedSince": "2026-11-02T01:00:00+00:00",
        "minorversion": "75",
    }
    assert changes.objects == {"Invoice": ({"Id": "41"},), "CreditMemo": (), "Payment": ({"Id": "57"},)}
    assert changes.deleted == {"Invoice": (deleted,), "CreditMemo": (), "Payment": ()}
    assert changes.server_time == datetime(2026, 11, 2, 9, 0, 0, 250_000, tzinfo=UTC)
    assert changes.truncated == frozenset()


@respx.mock
def test_a_full_answer_says_that_more_may_have_changed(parts: Parts) -> None:
    rows = [{"Id": str(number)} for number in range(1000)]
    respx.get(f"{COMPANY}/cdc").respond(json=cdc({"Invoice": rows}, {}))

    assert parts.client.changes(["Invoice", "Payment"], SINCE).truncated == {"Invoice", "Payment"}


@respx.mock
@pytest.mark.parametrize(
    "body",
    [
        {"time": "2026-11-02T01:00:00-08:00"},
        {"CDCResponse": [{"QueryResponse": [{}]}]},
        cdc({"Fault": {"Error": [{"code": "10000"}]}}),
        cdc({"Invoice": "many"}),
    ],
)
def test_an_answer_that_tells_no_changes_is_an_error(parts: Parts, body: dict[str, Any]) -> None:
    respx.get(f"{COMPANY}/cdc").respond(json=body)

    with pytest.raises(UnexpectedAnswerError):
        parts.client.changes(["Invoice"], SINCE)


def test_changes_reach_back_thirty_days(parts: Parts) -> None:
    with respx.mock:
        respx.get(f"{COMPANY}/cdc").respond(json=cdc({}))
        parts.client.changes(["Invoice"], parts.clock.now() - timedelta(days=30))
        with pytest.raises(TooLongAgoError):
            parts.client.changes(["Invoice"], parts.clock.now() - timedelta(days=30, seconds=1))


# Lists


def answer_lists(**rows: list[dict[str, Any]]) -> list[str]:
    """Answer queries by entity; return the statements that came."""
    statements: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        statements.append(request.url.params["query"])
        entity = statements[-1].split()[3]
        body = {entity: rows[entity]} if rows[entity] else {}
        return httpx.Response(200, json={"QueryResponse": body, "time": "2026-11-02T01:00:00-08:00"})

    respx.get(f"{COMPANY}/query").mock(side_effect=handler)
    return statements


@respx.mock
def test_customers_carry_their_whole_name_currency_address_and_balance(parts: Parts) -> None:
    statements = answer_lists(
        Customer=[
            {
                "Id": "7",
                "DisplayName": "Chantier",
                "FullyQualifiedName": "Hydro:Chantier",
                "Active": True,
                "CurrencyRef": {"value": "USD"},
                "PrimaryEmailAddr": {"Address": "ap@hydro.example"},
                "Balance": -12.5,
            },
            {"Id": "8", "DisplayName": "Ancien (deleted)", "FullyQualifiedName": "Ancien (deleted)", "Active": False},
        ]
    )

    customers = parts.client.named("customer", BOOKS)

    assert customers == [
        Named("customer", "7", "Hydro:Chantier", True, "USD", "ap@hydro.example", -1250),
        Named("customer", "8", "Ancien", False),
    ]
    assert " WHERE Active IN (true,false) " in statements[0]


@respx.mock
def test_categories_and_bundles_are_not_items_of_a_line(parts: Parts) -> None:
    answer_lists(
        Item=[
            {"Id": "1", "Name": "Design", "Type": "Category"},
            {"Id": "2", "Name": "Logo", "FullyQualifiedName": "Design:Logo", "Type": "Service"},
            {"Id": "3", "Name": "Pack", "Type": "Group"},
        ]
    )

    assert parts.client.named("item", BOOKS) == [Named("item", "2", "Design:Logo")]


@respx.mock
def test_an_american_company_has_the_two_codes_of_its_lines(parts: Parts) -> None:
    answer_lists(TaxCode=[{"Id": "2", "Name": "California"}])

    codes = parts.client.named("tax-code", US_BOOKS)

    assert [(code.id, code.name) for code in codes] == [("2", "California"), ("TAX", "TAX"), ("NON", "NON")]


@respx.mock
def test_a_list_that_cannot_be_asked_for_inactive_rows_is_read_as_it_is(parts: Parts) -> None:
    fault = {
        "Error": [{"Message": "Invalid query", "Detail": "not queryable", "code": "4001"}],
        "type": "ValidationFault",
    }

    def handler(request: httpx.Request) -> httpx.Response:
        if "Active" in request.url.params["query"]:
            return httpx.Response(400, json={"Fault": fault})
        return httpx.Response(200, json={"QueryResponse": {"Department": [{"Id": "5", "Name": "Nord"}]}})

    respx.get(f"{COMPANY}/query").mock(side_effect=handler)

    assert parts.client.named("department", BOOKS) == [Named("department", "5", "Nord")]


@respx.mock
def test_tax_codes_are_taken_apart_into_their_rates(parts: Parts) -> None:
    def code(number: str, *rates: tuple[str, int, str]) -> dict[str, Any]:
        details = [
            {"TaxRateRef": {"value": rate}, "TaxTypeApplicable": applies, "TaxOrder": order}
            for rate, order, applies in rates
        ]
        return {"Id": number, "Name": f"code {number}", "SalesTaxRateList": {"TaxRateDetail": details}}

    answer_lists(
        TaxRate=[{"Id": "1", "Name": "GST", "RateValue": 5}, {"Id": "2", "Name": "QST", "RateValue": 9.975}],
        TaxCode=[
            code("3", ("2", 1, "TaxOnAmount"), ("1", 0, "TaxOnAmount")),
            code("4"),
            {"Id": "5", "Name": "no list"},
            code("6", ("1", 0, "TaxOnAmount"), ("2", 1, "TaxOnAmountPlusTax")),
            code("7", ("99", 0, "TaxOnAmount")),
        ],
    )

    assert parts.client.tax_components() == {
        "3": (TaxComponent("GST", Decimal(5)), TaxComponent("QST", Decimal("9.975"))),
        "4": (),
        "5": (),
    }


@respx.mock
def test_a_foreign_rate_is_never_one_for_want_of_one(parts: Parts) -> None:
    fault = {"Error": [{"Message": "m", "Detail": "d", "code": "610"}], "type": "ValidationFault"}
    route = respx.get(f"{COMPANY}/exchangerate")
    route.side_effect = [
        httpx.Response(200, json={"ExchangeRate": {"SourceCurrencyCode": "EUR", "Rate": 1.4783}}),
        httpx.Response(200, json={"ExchangeRate": {"SourceCurrencyCode": "EUR"}}),
        httpx.Response(400, json={"Fault": fault}),
    ]
    day = datetime(2026, 10, 31, tzinfo=UTC).date()

    rates = [parts.client.exchange_rate("EUR", day) for _ in range(3)]

    assert rates == [Decimal("1.4783"), None, None]
    assert route.calls[0].request.url.params["asofdate"] == "2026-10-31"
    assert route.calls[0].request.url.params["sourcecurrencycode"] == "EUR"


@respx.mock
def test_the_books_are_known_by_company_and_preferences(parts: Parts) -> None:
    respx.get(f"{COMPANY}/companyinfo/46208").respond(
        json={"CompanyInfo": {"Id": "1", "CompanyName": "Atelier Boréal inc.", "Country": "CAN"}}
    )
    preferences = {
        "CurrencyPrefs": {"MultiCurrencyEnabled": True, "HomeCurrency": {"value": "CAD"}},
        "SalesFormsPrefs": {"CustomTxnNumbers": False},
        "AccountingInfoPrefs": {"BookCloseDate": "2026-09-30"},
    }
    respx.get(f"{COMPANY}/preferences").respond(json={"Preferences": preferences})

    books = parts.client.books()

    assert (books.realm, books.company_name, books.country) == ("46208", "Atelier Boréal inc.", "CA")
    assert (books.home_currency, books.multicurrency, books.custom_numbers) == ("CAD", True, False)
    assert str(books.closed_until) == "2026-09-30"
