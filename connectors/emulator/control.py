"""The JSON endpoints under /emulator: seed, settings, clock, faults, journal, mail, and the customer's acts."""

from collections.abc import Callable
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from connectors.emulator import play
from connectors.emulator.api import ApiSettings
from connectors.emulator.emulator import Emulator
from connectors.emulator.faults import Fault
from connectors.emulator.journal import as_json
from connectors.emulator.numbers import parse_json, write_json
from connectors.emulator.seed import SeedError
from connectors.emulator.switches import KINDS


def json_response(value: Any, status: int = 200) -> Response:
    """Answer with JSON."""
    return Response(write_json(value), status, media_type="application/json")


def refusal(error: Exception) -> Response:
    """Answer 400 with what is wrong, in one line a mistake."""
    if isinstance(error, Fault):
        errors = [{"code": e.code, "message": e.message, "detail": e.detail} for e in error.errors]
    else:
        errors = [{"code": "emulator", "message": "The request cannot be understood.", "detail": str(error)}]
    return json_response({"errors": errors}, 400)


class Control:
    """Handlers of the JSON endpoints."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator

    async def seed(self, http: HttpRequest) -> Response:
        """POST: add entries to the books; answers with their ids."""
        return await self._change(http, self.emulator.seed)

    async def faults(self, http: HttpRequest) -> Response:
        """GET: the switches in force; POST: one more, or a list of them; DELETE: none."""
        emulator = self.emulator
        if http.method == "DELETE":
            emulator.clear_faults()
        elif http.method == "POST":
            return await self._change(http, self._add_faults)
        with emulator.lock:
            return json_response({"faults": emulator.switchboard.as_json(), "kinds": KINDS})

    def _add_faults(self, given: Any) -> Any:
        switches = given if isinstance(given, list) else [given]
        return {"faults": [asdict(self.emulator.fault(**_object(members))) for members in switches]}

    async def settings(self, http: HttpRequest) -> Response:
        """GET: what can be chosen; POST: choose."""
        if http.method == "POST":
            return await self._change(http, self._set)
        return json_response(self._settings())

    def _settings(self) -> dict[str, Any]:
        emulator = self.emulator
        return {
            **asdict(emulator.settings),
            "limits": emulator.limiter.on,
            "rotate_refresh_tokens": emulator.oauth.rotate,
        }

    def _set(self, given: Any) -> Any:
        emulator, members = self.emulator, _object(given)
        known = {field.name: field for field in fields(ApiSettings)}
        unknown = sorted(set(members) - set(self._settings()))
        if unknown:
            raise ValueError(f"unknown: {', '.join(unknown)}; known are {', '.join(self._settings())}")
        if members.get("language", "en") not in {"en", "fr"}:
            raise ValueError("language must be en or fr")
        if members.get("requestid_other_body", "replay") not in {"replay", "refuse"}:
            raise ValueError("requestid_other_body must be replay or refuse")
        with emulator.lock:
            for name, value in members.items():
                if name == "limits":
                    emulator.limiter.on = bool(value)
                elif name == "rotate_refresh_tokens":
                    emulator.oauth.rotate = bool(value)
                else:
                    setattr(emulator.settings, known[name].name, value)
        return self._settings()

    async def clock(self, http: HttpRequest) -> Response:
        """GET: the emulator's present; POST {"advance_seconds": n}: put it ahead."""
        if http.method == "POST":
            return await self._change(http, self._advance)
        return json_response({"now": self.emulator.now().isoformat()})

    def _advance(self, given: Any) -> Any:
        self.emulator.advance(float(_object(given)["advance_seconds"]))
        return {"now": self.emulator.now().isoformat()}

    async def journal(self, http: HttpRequest) -> Response:
        """GET ?since=number or instant&writes=1: the requests so far; DELETE: forget them."""
        emulator = self.emulator
        if http.method == "DELETE":
            with emulator.lock:
                emulator.journal.clear()
        since = http.query_params.get("since")
        try:
            point = int(since) if since and since.isdigit() else datetime.fromisoformat(since) if since else None
        except ValueError as error:
            return refusal(error)
        writes = http.query_params.get("writes") in {"1", "true"}
        entries = emulator.requests(since=point, writes=writes)
        return json_response({"requests": [as_json(entry) for entry in entries]})

    async def mail(self, http: HttpRequest) -> Response:
        """GET: the documents that were mailed."""
        with self.emulator.lock:
            return json_response({"mail": [asdict(mail) for mail in self.emulator.api.mails]})

    def act(self, name: str) -> Callable[[HttpRequest], Any]:
        """Return the handler of one act of the customer: JSON in, JSON out."""

        async def handler(http: HttpRequest) -> Response:
            return await self._change(http, lambda given: play.ACTS[name](self.emulator, **_object(given)))

        return handler

    async def payment(self, http: HttpRequest) -> Response:
        """POST: change a payment's amount, date or memo; DELETE: delete it."""
        identity = http.path_params["id"]
        if http.method == "DELETE":
            return await self._change(http, lambda _given: play.delete_payment(self.emulator, identity))
        return await self._change(http, lambda given: play.edit_payment(self.emulator, identity, **_object(given)))

    async def _change(self, http: HttpRequest, change: Callable[[Any], Any]) -> Response:
        body = await http.body()
        try:
            given = parse_json(body) if body else {}
            with self.emulator.lock:
                return json_response(change(given))
        except (Fault, SeedError, ValueError, TypeError, KeyError) as error:
            return refusal(error)


def _object(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise ValueError("an object is expected")  # noqa: TRY004 - shown to whoever sent it
    return given
