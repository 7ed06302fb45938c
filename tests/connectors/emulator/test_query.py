from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.emulator.support import Api, SteppingClock, codes, detail, document


def ids(api: Api, text: str) -> list[str]:
    return [one["Id"] for one in api.select(text).get("Invoice", [])]


def names(api: Api, text: str, entity: str = "Customer") -> list[str]:
    return [one["DisplayName"] for one in api.select(text).get(entity, [])]


def test_a_page_says_where_it_starts_and_how_many_it_holds(api: Api) -> None:
    for amount in ("1", "2", "3"):
        api.invoice(amount)

    found = api.select("select * from Invoice startposition 2 maxresults 5")

    assert (found["startPosition"], found["maxResults"]) == (2, 2)
    assert len(found["Invoice"]) == 2


def test_nothing_found_is_an_empty_answer(api: Api) -> None:
    assert api.select("select * from Invoice") == {}
    assert api.select("select * from Customer where DisplayName = 'nobody'") == {}


def test_counting_gives_the_count_alone(api: Api) -> None:
    assert api.select("SELECT COUNT(*) FROM Customer") == {"totalCount": 3}
    assert api.select("select count(*) from Invoice") == {"totalCount": 0}


def test_a_query_may_be_posted_as_text(api: Api) -> None:
    address, headers = f"{api.company}/query", {"content-type": "application/text"}

    answer = api.http.post(address, content="select * from Term", headers=headers)
    wrong = api.http.post(address, content="select * from Term", headers={"content-type": "application/json"})

    assert [term["Name"] for term in answer.json()["QueryResponse"]["Term"]] == [
        "Due on receipt",
        "Net 15",
        "Net 30",
        "Net 60",
    ]
    assert codes(wrong) == ["500"]


def test_a_hundred_come_by_default_and_a_thousand_at_most(api: Api) -> None:
    api.emulator.seed({"customers": [f"C{number:04}" for number in range(1100)]})

    assert api.select("select * from Customer")["maxResults"] == 100
    assert api.select("select * from Customer maxresults 1000")["maxResults"] == 1000
    assert api.select("select * from Customer startposition 1001 maxresults 1000")["maxResults"] == 103
    assert codes(api.query("select * from Customer maxresults 1001")) == ["4001"]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("DocNumber = 'A-1'", ["1"]),
        ("DocNumber in ('A-1', 'A-3')", ["1", "3"]),
        ("DocNumber like 'A-%'", ["1", "2", "3"]),
        ("DocNumber like '%3'", ["3"]),
        ("DocNumber like 'A'", []),
        ("DocNumber = 'a-1'", []),
        ("Id > '1' and Id <= '3'", ["2", "3"]),
        ("TotalAmt >= '20'", ["2", "3"]),
        ("TotalAmt < 20", ["1"]),
        ("Balance = '30'", ["3"]),
        ("TxnDate >= '2026-10-02' AND TxnDate < '2026-10-03'", ["2"]),
        ("DueDate > '2026-10-31'", ["2", "3"]),
        ("CustomerRef = '2'", ["3"]),
        ("CustomerRef in ('1','2') and DocNumber = 'A-2'", ["2"]),
        ("MetaData.CreateTime > '2026-11-02T09:00:05-08:00'", ["2", "3"]),
        ("MetaData.LastUpdatedTime <= '2026-11-02T17:00:00Z'", ["1"]),
        ("MetaData.LastUpdatedTime <= '2026-11-02T09:00:00'", ["1"]),
    ],
)
def test_rows_are_chosen_by_conditions(api: Api, stepping: SteppingClock, where: str, found: list[str]) -> None:
    for number, customer in enumerate(["1", "1", "2"], start=1):
        api.invoice(f"{number}0", customer=customer, DocNumber=f"A-{number}", TxnDate=f"2026-10-0{number}")
        stepping.step(10)

    rest = f"from Invoice where {where}"
    assert ids(api, f"select * {rest} orderby Id") == found
    assert api.select(f"select count(*) {rest}") == {"totalCount": len(found)}


def test_a_quote_in_a_value_is_escaped_by_a_backslash(api: Api) -> None:
    api.customer("L'Atelier & Fils + 50 %")

    assert names(api, r"select * from Customer where DisplayName = 'L\'Atelier & Fils + 50 %'") == [
        "L'Atelier & Fils + 50 %"
    ]


def test_ids_are_ordered_as_numbers(api: Api) -> None:
    for _ in range(11):
        api.invoice("1")

    found = ids(api, "select * from Invoice orderby Id")

    assert found == [str(number) for number in range(1, 12)]
    assert ids(api, "select * from Invoice where Id > '9' order by Id desc") == ["11", "10"]
    assert ids(api, "select * from Invoice maxresults 2 startposition 3 ") == ["9", "8"]


