"""The company API without HTTP: from a request's path, query and body to the answer's text."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from connectors.emulator import cdc, faults, operations, query
from connectors.emulator.books import Books, Data
from connectors.emulator.clock import pacific_day, pacific_milliseconds, pacific_seconds, parse_instant
from connectors.emulator.entities import BY_PATH
from connectors.emulator.numbers import parse_json, write_json
from connectors.emulator.operations import Options

LONGEST_REQUEST_ID = 50
# Resources of the real API that are refused by name.
NOT_MODELLED = frozenset(
    {"batch", "upload", "download", "reports", "estimate", "timeactivity", "taxservice", "attachable"}
)
_FROM = re.compile(r"\bfrom\s+(\w+)", re.IGNORECASE)


@dataclass(frozen=True)
class Request:
    """One request to the company API. `parts` are the pieces of the path behind the realm."""

    method: str
    path: str
    realm: str
    parts: tuple[str, ...]
    query: dict[str, str]
    content_type: str
    body: bytes

    def json(self) -> Any:
        """Return the body's JSON; raises 2010."""
        if not self.content_type.startswith("application/json"):
            raise faults.unsupported(f"Content-Type {self.content_type or '(none)'}; application/json is expected, it")
        try:
            return parse_json(self.body)
        except (ValueError, RecursionError):
            raise faults.unreadable("failed to parse json object; a property") from None

    def fingerprint(self) -> str:
        """Return what tells two requests with one request id apart."""
        return hashlib.sha256(self.path.encode() + b"\n" + self.body).hexdigest()


@dataclass(frozen=True)
class Answer:
    """What is sent back. `committed` says that the books changed."""

    status: int
    body: str
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json;charset=utf-8"
    committed: bool = False
    replayed: bool = False


@dataclass
class ApiSettings:
    """What is not known of the real service and can therefore be chosen."""

    language: str = "en"
    send_token_delta: int = 1
    # None: a request id is remembered for ever.
    requestid_retention_seconds: float | None = None
    # What a known request id with another body gets: "replay" (as documented) or "refuse" (600).
    requestid_other_body: str = "replay"
    warn_duplicate_numbers: bool = True


@dataclass
class Mail:
    """One document that was mailed."""

    entity: str
    id: str
    address: str
    time: str


