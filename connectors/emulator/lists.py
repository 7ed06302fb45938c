"""The lists of a company: customers, items, accounts, terms, classes and departments."""

from collections.abc import Callable
from typing import Any

from connectors.emulator import faults
from connectors.emulator.books import Books, Data, keys_of
from connectors.emulator.entities import ENTITIES
from connectors.emulator.links import without_stamp
from connectors.emulator.members import ACCOUNT_CLASSES
from connectors.emulator.numbers import ZERO
from connectors.emulator.references import check_references, currency_reference, name_of

DELETED_SUFFIX = " (deleted)"
# Below a top customer there are at most four levels.
DEEPEST_LEVEL = 4
# An update that changes nothing leaves their SyncToken alone.
UNMOVED_BY_NOTHING = {"Item", "Account"}
_PERSON_NAMES = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")


def create(books: Books, entity: str, members: Data) -> Data:
    """Stage a new list entry."""
    members = {name: value for name, value in members.items() if value is not None}
    check_references(books, members, ENTITIES[entity].fields)
    finished = _FINISH[entity](books, members, None)
    _check_name(books, entity, finished, None)
    return books.add(entity, finished)


def update(books: Books, entity: str, old: Data, members: Data, *, sparse: bool) -> Data:
    """Stage a change: sparse keeps what is not named, full takes it back to its default."""
    check_references(books, members, ENTITIES[entity].fields)
    kept = without_stamp(old) if sparse else {}
    base = {name: value for name, value in {**kept, **members}.items() if value is not None}
    _follow_active(base, old)
    finished = _FINISH[entity](books, base, old)
    _check_name(books, entity, finished, old["Id"])
    if entity in UNMOVED_BY_NOTHING and finished == without_stamp(old):
        return old
    data = books.update(entity, old, finished)
    if old.get("FullyQualifiedName") != data.get("FullyQualifiedName"):
        _rename_children(books, entity, data)
    return data


def _follow_active(base: Data, old: Data) -> None:
    """An inactive entry's name ends in " (deleted)"; made active again, it has its own name back."""
    active = base.setdefault("Active", True)
    for name in ("DisplayName", "Name"):
        value = base.get(name)
        if value is None:
            continue
        if not active and not value.endswith(DELETED_SUFFIX):
            base[name] = value + DELETED_SUFFIX
        elif active and not old.get("Active", True):
            base[name] = value.removesuffix(DELETED_SUFFIX)


def _check_name(books: Books, entity: str, finished: Data, own_id: str | None) -> None:
    for key in keys_of(entity, finished):
        for kind, identity in books.holders(key):
            if (kind, identity) != (entity, own_id):
                raise faults.duplicate_name(kind.lower())


def _rename_children(books: Books, entity: str, parent: Data) -> None:
    for child in list(books.all(entity)):
        if child.get("ParentRef", {}).get("value") == parent["Id"]:
            own = child["FullyQualifiedName"].rsplit(":", 1)[-1]
            renamed = {**without_stamp(child), "FullyQualifiedName": f"{parent['FullyQualifiedName']}:{own}"}
            _rename_children(books, entity, books.update(entity, child, renamed))


def _customer(books: Books, members: Data, old: Data | None) -> Data:
    _check_person(members)
    parent = _parent(books, "Customer", members, old)
    if bool(members.get("Job")) != (parent is not None):
        raise faults.parent_required()
    level = parent.get("Level", 0) + 1 if parent else 0
    if level > DEEPEST_LEVEL:
        raise faults.business("A customer can be at most four levels below another.", "ParentRef")
    if members.get("BillWithParent") and parent is None:
        raise faults.business("Only a sub-customer can be billed with its parent.", "BillWithParent")
    active = members.get("Active", True)
    if not active and old is not None and old["Balance"]:
        raise faults.business("A customer with an open balance cannot be made inactive.", "Active")
    name = members.get("DisplayName") or " ".join(members[part] for part in _PERSON_NAMES if part in members)
    finished = {
        "Taxable": members.get("Taxable", True),
        "Job": bool(members.get("Job")),
        "BillWithParent": members.get("BillWithParent", False),
        "Balance": old["Balance"] if old else ZERO,
        "BalanceWithJobs": old["BalanceWithJobs"] if old else ZERO,
        "CurrencyRef": _customer_currency(books, members, old),
        "PreferredDeliveryMethod": members.get("PreferredDeliveryMethod", "Print"),
        "FullyQualifiedName": f"{parent['FullyQualifiedName']}:{name}" if parent else name,
        "DisplayName": name,
        "PrintOnCheckName": members.get("PrintOnCheckName", name),
        "Active": active,
    }
    if parent:
        finished |= {"ParentRef": {"value": parent["Id"], "name": name_of(parent)}, "Level": level}
    writable = ENTITIES["Customer"].fields
    rest = {k: v for k, v in members.items() if k in writable and writable[k].kind != "read-only"}
    return {**without_stamp(rest), **finished}


def _check_person(members: Data) -> None:
    names = ("DisplayName", *_PERSON_NAMES)
    if not any(members.get(name) for name in names):
        raise faults.missing("DisplayName")
    for name in names:
        if any(character in members.get(name, "") for character in ":\t\n"):
            raise faults.unreadable(f"{name}: a colon, tab or line end in it")
    address = members.get("PrimaryEmailAddr", {}).get("Address")
    if address and ("@" not in address or "." not in address):
        raise faults.business(f"The e-mail address {address} is not valid.", "PrimaryEmailAddr")


