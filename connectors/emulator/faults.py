"""The faults QuickBooks answers with: one function for each code, the two envelopes, and the French texts.

Codes are Intuit's; texts follow those seen in live answers where one was seen. A client must match on `code` alone.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.emulator.clock import pacific_milliseconds


@dataclass(frozen=True)
class Error:
    """One entry of a fault."""

    code: str
    message: str
    detail: str
    element: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Write it as the service envelope does."""
        members = {"Message": self.message, "Detail": self.detail, "code": self.code}
        return members if self.element is None else {**members, "element": self.element}


@dataclass(eq=False)
class Fault(Exception):  # noqa: N818 - the word of the API for a refusal
    """A refusal: nothing of the request was carried out."""

    errors: tuple[Error, ...]
    status: int = 400
    type: str = "ValidationFault"
    envelope: str = "service"
    headers: tuple[tuple[str, str], ...] = field(default=())

    def body(self, now: datetime, language: str = "en") -> dict[str, Any]:
        """Return the JSON body in the envelope that the real service uses for this fault."""
        errors = tuple(french(error) for error in self.errors) if language == "fr" else self.errors
        if self.envelope == "gateway":
            return gateway_body(errors, self.type, now)
        return {
            "Fault": {"Error": [error.as_json() for error in errors], "type": self.type},
            "time": pacific_milliseconds(now),
        }


def gateway_body(errors: tuple[Error, ...], fault_type: str, now: datetime) -> dict[str, Any]:
    """Write the lower-case envelope of Intuit's gateway (401, 403, some 429)."""
    return {
        "warnings": None,
        "intuitObject": None,
        "fault": {
            "error": [{"message": e.message, "detail": e.detail, "code": e.code, "element": e.element} for e in errors],
            "type": fault_type,
        },
        "report": None,
        "queryResponse": None,
        "batchItemResponse": [],
        "attachableResponse": [],
        "syncErrorResponse": None,
        "requestId": None,
        "time": int(now.timestamp() * 1000),
        "status": None,
        "cdcresponse": [],
    }


def one(code: str, message: str, detail: str, element: str | None = None) -> Fault:
    """Make a fault of one error."""
    return Fault((Error(code, message, detail, element),))


def unknown_member(entity: str, member: str) -> Fault:
    """2010: the JSON has a member that the entity does not know."""
    text = f'Property Name:Unrecognized field "{member}" (class {entity}), not marked as ignorable'
    return one("2010", "Request has invalid or unsupported property", f"{text} specified is unsupported or invalid")


def unreadable(detail: str) -> Fault:
    """2010: the JSON cannot be read, or a member has the wrong type."""
    text = f"Property Name:{detail} specified is unsupported or invalid"
    return one("2010", "Request has invalid or unsupported property", text)


def missing(member: str) -> Fault:
    """2020: a required member is absent."""
    return one(
        "2020",
        "Required param missing, need to supply the required value for the API",
        f"Required parameter {member} is missing in the request",
        member,
    )


def bad_id(value: str) -> Fault:
    """2030: an Id is not a whole number."""
    return one("2030", "Invalid ID", f"Id should be a valid number. Supplied value:{value}", "Id")


def too_long(member: str, length: int, most: int) -> Error:
    """2050: a text or number is longer than its field."""
    detail = (
        f"String length specified does not match the supported length. Min:0 Max:{most} supported. Supplied:{length}"
    )
    return Error("2050", "String length is either shorter or longer than supported by specification", detail, member)


def bad_enumeration(member: str, value: str) -> Error:
    """2170: a value outside its enumeration."""
    return Error("2170", "Invalid Enumeration", f"Invalid Enumeration: {value}", member)


# The plural nouns of QuickBooks' own tables: customers, vendors and employees are one list, "Names".
INTERNAL_NAMES = {
    "Customer": "Names",
    "Class": "Klasses",
    "Department": "Depts",
    "Account": "Accounts",
    "Item": "Items",
    "Term": "Terms",
    "TaxCode": "TaxCodes",
    "TaxRate": "TaxRates",
    "Invoice": "Transactions",
    "CreditMemo": "Transactions",
    "Currency": "Currencies",
}


def bad_reference(target: str, value: str, element: str) -> Fault:
    """2500: a reference to something that does not exist."""
    detail = f"Invalid Reference Id : {INTERNAL_NAMES[target]} element id {value} not found"
    return one("2500", "Invalid Reference Id", detail, element)


def inactive(element: str = "") -> Fault:
    """610: something that is missing or was made inactive."""
    detail = (
        "Object Not Found : Something you're trying to use has been made inactive. "
        "Check the fields with accounts, customers, items, vendors or employees."
    )
    return one("610", "Object Not Found", detail, element)


def deleted() -> Fault:
    """610: a transaction that was deleted."""
    return one("610", "Object Not Found", "Object Not Found : Another user has deleted this transaction.", "")


def stale() -> Fault:
    """5010: the SyncToken is not the newest."""
    detail = (
        "Stale Object Error : You and the emulator were working on this at the same time. "
        "The emulator finished before you did, so your work was not saved."
    )
    return one("5010", "Stale Object Error", detail, "")


