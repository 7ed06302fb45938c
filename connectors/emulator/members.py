"""The members of each entity: what may be sent, how long it may be, what is only read, and what is not modelled."""

from connectors.emulator.fields import DAY, FLAG, NOT_MODELLED, NUMBER, READ_ONLY, choice, group, many, ref, text

_COMMON = dict.fromkeys(("domain", "MetaData", "time", "status"), READ_ONLY) | {
    "Id": text(20),
    "SyncToken": text(20),
    "sparse": FLAG,
}
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
ESTIMATE = _SALES | {
    "TxnStatus": choice("Pending", "Accepted", "Closed", "Rejected", "Converted"),
    "ExpirationDate": DAY,
    "AcceptedBy": text(100),
    "AcceptedDate": DAY,
}
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