def _customer_currency(books: Books, members: Data, old: Data | None) -> Data:
    sent = members.get("CurrencyRef", {}).get("value")
    if old is not None:
        current = old["CurrencyRef"]["value"]
        if sent not in {None, current}:
            raise faults.business("The currency of a customer cannot be changed once it is set.", "CurrencyRef")
        return currency_reference(current)
    home = books.home_currency
    if sent not in {None, home} and not books.multicurrency:
        raise faults.business("Multicurrency is off: a customer has the company's currency.", "CurrencyRef")
    return currency_reference(sent or home)


def _parent(books: Books, entity: str, members: Data, old: Data | None) -> Data | None:
    if not members.get("ParentRef"):
        return None
    parent = books.get(entity, members["ParentRef"]["value"])
    above: Data | None = parent
    while old is not None and above is not None:
        if above["Id"] == old["Id"]:
            raise faults.business("An entry cannot be below itself.", "ParentRef")
        above = books.get(entity, above["ParentRef"]["value"]) if above.get("ParentRef") else None
    return parent


def _named(books: Books, entity: str, members: Data, old: Data | None) -> tuple[Data, Data | None]:
    if not members.get("Name"):
        raise faults.missing("Name")
    if ":" in members["Name"]:
        raise faults.unreadable("Name: a colon in it")
    parent = _parent(books, entity, members, old)
    full_name = f"{parent['FullyQualifiedName']}:{members['Name']}" if parent else members["Name"]
    return {"Name": members["Name"], "Active": members.get("Active", True), "FullyQualifiedName": full_name}, parent


def _item(books: Books, members: Data, old: Data | None) -> Data:
    kind = members.get("Type", "Service")
    if kind in {"Inventory", "Group"}:
        raise faults.not_modelled(f"items of type {kind}")
    if kind != "Category" and "IncomeAccountRef" not in members:
        raise faults.missing("IncomeAccountRef")
    head, parent = _named(books, "Item", members, old)
    finished = {
        **head,
        "Taxable": members.get("Taxable", True),
        "UnitPrice": members.get("UnitPrice", ZERO),
        "Type": kind,
        "PurchaseCost": members.get("PurchaseCost", ZERO),
        "TrackQtyOnHand": False,
    }
    if parent:
        finished |= {"SubItem": True, "ParentRef": {"value": parent["Id"], "name": name_of(parent)}}
    kept = ("Sku", "Description", "IncomeAccountRef", "ExpenseAccountRef", "PurchaseDesc", "SalesTaxCodeRef")
    return finished | {name: members[name] for name in kept if name in members}


def _account(books: Books, members: Data, old: Data | None) -> Data:
    if "AccountType" not in members:
        raise faults.missing("AccountType")
    head, parent = _named(books, "Account", members, old)
    finished = {
        **head,
        "SubAccount": parent is not None,
        "Classification": ACCOUNT_CLASSES[members["AccountType"]],
        "AccountType": members["AccountType"],
        "CurrentBalance": ZERO,
        "CurrentBalanceWithSubAccounts": ZERO,
        "CurrencyRef": currency_reference(members.get("CurrencyRef", {}).get("value", books.home_currency)),
    }
    if parent:
        finished["ParentRef"] = {"value": parent["Id"], "name": name_of(parent)}
    return finished | {name: members[name] for name in ("AcctNum", "Description", "AccountSubType") if name in members}


def _term(books: Books, members: Data, old: Data | None) -> Data:  # noqa: ARG001
    if not members.get("Name"):
        raise faults.missing("Name")
    days, day = members.get("DueDays"), members.get("DayOfMonthDue")
    if days is None and day is None:
        raise faults.missing("DueDays")
    for name, most in (("DueDays", 999), ("DiscountPercent", 100), ("DayOfMonthDue", 31)):
        if not 0 <= members.get(name, 0) <= most:
            raise faults.business(f"{name} must be from 0 to {most}.", name)
    finished = {"Name": members["Name"], "Active": members.get("Active", True)}
    finished["Type"] = "Standard" if day is None else "DateDriven"
    names = ("DueDays", "DiscountDays", "DiscountPercent") if day is None else (
        "DayOfMonthDue", "DueNextMonthDays", "DiscountDayOfMonth")  # fmt: skip
    return finished | {name: members.get(name, ZERO) for name in names}


def _tree(entity: str, flag: str) -> Callable[[Books, Data, Data | None], Data]:
    def finish(books: Books, members: Data, old: Data | None) -> Data:
        head, parent = _named(books, entity, members, old)
        finished: dict[str, Any] = {**head, flag: parent is not None}
        if parent:
            finished["ParentRef"] = {"value": parent["Id"], "name": name_of(parent)}
        return finished

    return finish


_FINISH: dict[str, Callable[[Books, Data, Data | None], Data]] = {
    "Customer": _customer,
    "Item": _item,
    "Account": _account,
    "Term": _term,
    "Class": _tree("Class", "SubClass"),
    "Department": _tree("Department", "SubDepartment"),
}
