"""What to do about an answer of QuickBooks: a sentence for a person, by code first, by status otherwise."""

from __future__ import annotations

from collections.abc import Iterable

_RECONNECT = "Type `syncd connect quickbooks`, and log in as a user who may use this company."

_BY_CODE = {
    "120": f"The person who connected QuickBooks has lost access. {_RECONNECT}",
    "500": "QuickBooks does not know this operation: report it, it is a defect of syncd.",
    "600": "A request with this id was received before: syncd looks whether the document exists.",
    "610": "It was deleted or made inactive in QuickBooks: make it active again, or map to another one.",
    "2010": "QuickBooks does not know a field that was sent: report it, it is a defect of syncd.",
    "2020": "Something that QuickBooks requires is missing: complete the mapping that the message names.",
    "2030": "An id in the mappings is not one of QuickBooks: type `syncd mappings check`.",
    "2050": "A text is too long for QuickBooks: shorten what the message names.",
    "2170": "A value is not one that QuickBooks knows: report it with the message.",
    "2500": "Something that the document refers to does not exist, or is inactive: type `syncd mappings check`.",
    "3001": "Too many requests: syncd waits and goes on by itself.",
    "3100": "This app is not connected to this company, or sandbox and production are mixed up: check `environment` "
    "in config.toml, then type `syncd connect quickbooks`.",
    "3200": "The access token has expired or was revoked: syncd renews it; if this stays, type "
    "`syncd connect quickbooks`.",
    "4001": "QuickBooks did not understand a query: report it, it is a defect of syncd.",
    "5010": "Somebody changed it in QuickBooks at the same moment: syncd reads it again.",
    "6000": "QuickBooks refuses it by one of its own rules: do what the message says, then type `syncd retry`.",
    "6070": "Amount and quantity times price differ: report it with the document's number.",
    "6140": "The document number is already in use in QuickBooks: syncd looks whose it is.",
    "6150": "A customer is marked as a job without a parent, or the reverse: mend the customer in QuickBooks.",
    "6190": "The QuickBooks subscription has ended or has a billing problem: renew it, then type `syncd retry`.",
    "6210": "The books are closed for this date: reopen the period in QuickBooks, or choose a later date.",
    "6240": "The name is already taken by a customer, vendor or employee in QuickBooks.",
    "6540": "The payment has been deposited: take it out of the deposit in QuickBooks first.",
}

_BY_STATUS = {
    401: f"QuickBooks does not accept the connection. {_RECONNECT}",
    403: _BY_CODE["3100"],
    429: _BY_CODE["3001"],
}


def advice_for(status: int, codes: Iterable[str]) -> str:
    """The advice for the first code that has one, else for the HTTP status, else ""."""
    known = (_BY_CODE[code] for code in codes if code in _BY_CODE)
    return next(known, _BY_STATUS.get(status, ""))
