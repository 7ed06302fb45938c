"""Tax: each component on the document's subtotal per tax code, half-up to the cent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mappings.catalogue import TaxComponent
from mappings.documents import Line, TaxLine
from mappings.money import divide_half_up


def tax_lines(
    lines: Iterable[Line],
    components: Mapping[str, Sequence[TaxComponent]],
    currency: str,  # noqa: ARG001
) -> tuple[TaxLine, ...]:
    """The tax of a document before QuickBooks confirms it: 220.00 at 5 % and 9.975 % is 11.00 + 21.95.

    `components` are keyed as lines name their tax code: by QuickBooks id once resolved, by name before. A code that is
    unknown or has no component taxes nothing (an unknown one blocks its document where names are resolved).
    """
    subtotals: dict[tuple[str, str], int] = {}
    for line in lines:
        if line.tax_code:
            code = (line.tax_code, line.tax_code_id or line.tax_code)
            subtotals[code] = subtotals.get(code, 0) + line.amount_minor
    taxes = []
    for (name, key), base in sorted(subtotals.items()):
        for component in components.get(key, ()):
            numerator, denominator = component.percent.as_integer_ratio()
            amount = divide_half_up(base * numerator, denominator * 100)
            taxes.append(TaxLine(name, component.name, component.percent, base, amount))
    return tuple(taxes)