def business(detail: str, element: str = "") -> Fault:
    """6000: a rule of the books was broken."""
    return one("6000", "A business validation error has occurred while processing your request", detail, element)


NO_TAX_CODE = "Make sure all your transactions have a GST/HST rate before you save."


def no_tax_code() -> Fault:
    """6000: a line of a company outside the US has no TaxCodeRef."""
    return business(NO_TAX_CODE)


def amount_mismatch(amount: object) -> Fault:
    """6070: Amount is not Qty times UnitPrice rounded half-up; the text has a thousands comma."""
    text = f"{amount:,}"
    message = "Amount is not equal to UnitPrice * Qty"
    return one("6070", message, f"{message}. Supplied value:{text}", "Line.Amount")


def duplicate_number(number: str, txn_type: str, txn_id: str) -> Fault:
    """6140: the document number is taken."""
    message = "Duplicate Document Number Error"
    detail = (
        f"{message} : You must specify a different number. This number has already been used. "
        f"DocNumber={number} is assigned to TxnType={txn_type} with TxnId={txn_id}"
    )
    return one("6140", message, detail, "")


def parent_required() -> Fault:
    """6150: Job and ParentRef must go together."""
    return one(
        "6150", "ParentRef Required Error", "ParentRef is either required or not if Job is true or false.", "Job"
    )


def closed_books(close_date: str) -> Fault:
    """6210: the date lies in a closed period."""
    detail = (
        "The account period has closed and the account books cannot be updated through the QBO Services API. "
        f"Please use the QBO website to make these changes. Books closed on {close_date}"
    )
    return one("6210", "Account Period Closed, Cannot Update Through Services API", detail, "TxnDate")


def duplicate_name(kind: str) -> Fault:
    """6240: the name is used by another customer, vendor, employee, item and so on."""
    detail = (
        f"The name supplied already exists. : Another {kind} is already using this name. Please use a different name."
    )
    return one("6240", "Duplicate Name Exists Error", detail, "")


def bad_query(detail: str) -> Fault:
    """4001: a query that cannot be understood or carried out."""
    return one("4001", "Invalid query", f"QueryValidationError: {detail}")


def unsupported(what: str) -> Fault:
    """500 (HTTP 400): an operation or path that does not exist."""
    return one("500", "Unsupported Operation", f"Operation {what} is not supported.")


def not_modelled(what: str) -> Fault:
    """Refuse by name what real QuickBooks has and this emulator does not, rather than accept and ignore it."""
    return one("500", "Unsupported Operation", f"The emulator does not model {what}.")


def repeated_request_id() -> Fault:
    """600: the request id was used with another body (a switch: the real behaviour is not documented)."""
    return one("600", "RequestId already exists", "RequestId already exists")


def unauthorized(detail: str) -> Fault:
    """401/3200 in the gateway's envelope."""
    message = "message=AuthenticationFailed; errorCode=003200; statusCode=401"
    headers = (("www-authenticate", 'Bearer realm="Intuit", error="invalid_token"'),)
    return Fault((Error("3200", message, detail),), 401, "AUTHENTICATION", "gateway", headers)


def forbidden() -> Fault:
    """403/3100: the token is not for this company, or sandbox and production were mixed up."""
    message = "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403"
    return Fault((Error("3100", message, "Application authorization failed"),), 403, "AUTHORIZATION", "gateway")


THROTTLED = Error(
    "3001",
    "message=ThrottleExceeded; errorCode=003001; statusCode=429",
    "The request limit was reached.  Try again later",
)

_FRENCH = {
    "610": ("Objet introuvable", "Objet introuvable : un élément utilisé a été supprimé ou rendu inactif."),
    "2020": ("Paramètre requis manquant", None),
    "2500": ("Identifiant de référence non valide", None),
    "5010": ("Erreur d'objet obsolète", "Une autre personne a modifié cet objet avant vous."),
    "6000": ("Validation de l'entreprise", None),
    "6070": ("Le montant n'égale pas le prix unitaire multiplié par la quantité", None),
    "6210": ("Période comptable fermée", "La période comptable est fermée; les livres ne peuvent être modifiés."),
    "6240": ("Nom en double", "Le nom indiqué existe déjà."),
}


def french(error: Error) -> Error:
    """Return the error as a French-speaking company gets it: even TxnType is translated, only the code stays."""
    if error.code == "6140":
        message = "Numéro de document en double"
        found = re.search(r"DocNumber=.*$", error.detail)
        tail = (found.group() if found else "").replace("TxnType=Invoice", "TxnType=Facture")
        tail = tail.replace("TxnType=CreditMemo", "TxnType=Note de crédit")
        detail = f"{message} : Vous devez indiquer un nombre différent. Ce numéro a déjà été utilisé. {tail}"
        return Error(error.code, message, detail, error.element)
    if error.detail == NO_TAX_CODE:
        detail = "Assurez-vous que toutes vos opérations comprennent un taux de TPS/TVH avant d'enregistrer."
        return Error(error.code, "Validation de l'entreprise", detail, error.element)
    message, text = _FRENCH.get(error.code, (error.message, None))
    return Error(error.code, message, text or error.detail, error.element)
