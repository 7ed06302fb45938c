"""The tables of config.toml. A field's default and the text below it are what help and documentation show."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal
from functools import partial
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import PlainValidator, ValidationInfo, model_validator

from mappings.tables import policies
from syncd.config import invoice_numbers, redirects
from syncd.config.fields import (
    DEFAULT_HOLDS,
    Currency,
    Duration,
    HoursOfDay,
    Language,
    Money,
    Region,
    SecretField,
    Section,
    Share,
    Stated,
    Text,
    TimeOfDay,
    Timezone,
    Whole,
    YesNo,
    address,
    chosen,
    hold_sign,
    is_plain_http,
    one_of,
    refuse,
    secret,
    store_url,
    text,
    whole,
)
from syncd.config.secrets import Secret

_EMULATOR = "http://127.0.0.1:8765"
_EMULATOR_DISCOVERY = "/.well-known/openid_sandbox_configuration/"
ADDRESSES = {
    "emulator": (_EMULATOR, _EMULATOR + _EMULATOR_DISCOVERY),
    "sandbox": (
        "https://sandbox-quickbooks.api.intuit.com",
        "https://developer.intuit.com/.well-known/openid_sandbox_configuration/",
    ),
    "production": (
        "https://quickbooks.api.intuit.com",
        "https://developer.intuit.com/.well-known/openid_configuration/",
    ),
}
"""Environment → where the books are, and where the addresses for signing in are published (Intuit's documentation)."""


class CompanySection(Section):
    """Whose work and books these are."""

    name: Stated
    """The company's name: it stands on every report, and with every row that is stored."""
    timezone: Timezone = ZoneInfo("America/Toronto")
    """Decides on which day an instant was worked, and when jobs run."""
    language: Language = "fr-CA"
    """Of what stands on invoices (fr or en); each client may have another. Reports are in English."""
    currency: Currency
    """The home currency of the books."""
    holidays: Region = ""
    """The region whose public holidays count for premiums, such as CA-QC; the table holidays adds to them."""


def _emulated(info: ValidationInfo) -> bool:
    """Whether these books are the emulator's; true too when the environment itself is wrong, which is said already."""
    return str(info.data.get("environment", "emulator")) == "emulator"


def _client_id(value: object, info: ValidationInfo) -> str:
    found = text(value, info)
    if not found and not _emulated(info):
        refuse("setting-missing", f"[quickbooks] needs client_id when environment is {info.data['environment']}.")
    return found


def _client_secret(value: object, info: ValidationInfo) -> Secret:
    if value == "" and not _emulated(info):
        refuse("setting-missing", f"[quickbooks] needs client_secret when environment is {info.data['environment']}.")
    return secret(value, info)


def _own_address(value: object, info: ValidationInfo) -> str:
    found = address(value, info)
    if is_plain_http(found) and not _emulated(info):
        refuse("address-insecure", f"{info.field_name} must begin with https://: tokens would travel in clear.")
    return found.rstrip("/") if info.field_name == "base_url" else found


def _patient(least: int, value: object, info: ValidationInfo) -> int:
    found = whole(value, info)
    if found < least and not _emulated(info):
        what = f"{info.field_name} must be at least {least}: only the emulator may be asked sooner."
        refuse("value-out-of-range", what)
    return found


def _invoice_number(value: object, info: ValidationInfo) -> str:
    if not isinstance(value, str):
        refuse("value-wrong-type", f"{info.field_name} must be a text in quotation marks.")
    if value != "quickbooks" and (mistake := invoice_numbers.mistake_in(value)):
        refuse("invoice-number-pattern", mistake, 'Write one such as "AB-{year}-{seq:04}", or "quickbooks".')
    return value


class QuickbooksSection(Section):
    """The company's books in QuickBooks Online."""

    environment: Annotated[str, one_of("emulator", "sandbox", "production")] = "emulator"
    """emulator: the one that syncd brings; sandbox or production: Intuit's."""
    client_id: Annotated[str, PlainValidator(_client_id)] = ""
    """Of your app at developer.intuit.com; the emulator needs none."""
    client_secret: Annotated[Secret | None, PlainValidator(_client_secret)] = None
    """Of the same app: env:NAME, file:PATH or credential:NAME."""
    base_url: Annotated[str, PlainValidator(_own_address)] = ""
    """Only to point at a server of your own; otherwise the environment's."""
    discovery_url: Annotated[str, PlainValidator(_own_address)] = ""
    """Only to point at a server of your own: where its addresses for signing in are published."""
    redirect: Annotated[str, PlainValidator(redirects.redirect)] = "paste"
    """How the consent comes back: paste (by hand), browser (this machine's; not in production), or an https address."""
    redirect_port: Annotated[int, PlainValidator(redirects.redirect_port)] = redirects.REDIRECT_PORT
    """Where `connect` waits on this machine: for the browser, or for the proxy behind the https address."""
    invoice_number: Annotated[str, PlainValidator(_invoice_number)] = "{year}-{seq:04}"
    """The pattern of our document numbers; quickbooks: QuickBooks numbers them."""
    send_by: Annotated[str, one_of("quickbooks", "none")] = "quickbooks"
    """quickbooks: QuickBooks e-mails each invoice; none: nobody does."""
    quarantine_seconds: Annotated[int, PlainValidator(partial(_patient, 180))] = 180
    """How long after a send without an answer absence proves nothing; shorter only with the emulator."""
    throttle_seconds: Annotated[int, PlainValidator(partial(_patient, 60))] = 60
    """How long QuickBooks is left alone when it says so without a time; shorter only with the emulator."""

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, given: Any) -> Any:
        """The addresses of the environment; the emulator takes any app."""
        if not isinstance(given, dict):
            return given
        environment = str(given.get("environment", "emulator"))
        filled = dict(given)
        if environment in ADDRESSES:
            base, discovery = ADDRESSES[environment]
            if environment == "emulator" and isinstance(given.get("base_url"), str):
                discovery = given["base_url"].rstrip("/") + _EMULATOR_DISCOVERY
            filled = {"base_url": base, "discovery_url": discovery} | filled
        if environment != "emulator":
            return {"client_id": "", "client_secret": ""} | filled
        any_app = Secret("the emulator's own", known="emulator")
        return {"client_id": "emulator", "client_secret": any_app} | filled


