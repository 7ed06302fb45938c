"""The web application: which address leads where, and how a connection is dropped."""

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.emulator.control import Control, json_response
from connectors.emulator.emulator import Emulator
from connectors.emulator.gate import Dropped, Gate
from connectors.emulator.pages import Pages
from connectors.emulator.play import ACTS


def create_app(emulator: Emulator, root: str = "") -> Starlette:
    """Return the ASGI application of an emulator; `root` is the path below which its own pages are reached."""
    gate, control, pages = Gate(emulator), Control(emulator), Pages(emulator, root)

    async def discovery(http: HttpRequest) -> Response:
        return json_response(emulator.oauth.discovery(str(http.base_url).rstrip("/")))

    async def authorize(http: HttpRequest) -> Response:
        with emulator.lock:
            address, wrong = emulator.oauth.authorize(dict(http.query_params), emulator.now())
        if address is None:
            return pages.render("message.html", 400, title="QuickBooks cannot connect", text=wrong)
        return RedirectResponse(address, 302)

    routes = [
        Route("/.well-known/openid_sandbox_configuration/", discovery),
        Route("/.well-known/openid_configuration/", discovery),
        Route("/connect/oauth2", authorize),
        Route("/connected", pages.connected),
        Route("/oauth2/v1/tokens/bearer", gate.token, methods=["POST"]),
        Route("/v2/oauth2/tokens/revoke", gate.revoke, methods=["POST"]),
        Route("/v3/company/{realm}/{rest:path}", gate.company, methods=["GET", "POST", "PUT", "DELETE"]),
        Route("/emulator/seed", control.seed, methods=["POST"]),
        Route("/emulator/faults", control.faults, methods=["GET", "POST", "DELETE"]),
        Route("/emulator/settings", control.settings, methods=["GET", "POST"]),
        Route("/emulator/clock", control.clock, methods=["GET", "POST"]),
        Route("/emulator/journal", control.journal, methods=["GET", "DELETE"]),
        Route("/emulator/mail", control.mail),
        *(Route(f"/emulator/{name}", control.act(name), methods=["POST"]) for name in ACTS),
        Route("/emulator/payment/{id}", control.payment, methods=["POST", "DELETE"]),
        Route("/", pages.home),
        Route("/requests", pages.requests),
        Route("/document/{entity}/{id}", pages.document),
        Route("/play/{act}", pages.act, methods=["POST"]),
    ]
    app = Starlette(routes=routes)
    app.add_middleware(DroppingConnections)
    return app


class DroppingConnections:
    """Closes the connection when a switch asks for it, with nothing or half of the answer sent."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application; a `Dropped` ends the connection."""
        try:
            await self.app(scope, receive, send)
        except Dropped as dropped:
            if dropped.sent is not None:
                await _send_half(dropped.sent, send)
            transport: Any = scope["emulator.transport"]
            transport.close()
            # The server has nothing to complain about once it has seen the connection go.
            message: Message = {"type": ""}
            while message["type"] != "http.disconnect":
                message = await receive()


async def _send_half(response: Response, send: Send) -> None:
    await send({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
    half = bytes(response.body)[: len(response.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