@dataclass
class CompanyApi:
    """Carries out requests on one company's books. Callers hold the emulator's lock."""

    books: Books
    settings: ApiSettings = field(default_factory=ApiSettings)
    mails: list[Mail] = field(default_factory=list)

    def classify(self, request: Request) -> tuple[str, str]:
        """Return (entity, operation) of a request, in small letters, for journal and fault switches."""
        parts, method = request.parts, request.method
        if parts[:1] == ("query",):
            found = _FROM.search(self._query_text(request))
            return (found.group(1).lower() if found else "unknown"), "query"
        if parts[:1] == ("cdc",):
            return request.query.get("entities", "").lower(), "cdc"
        entity = parts[0] if parts else "unknown"
        if method == "GET":
            return entity, "read"
        if method != "POST" or entity not in BY_PATH:
            return entity, "unknown"
        if parts[2:] == ("send",):
            return entity, "send"
        if request.query.get("operation") == "delete":
            return entity, "delete"
        if request.query.get("operation") == "void" or request.query.get("include") == "void":
            return entity, "void"
        return entity, "update" if _has_id(request.body) else "create"

    def answer(self, request: Request, *, lag_seconds: float, ignore_requestid: bool, language: str) -> Answer:
        """Carry a request out and return its answer; a fault is an answer too."""
        try:
            if request.method == "POST" and request.parts[:1] != ("query",):
                return self._write(request, ignore_requestid=ignore_requestid, language=language)
            return Answer(200, self._envelope(self._read(request, lag_seconds)))
        except faults.Fault as fault:
            self.books.rollback()
            return Answer(fault.status, write_json(fault.body(self.books.now(), language)), fault.headers)
        except BaseException:
            self.books.rollback()
            raise

    def _envelope(self, member: str) -> str:
        return f'{{{member},"time":"{pacific_milliseconds(self.books.now())}"}}'

    # Reading

    def _read(self, request: Request, lag_seconds: float) -> str:
        parts = request.parts
        if parts == ("query",):
            text = self._query_text(request)
            if request.method == "POST" and not request.content_type.startswith("application/text"):
                raise faults.unsupported("a query whose Content-Type is not application/text")
            return f'"QueryResponse":{query.answer(self.books, text, lag_seconds)}'
        if request.method != "GET":
            raise faults.unsupported(f"{request.method} {request.path}")
        if parts == ("cdc",):
            entities, since = request.query.get("entities", ""), request.query.get("changedSince", "")
            responses = cdc.answer(self.books, entities, since, lag_seconds)
            return f'"CDCResponse":[{{"QueryResponse":{responses}}}]'
        if parts == ("preferences",):
            return self._one("Preferences", "1")
        if parts == ("companyinfo", self.books.realm_id):
            return self._one("CompanyInfo", "1")
        if parts == ("exchangerate",):
            return f'"ExchangeRate":{write_json(self._exchange_rate(request.query))}'
        if len(parts) == 2 and parts[0] in BY_PATH and parts[0] not in {"preferences", "companyinfo"}:
            return self._one(BY_PATH[parts[0]].name, parts[1])
        raise _no_resource(request)

    def _one(self, entity: str, identity: str) -> str:
        self.books.get(entity, identity)
        return f'"{entity}":{self.books.record(entity, identity).text()}'

    @staticmethod
    def _query_text(request: Request) -> str:
        if request.method == "GET":
            return request.query.get("query", "")
        return request.body.decode("utf-8", errors="replace")

    def _exchange_rate(self, parameters: dict[str, str]) -> Data:
        home = self.books.home_currency
        source = parameters.get("sourcecurrencycode")
        if not source:
            raise faults.missing("sourcecurrencycode")
        as_of = parameters.get("asofdate") or pacific_day(self.books.now())
        try:
            date.fromisoformat(as_of)
        except ValueError:
            raise faults.unreadable(f"asofdate: {as_of!r} is not a date; it") from None
        rates = [["1970-01-01", "1"]] if source == home else self.books.exchange_rates.get(source, [])
        known = [rate for day, rate in rates if day <= as_of]
        if not known:
            raise faults.bad_reference("Currency", source, "sourcecurrencycode")
        return {
            "SourceCurrencyCode": source,
            "TargetCurrencyCode": home,
            "Rate": Decimal(known[-1]),
            "AsOfDate": as_of,
            "domain": "QBO",
            "sparse": False,
            "MetaData": {"LastUpdatedTime": pacific_seconds(self.books.now())},
        }

    # Writing

    def _write(self, request: Request, *, ignore_requestid: bool, language: str) -> Answer:
        request_id = request.query.get("requestid") or None
        if request_id and len(request_id) > LONGEST_REQUEST_ID:
            raise faults.Fault((faults.too_long("requestid", len(request_id), LONGEST_REQUEST_ID),))
        if request_id and not ignore_requestid:
            replayed = self._replay(request_id, request)
            if replayed is not None:
                return Answer(200, replayed, replayed=True)
        entity, data = self._carry_out(request, language)
        body = self._envelope(f'"{entity}":{write_json(data)}')
        values = {}
        changed = self.books.has_changes
        if request_id:
            at = self.books.now().isoformat()
            values[f"requestid {request_id}"] = {"body": body, "fingerprint": request.fingerprint(), "at": at}
        self.books.commit(values)
        return Answer(200, body, committed=changed)

    def _replay(self, request_id: str, request: Request) -> str | None:
        kept = self.books.value(f"requestid {request_id}")
        if kept is None:
            return None
        retention = self.settings.requestid_retention_seconds
        at = parse_instant(kept["at"])
        assert at is not None
        if retention is not None and self.books.now() - at > timedelta(seconds=retention):
            return None
        if kept["fingerprint"] != request.fingerprint() and self.settings.requestid_other_body == "refuse":
            raise faults.repeated_request_id()
        return str(kept["body"])

    def _carry_out(self, request: Request, language: str) -> tuple[str, Data]:
        parts = request.parts
        if not parts or parts[0] not in BY_PATH:
            raise _no_resource(request)
        entity = BY_PATH[parts[0]].name
        options = self._options(request, language)
        if len(parts) == 3 and parts[2] == "send":
            return entity, self._send(request, entity, options)
        if len(parts) != 1:
            raise _no_resource(request)
        return entity, operations.write(self.books, entity, _operation(request, entity), request.json(), options)

    def _options(self, request: Request, language: str) -> Options:
        include = request.query.get("include")
        if include not in {None, "allowduplicatedocnum", "void"}:
            raise faults.not_modelled(f"include={include}")
        allow = include == "allowduplicatedocnum" or not self.settings.warn_duplicate_numbers
        return Options(allow, language, self.settings.send_token_delta)

    def _send(self, request: Request, entity: str, options: Options) -> Data:
        if not request.content_type.startswith("application/octet-stream"):
            raise faults.unsupported("a send whose Content-Type is not application/octet-stream")
        address = request.query.get("sendTo")
        data = operations.send(self.books, entity, request.parts[1], address, options)
        time = data["DeliveryInfo"]["DeliveryTime"]
        self.mails.append(Mail(entity, data["Id"], data["BillEmail"]["Address"], time))
        return data


def _no_resource(request: Request) -> faults.Fault:
    first, last = request.parts[:1], request.parts[-1:]
    if first and (first[0] in NOT_MODELLED or last[0] == "pdf"):
        return faults.not_modelled("/".join(request.parts))
    return faults.unsupported(f"Could not find resource for relative : {request.path}")


def _has_id(body: bytes) -> bool:
    try:
        members = parse_json(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(members, dict) and bool(members.get("Id"))


def _operation(request: Request, entity: str) -> str:
    """Return which operation a POST to an entity asks for; a payment is voided by include=void."""
    asked, include = request.query.get("operation"), request.query.get("include")
    if include == "void":
        if entity != "Payment" or asked != "update":
            raise faults.unsupported(f"operation={asked} with include=void of {entity}")
        return "void"
    if asked == "void" and entity == "Payment":
        raise faults.unsupported("operation=void of Payment (it is operation=update&include=void)")
    if asked in {"delete", "void"}:
        return asked
    if asked not in {None, "create", "update"}:
        raise faults.unsupported(f"operation={asked}")
    return "update" if _has_id(request.body) else "create"
