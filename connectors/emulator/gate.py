"""Every request to the API and the token endpoints passes here: journal, limits, faults, tokens, and then the books."""

import asyncio
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from connectors.emulator import faults
from connectors.emulator.api import Answer, Request
from connectors.emulator.emulator import Emulator
from connectors.emulator.journal import Entry
from connectors.emulator.numbers import parse_json, write_json
from connectors.emulator.switches import Switch

QBO_VERSION = "2073.223"
HTML_ERROR = (
    "<html><head><title>{0}</title></head><body><h1>{0}</h1><p>The emulator was told to answer so.</p></body></html>"
)
# How often a waiting request looks whether the server stops.
WAIT_STEP_SECONDS = 0.05


@dataclass(eq=False)
class Dropped(Exception):  # noqa: N818 - not an error: what the switch asked for
    """The connection must be closed; `sent` is what of the answer goes out before."""

    sent: Response | None = None


class Gate:
    """Takes requests in and gives answers, or drops the connection, as the switches say."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator

    async def company(self, http: HttpRequest) -> Response:
        """Answer a request to /v3/company/{realm}/…."""
        path: str = http.url.path
        request = Request(
            http.method,
            path,
            http.path_params["realm"],
            tuple(part for part in http.path_params["rest"].split("/") if part),
            dict(http.query_params),
            http.headers.get("content-type", ""),
            await http.body(),
        )
        emulator = self.emulator
        with emulator.lock:
            entity, operation = emulator.api.classify(request)
            # A request over the limit uses no switch up: it is not the one that the switch waits for.
            admitted = emulator.limiter.admit()
            entry, switches = self._open(http, request.body, entity, operation, request.realm, spoil=admitted)
        refusal = await self._before(switches) if admitted else throttled(None)
        answer = refusal or self._carry_out(http, request, entry, switches)
        return await self._after(entry, switches, answer)

    def _carry_out(self, http: HttpRequest, request: Request, entry: Entry, switches: dict[str, Switch]) -> Answer:
        emulator = self.emulator
        with emulator.lock:
            language = "fr" if "french" in switches else emulator.settings.language
            refused = self._refused(http, request, switches)
            if refused is not None:
                return fault_answer(refused, emulator, language)
            stale = switches.get("stale-list")
            answer = emulator.api.answer(
                request,
                lag_seconds=stale.seconds if stale else 0,
                ignore_requestid="ignore-requestid" in switches,
                language=language,
            )
            entry.committed, entry.replayed = answer.committed, answer.replayed
            return answer

    def _refused(self, http: HttpRequest, request: Request, switches: dict[str, Switch]) -> faults.Fault | None:
        emulator = self.emulator
        if "unauthorized" in switches:
            return faults.unauthorized("Token expired")
        reason = emulator.oauth.refusal(http.headers.get("authorization", ""), emulator.now())
        if reason is not None:
            return faults.unauthorized(reason)
        if "forbidden" in switches or request.realm != emulator.realm_id:
            return faults.forbidden()
        if "json" not in http.headers.get("accept", ""):
            return faults.not_modelled("XML: Accept: application/json is expected, and XML")
        version = request.query.get("minorversion", "75")
        return None if version.isdigit() else faults.unreadable(f"minorversion: {version!r}; it")

    async def token(self, http: HttpRequest) -> Response:
        """Answer the token endpoint: new tokens are kept before they are sent."""
        emulator = self.emulator
        body = await http.body()
        form = dict(parse_qsl(body.decode("utf-8", errors="replace")))
        with emulator.lock:
            entry, switches = self._open(http, body, "oauth", "token")
        refusal = await self._before(switches)
        if refusal is None:
            hard = http.headers.get("x-include-refresh-token-hard-expires-in") == "true"
            with emulator.lock:
                given = emulator.oauth.token(
                    http.headers.get("authorization", ""), form, emulator.now(), hard_expiry=hard
                )
                if given.changed:
                    emulator.keep_tokens()
                entry.committed = given.changed
            refusal = Answer(given.status, write_json(given.body), (*given.headers, ("cache-control", "no-store")))
        return await self._after(entry, switches, refusal)

    async def revoke(self, http: HttpRequest) -> Response:
        """Answer the revocation endpoint."""
        emulator = self.emulator
        body = await http.body()
        with emulator.lock:
            entry, switches = self._open(http, body, "oauth", "revoke")
        refusal = await self._before(switches)
        if refusal is None:
            with emulator.lock:
                given = emulator.oauth.revoke(http.headers.get("authorization", ""), token_of(body))
                if given.changed:
                    emulator.keep_tokens()
                entry.committed = given.changed
            refusal = Answer(given.status, write_json(given.body), given.headers)
        return await self._after(entry, switches, refusal)

    def _open(
        self,
        http: HttpRequest,
        body: bytes,
        entity: str,
        operation: str,
        realm: str | None = None,
        *,
        spoil: bool = True,
    ) -> tuple[Entry, dict[str, Switch]]:
        emulator = self.emulator
        switches = emulator.switchboard.take(http.method, entity, operation) if spoil else {}
        entry = emulator.journal.add(
            time=emulator.now().isoformat(),
            method=http.method,
            path=http.url.path,
            query=dict(http.query_params),
            body=body.decode("utf-8", errors="replace"),
            entity=entity,
            operation=operation,
            requestid=http.query_params.get("requestid"),
            realm=realm,
            intuit_tid=f"1-{secrets.token_hex(4)}-{secrets.token_hex(12)}",
            faults=tuple(switches),
        )
        return entry, switches

    async def _before(self, switches: dict[str, Switch]) -> Answer | None:
        delay = switches.get("delay")
        if delay and delay.when == "before":
            await self._wait(delay.seconds)
        if "dropped" in switches:
            raise Dropped
        if "throttle" in switches:
            return throttled(switches["throttle"])
        for kind in ("html", "server-error"):
            if kind in switches and switches[kind].when == "before":
                return _server_error(switches[kind], self.emulator)
        return None

    async def _after(self, entry: Entry, switches: dict[str, Switch], answer: Answer) -> Response:
        delay = switches.get("delay")
        if delay and delay.when == "after":
            await self._wait(delay.seconds)
        if "lost-answer" in switches:
            raise Dropped
        if "gateway-timeout" in switches:
            answer = Answer(504, HTML_ERROR.format("504 Gateway Time-out"), content_type="text/html")
        for kind in ("html", "server-error"):
            if kind in switches and switches[kind].when == "after":
                answer = _server_error(switches[kind], self.emulator)
        headers = {"intuit_tid": entry.intuit_tid, "qbo-version": QBO_VERSION, **dict(answer.headers)}
        headers.setdefault("cache-control", "max-age=0, no-cache, no-store, must-revalidate, private")
        response = Response(answer.body, answer.status, headers, answer.content_type)
        if "truncated" in switches:
            raise Dropped(response)
        entry.status = answer.status
        return response

    async def _wait(self, seconds: float) -> None:
        for _step in range(max(1, round(seconds / WAIT_STEP_SECONDS))):
            if self.emulator.closing:
                raise Dropped
            await asyncio.sleep(min(seconds, WAIT_STEP_SECONDS))


def fault_answer(fault: faults.Fault, emulator: Emulator, language: str) -> Answer:
    """Return a fault as an answer."""
    return Answer(fault.status, write_json(fault.body(emulator.now(), language)), fault.headers)


def throttled(switch: Switch | None) -> Answer:
    """Return a 429 in the shape that the switch names; from the limiter itself, the gateway's JSON."""
    shape = switch.shape if switch else "gateway"
    wait = switch.retry_after if switch else None
    headers = () if wait is None else (("retry-after", str(wait)),)
    error = faults.THROTTLED
    if shape == "xml":
        text = (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
            '<IntuitResponse xmlns="http://schema.intuit.com/finance/v3"><Fault type="SERVICE">'
            f'<Error code="{error.code}"><Message>{error.message}</Message><Detail>{error.detail}</Detail></Error>'
            "</Fault></IntuitResponse>"
        )
        return Answer(429, text, headers, "application/xml")
    if shape == "html":
        return Answer(429, HTML_ERROR.format("429 Too Many Requests"), headers, "text/html")
    if shape == "json":
        body = {"Fault": {"Error": [error.as_json()], "type": "SERVICE"}}
        return Answer(429, write_json(body), headers)
    status = 403 if shape == "403" else 429
    message = error.message.replace("statusCode=429", f"statusCode={status}")
    one = {"message": message, "detail": error.detail, "code": error.code, "element": None}
    return Answer(status, write_json({"fault": {"error": [one], "type": "SERVICE"}}), headers)


def _server_error(switch: Switch, emulator: Emulator) -> Answer:
    if switch.kind == "html":
        names = {502: "502 Bad Gateway", 503: "503 Service Unavailable"}
        title = names.get(switch.status, str(switch.status))
        return Answer(switch.status, HTML_ERROR.format(title), content_type="text/html")
    message = "An application error has occurred while processing your request"
    error = faults.Error("10000", message, "System Failure Error: the emulator was told to answer so")
    return fault_answer(faults.Fault((error,), 500, "SystemFault"), emulator, "en")


def token_of(body: bytes) -> str:
    """Return the token that a revocation names."""
    try:
        members = parse_json(body)
    except ValueError:
        return ""
    return str(members.get("token", "")) if isinstance(members, dict) else ""
