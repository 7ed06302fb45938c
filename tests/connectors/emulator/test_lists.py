"""Customers, items, accounts, terms, classes and departments."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.emulator.support import Api, codes, document, names_of


def test_a_customer_gets_its_defaults(api: Api) -> None:
    made = api.create("Customer", {"DisplayName": "Ada"})

    assert made["FullyQualifiedName"] == made["PrintOnCheckName"] == "Ada"
    assert (made["Active"], made["Job"], made["BillWithParent"], made["Balance"]) == (True, False, False, 0)
    assert made["CurrencyRef"] == {"value": "CAD", "name": "Canadian Dollar"}
    assert (made["SyncToken"], made["PreferredDeliveryMethod"]) == ("0", "Print")


def test_a_name_is_put_together_from_its_parts(api: Api) -> None:
    made = api.create("Customer", {"Title": "Dr", "GivenName": "Ada", "FamilyName": "Love"})

    assert made["DisplayName"] == "Dr Ada Love"


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({}, "2020"),
        ({"DisplayName": ""}, "2020"),
        ({"DisplayName": "a:b"}, "2010"),
        ({"DisplayName": "a\tb"}, "2010"),
        ({"DisplayName": "a\nb"}, "2010"),
        ({"DisplayName": "x" * 501}, "2050"),
        ({"GivenName": "x" * 101}, "2050"),
        ({"DisplayName": "a", "PrimaryEmailAddr": {"Address": "nobody"}}, "6000"),
        ({"DisplayName": "a", "PrimaryPhone": {"FreeFormNumber": "0" * 31}}, "2050"),
        ({"DisplayName": "a", "Job": True}, "6150"),
        ({"DisplayName": "a", "ParentRef": {"value": "1"}}, "6150"),
        ({"DisplayName": "a", "BillWithParent": True}, "6000"),
        ({"DisplayName": "a", "CurrencyRef": {"value": "XXX"}}, "2500"),
        ({"DisplayName": "a", "SalesTermRef": {"value": "99"}}, "2500"),
        ({"DisplayName": "a", "Nickname": "b"}, "2010"),
        ({"DisplayName": "a", "OpenBalanceDate": "2026-01-01"}, "500"),
    ],
)
def test_a_customer_is_refused(api: Api, members: dict[str, Any], code: str) -> None:
    assert codes(api.post("Customer", members)) == [code]


@pytest.mark.parametrize("taken", ["Clinique du Lac", "CLINIQUE DU LAC", "Papeterie", "Ada Love"])
def test_a_name_is_used_once_among_customers_vendors_and_employees(api: Api, taken: str) -> None:
    api.emulator.seed({"vendors": ["Papeterie"], "employees": ["Ada Love"]})

    assert codes(api.post("Customer", {"DisplayName": taken})) == ["6240"]


def test_an_inactive_customer_is_marked_and_frees_its_name(api: Api) -> None:
    old = api.update("Customer", api.read("Customer", "1"), Active=False)

    assert (old["DisplayName"], old["Active"]) == ("Clinique du Lac (deleted)", False)
    assert api.create("Customer", {"DisplayName": "Clinique du Lac"})["Active"]


def test_a_customer_made_active_again_has_its_name_back(api: Api) -> None:
    old = api.update("Customer", api.read("Customer", "1"), Active=False)

    assert api.update("Customer", old, Active=True)["DisplayName"] == "Clinique du Lac"


def test_a_customer_who_owes_cannot_be_made_inactive(api: Api) -> None:
    api.invoice("10")

    customer = api.read("Customer", "1")
    assert codes(api.post("Customer", {**names_of(customer), "sparse": True, "Active": False})) == ["6000"]


def test_an_inactive_customer_takes_no_invoice(api: Api) -> None:
    api.update("Customer", api.read("Customer", "1"), Active=False)

    assert codes(api.post("Invoice", document("10"))) == ["610"]


def test_sub_customers_carry_their_path_and_level(api: Api) -> None:
    site = api.create("Customer", {"DisplayName": "Site", "Job": True, "ParentRef": {"value": "1"}})
    floor = api.create(
        "Customer",
        {"DisplayName": "Floor", "Job": True, "ParentRef": {"value": site["Id"]}, "BillWithParent": True},
    )

    assert (floor["FullyQualifiedName"], floor["Level"]) == ("Clinique du Lac:Site:Floor", 2)
    assert floor["ParentRef"] == {"value": site["Id"], "name": "Site"}


def test_a_customer_is_at_most_four_levels_deep(api: Api) -> None:
    parent = "1"
    for level in range(4):
        parent = api.customer(f"Level {level}", Job=True, ParentRef={"value": parent})

    refused = {"DisplayName": "too deep", "Job": True, "ParentRef": {"value": parent}}
    assert codes(api.post("Customer", refused)) == ["6000"]


def test_a_customer_cannot_be_below_itself(api: Api) -> None:
    site = api.customer("Site", Job=True, ParentRef={"value": "1"})
    body = {"Id": "1", "SyncToken": "0", "sparse": True, "Job": True, "ParentRef": {"value": site}}

    assert codes(api.post("Customer", body)) == ["6000"]


def test_renaming_a_parent_moves_the_path_of_those_below(api: Api) -> None:
    site = api.customer("Site", Job=True, ParentRef={"value": "1"})
    api.update("Customer", api.read("Customer", "1"), DisplayName="Clinique du Lac-Beau")

    assert api.read("Customer", site)["FullyQualifiedName"] == "Clinique du Lac-Beau:Site"


def test_a_sub_customers_balance_shows_in_its_parents_balance_with_jobs(api: Api) -> None:
    site = api.customer("Site", Job=True, ParentRef={"value": "1"})
    api.invoice("30", customer=site)
    api.invoice("10")

    parent = api.read("Customer", "1")
    assert (parent["Balance"], parent["BalanceWithJobs"]) == (10, 40)


def test_a_full_update_of_a_customer_drops_what_it_does_not_name(api: Api) -> None:
    made = api.create("Customer", {"DisplayName": "A", "PrimaryPhone": {"FreeFormNumber": "1"}, "Notes": "n"})
    api.invoice("10", customer=made["Id"])

    after = api.create("Customer", {**names_of(made), "DisplayName": "B"})

    assert "PrimaryPhone" not in after
    assert "Notes" not in after
    assert (after["Balance"], after["CurrencyRef"]["value"]) == (10, "CAD")


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"Type": "Service", "IncomeAccountRef": {"value": "1"}}, "2020"),
        ({"Name": "A", "Type": "Service"}, "2020"),
        ({"Name": "A", "Type": "Thing", "IncomeAccountRef": {"value": "1"}}, "2170"),
        ({"Name": "A", "Type": "Inventory", "IncomeAccountRef": {"value": "1"}}, "500"),
        ({"Name": "consultation", "IncomeAccountRef": {"value": "1"}}, "6240"),
        ({"Name": "x" * 101, "IncomeAccountRef": {"value": "1"}}, "2050"),
        ({"Name": "A", "IncomeAccountRef": {"value": "99"}}, "2500"),
        ({"Name": "a:b", "IncomeAccountRef": {"value": "1"}}, "2010"),
    ],
)
def test_an_item_is_refused(api: Api, members: dict[str, Any], code: str) -> None:
    assert codes(api.post("Item", members)) == [code]


def test_an_item_gets_its_defaults(api: Api) -> None:
    made = api.create("Item", {"Name": "Audit", "IncomeAccountRef": {"value": "1"}})

    assert (made["Type"], made["UnitPrice"], made["PurchaseCost"]) == ("Service", 0, 0)
    assert made["IncomeAccountRef"] == {"value": "1", "name": "Services"}
    assert made["TrackQtyOnHand"] is False


@pytest.mark.parametrize("entity", ["Item", "Account"])
def test_a_change_of_nothing_leaves_the_token_of_items_and_accounts(api: Api, entity: str) -> None:
    old = api.read(entity, "1")

    same = api.update(entity, old, Name=old["Name"])

    assert (same["SyncToken"], same["MetaData"]) == ("0", old["MetaData"])
    assert api.update(entity, old, Name="Other")["SyncToken"] == "1"


def test_a_change_of_nothing_moves_the_token_of_a_customer(api: Api) -> None:
    old = api.read("Customer", "1")

    assert api.update("Customer", old, DisplayName=old["DisplayName"])["SyncToken"] == "1"


def test_an_account_is_classified_by_its_type(api: Api) -> None:
    made = api.create("Account", {"Name": "Retainers", "AccountType": "Other Current Liability"})

    assert made["Classification"] == "Liability"
    assert codes(api.post("Account", {"Name": "No type"})) == ["2020"]
    assert codes(api.post("Account", {"Name": "X", "AccountType": "Money"})) == ["2170"]


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"DueDays": 10}, "2020"),
        ({"Name": "Net 10"}, "2020"),
        ({"Name": "x" * 32, "DueDays": 10}, "2050"),
        ({"Name": "Net 1000", "DueDays": 1000}, "6000"),
        ({"Name": "Net 15", "DueDays": 15}, "6240"),
    ],
)
def test_a_term_is_refused(api: Api, members: dict[str, Any], code: str) -> None:
    assert codes(api.post("Term", members)) == [code]


def test_terms_are_standard_or_by_date(api: Api) -> None:
    assert api.create("Term", {"Name": "Net 10", "DueDays": 10})["Type"] == "Standard"
    assert api.create("Term", {"Name": "The 15th", "DayOfMonthDue": 15})["Type"] == "DateDriven"


@pytest.mark.parametrize(("entity", "flag"), [("Class", "SubClass"), ("Department", "SubDepartment")])
def test_classes_and_departments_make_trees(api: Api, entity: str, flag: str) -> None:
    top = api.create(entity, {"Name": "North"})
    below = api.create(entity, {"Name": "Lab", "ParentRef": {"value": top["Id"]}})

    assert (top[flag], below[flag]) == (False, True)
    assert below["FullyQualifiedName"] == "North:Lab"


def test_the_company_and_its_preferences_can_be_read(api: Api) -> None:
    company = api.get(f"companyinfo/{api.emulator.realm_id}").json()["CompanyInfo"]
    preferences = api.get("preferences").json()["Preferences"]

    assert (company["CompanyName"], company["Country"]) == ("Atelier Boréal inc.", "CAN")
    assert preferences["CurrencyPrefs"] == {"MultiCurrencyEnabled": True, "HomeCurrency": {"value": "CAD"}}
    assert preferences["SalesFormsPrefs"]["CustomTxnNumbers"] is True
    assert preferences["TaxPrefs"] == {"UsingSalesTax": True, "PartnerTaxEnabled": False}
    assert codes(api.get("companyinfo/1")) == ["500"]
