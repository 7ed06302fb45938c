"""A journal of what a tool is asked: a proxy on loopback that passes requests on, and remembers them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx


@dataclass
class Counted:
    """Where the tool is reached by way of the proxy, and each request since the last look: "GET /path?query"."""

    url: str
    _requests: list[str] = field(default_factory=list)

    def new_requests(self) -> list[str]:
        found, self._requests[:] = list(self._requests), []
        return found


@contextmanager
def counting(url: str) -> Iterator[Counted]:
    """Pass everything on to the tool at `url`."""
    counted = Counted("")
    # A connection that is kept open would hold one of the tool's few workers between two requests.
    with httpx.Client(base_url=url, timeout=60, limits=httpx.Limits(max_keepalive_connections=0)) as tool:

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                counted._requests.append(f"{self.command} {self.path}")
                headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
                answer = tool.request(self.command, self.path, headers=headers | {"Accept-Encoding": "identity"})
                self.send_response(answer.status_code)
                for name in ("Content-Type", "ETag", "Retry-After"):
                    if name in answer.headers:
                        self.send_header(name, answer.headers[name])
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            def log_message(self, *_: object) -> None:
                """Nothing on standard error."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        counted.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield counted
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
