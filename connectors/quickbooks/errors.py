"""What can go wrong with QuickBooks, typed by what may be concluded from it.

Codes alone decide, never texts: a company in French answers in French. Errors:

    QuickBooksError            `certain`: nothing was done by the request that raised it
    ├── ThrottledError         429, or code 3001: come back later
    ├── UnauthorisedError      401: the access token (3200), or the person who connected (120), is refused
    ├── ForbiddenError         403: this app may not see this company (3100)
    ├── NotSentError           no connection: refused, no such host, no TLS
    ├── RefusedError           any other definite no: the document's, or the request's, own fault
    └── AmbiguousError         silence, 5xx, a cut or unreadable answer: it may have been done (`certain` is False)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from connectors.quickbooks.advice import advice_for


@dataclass(frozen=True, slots=True)
class Fault:
    """One error of an answer, as QuickBooks wrote it. `code` is without leading zeros, "" where none was given."""

    code: str
    message: str
    detail: str = ""
    element: str = ""

    def __str__(self) -> str:
        said = self.detail or self.message
        return f"{self.code}: {said}" if self.code else said


class QuickBooksError(Exception):
    """A request that did not end in its answer; keeps all that the answer said.

    `status` is 0 when none came. `faults` are all errors of the answer, in its order. `retry_after_seconds` is what
    Retry-After asked for, None without one. `where` is the request's method and path.
    """

    certain = True
    """Whether nothing was done: False only for AmbiguousError."""
    usual_advice = ""

    def __init__(
        self,
        what: str,
        *,
        status: int = 0,
        faults: tuple[Fault, ...] = (),
        fault_type: str = "",
        intuit_tid: str = "",
        retry_after_seconds: float | None = None,
        where: str = "",
    ) -> None:
        super().__init__(what)
        self.what = what
        self.status = status
        self.faults = faults
        self.fault_type = fault_type
        self.intuit_tid = intuit_tid
        self.retry_after_seconds = retry_after_seconds
        self.where = where

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(fault.code for fault in self.faults if fault.code)

    @property
    def advice(self) -> str:
        """What a person can do about it: a sentence, "" where only the message helps."""
        return advice_for(self.status, self.codes) or self.usual_advice


class ThrottledError(QuickBooksError):
    """The company's limit is reached; `retry_after_seconds` may say until when."""

    usual_advice = "Too many requests: syncd waits and goes on by itself."


class UnauthorisedError(QuickBooksError):
    """The token was not accepted. Nothing was done."""

    @property
    def refresh_may_help(self) -> bool:
        """A new access token mends 3200; nobody's token mends a person who lost access (120)."""
        return "120" not in self.codes


class ForbiddenError(QuickBooksError):
    """The app may not speak to this company: often a sandbox token in production, or the other way round."""


class NotSentError(QuickBooksError):
    """No connection was made, so nothing was sent."""

    usual_advice = (
        "Check this machine's way to the internet, or that `syncd emulator` runs where you use that;"
        " syncd tries again by itself."
    )


class RefusedError(QuickBooksError):
    """QuickBooks looked at the request and said no."""


class AmbiguousError(QuickBooksError):
    """The request may have been carried out; only looking tells."""

    certain = False
    usual_advice = "Nothing needs to be done: before syncd sends again, it looks whether it was done."


_DOUBTFUL_CODES = frozenset({"600"})  # "RequestId already exists": an earlier send of it did arrive.
_SEVERE_FROM = 10_000  # "An application error has occurred while processing": where it stopped is not said.


def error_class(status: int, faults: Iterable[Fault], fault_type: str = "") -> type[QuickBooksError]:
    """Which error an answer is (API v3, "error codes"; the outbox relies on it).

    A fault in an answer of status 200 counts as 400: the service said no, though its gateway said yes. 408 comes from
    gateways which may have passed the request on, so it is in doubt like 5xx.
    """
    codes = {fault.code for fault in faults if fault.code}
    if status >= 500 or status == 408 or 300 <= status < 400:
        return AmbiguousError
    if status == 429 or "3001" in codes:
        return ThrottledError
    if status == 401:
        return UnauthorisedError
    if status == 403:
        return ForbiddenError
    if codes & _DOUBTFUL_CODES or fault_type == "SystemFault":
        return AmbiguousError
    if any(code.isdecimal() and int(code) >= _SEVERE_FROM for code in codes):
        return AmbiguousError
    if status >= 400 or codes:
        return RefusedError
    return AmbiguousError


def holder_of_number(error: QuickBooksError) -> str:
    """The id of the transaction that has the document number already (6140), "" where the answer does not say.

    The type in the same text is localised ("Facture"), the id is not.
    """
    for fault in error.faults:
        if fault.code == "6140" and (match := re.search(r"TxnId=(\d+)", fault.detail)):
            return match[1]
    return ""