class RoundingSection(Section):
    """Increments: the minimum first, then the step."""

    step_minutes: Whole = 0
    """Bill time in steps of so many minutes; 0: to the second."""
    direction: Annotated[str, chosen(policies.DIRECTION)] = "up"
    """up, nearest (a tie goes up) or down."""
    applies_to: Annotated[str, chosen(policies.APPLIES_TO)] = "entry"
    """What is rounded: each entry, a person's day in one line group, or a line."""
    minimum_minutes: Whole = 0
    """The least that is billed of what is rounded."""


class BillingSection(Section):
    """Defaults that a row of the table clients may replace for its client."""

    period: Annotated[str, chosen(policies.PERIOD)] = "month"
    """How long the periods are: week (Monday to Sunday), half-month (to the 15th), month; on-completion: drafted on the
    day on which the task is done, fees by the month; manual: only days that --period names are billed."""
    one_invoice_per: Annotated[str, chosen(policies.ONE_INVOICE_PER)] = "client"
    """What gets an invoice of its own."""
    lines_per: Annotated[str, chosen(policies.LINES_PER)] = "service"
    """What gets a line of its own; another rate, item or month always does."""
    hours: Annotated[str, one_of("exact", "two-decimals")] = "exact"
    """exact: hours are billed to the second; two-decimals: each line's hours are rounded to 0.01 before the price."""
    hours_per_day: HoursOfDay = Decimal("7.5")
    """Turns days into hours and back."""
    round_money: Annotated[str, one_of("line", "entry")] = "line"
    """What is rounded to the cent: each line; or each entry, so that a line is the sum of its entries."""
    late_work: Annotated[str, one_of("next-invoice", "ask")] = "next-invoice"
    """Work of a period that was billed: on the next invoice, or held for release or write-off."""
    changed_after_posting: Annotated[str, one_of("adjust", "ask", "report")] = "adjust"
    """Billed work that changed: adjusted on the next document, held for a person, or only listed."""
    source_rates: Annotated[str, one_of("ignore", "fallback", "override")] = "ignore"
    """A rate that an entry carries: never billed, billed where no row of rates prices it, or before any row."""
    day_split: Annotated[str, one_of("start", "split")] = "start"
    """start: work past midnight counts for the day on which it began; split: it is cut there."""
    terms: Text = ""
    """A QuickBooks payment term by name."""
    tax_code: Text = ""
    """A QuickBooks tax code by name; the client's goes first, then the service's, then this."""
    no_tax_code: Text = ""
    """The tax code of lines outside tax: discounts on gross, deposits."""
    annex: tuple[Annotated[str, one_of(later=("pdf", "xlsx"))], ...] = ()
    """Files attached to the invoice: none in this version."""
    rounding: RoundingSection = RoundingSection()


class ApprovalSection(Section):
    """What a person must see before it leaves."""

    client_must_approve_hours: YesNo = False
    """Hold entries until the source says that they were signed off."""
    after_days_without_answer: Whole = 0
    """Treat entries as signed off so many days after their period's end; 0: wait."""
    auto_approve_up_to: Money = Decimal(0)
    """Approve documents up to this amount before tax without a person; 0: none."""
    hold_when: tuple[Annotated[str, PlainValidator(hold_sign)], ...] = DEFAULT_HOLDS
    """What needs a person: new-client, no-purchase-order, rate-changed, over-budget, 30%-above-usual (any share)."""


class SafetySection(Section):
    """When to stop rather than believe that much work is gone."""

    vanished_share: Share = Decimal("0.3")
    """More than this share of a window gone: nothing is marked vanished."""
    vanished_count: Whole = 10
    """And more than so many entries."""


class DaemonSection(Section):
    """When `syncd run` does what; local times of the company."""

    pull_every: Duration = timedelta(minutes=15)
    """Read the sources so often."""
    push_at: tuple[TimeOfDay, ...] = (time(9), time(15))
    """Send what was approved at these times."""
    payments_every: Duration = timedelta(hours=1)
    """Read payments and edits from QuickBooks so often."""
    reconcile_at: TimeOfDay = time(6)
    """Compare all documents with QuickBooks once a day."""


class StoreSection(Section):
    """Where syncd keeps its books."""

    url: Annotated[Secret, PlainValidator(store_url)] = Secret("sqlite:///syncd.db", known="sqlite:///syncd.db")
    """sqlite:///FILE beside config.toml, or postgresql://…; with a password: env:NAME, file:PATH or credential:NAME."""
    key: SecretField = Secret("file:syncd.key")
    """The key with which tokens are encrypted: file:PATH, env:NAME or credential:NAME."""


class ConfigFile(Section):
    """The whole of config.toml; a table that is not there takes its defaults."""

    company: CompanySection
    quickbooks: QuickbooksSection
    sources: dict[str, Any]
    """Checked by the kind that each names."""
    billing: BillingSection
    approval: ApprovalSection
    safety: SafetySection
    daemon: DaemonSection
    store: StoreSection

    @model_validator(mode="before")
    @classmethod
    def _absent_is_empty(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {name: {} for name in cls.model_fields} | given
