"""How a person's consent comes back from Intuit: the setting `redirect`, checked."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import ValidationInfo

from mappings.tables.policies import Choice
from syncd.config.fields import OneOf, address, refuse, whole

REDIRECT_PORT = 8770


def redirect(value: object, info: ValidationInfo) -> str:
    """paste, browser, or the https address that a proxy of the user's forwards to this machine."""
    if isinstance(value, str) and value.startswith("https://"):
        found = address(value, info)
        parts = urlsplit(found)
        if parts.query or parts.fragment or not parts.path.strip("/"):
            form = "an https address with a path and nothing behind it"
            refuse("address-unknown", f"redirect must be {form}: https://billing.example/callback.")
        return found
    if isinstance(value, str) and value.startswith("http://"):
        what = "redirect must begin with https://: Intuit sends a consent to no other address than this machine's."
        refuse("address-insecure", what, 'Write an https address, or redirect = "paste".')
    word = OneOf(Choice(("paste", "browser")))(value, info)
    if word == "browser" and info.data.get("environment") == "production":
        what = "QuickBooks sends the consent of a production app only to an https address."
        refuse("value-unfit", what, 'Write redirect = "paste", or an https address of yours.')
    return word


def redirect_port(value: object, info: ValidationInfo) -> int:
    """A port that a user's process may open."""
    found = whole(value, info)
    if not 1024 <= found <= 65535:
        refuse("value-out-of-range", f"{info.field_name} must be between 1024 and 65535.")
    return found
