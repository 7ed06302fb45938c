"""The pattern of document numbers: `AB-{year}-{seq:04}`."""

from __future__ import annotations

import re

_FIELD = re.compile(r"\{([^{}]*)\}")
_WIDTHS = {"year": 4, "month": 2}
LONGEST = 21
"""QuickBooks' limit for DocNumber."""


def mistake_in(pattern: str) -> str:
    """What is wrong with a pattern, as a sentence; "" when nothing is."""
    fields = _FIELD.findall(pattern)
    if re.search(r"[{}]", _FIELD.sub("", pattern)):
        return "A brace opens or closes nothing in this pattern."
    for name in fields:
        if name not in _WIDTHS and not re.fullmatch(r"seq(:0?[1-9]\d?)?", name, re.ASCII):
            return (
                f"This pattern has an unknown field {{{name}}}: there are {{year}}, {{month}}, {{seq}} and {{seq:04}}."
            )
    if sum(name.startswith("seq") for name in fields) != 1:
        return "The pattern must have {seq} once: it is what makes each number another one."
    if "month" in fields and "year" not in fields:
        return "A pattern with {month} needs {year} too, or numbers come again next year."
    length = len(_FIELD.sub(_widest, pattern))
    return (
        f"Numbers of this pattern have up to {length} characters, QuickBooks takes {LONGEST}."
        if length > LONGEST
        else ""
    )


def _widest(field: re.Match[str]) -> str:
    """As many characters as the field may take; a sequence is given room for 99,999 documents."""
    name = field[1]
    width = _WIDTHS.get(name) or max(5, int(name.partition(":")[2] or 0))
    return "0" * width
