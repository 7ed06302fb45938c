"""Other tables in the place of some: for asking what would be billed with them, without changing the company's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mappings.problems import Place, Problem
from mappings.rows import CatalogueRow
from mappings.tables.csv_grid import read_csv
from mappings.tables.grid import Grid
from mappings.tables.load import TABLES, catalogue_of, grids_of


@dataclass(frozen=True, slots=True)
class Instead:
    """Tables that replace those of the same name; `catalogue` None: the company's own."""

    grids: Mapping[str, Grid] = field(default_factory=dict)
    catalogue: tuple[CatalogueRow, ...] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Which tables are replaced, in order."""
        return tuple(sorted((*self.grids, *(() if self.catalogue is None else ("catalogue",)))))


def read_instead(rates: Path | None, folder: Path | None) -> tuple[Instead, list[Problem]]:
    """Read a file with other rates and a folder with any other tables; places are as the paths were given.

    The rates' file may have any name; a workbook counts with its sheet `rates` alone.
    """
    grids: dict[str, Grid] = {}
    problems: list[Problem] = []
    catalogue = None
    if folder is not None:
        grids, problems = grids_of(folder, str(folder))
        if (folder / "catalogue.toml").is_file():
            catalogue, mistakes = catalogue_of(folder, str(folder))
            problems += mistakes
    if rates is not None:
        found = _rates(rates)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            grids["rates"] = found
    return Instead(grids, catalogue), problems


def _rates(path: Path) -> Grid | Problem:
    if path.suffix.lower() != ".xlsx":
        return read_csv(path, str(path), TABLES["rates"].names)
    # Loaded for those who keep their tables in a workbook.
    from mappings.tables.xlsx_grid import read_workbook

    sheets = read_workbook(path, str(path))
    if isinstance(sheets, Problem):
        return sheets
    found = next((grid for name, grid in sheets.items() if name.strip().lower() == "rates"), None)
    if found is not None:
        return found
    what = f"This workbook has no sheet rates; its sheets are {', '.join(sheets)}."
    return Problem("sheet-unknown", what, "Name the sheet with the rates so.", Place(str(path)))
