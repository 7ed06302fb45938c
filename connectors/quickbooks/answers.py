"""Tells good answers from faults, in whatever envelope they come."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from connectors.http import retry_after_seconds
from connectors.ports import Clock
from connectors.quickbooks.errors import Fault, error_class
from connectors.quickbooks.wire import Json, parse_json


@dataclass(frozen=True, slots=True)
class Faults:
    """All errors of one answer and their type (ValidationFault, AUTHENTICATION, SystemFault …)."""

    errors: tuple[Fault, ...] = ()
    type: str = ""


def intuit_tid(response: httpx.Response) -> str:
    """The id under which Intuit's support finds a request; its header's name has changed over the years."""
    return str(response.headers.get("intuit_tid") or response.headers.get("intuit-tid") or "")


def body_or_error(response: httpx.Response, clock: Clock) -> Json:
    """The JSON object of a good answer; raises the typed error for anything else."""
    where = f"{response.request.method} {response.request.url.path}"
    try:
        text = response.content.decode("utf-8")
        body = parse_json(text)
    except (ValueError, RecursionError):
        text, body = response.content.decode("utf-8", errors="replace"), None
    faults = _faults_in_json(body) if isinstance(body, dict) else _faults_in_text(text)
    if response.status_code == 200 and isinstance(body, dict) and not faults.errors:
        return body
    if response.status_code == 200 and not isinstance(body, dict):
        faults = Faults()
        what = f"QuickBooks answered {where} with something that is not a JSON object"
    else:
        said = "; ".join(str(fault) for fault in faults.errors)
        what = f"QuickBooks answered {where} with {response.status_code}" + (f": {said}" if said else "")
    raise error_class(response.status_code, faults.errors, faults.type)(
        what,
        status=response.status_code,
        faults=faults.errors,
        fault_type=faults.type,
        intuit_tid=intuit_tid(response),
        retry_after_seconds=retry_after_seconds(response, clock),
        where=where,
    )


def _member(obj: Any, name: str) -> Any:
    """A member by its name in any case: the service writes Fault.Error, the gateway fault.error."""
    if not isinstance(obj, Mapping):
        return None
    return next((value for key, value in obj.items() if str(key).lower() == name), None)


def _faults_in_json(body: Json) -> Faults:
    fault = _member(body, "fault")
    # The gateway's envelope names "fault": null where all is well; the service's "Fault" is there for a fault only.
    if not fault and "Fault" not in body:
        return Faults()
    listed = _member(fault, "error") or []
    errors = tuple(_fault(error) for error in (listed if isinstance(listed, list) else [listed]))
    # A fault that lists nothing is a fault all the same.
    return Faults(errors or (Fault("", "a fault without errors"),), _text(_member(fault, "type")))


def _fault(error: Any) -> Fault:
    return _clean(
        code=_text(_member(error, "code")),
        message=_text(_member(error, "message")),
        detail=_text(_member(error, "detail")),
        element=_text(_member(error, "element")),
    )


def _clean(code: str, message: str, detail: str, element: str) -> Fault:
    # "Token expired: AB11…" carries the token itself.
    message, detail = (re.sub(r"(?i)(token[^:]{0,40}:\s*)\S+", r"\1…", text)[:2000] for text in (message, detail))
    return Fault(code.strip().lstrip("0"), message, detail, element)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _faults_in_text(text: str) -> Faults:
    """Errors of an XML body (IntuitResponse), or the title of a web page; without a parser that follows entities."""
    errors = []
    for attributes, inner in re.findall(r"<Error\b([^>]*)>(.*?)</Error>", text, re.DOTALL | re.IGNORECASE):
        named = {name.lower(): html.unescape(value) for name, value in re.findall(r'(\w+)\s*=\s*"([^"]*)"', attributes)}
        errors.append(
            _clean(named.get("code", ""), _tag(inner, "Message"), _tag(inner, "Detail"), named.get("element", ""))
        )
    if errors:
        fault_type = re.search(r'<Fault\b[^>]*\btype\s*=\s*"([^"]*)"', text, re.IGNORECASE)
        return Faults(tuple(errors), fault_type[1] if fault_type else "")
    page = _tag(text, "title") or _tag(text, "h1")
    return Faults((_clean("", page, "", ""),)) if page else Faults()


def _tag(text: str, name: str) -> str:
    match = re.search(rf"<{name}\b[^>]*>(.*?)</{name}>", text, re.DOTALL | re.IGNORECASE)
    return html.unescape(re.sub(r"<[^>]*>|\s+", " ", match[1])).strip() if match else ""
