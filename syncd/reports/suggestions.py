"""What `syncd mappings suggest` says, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import RenderableType

from mappings.tables.suggest import Candidate, Suggestion
from syncd.reports.as_json import problem_value
from syncd.reports.text import table
from syncd.suggestions import Suggestions

SCHEMA = "syncd.mappings-suggest/1"

_TITLES = {
    "clients": "Clients without a row in clients",
    "services": "Services without a row in services",
    "people": "People who may be known by another name",
}


def suggestions_text(found: Suggestions) -> Iterator[RenderableType]:
    """One table for each kind of name, most work first, and the projects that no work has."""
    for name, title in _TITLES.items():
        rows = [row for row in found.suggestions if row.table == name]
        if not rows:
            continue
        made = table("name", "source", "hours", "entries", "most like", "then", title=title, numbers=(2, 3))
        for row in rows:
            hours = f"{row.seen.seconds / 3600:,.2f}"
            sources = ", ".join(row.seen.sources)
            made.add_row(row.seen.name, sources, hours, f"{row.seen.entries:,}", _best(row), _shown(row.runner_up))
        yield made
        yield ""
    if found.projects:
        made = table("project", "named in", "most like", "then", title="Projects in the tables that no work has")
        for project in found.projects:
            made.add_row(project.name, str(project.place), _shown(project.best), _shown(project.runner_up))
        yield made
        yield ""


def _best(row: Suggestion) -> str:
    return f"{row.best.name} (the same)" if row.certain and row.best else _shown(row.best)


def _shown(candidate: Candidate | None) -> str:
    return f"{candidate.name} ({candidate.score})" if candidate else "–"


def suggestions_value(found: Suggestions, written: Sequence[tuple[Path, int]]) -> dict[str, object]:
    """The report as JSON values; `certain` rows are those that --write adds."""
    return {
        "company": found.company,
        "problems": [problem_value(problem) for problem in found.problems],
        "suggestions": [
            {
                "table": row.table,
                "name": row.seen.name,
                "sources": list(row.seen.sources),
                "entries": row.seen.entries,
                "seconds": row.seen.seconds,
                "certain": row.certain,
                "best": _value(row.best),
                "runner_up": _value(row.runner_up),
                "row": dict(row.row),
            }
            for row in found.suggestions
        ],
        "projects": [
            {
                "table": project.table,
                "name": project.name,
                "place": str(project.place),
                "best": _value(project.best),
                "runner_up": _value(project.runner_up),
            }
            for project in found.projects
        ],
        "written": [{"file": str(path), "rows": count} for path, count in written],
    }


def _value(candidate: Candidate | None) -> dict[str, object] | None:
    return {"name": candidate.name, "score": candidate.score} if candidate else None
