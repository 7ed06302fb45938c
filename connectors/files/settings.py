"""The keys of a `[sources.NAME]` block of kind `files`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesSettings:
    """CSV and XLSX files that somebody or something drops into a folder."""

    kind: str = "files"
    path: str
    """Which files, such as `inbox/*.csv`; relative to the folder of config.toml."""
    layout: str = ""
    """A TOML file that says which column is which field, or the name of one that ships; empty: the default columns."""
    since: date | None = None
    """Go-live: work before this day is never looked at."""
    complete: bool = False
    """The files are the whole truth for their days: a row that is missing there was deleted."""
