"""Several companies on one address, as Intuit holds them: a realm each, with books, tokens and limits of its own."""

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route

from connectors.emulator.app import DroppingConnections, create_app
from connectors.emulator.control import json_response
from connectors.emulator.emulator import Emulator
from connectors.emulator.gate import Gate, token_of
from connectors.emulator.pages import Pages
from connectors.emulator.seed import REALM_IDS


def realm_ids(country: str, count: int) -> list[str]:
    """Return as many realm ids; the first is the one that a single company of this country has."""
    return [str(int(REALM_IDS[country]) + 1000 * number) for number in range(count)]


def create_realms_app(emulators: Sequence[Emulator]) -> Starlette:
    """Return the ASGI application of several emulators with different realms.

    Below `/realm/ID` each has its pages and its `/emulator/…`; consent asks which company it is for.
    """
    realms = _Realms(emulators)
    own = [
        Mount(f"/realm/{emulator.realm_id}", create_app(emulator, f"/realm/{emulator.realm_id}"))
        for emulator in emulators
    ]
    routes = [
        Route("/.well-known/openid_sandbox_configuration/", realms.discovery),
        Route("/.well-known/openid_configuration/", realms.discovery),
        Route("/connect/oauth2", realms.authorize),
        Route("/connected", realms.pages.connected),
        Route("/oauth2/v1/tokens/bearer", realms.token, methods=["POST"]),
        Route("/v2/oauth2/tokens/revoke", realms.revoke, methods=["POST"]),
        Route("/v3/company/{realm}/{rest:path}", realms.company, methods=["GET", "POST", "PUT", "DELETE"]),
        Route("/", realms.home),
        *own,
    ]
    app = Starlette(routes=routes)
    app.add_middleware(DroppingConnections)
    return app


class _Realms:
    """Finds the company that a request is about: by its path, or by the code or token that it carries."""

    def __init__(self, emulators: Sequence[Emulator]) -> None:
        self.emulators = {emulator.realm_id: emulator for emulator in emulators}
        assert len(self.emulators) == len(emulators) > 0, "each company has a realm of its own"
        self.gates = {realm: Gate(emulator) for realm, emulator in self.emulators.items()}
        # What belongs to nobody is refused by the first, in the words that any of them has.
        self.first = emulators[0]
        self.pages = Pages(self.first)

    async def discovery(self, http: HttpRequest) -> Response:
        return json_response(self.first.oauth.discovery(str(http.base_url).rstrip("/")))

    async def authorize(self, http: HttpRequest) -> Response:
        """Go back with a code for the company that `realm` names; without one, show the companies to choose from."""
        query = dict(http.query_params)
        chosen = query.pop("realm", "")
        if chosen not in self.emulators:
            return self._companies("Which company?", f"/connect/oauth2?{urlencode(query)}&realm=")
        emulator = self.emulators[chosen]
        with emulator.lock:
            address, wrong = emulator.oauth.authorize(query, emulator.now())
        if address is None:
            return self.pages.render("message.html", 400, title="QuickBooks cannot connect", text=wrong)
        return RedirectResponse(address, 302)

    async def home(self, _http: HttpRequest) -> Response:
        return self._companies("Companies", "/realm/", "/")

    def _companies(self, title: str, before: str, behind: str = "") -> Response:
        companies = [
            (realm, emulator.read("CompanyInfo", "1")["CompanyName"], f"{before}{realm}{behind}")
            for realm, emulator in self.emulators.items()
        ]
        return self.pages.render("companies.html", title=title, companies=companies)

    async def token(self, http: HttpRequest) -> Response:
        form = dict(parse_qsl((await http.body()).decode("utf-8", errors="replace")))
        return await self._gate_of(form.get("code", ""), form.get("refresh_token", "")).token(http)

    async def revoke(self, http: HttpRequest) -> Response:
        return await self._gate_of(token_of(await http.body())).revoke(http)

    def _gate_of(self, *secrets: str) -> Gate:
        for realm, emulator in self.emulators.items():
            with emulator.lock:
                if emulator.oauth.issued(*secrets):
                    return self.gates[realm]
        return self.gates[self.first.realm_id]

    async def company(self, http: HttpRequest) -> Response:
        return await self.gates.get(http.path_params["realm"], self.gates[self.first.realm_id]).company(http)
