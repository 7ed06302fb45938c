"""Sales tax as QuickBooks computes it: per rate, on the sum of the lines that carry its code, half-up to the cent."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from connectors.emulator import faults
from connectors.emulator.books import Books, Data
from connectors.emulator.numbers import ZERO, half_up
from connectors.emulator.references import currency_of

# The two answers to "is this line taxable" of a US company, which are codes without rates of their own.
US_TAXABLE, US_EXEMPT = "TAX", "NON"


def sales_lines(lines: Iterable[Data]) -> list[Data]:
    """Return the lines that have a price."""
    return [line for line in lines if line["DetailType"] == "SalesItemLineDetail"]


def tax_detail(books: Books, document: Data, lines: list[Data]) -> Data:
    """Return the TxnTaxDetail of a document with these lines.

    Tax lines that the client sends are kept with their amounts, as QuickBooks does; a TotalTax alone is recomputed.
    """
    if not books.preferences["TaxPrefs"]["UsingSalesTax"] or document.get("GlobalTaxCalculation") == "NotApplicable":
        return {"TotalTax": ZERO}
    sent = document.get("TxnTaxDetail") or {}
    head = {}
    if books.country == "us":
        code = _us_code(books, document, sent)
        nets = {code: _net(lines, US_TAXABLE)} if _has(lines, US_TAXABLE) else {}
        head = {"TxnTaxCodeRef": {"value": code}} if nets else {}
    else:
        nets = _nets_by_code(lines)
    currency = currency_of(books, document)
    computed = _tax_lines(books, nets, currency)
    tax_lines = _overridden(computed, sent["TaxLine"], currency) if sent.get("TaxLine") else computed
    total = sum((line["Amount"] for line in tax_lines), ZERO)
    return {**head, "TotalTax": total, **({"TaxLine": tax_lines} if tax_lines else {})}


def check_codes(books: Books, document: Data, lines: list[Data]) -> None:
    """Refuse a line without a tax code where one is needed, and one that the country does not use."""
    if document.get("GlobalTaxCalculation") == "TaxInclusive":
        raise faults.not_modelled("GlobalTaxCalculation TaxInclusive")
    needed = books.country != "us" and books.preferences["TaxPrefs"]["UsingSalesTax"]
    for line in lines:
        detail = line["SalesItemLineDetail"]
        code = detail.get("TaxCodeRef", {}).get("value")
        if books.country == "us":
            detail["TaxCodeRef"] = {"value": code or US_EXEMPT}
            if code not in {None, US_TAXABLE, US_EXEMPT}:
                raise faults.business("A line of a US company takes the tax codes TAX and NON alone.", "TaxCodeRef")
        elif code is None and needed and document.get("GlobalTaxCalculation") != "NotApplicable":
            raise faults.no_tax_code()


def _us_code(books: Books, document: Data, sent: Data) -> str:
    if sent.get("TxnTaxCodeRef"):
        return str(sent["TxnTaxCodeRef"]["value"])
    customer = books.get("Customer", document["CustomerRef"]["value"])
    default = customer.get("DefaultTaxCodeRef") or books.preferences["TaxPrefs"]["TaxGroupCodeRef"]
    return str(default["value"])


def _has(lines: list[Data], code: str) -> bool:
    return any(line["SalesItemLineDetail"]["TaxCodeRef"]["value"] == code for line in lines)


def _net(lines: list[Data], code: str) -> Decimal:
    return sum((line["Amount"] for line in lines if line["SalesItemLineDetail"]["TaxCodeRef"]["value"] == code), ZERO)


def _nets_by_code(lines: list[Data]) -> dict[str, Decimal]:
    codes = dict.fromkeys(
        line["SalesItemLineDetail"]["TaxCodeRef"]["value"]
        for line in lines
        if line["SalesItemLineDetail"].get("TaxCodeRef")
    )
    with_code = [line for line in lines if line["SalesItemLineDetail"].get("TaxCodeRef")]
    return {code: _net(with_code, code) for code in codes}


def _tax_lines(books: Books, nets: dict[str, Decimal], currency: str) -> list[Data]:
    """Return one tax line per rate; codes that share a rate (GST) are taxed on their common sum."""
    rates: dict[str, Decimal] = {}
    for code, net in nets.items():
        for rate in rates_of(books, code):
            rates[rate] = rates.get(rate, ZERO) + net
    lines = []
    for rate, net in rates.items():
        percent = Decimal(books.get("TaxRate", rate)["RateValue"])
        detail = {
            "TaxRateRef": {"value": rate},
            "PercentBased": True,
            "TaxPercent": percent,
            "NetAmountTaxable": net,
        }
        amount = half_up(net * percent / 100, currency)
        lines.append({"Amount": amount, "DetailType": "TaxLineDetail", "TaxLineDetail": detail})
    return lines


def rates_of(books: Books, code: str) -> list[str]:
    """Return the ids of the sales rates of a tax code, in their order."""
    details = books.get("TaxCode", code).get("SalesTaxRateList", {}).get("TaxRateDetail", [])
    return [detail["TaxRateRef"]["value"] for detail in details]


def _overridden(computed: list[Data], sent: list[dict[str, Any]], currency: str) -> list[Data]:
    by_rate = {line["TaxLineDetail"]["TaxRateRef"]["value"]: line for line in computed}
    lines = []
    for line in sent:
        rate = line.get("TaxLineDetail", {}).get("TaxRateRef", {}).get("value", "")
        if rate not in by_rate:
            raise faults.business(f"Tax rate {rate} belongs to none of the tax codes of the lines.", "TaxLine")
        if "Amount" not in line:
            raise faults.missing("TaxLine.Amount")
        lines.append({**by_rate[rate], "Amount": half_up(line["Amount"], currency)})
    return lines