def test_transactions_come_newest_change_first(api: Api, stepping: SteppingClock) -> None:
    first = api.invoice("1")
    stepping.step(1)
    api.invoice("2")
    stepping.step(1)
    api.update("Invoice", first, PrivateNote="x")

    assert ids(api, "select * from Invoice") == ["1", "2"]


def test_names_come_in_alphabetical_order_capitals_first(api: Api) -> None:
    for name in ("bb", "A", "ab", "B"):
        api.customer(name)

    found = names(api, "select * from Customer")

    assert found == ["A", "B", "Clinique du Lac", "Northwind Traders Inc.", "Ville de Rimouski", "ab", "bb"]


def test_rows_are_ordered_by_several_members(api: Api) -> None:
    for day, number in (("02", "A"), ("01", "A"), ("01", "B")):
        api.create("Invoice", document("1", TxnDate=f"2026-10-{day}", DocNumber=f"{number}{day}"))

    assert ids(api, "select * from Invoice orderby TxnDate desc, DocNumber asc") == ["1", "2", "3"]
    assert ids(api, "select * from Invoice orderby TxnDate, DocNumber desc") == ["3", "2", "1"]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("", ["Northwind Traders Inc.", "Ville de Rimouski"]),
        ("where Active = true", ["Northwind Traders Inc.", "Ville de Rimouski"]),
        ("where Active = 'false'", ["Clinique du Lac (deleted)"]),
        ("where Active in (true,false)", ["Clinique du Lac (deleted)", "Northwind Traders Inc.", "Ville de Rimouski"]),
        ("where Active IN ( true , false ) and Balance = '0' and Id = '1'", ["Clinique du Lac (deleted)"]),
    ],
)
def test_inactive_names_are_hidden_unless_asked_for(api: Api, where: str, found: list[str]) -> None:
    api.update("Customer", api.read("Customer", "1"), Active=False)

    assert names(api, "select * from Customer " + where) == found  # noqa: S608


def test_customers_are_found_by_address(api: Api) -> None:
    api.customer("Ada", PrimaryEmailAddr={"Address": "ada@example.com"})

    assert names(api, "select * from Customer where PrimaryEmailAddr = 'ada@example.com'") == ["Ada"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("select * from Custmoer", "invalid context declaration: Custmoer"),
        ("select * from invoice", "invalid context declaration: invoice"),
        ("select * from Invoice where PrivateNote = 'x'", "property 'PrivateNote' is not queryable"),
        ("select * from Invoice where DepartmentRef = '1'", "property 'DepartmentRef' is not queryable"),
        ("select * from Invoice where Nothing = 'x'", "Property Nothing not found for Entity"),
        ("select * from Payment where DocNumber = '1'", "Property DocNumber not found"),
        ("select * from Invoice orderby Line", "property 'Line' is not queryable"),
        ("select * from Invoice startposition 0", "value 0 is too small. Min allowed value is 1"),
        ("select * from Invoice maxresults 0", "value 0 is too small. Min allowed value is 1"),
        ("select * from Invoice maxresults 1.5", "1.5 is not a whole number"),
        ("select * from Invoice where DocNumber = 'a' or DocNumber = 'b'", "OR is not supported"),
        ("select * from Invoice where DocNumber = abc", "must stand in single quotes"),
        ("select * from Invoice where DocNumber like 5", "a text is expected"),
        ("select * from Invoice where TotalAmt > 'many'", "invalid value for TotalAmt"),
        ("select * from Invoice where MetaData.CreateTime > 'now'", "invalid value for MetaData.CreateTime"),
        ("select * from Customer where Active = 'yes'", "invalid value for Active"),
        ("select Id from Invoice", "* is expected"),
        ("select * from Invoice where", "a word is expected at the end"),
        ("select * from Invoice group by Id", "not understood: group"),
        ("select * from Invoice where DocNumber = 'a", "cannot read the query"),
        ("select * from Invoice where DocNumber <> 'a'", "expected before: >"),
        ("select * from Batch", "invalid context declaration: Batch"),
        ("", "SELECT is expected"),
    ],
)
def test_a_query_that_cannot_be_carried_out_says_why(api: Api, text: str, why: str) -> None:
    answer = api.query(text)

    assert codes(answer) == ["4001"]
    assert detail(answer).startswith("QueryValidationError: ")
    assert why in detail(answer)


@pytest.mark.parametrize(
    ("entity", "count"),
    [("Item", 7), ("Account", 6), ("Term", 4), ("TaxCode", 6), ("TaxRate", 5), ("CompanyInfo", 1), ("Preferences", 1)],
)
def test_every_list_can_be_queried(api: Api, entity: str, count: int) -> None:
    assert len(api.select("select * from " + entity)[entity]) == count  # noqa: S608


def test_a_queried_row_is_what_reading_it_gives(api: Api) -> None:
    made = api.invoice("10", "20", DocNumber="A")

    rows: list[dict[str, Any]] = api.select("select * from Invoice")["Invoice"]

    assert rows == [api.read("Invoice", made["Id"])]
