"""The consent of a person: where to send the browser, and what comes back in its address."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import httpx

from connectors.ports import Clock
from connectors.quickbooks.oauth import OAuth

STATE_LIVES_SECONDS = 600.0


class CallbackError(Exception):
    """The address that came back does not carry a consent; the message says why, for a person."""


@dataclass(frozen=True, slots=True)
class Callback:
    """What Intuit sends back: a code for tokens, and the company's realm."""

    code: str = field(repr=False)
    realm: str


def parse_callback(address: str, expected_state: str) -> Callback:
    """Read the address that the browser ended on; raises CallbackError."""
    query = _query(address)

    def one(name: str) -> str:
        values = query.get(name, [])
        return values[0] if len(values) == 1 else ""

    if not query:
        raise CallbackError("That address carries no answer: paste all of it, from https:// (or http://) to its end.")
    if not carries_state(address, expected_state):
        raise CallbackError("That address belongs to another attempt to connect: open the new address and try again.")
    if "error" in query:
        raise CallbackError("QuickBooks was not connected: the consent was refused.")
    code, realm = one("code"), one("realmId")
    if not code or not (realm.isascii() and realm.isdecimal()):
        raise CallbackError("That address lacks the code or the company: paste all of it, to its end.")
    return Callback(code, realm)


def carries_state(address: str, state: str) -> bool:
    """Whether an address carries this state, once; compared in the same time whatever it is."""
    given = _query(address).get("state", [])
    return len(given) == 1 and hmac.compare_digest(given[0].encode(), state.encode())


def _query(address: str) -> dict[str, list[str]]:
    """What an address asks for; nothing, if it is none."""
    try:
        return parse_qs(urlsplit(address.strip()).query)
    except ValueError:
        return {}


class ConnectAttempt:
    """One try to connect: its own unguessable state, good for one answer within ten minutes."""

    def __init__(self, oauth: OAuth, clock: Clock) -> None:
        self._clock = clock
        self._ends_at = clock.monotonic() + STATE_LIVES_SECONDS
        self._used = False
        self.state = secrets.token_urlsafe(32)
        self.url = oauth.authorize_url(self.state)

    def belongs(self, address: str) -> bool:
        """Whether this address is the answer to this attempt, whatever it says."""
        return carries_state(address, self.state)

    def finish(self, address: str) -> Callback:
        """The consent in the address that came back; raises CallbackError, also for a second answer or a late one."""
        if self._used:
            raise CallbackError("This attempt to connect has had its answer: begin a new one.")
        if self._clock.monotonic() > self._ends_at:
            raise CallbackError("This attempt to connect is older than ten minutes: begin a new one.")
        callback = parse_callback(address, self.state)
        self._used = True
        return callback


def agree_at_once(http: httpx.Client, url: str) -> str:
    """The address that a consent leads to, from a server that asks nobody, as an emulator; raises CallbackError."""
    answer = http.get(url)
    address = answer.headers.get("location", "")
    if not answer.is_redirect or not address:
        raise CallbackError(f"The server at {httpx.URL(url).host} did not agree by itself: {answer.status_code}.")
    return str(address)
