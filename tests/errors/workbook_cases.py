"""Mistakes in tables that are sheets of a workbook: addressed by cell."""

from __future__ import annotations

from datetime import date

from tests.errors.case import CLIENTS, Case, Formula, Sheets

WORKBOOK = "mappings/tables.xlsx"
HEADER = ["client", "service", "person", "rate", "currency", "from", "until"]


def rates(*rows: list[object]) -> dict[str, Sheets]:
    return {WORKBOOK: {"rates": [HEADER, *rows]}}


CASES = [
    Case(
        "a rate that is no number in a cell",
        """\
mappings/tables.xlsx:rates!D3: rate-not-a-number
  3 | Hydro-Québec | Consultation |  | seventy | CAD | 2026-04-01
    |                                  ^^^^^^^
  The hourly rate for Hydro-Québec › Consultation must be an amount such as 70 or 70.50.
""",
        rates(
            ["Hydro-Québec", "Support", "", 70.1],
            ["Hydro-Québec", "Consultation", "", "seventy", "CAD", date(2026, 4, 1)],
        ),
    ),
    Case(
        "a decimal comma in a cell of text",
        """\
mappings/tables.xlsx:rates!D2: decimal-comma
  2 |  | Support |  | 70,50 | CAD
    |                 ^^^^^
  The hourly rate for Support must be an amount such as 70 or 70.50, with a point.
  Write 70.50; a decimal comma is read only in CSV files separated by semicolons.
""",
        rates(["", "Support", "", "70,50", "CAD"]),
    ),
    Case(
        "a day in a cell of text",
        """\
mappings/tables.xlsx:rates!F2: date-unknown
  2 |  | Support |  | 70 | CAD | 1 avril 2026
    |                            ^^^^^^^^^^^^
  from must be a day such as 2026-04-01, not “1 avril 2026”.
""",
        rates(["", "Support", "", 70, "CAD", "1 avril 2026"]),
    ),
    Case(
        "a number where a day belongs",
        """\
mappings/tables.xlsx:rates!F2: date-unknown
  2 |  | Support |  | 70 | CAD | 46113
    |                            ^^^^^
  from must be a day such as 2026-04-01, not “46113”.
  Format the cell as a date.
""",
        rates(["", "Support", "", 70, "CAD", 46113]),
    ),
    Case(
        "a formula that failed",
        """\
mappings/tables.xlsx:rates!A2: cell-failed
  2 | #REF! | Support |  | 70 | CAD
    | ^^^^^
  This cell shows #REF!: its formula has failed.
  Mend the formula, or write the value.
""",
        rates([Formula("=people!A9", "#REF!"), "Support", "", 70, "CAD"]),
    ),
    Case(
        "two equal rates in a workbook",
        """\
mappings/tables.xlsx:rates!D4: rates-equal
  4 |  | Support |  | 75.5
    |                 ^^^^
  Support has an equally strong rate in mappings/tables.xlsx:rates!A2.
  Give one of them an until, or delete one.
""",
        rates(["", "Support", "", 70], [], ["", "Support", "", 75.5]),
    ),
    Case(
        "an unknown client in a workbook",
        """\
mappings/tables.xlsx:rates!A2: client-unknown
  2 | Hydro Québec inc. | Support |  | 70
    | ^^^^^^^^^^^^^^^^^
  No row of clients gives the client “Hydro Québec inc.”.
  Did you mean “Hydro-Québec”?
""",
        rates(["Hydro Québec inc.", "Support", "", 70]),
    ),
    Case(
        "a sheet that is no table",
        """\
mappings/tables.xlsx:Rate: sheet-unknown
  The sheet Rate is not a table. The sheets of this workbook are Rate, People, Sheet3.
  Did you mean rates?
""",
        {WORKBOOK: {"Rate": [HEADER, ["", "Support", "", 70]], "People": [["source_person"]], "Sheet3": []}},
    ),
    Case(
        "a table that is given twice",
        """\
mappings/tables.xlsx:Clients: table-twice
  The table clients is given twice, here and in mappings/clients.csv.
  Keep one of the two.
""",
        {WORKBOOK: {"Clients": [line.split(",") for line in CLIENTS.splitlines()]}},
    ),
    Case(
        "an unknown column in a sheet",
        """\
mappings/tables.xlsx:rates!C1: column-unknown
  1 | service | rate | form
    |                  ^^^^
  The table rates has no column “form”.
  Did you mean from?
""",
        {WORKBOOK: {"rates": [["service", "rate", "form"], ["Support", 70, ""]]}},
    ),
    Case(
        "a required column is missing in a sheet",
        """\
mappings/tables.xlsx:rates!A1: column-missing
  1 | service
    | ^^^^^^^
  The table rates needs a column rate.
  Add it to the first row.
""",
        {WORKBOOK: {"rates": [["service"], ["Support"]]}},
    ),
    Case(
        "a row of a sheet with too many cells",
        """\
mappings/tables.xlsx:rates!C2: too-many-fields
  2 | Support | 70 | 75
    |                ^^
  This row has 3 fields, the header has 2.
  Delete what stands beyond the last column, or name its column.
""",
        {WORKBOOK: {"rates": [["service", "rate"], ["Support", 70, 75]]}},
    ),
    Case(
        "an empty cell in a sheet",
        """\
mappings/tables.xlsx:rates!D2: cell-empty
  2 | Hydro-Québec | Support |  |  | CAD
    |                             ^
  rate must not be empty for Hydro-Québec › Support.
""",
        rates(["Hydro-Québec", "Support", "", "", "CAD"]),
    ),
    Case(
        "a workbook that is damaged",
        """\
mappings/tables.xlsx: workbook-unreadable
  mappings/tables.xlsx cannot be read as a workbook: it is damaged, or another kind of file.
  Open it and save it again as .xlsx.
""",
        {WORKBOOK: b"PK\x03\x04 and then nothing"},
    ),
    Case(
        "a workbook with a password",
        """\
mappings/tables.xlsx: workbook-unreadable
  mappings/tables.xlsx cannot be read as a workbook: it is protected by a password, or in the old .xls format.
  Open it and save it again as .xlsx.
""",
        {WORKBOOK: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600},
    ),
]
