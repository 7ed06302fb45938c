"""The kinds of values that settings take, each with its own words for what is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, NoReturn
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from mappings.tables import LATER, nearest
from mappings.tables.holidays import unknown_region
from mappings.tables.policies import Choice
from mappings.tables.values import listed, quoted
from syncd.config.secrets import REFERENCE, WAYS, Secret


class Section(BaseModel):
    """A table of config.toml. The text below each field is its description, in help and documentation alike."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True)


def refuse(code: str, what: str, fix: str = "") -> NoReturn:
    """Refuse a value."""
    raise PydanticCustomError(code, "{what}", {"what": what, "fix": fix})


def _wrong_type(info: ValidationInfo, must: str) -> NoReturn:
    refuse("value-wrong-type", f"{info.field_name} must be {must}.")


def text(value: object, info: ValidationInfo) -> str:
    """A text, stripped."""
    if not isinstance(value, str):
        _wrong_type(info, "a text in quotation marks")
    return value.strip()


def _stated(value: object, info: ValidationInfo) -> str:
    found = text(value, info)
    if not found:
        refuse("value-empty", f"{info.field_name} must not be empty.")
    return found


def whole(value: object, info: ValidationInfo) -> int:
    """A whole number, not negative."""
    if not isinstance(value, int) or isinstance(value, bool):
        _wrong_type(info, "a whole number such as 15")
    if value < 0:
        refuse("value-out-of-range", f"{info.field_name} must not be below zero.")
    return value


def _yes_no(value: object, info: ValidationInfo) -> bool:
    if not isinstance(value, bool):
        _wrong_type(info, "true or false")
    return value


def exact(value: object, info: ValidationInfo) -> Decimal:
    """A number as a number or as text, never through a float."""
    plain = isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?", value, re.ASCII)
    number = isinstance(value, int | Decimal) and not isinstance(value, bool) and Decimal(value).is_finite()
    if not (plain or number):
        _wrong_type(info, 'a number such as 500 or "500.00"')
    found = Decimal(str(value))
    if found < 0:
        refuse("value-out-of-range", f"{info.field_name} must not be below zero.")
    return found


def _between(least: Decimal, most: Decimal, must: str, value: object, info: ValidationInfo) -> Decimal:
    number = exact(value, info)
    if not least <= number <= most:
        refuse("value-out-of-range", f"{info.field_name} must be {must}.")
    return number


def _day(value: object, info: ValidationInfo) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        _wrong_type(info, "a day such as 2026-10-01, without quotation marks or a time")
    return value


_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


def _duration(value: object, info: ValidationInfo) -> timedelta:
    match = re.fullmatch(r"(\d+) (second|minute|hour|day)s?", str(value), re.ASCII)
    if not isinstance(value, str) or not match or int(match[1]) == 0:
        _wrong_type(info, 'a time such as "15 minutes" or "1 hour"')
    return timedelta(seconds=int(match[1]) * _UNITS[match[2]])


def time_of_day(value: object, info: ValidationInfo) -> time:
    """A local time of the company, "09:00"."""
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value, re.ASCII):
        _wrong_type(info, 'a time of day such as "09:00"')
    return time.fromisoformat(value)


def _timezone(value: object, info: ValidationInfo) -> ZoneInfo:
    name = _stated(value, info)
    if name not in available_timezones():
        near = nearest(name, sorted(available_timezones()))
        fix = f"Did you mean {near}?" if near else 'Write one such as "America/Toronto".'
        refuse("timezone-unknown", f"There is no time zone {quoted(name)}.", fix)
    return ZoneInfo(name)


def _region(value: object, info: ValidationInfo) -> str:
    name = _stated(value, info)
    fix = unknown_region(name)
    if fix:
        refuse("region-unknown", f"No public holidays are known for {quoted(name)}.", fix)
    return name


def _language(value: object, info: ValidationInfo) -> str:
    from babel.core import Locale, UnknownLocaleError

    name = _stated(value, info)
    try:
        Locale.parse(name, sep="-")
    except (UnknownLocaleError, ValueError):
        refuse("language-unknown", f"There is no language {quoted(name)}.", "Write one such as fr-CA or en-CA.")
    return name


def _currency(value: object, info: ValidationInfo) -> str:
    from babel.core import get_global

    code = _stated(value, info)
    if code not in get_global("all_currencies"):
        refuse("currency-unknown", f"There is no currency {quoted(code)}.", "Write a three-letter code such as CAD.")
    return code


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def address(value: object, info: ValidationInfo) -> str:
    """An address of a web server, without a password in it."""
    found = text(value, info)
    try:
        parts = urlsplit(found)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        refuse("address-unknown", f"{info.field_name} must be an address such as https://redmine.example.")
    if parts.password or parts.username:
        refuse("secret-in-clear", f"{info.field_name} must not hold a user name or password.")
    return found


