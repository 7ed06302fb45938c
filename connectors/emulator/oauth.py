"""OAuth 2 as Intuit's servers do it: codes, access tokens of an hour, refresh tokens that rotate, revocation."""

import base64
import binascii
import hmac
import secrets
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

SCOPE = "com.intuit.quickbooks.accounting"
CODE_LIFE = timedelta(minutes=10)
ACCESS_SECONDS = 3600
# 101 days, as live answers say.
REFRESH_SECONDS = 8726400
HARD_EXPIRY_SECONDS = 157680000


@dataclass
class Grant:
    """One connection of an app with the company: its present refresh token and its access tokens."""

    refresh_token: str
    refresh_until: str
    # Five years after the consent, however often it is renewed; "" in books of an older emulator.
    final_until: str = ""
    access: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class OAuthAnswer:
    """An answer of a token endpoint."""

    status: int
    body: dict[str, Any]
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def changed(self) -> bool:
        """Tell whether tokens were issued or revoked."""
        return self.status == 200


class OAuth:
    """The tokens of one company. Callers hold the emulator's lock."""

    def __init__(self, realm_id: str, client_id: str, client_secret: str, stored: list[dict[str, Any]] | None) -> None:
        self.realm_id = realm_id
        self.client_id = client_id
        self.client_secret = client_secret
        # Intuit rotates about daily; each time is the harder case.
        self.rotate = True
        self._codes: dict[str, tuple[str, datetime]] = {}
        self.grants: list[Grant] = [Grant(**grant) for grant in stored or []]

    def stored(self) -> list[dict[str, Any]]:
        """Return the grants for the books file."""
        return [asdict(grant) for grant in self.grants]

    def discovery(self, base_url: str) -> dict[str, Any]:
        """Return the discovery document, with every address on this server."""
        return {
            "issuer": f"{base_url}/op/v1",
            "authorization_endpoint": f"{base_url}/connect/oauth2",
            "token_endpoint": f"{base_url}/oauth2/v1/tokens/bearer",
            "userinfo_endpoint": f"{base_url}/v1/openid_connect/userinfo",
            "revocation_endpoint": f"{base_url}/v2/oauth2/tokens/revoke",
            "jwks_uri": f"{base_url}/op/v1/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": [SCOPE],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "claims_supported": ["realmid"],
        }

    def authorize(self, query: dict[str, str], now: datetime) -> tuple[str | None, str]:
        """Return (address to go to, "") as if a person had agreed at once, or (None, what is wrong)."""
        redirect = query.get("redirect_uri", "")
        if query.get("client_id") != self.client_id:
            return None, "The client_id is unknown."
        if urlsplit(redirect).scheme not in {"http", "https"}:
            return None, "The redirect_uri is missing or is no web address."
        if query.get("response_type") != "code":
            return None, "The response_type must be code."
        if SCOPE not in query.get("scope", "").split():
            return None, f"The scope must contain {SCOPE}."
        code = "AB" + secrets.token_hex(20)
        self._codes[code] = (redirect, now + CODE_LIFE)
        answer = {"code": code, "realmId": self.realm_id}
        if "state" in query:
            answer["state"] = query["state"]
        return f"{redirect}{'&' if urlsplit(redirect).query else '?'}{urlencode(answer)}", ""

    def issued(self, *secrets_given: str) -> bool:
        """Tell whether one of these is a code or token of this company."""
        known = {*self._codes, *(grant.refresh_token for grant in self.grants)}
        known |= {token for grant in self.grants for token in grant.access}
        return any(given in known for given in secrets_given)

    def token(self, authorization: str, form: dict[str, str], now: datetime, *, hard_expiry: bool) -> OAuthAnswer:
        """Trade a code or a refresh token for new tokens."""
        if not self._is_client(authorization):
            return _invalid_client()
        match form.get("grant_type"):
            case "authorization_code":
                redirect, until = self._codes.pop(form.get("code", ""), ("", now))
                if until <= now or redirect != form.get("redirect_uri"):
                    return OAuthAnswer(
                        400, {"error": "invalid_grant", "error_description": "Invalid authorization code"}
                    )
                grant = Grant("", "", (now + timedelta(seconds=HARD_EXPIRY_SECONDS)).isoformat())
                self.grants.append(grant)
                return self._issue(grant, now, rotate=True, hard_expiry=hard_expiry)
            case "refresh_token":
                found = [g for g in self.grants if g.refresh_token == form.get("refresh_token")]
                if not found or not _is_alive(found[0], now):
                    text = "Incorrect or invalid refresh token"
                    return OAuthAnswer(400, {"error_description": text, "error": "invalid_grant"})
                return self._issue(found[0], now, rotate=self.rotate, hard_expiry=hard_expiry)
        return OAuthAnswer(400, {"error": "unsupported_grant_type"})

    def _issue(self, grant: Grant, now: datetime, *, rotate: bool, hard_expiry: bool) -> OAuthAnswer:
        if rotate:
            grant.refresh_token = "RT1-" + secrets.token_hex(24)
        grant.refresh_until = (now + timedelta(seconds=REFRESH_SECONDS)).isoformat()
        access_token = "eyJ" + secrets.token_hex(48)
        grant.access = {t: until for t, until in grant.access.items() if datetime.fromisoformat(until) > now}
        grant.access[access_token] = (now + timedelta(seconds=ACCESS_SECONDS)).isoformat()
        body = {
            "token_type": "bearer",
            "expires_in": ACCESS_SECONDS,
            "refresh_token": grant.refresh_token,
            "x_refresh_token_expires_in": REFRESH_SECONDS,
            "access_token": access_token,
        }
        if hard_expiry:
            body["x_refresh_token_hard_expires_in"] = _seconds_left(grant, now)
        return OAuthAnswer(200, body)

    def revoke(self, authorization: str, token: str) -> OAuthAnswer:
        """End the whole connection to which a refresh or access token belongs."""
        if not self._is_client(authorization):
            return _invalid_client()
        kept = [g for g in self.grants if token != g.refresh_token and token not in g.access]
        if len(kept) == len(self.grants):
            return OAuthAnswer(400, {"error": "invalid_request"})
        self.grants = kept
        return OAuthAnswer(200, {})

    def refusal(self, authorization: str, now: datetime) -> str | None:
        """Return why an API call's Authorization is not good, or None."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            return "Malformed bearer token: too short or too long"
        for grant in self.grants:
            until = grant.access.get(token)
            if until is not None:
                return None if datetime.fromisoformat(until) > now else "Token expired"
        return "Token revoked or unknown"

    def expire_access_tokens(self) -> None:
        """Let every access token end now, as after an hour."""
        for grant in self.grants:
            grant.access = {}

    def _is_client(self, authorization: str) -> bool:
        scheme, _, encoded = authorization.partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            return False
        return scheme.lower() == "basic" and hmac.compare_digest(
            given, f"{self.client_id}:{self.client_secret}".encode()
        )


def _is_alive(grant: Grant, now: datetime) -> bool:
    return datetime.fromisoformat(grant.refresh_until) > now and _seconds_left(grant, now) > 0


def _seconds_left(grant: Grant, now: datetime) -> int:
    """Return how long a connection can be renewed at most."""
    if not grant.final_until:
        return HARD_EXPIRY_SECONDS
    return int((datetime.fromisoformat(grant.final_until) - now).total_seconds())


def _invalid_client() -> OAuthAnswer:
    return OAuthAnswer(401, {"error": "invalid_client"}, (("www-authenticate", 'Basic realm="Intuit"'),))
