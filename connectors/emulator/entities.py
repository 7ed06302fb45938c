"""The entities that the emulator knows: their members, lengths, filters, and how lists of them are ordered."""

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.emulator.fields import DAY, FLAG, NOT_MODELLED, NUMBER, READ_ONLY, Field, choice, group, many, ref, text


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


_COMMON = dict.fromkeys(("domain", "MetaData", "time", "status"), READ_ONLY) | {
    "Id": text(20),
    "SyncToken": text(20),
    "sparse": FLAG,
}
_COMMON_FILTERS = {"Id": "id", "MetaData.CreateTime": "instant", "MetaData.LastUpdatedTime": "instant"}
_READ = frozenset({"read", "query"})
_LIST = _READ | {"create", "update"}
_MONEY_DOCUMENT = _LIST | {"delete", "void", "send"}

EMAIL = group(Address=text(100))
PHONE = group(FreeFormNumber=text(30))
ADDRESS = group(
    Id=READ_ONLY,
    Lat=READ_ONLY,
    Long=READ_ONLY,
    Line1=text(500),
    Line2=text(500),
    Line3=text(500),
    Line4=text(500),
    Line5=text(500),
    City=text(255),
    Country=text(255),
    CountrySubDivisionCode=text(255),
    PostalCode=text(30),
)
LINKED = many(TxnId=text(20), TxnType=text(30), TxnLineId=text(20))

SALES_LINE = many(
    Id=text(20),
    LineNum=NUMBER,
    Description=text(4000),
    Amount=NUMBER,
    DetailType=choice("SalesItemLineDetail", "DescriptionOnly", "SubTotalLineDetail"),
    SalesItemLineDetail=group(
        ItemRef=ref("Item"),
        ClassRef=ref("Class"),
        UnitPrice=NUMBER,
        Qty=NUMBER,
        TaxCodeRef=ref("TaxCode"),
        ServiceDate=DAY,
        ItemAccountRef=READ_ONLY,
        TaxInclusiveAmt=NOT_MODELLED,
        DiscountRate=NOT_MODELLED,
        DiscountAmt=NOT_MODELLED,
        MarkupInfo=NOT_MODELLED,
    ),
    DescriptionLineDetail=group(ServiceDate=DAY, TaxCodeRef=READ_ONLY),
    SubTotalLineDetail=READ_ONLY,
    DiscountLineDetail=NOT_MODELLED,
    GroupLineDetail=NOT_MODELLED,
    LinkedTxn=NOT_MODELLED,
    CustomExtensions=READ_ONLY,
)
TAX_DETAIL = group(
    TxnTaxCodeRef=ref("TaxCode"),
    TotalTax=NUMBER,
    TaxLine=many(
        Amount=NUMBER,
        DetailType=choice("TaxLineDetail"),
        TaxLineDetail=group(TaxRateRef=ref("TaxRate"), PercentBased=FLAG, TaxPercent=NUMBER, NetAmountTaxable=NUMBER),
    ),
)

_SALES = (
    _COMMON
    | {
        "DocNumber": text(21),
        "AutoDocNumber": FLAG,
        "TxnDate": DAY,
        "DueDate": DAY,
        "CustomerRef": ref("Customer"),
        "CurrencyRef": ref("Currency"),
        "ExchangeRate": NUMBER,
        "GlobalTaxCalculation": choice("TaxExcluded", "TaxInclusive", "NotApplicable"),
        "Line": SALES_LINE,
        "TxnTaxDetail": TAX_DETAIL,
        "SalesTermRef": ref("Term"),
        "ClassRef": ref("Class"),
        "DepartmentRef": ref("Department"),
        "PrivateNote": text(4000),
        "CustomerMemo": group(value=text(1000)),
        "BillAddr": ADDRESS,
        "ShipAddr": ADDRESS,
        "BillEmail": EMAIL,
        "BillEmailCc": group(Address=text(200)),
        "BillEmailBcc": group(Address=text(200)),
        "EmailStatus": choice("NotSet", "NeedToSend", "EmailSent"),
        "PrintStatus": choice("NotSet", "NeedToPrint", "PrintComplete"),
        "CustomField": many(DefinitionId=text(2), Name=text(31), Type=choice("StringType"), StringValue=text(31)),
        "ApplyTaxAfterDiscount": FLAG,
    }
    | dict.fromkeys(
        (
            "TotalAmt",
            "Balance",
            "HomeTotalAmt",
            "HomeBalance",
            "LinkedTxn",
            "DeliveryInfo",
            "FreeFormAddress",
            "CustomExtensions",
            "ShipFromAddr",
        ),
        READ_ONLY,
    )
    | dict.fromkeys(
        (
            "Deposit",
            "DepositToAccountRef",
            "DiscountRate",
            "DiscountAmt",
            "ProjectRef",
            "ShipMethodRef",
            "ShipDate",
            "TrackingNum",
            "TransactionLocationType",
            "TxnSource",
            "PaymentMethodRef",
            "PaymentRefNum",
            "ARAccountRef",
            "TaxExemptionRef",
            "RemitToRef",
            "Tag",
            "FOB",
            "PONumber",
            "TemplateRef",
        ),
        NOT_MODELLED,
    )
)

INVOICE = (
    _SALES
    | dict.fromkeys(
        ("AllowIPNPayment", "AllowOnlinePayment", "AllowOnlineCreditCardPayment", "AllowOnlineACHPayment"), FLAG
    )
    | {"InvoiceLink": READ_ONLY}
)
CREDIT_MEMO = _SALES | {"RemainingCredit": READ_ONLY, "InvoiceRef": NOT_MODELLED}

