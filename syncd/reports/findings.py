"""What `syncd mappings check` says, as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from mappings.money import plain
from mappings.problems import Problem
from mappings.tables.checks.unmapped import Unmapped
from syncd.reports.as_json import problem_value


def findings_value(company: str, problems: Sequence[Problem], unmapped: Sequence[Unmapped]) -> dict[str, object]:
    """All findings, and the work without a row, worth most first."""
    return {
        "company": company,
        "ok": all(problem.warning for problem in problems),
        "problems": [problem_value(problem) for problem in problems],
        "unmapped": [_unmapped_value(one) for one in unmapped],
    }


def _unmapped_value(one: Unmapped) -> dict[str, object]:
    return {
        "code": one.code,
        "table": one.table,
        "name": one.name,
        "service": one.service,
        "sources": list(one.sources),
        "first": one.first.isoformat(),
        "last": one.last.isoformat(),
        "entries": one.entries,
        "seconds": one.seconds,
        "amount": None if one.amount_minor is None else plain(one.amount_minor, one.currency),
        "currency": one.currency,
        "rate_row": str(one.rate_row) if one.rate_row else "",
        "row": dict(one.row),
    }
