"""The web pages: see the books, play the customer, spoil requests, read the journal."""

from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, RedirectResponse, Response

from connectors.emulator import play
from connectors.emulator.emulator import Emulator
from connectors.emulator.faults import Fault
from connectors.emulator.numbers import half_up, write_json
from connectors.emulator.seed import SeedError
from connectors.emulator.switches import KINDS

# Said on the first page, so that nobody takes a guess for a fact about QuickBooks.
NOT_KNOWN = (
    "US sales tax by address (AST): the rates here are test rates of a company without AST.",
    "How long a request id is remembered: here for ever; can be chosen under /emulator/settings.",
    "What a known request id with another body gets: here the first answer again; can be chosen.",
    "How far mailing a document moves its SyncToken: here by one; can be chosen.",
    "In which order requests that arrive at the same moment are carried out: here strictly one after the other.",
    "The French texts: only a few are known from live answers; a client must go by the code alone.",
    "Whether a 429 carries Retry-After: here not, unless a switch says so.",
    "Whether an invoice with payments can be deleted: here not; unlink or delete the payments first.",
    "What voiding a payment does to the SyncToken of its invoices: here it moves by one.",
    "The exact wording of 2050 and of the currency faults (6000).",
    "Exchange rates: here a fixed table of test rates.",
    "How amounts in a currency without cents (yen) or with mills (dinars) are kept: here to what that currency has.",
    "How late lists and cdc show a change: here at once, unless a switch says otherwise.",
    "Not here at all, refused by name: batch, attachments, PDF, estimates, time activities, webhooks.",
    "Nor: discounts and groups as types of line, prices that include tax, deposits on an invoice.",
)


def _money(value: Any) -> str:
    return f"{half_up(Decimal(value)):,.2f}"


class Pages:
    """Handlers of the HTML pages."""

    def __init__(self, emulator: Emulator, root: str = "") -> None:
        self.emulator = emulator
        self.root = root
        loader = FileSystemLoader(Path(__file__).parent / "templates")
        self._environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
        self._environment.filters["money"] = _money

    def render(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Fill a template."""
        return HTMLResponse(self._environment.get_template(template).render(root=self.root, **values), status)

    async def home(self, http: HttpRequest) -> Response:
        """Show customers, documents, payments, and the forms."""
        emulator = self.emulator
        with emulator.lock:
            return self.render(
                "home.html",
                company=emulator.read("CompanyInfo", "1"),
                realm_id=emulator.realm_id,
                base_url=str(http.base_url).rstrip("/"),
                customers=emulator.all("Customer"),
                documents=[("Invoice", d) for d in emulator.all("Invoice")]
                + [("CreditMemo", d) for d in emulator.all("CreditMemo")],
                payments=emulator.all("Payment"),
                items=emulator.all("Item"),
                tax_codes=emulator.all("TaxCode"),
                switches=emulator.switchboard.as_json(),
                kinds=KINDS,
                not_known=NOT_KNOWN,
            )

    async def document(self, http: HttpRequest) -> Response:
        """Show one invoice, credit memo or payment as the API gives it."""
        entity = http.path_params["entity"]
        if entity not in {"Invoice", "CreditMemo", "Payment"}:
            return self.render("message.html", 404, title="Not found", text=f"There is no {entity} here.")
        try:
            data = self.emulator.read(entity, http.path_params["id"])
        except Fault as fault:
            return self.render("message.html", 404, title="Not found", text=fault.errors[0].detail)
        return self.render("document.html", entity=entity, data=data, text=_indented(data))

    async def requests(self, http: HttpRequest) -> Response:
        """Show the journal, newest first."""
        return self.render("requests.html", entries=list(reversed(self.emulator.requests()))[:500])

    async def connected(self, http: HttpRequest) -> Response:
        """The page a person ends on after agreeing, when syncd has no page of its own."""
        return self.render("connected.html", realm_id=http.query_params.get("realmId", ""))

    async def act(self, http: HttpRequest) -> Response:
        """Carry out a form of the first page and go back to it; say what is wrong otherwise."""
        body = (await http.body()).decode("utf-8", errors="replace")
        form = {name: value.strip() for name, value in parse_qsl(body) if value.strip()}
        try:
            _carry_out(self.emulator, http.path_params["act"], form)
        except (Fault, SeedError, ValueError, TypeError, KeyError) as error:
            text = "; ".join(e.detail for e in error.errors) if isinstance(error, Fault) else str(error)
            return self.render("message.html", 400, title="Not done", text=text)
        return RedirectResponse(f"{self.root}/", 303)


def _carry_out(emulator: Emulator, act: str, form: dict[str, str]) -> None:
    if act == "pay":
        numbers = form.pop("doc_numbers", "").replace(",", " ").split()
        play.pay(emulator, doc_numbers=numbers, **form)
    elif act in play.ACTS:
        play.ACTS[act](emulator, **form)
    elif act == "edit-payment":
        play.edit_payment(emulator, form.pop("payment", ""), **form)
    elif act == "delete-payment":
        play.delete_payment(emulator, form.get("payment", ""))
    elif act == "fault":
        numbers_in = {"times": int, "seconds": float, "status": int, "retry_after": int}
        emulator.fault(**{name: numbers_in.get(name, str)(value) for name, value in form.items()})
    elif act == "clear-faults":
        emulator.clear_faults()
    else:
        raise ValueError(f"there is no form {act}")


def _indented(value: Any, depth: int = 0, name: str = "") -> str:
    """Write JSON on several lines, numbers as QuickBooks writes them."""
    pad, inner = "  " * depth, "  " * (depth + 1)
    if isinstance(value, dict):
        lines = [f'{inner}"{k}": {_indented(v, depth + 1, k)}' for k, v in value.items() if not k.startswith("_")]
        return "{\n" + ",\n".join(lines) + f"\n{pad}}}" if lines else "{}"
    if isinstance(value, list):
        lines = [inner + _indented(item, depth + 1, name) for item in value]
        return "[\n" + ",\n".join(lines) + f"\n{pad}]" if lines else "[]"
    return write_json(value, name)
