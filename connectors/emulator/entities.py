"""The entities that the emulator knows: what can be done with them, their filters, and how lists are ordered."""

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.emulator.fields import Field
from connectors.emulator.members import (
    ACCOUNT,
    CLASS,
    CREDIT_MEMO,
    CUSTOMER,
    DEPARTMENT,
    ESTIMATE,
    INVOICE,
    ITEM,
    PAYMENT,
    TERM,
)


@dataclass(frozen=True)
class Entity:
    """What the API says about one entity."""

    name: str
    fields: Mapping[str, Field]
    # Members that a query may name, and their kind of comparison: text, id, number, flag, day, instant, ref.
    filters: Mapping[str, str]
    operations: frozenset[str]
    # Names are ordered by this member, transactions (None) by their last change, newest first.
    order: str | None = None
    in_cdc: bool = True

    @property
    def is_transaction(self) -> bool:
        """Tell a transaction from an entry of a list (a name, an item, an account …)."""
        return self.order is None


_COMMON_FILTERS = {"Id": "id", "MetaData.CreateTime": "instant", "MetaData.LastUpdatedTime": "instant"}
_READ = frozenset({"read", "query"})
_LIST = _READ | {"create", "update"}
_MONEY_DOCUMENT = _LIST | {"delete", "void", "send"}

_NAME_FILTERS = _COMMON_FILTERS | {"Name": "text", "Active": "flag"}
_PERSON_FILTERS = _COMMON_FILTERS | {
    "DisplayName": "text",
    "GivenName": "text",
    "MiddleName": "text",
    "FamilyName": "text",
    "CompanyName": "text",
    "FullyQualifiedName": "text",
    "PrimaryEmailAddr": "email",
    "Active": "flag",
    "Balance": "number",
}
_DOCUMENT_FILTERS = _COMMON_FILTERS | {
    "DocNumber": "text",
    "TxnDate": "day",
    "DueDate": "day",
    "CustomerRef": "ref",
    "Balance": "number",
    "TotalAmt": "number",
}

ENTITIES = {
    entity.name: entity
    for entity in (
        Entity("Invoice", INVOICE, _DOCUMENT_FILTERS, _MONEY_DOCUMENT),
        Entity("CreditMemo", CREDIT_MEMO, _DOCUMENT_FILTERS, _MONEY_DOCUMENT),
        Entity(
            "Payment",
            PAYMENT,
            _COMMON_FILTERS | {"TxnDate": "day", "CustomerRef": "ref", "PaymentRefNum": "text", "TotalAmt": "number"},
            _LIST | {"delete", "void"},
        ),
        Entity("Estimate", ESTIMATE, _DOCUMENT_FILTERS | {"TxnStatus": "text"}, _LIST | {"delete"}),
        Entity("Customer", CUSTOMER, _PERSON_FILTERS, _LIST, order="DisplayName"),
        Entity("Vendor", {}, _PERSON_FILTERS, _READ, order="DisplayName"),
        Entity("Employee", {}, _PERSON_FILTERS, _READ, order="DisplayName"),
        Entity(
            "Item",
            ITEM,
            _NAME_FILTERS
            | {
                "Sku": "text",
                "Description": "text",
                "UnitPrice": "number",
                "Type": "text",
                "FullyQualifiedName": "text",
            },
            _LIST,
            order="Name",
        ),
        Entity(
            "Account",
            ACCOUNT,
            _NAME_FILTERS
            | {"Classification": "text", "AccountType": "text", "AccountSubType": "text", "FullyQualifiedName": "text"},
            _LIST,
            order="Name",
        ),
        Entity("Term", TERM, _NAME_FILTERS, _LIST, order="Name"),
        Entity("Class", CLASS, _NAME_FILTERS | {"FullyQualifiedName": "text"}, _LIST, order="Name"),
        Entity("Department", DEPARTMENT, _NAME_FILTERS | {"FullyQualifiedName": "text"}, _LIST, order="Name"),
        Entity("TaxCode", {}, _NAME_FILTERS, _READ, order="Name", in_cdc=False),
        Entity("TaxRate", {}, _NAME_FILTERS | {"RateValue": "number"}, _READ, order="Name", in_cdc=False),
        Entity("CompanyInfo", {}, _COMMON_FILTERS, _READ, order="CompanyName", in_cdc=False),
        Entity("Preferences", {}, _COMMON_FILTERS, _READ, order="Id", in_cdc=False),
    )
}
# The entity as it stands in a path: all small letters.
BY_PATH = {name.lower(): entity for name, entity in ENTITIES.items()}
# Customers, vendors and employees share their names and their ids.
PEOPLE = ("Customer", "Vendor", "Employee")