PAYMENT = (
    _COMMON
    | {
        "CustomerRef": ref("Customer"),
        "CurrencyRef": ref("Currency"),
        "ExchangeRate": NUMBER,
        "TotalAmt": NUMBER,
        "TxnDate": DAY,
        "PrivateNote": text(4000),
        "PaymentRefNum": text(21),
        "DepositToAccountRef": ref("Account"),
        "Line": many(Amount=NUMBER, LinkedTxn=LINKED, LineEx=READ_ONLY),
    }
    | dict.fromkeys(("UnappliedAmt", "LinkedTxn", "HomeTotalAmt"), READ_ONLY)
    | dict.fromkeys(
        ("ProcessPayment", "PaymentMethodRef", "CreditCardPayment", "ProjectRef", "ARAccountRef"), NOT_MODELLED
    )
    | {"ProcessPayment": READ_ONLY}
)

CUSTOMER = (
    _COMMON
    | {
        "DisplayName": text(500),
        "Title": text(16),
        "GivenName": text(100),
        "MiddleName": text(100),
        "FamilyName": text(100),
        "Suffix": text(16),
        "CompanyName": text(100),
        "PrintOnCheckName": text(110),
        "Active": FLAG,
        "Taxable": FLAG,
        "Notes": text(2000),
        "Job": FLAG,
        "ParentRef": ref("Customer"),
        "BillWithParent": FLAG,
        "CurrencyRef": ref("Currency"),
        "SalesTermRef": ref("Term"),
        "DefaultTaxCodeRef": ref("TaxCode"),
        "PreferredDeliveryMethod": choice("Print", "Email", "None"),
        "PrimaryEmailAddr": EMAIL,
        "PrimaryPhone": PHONE,
        "AlternatePhone": PHONE,
        "Mobile": PHONE,
        "Fax": PHONE,
        "WebAddr": group(URI=text(1000)),
        "BillAddr": ADDRESS,
        "ShipAddr": ADDRESS,
        "AcctNum": text(100),
        "ResaleNum": text(16),
    }
    | dict.fromkeys(("Balance", "BalanceWithJobs", "FullyQualifiedName", "Level", "IsProject"), READ_ONLY)
    | dict.fromkeys(
        ("OpenBalanceDate", "PaymentMethodRef", "ARAccountRef", "CustomerTypeRef", "TaxExemptionReasonId"), NOT_MODELLED
    )
)

ITEM = (
    _COMMON
    | {
        "Name": text(100),
        "Sku": text(100),
        "Description": text(4000),
        "Active": FLAG,
        "Taxable": FLAG,
        "UnitPrice": NUMBER,
        "Type": choice("Service", "NonInventory", "Inventory", "Group", "Category"),
        "IncomeAccountRef": ref("Account"),
        "ExpenseAccountRef": ref("Account"),
        "PurchaseDesc": text(1000),
        "PurchaseCost": NUMBER,
        "SalesTaxCodeRef": ref("TaxCode"),
        "ParentRef": ref("Item"),
        "SubItem": FLAG,
    }
    | dict.fromkeys(("FullyQualifiedName", "Level", "TrackQtyOnHand", "DeferredRevenue"), READ_ONLY)
    | dict.fromkeys(
        ("QtyOnHand", "InvStartDate", "AssetAccountRef", "SalesTaxIncluded", "ClassRef", "ItemGroupDetail"),
        NOT_MODELLED,
    )
)

ACCOUNT_CLASSES = {
    "Bank": "Asset",
    "Accounts Receivable": "Asset",
    "Other Current Asset": "Asset",
    "Fixed Asset": "Asset",
    "Other Asset": "Asset",
    "Accounts Payable": "Liability",
    "Credit Card": "Liability",
    "Other Current Liability": "Liability",
    "Long Term Liability": "Liability",
    "Equity": "Equity",
    "Income": "Revenue",
    "Other Income": "Revenue",
    "Cost of Goods Sold": "Expense",
    "Expense": "Expense",
    "Other Expense": "Expense",
}
ACCOUNT = (
    _COMMON
    | {
        "Name": text(100),
        "AcctNum": text(20),
        "Description": text(100),
        "Active": FLAG,
        "AccountType": choice(*ACCOUNT_CLASSES),
        "AccountSubType": text(100),
        "SubAccount": FLAG,
        "ParentRef": ref("Account"),
        "CurrencyRef": ref("Currency"),
    }
    | dict.fromkeys(
        ("FullyQualifiedName", "Classification", "CurrentBalance", "CurrentBalanceWithSubAccounts"), READ_ONLY
    )
)

TERM = _COMMON | {
    "Name": text(31),
    "Active": FLAG,
    "Type": READ_ONLY,
    "DueDays": NUMBER,
    "DiscountDays": NUMBER,
    "DiscountPercent": NUMBER,
    "DayOfMonthDue": NUMBER,
    "DueNextMonthDays": NUMBER,
    "DiscountDayOfMonth": NUMBER,
}
CLASS = _COMMON | {
    "Name": text(100),
    "Active": FLAG,
    "ParentRef": ref("Class"),
    "SubClass": READ_ONLY,
    "FullyQualifiedName": READ_ONLY,
}
DEPARTMENT = _COMMON | {
    "Name": text(100),
    "Active": FLAG,
    "ParentRef": ref("Department"),
    "SubDepartment": READ_ONLY,
    "FullyQualifiedName": READ_ONLY,
}

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
