"""Words that both config.toml and the table clients take, and those that this version refuses by name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """A setting with a few words; those of `later` are known and not implemented in this version."""

    values: tuple[str, ...]
    later: tuple[str, ...] = ()


PERIOD = Choice(("week", "half-month", "month", "on-completion", "manual"))
ONE_INVOICE_PER = Choice(("client", "project", "parent-task", "task", "purchase-order", "person"))
LINES_PER = Choice(("entry", "day", "week", "person", "service", "task", "project", "rate", "one"))
DIRECTION = Choice(("up", "nearest", "down"))
APPLIES_TO = Choice(("entry", "day", "line"))
