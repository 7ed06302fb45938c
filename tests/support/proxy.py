"""A reverse proxy with TLS on loopback, as people put one before syncd; and a browser that finds it by its name."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Proxy:
    """`name` is what the browser asks for; the proxy listens on `port`."""

    name: str
    port: int
    trust: ssl.SSLContext

    def get(self, address: str) -> httpx.Response:
        """Open an address of the proxy's name in a browser for which that name leads here."""
        parts = urlsplit(address)
        assert (parts.scheme, parts.hostname) == ("https", self.name)
        here = parts._replace(netloc=f"127.0.0.1:{self.port}").geturl()
        with httpx.Client(verify=self.trust) as browser:
            return browser.get(here, headers={"Host": self.name}, extensions={"sni_hostname": self.name})


@contextmanager
def tls_proxy(folder: Path, backend_port: int, *, keeps_host: bool, name: str = "billing.example") -> Iterator[Proxy]:
    """Forward every GET to `backend_port`. `keeps_host`: the browser's Host is passed on, as Caddy does by itself."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = self.headers["Host"] if keeps_host else f"127.0.0.1:{backend_port}"
            passed = {"Host": host, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
            try:
                answer = httpx.get(f"http://127.0.0.1:{backend_port}{self.path}", headers=passed)
                status, body = answer.status_code, answer.content
            except httpx.TransportError:
                status, body = 502, b"Bad gateway"
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    certificate = _certificate(folder, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield Proxy(name, server.server_port, ssl.create_default_context(cafile=certificate))
        finally:
            server.shutdown()
            thread.join()


def _certificate(folder: Path, name: str) -> Path:
    """A key and a certificate for `name`, signed by itself and good for a day, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path