def _base_address(value: object, info: ValidationInfo) -> str:
    return address(value, info).rstrip("/")


def is_plain_http(text: str) -> bool:
    """Whether what is sent to this address could be read on its way: http to another machine."""
    parts = urlsplit(text)
    return parts.scheme == "http" and not _is_loopback(parts.hostname or "")


def secret_reference(value: object, info: ValidationInfo) -> str:
    """Where a secret is kept; a secret itself is refused, and not repeated in the message."""
    text = _stated(value, info)
    if not REFERENCE.fullmatch(text):
        what = f"{info.field_name} stands here in clear, and whoever reads this file could use it."
        refuse("secret-in-clear", what, f"Write where it is kept: {WAYS}.")
    return text


def secret(value: object, info: ValidationInfo) -> Secret:
    """A secret by its reference, relative to the folder that the validation was given."""
    if isinstance(value, Secret):
        return value
    folder = (info.context or {}).get("folder", Path())
    return Secret(secret_reference(value, info), folder)


@dataclass(frozen=True, slots=True)
class OneOf:
    """Checks one of a few words, and names those that this version does not carry out yet."""

    choice: Choice

    def __call__(self, value: object, info: ValidationInfo) -> str:
        word = text(value, info)
        if word in self.choice.values:
            return word
        can = f"{info.field_name} can be {listed(self.choice.values)}." if self.choice.values else ""
        if word in self.choice.later:
            fix = f"Here, {can}" if can else ""
            refuse(LATER, f'"{word}" in {info.field_name} is not implemented in this version.', fix)
        if not can:
            refuse("value-unknown", f"{quoted(word)} is not a value for {info.field_name}.")
        near = nearest(word, self.choice.values)
        refuse(
            "value-unknown",
            f"{quoted(word)} is not a {info.field_name}: {can}",
            f"Did you mean {near}?" if near else "",
        )


def one_of(*values: str, later: tuple[str, ...] = ()) -> Any:
    """The validator of a setting that takes one of these words."""
    return PlainValidator(OneOf(Choice(values, later)))


def chosen(choice: Choice) -> Any:
    """The validator of a setting that takes the words of a policy."""
    return PlainValidator(OneOf(choice))


Text = Annotated[str, BeforeValidator(text)]
Stated = Annotated[str, BeforeValidator(_stated)]
Whole = Annotated[int, BeforeValidator(whole)]
YesNo = Annotated[bool, BeforeValidator(_yes_no)]
Money = Annotated[Decimal, BeforeValidator(exact)]
Share = Annotated[
    Decimal, BeforeValidator(partial(_between, Decimal(0), Decimal(1), "a share from 0 to 1, such as 0.3"))
]
HoursOfDay = Annotated[
    Decimal, BeforeValidator(partial(_between, Decimal("0.01"), Decimal(24), "a number of hours up to 24, such as 7.5"))
]
Day = Annotated[date, BeforeValidator(_day)]
Duration = Annotated[timedelta, PlainValidator(_duration)]
TimeOfDay = Annotated[time, PlainValidator(time_of_day)]
Region = Annotated[str, BeforeValidator(_region)]
Timezone = Annotated[ZoneInfo, PlainValidator(_timezone)]
Language = Annotated[str, BeforeValidator(_language)]
Currency = Annotated[str, BeforeValidator(_currency)]
Address = Annotated[str, BeforeValidator(_base_address)]
SecretField = Annotated[Secret, PlainValidator(secret)]
SecretReference = Annotated[str, BeforeValidator(secret_reference)]


DEFAULT_HOLDS = ("new-client", "no-purchase-order", "rate-changed", "over-budget", "30%-above-usual")


def hold_sign(value: object, info: ValidationInfo) -> str:
    """A sign that holds a document: one of four words, or a whole share above the usual."""
    if re.fullmatch(r"[1-9]\d{0,2}%-above-usual", str(value), re.ASCII):
        return str(value)
    return OneOf(Choice(DEFAULT_HOLDS))(value, info)


def is_store_url(text: str) -> bool:
    """Whether this is the address of a database that syncd can keep its books in."""
    return bool(re.match(r"(sqlite:///.|postgresql(\+psycopg)?://)", text))


def store_url(value: object, info: ValidationInfo) -> Secret:
    """The address of the database: plain where it holds no password, else by reference."""
    text = _stated(value, info)
    if REFERENCE.fullmatch(text):
        return Secret(text, (info.context or {}).get("folder", Path()))
    if not is_store_url(text):
        refuse("store-unknown", "url must be sqlite:///FILE or postgresql://HOST/DATABASE.")
    if urlsplit(text).password or "password=" in text:
        what = "url holds a password in clear, and whoever reads this file could use it."
        refuse("secret-in-clear", what, f"Write where the whole address is kept: {WAYS}.")
    return Secret(text, known=text)
