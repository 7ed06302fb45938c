"""Mistakes in the service catalogue and in what clients are assigned of it."""

from __future__ import annotations

from tests.errors.case import Case

_CATALOGUE = """\
[[service]]
service = "Support"
every = "month"
amount = "120.00"

[[service]]
service = "Consultation"
every = "once"
"""


def catalogue(text: str) -> dict[str, str]:
    return {"mappings/catalogue.toml": text}


def assignments(*rows: str) -> dict[str, str]:
    header = "client,service,project,from,until,amount,currency\n"
    return catalogue(_CATALOGUE) | {"mappings/assignments.csv": header + "".join(f"{row}\n" for row in rows)}


CASES = [
    Case(
        "a catalogue that is not TOML",
        """\
mappings/catalogue.toml:2: toml-syntax
  mappings/catalogue.toml is not TOML: Invalid value (at line 2, column 11).
  Mend this line.
""",
        catalogue("[[service]]\nservice = Support\n"),
    ),
    Case(
        "a catalogue that is not UTF-8",
        """\
mappings/catalogue.toml: text-undecodable
  mappings/catalogue.toml is not encoded in UTF-8.
  Save the file as UTF-8.
""",
        {"mappings/catalogue.toml": '[[service]]\nservice = "Déclaration"\n'.encode("latin-1")},
    ),
    Case(
        "a catalogue that is no list of services",
        """\
mappings/catalogue.toml: catalogue-shape
  mappings/catalogue.toml is a list of services.
  Write each service under a line [[service]].
mappings/catalogue.toml: key-unknown
  mappings/catalogue.toml has no “services”.
  It is a list of [[service]].
""",
        catalogue('service = "Support"\nservices = 1\n'),
    ),
    Case(
        "a service of the catalogue with mistakes in every key",
        """\
mappings/catalogue.toml:1: service-missing
  1 | [[service]]
    | ^^^^^^^^^^^
  This service has no name.
  Write service = "…", a name of the services table.
mappings/catalogue.toml:2: value-unknown
  2 | every = "monthly"
    | ^^^^^^^^^^^^^^^^^
  every must be month, quarter, year or once, not “monthly”.
mappings/catalogue.toml:3: amount-not-a-number
  3 | amount = 8.5
    | ^^^^^^^^^^^^
  amount must be an amount such as “880.00”, not “8.5”.
  Write it in quotation marks.
mappings/catalogue.toml:4: value-unknown
  4 | bill = "later"
    | ^^^^^^^^^^^^^^
  bill must be calendar, not “later”.
mappings/catalogue.toml:5: key-unknown
  5 | amonut = "1"
    | ^^^^^^^^^^^^
  A service has no “amonut”.
  Did you mean amount?
""",
        catalogue('[[service]]\nevery = "monthly"\namount = 8.5\nbill = "later"\namonut = "1"\n'),
    ),
    Case(
        "what a catalogue cannot say yet",
        """\
mappings/catalogue.toml:4: not-in-this-version
  4 | bill = "done"
    | ^^^^^^^^^^^^^
  bill = done is not implemented in this version: it waits for tasks that syncd creates.
  Here, bill can be calendar.
mappings/catalogue.toml:5: not-in-this-version
  5 | tasks = [{ name = "Close" }]
    | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  tasks is not implemented in this version: syncd creates no tasks yet.
  Take it out.
""",
        catalogue('[[service]]\nservice = "Support"\nevery = "year"\nbill = "done"\ntasks = [{ name = "Close" }]\n'),
    ),
    Case(
        "a service that is in the catalogue twice, and one that nothing sells",
        """\
mappings/catalogue.toml:4: name-twice
  4 | [[service]]
    | ^^^^^^^^^^^
  The service “support” is in mappings/catalogue.toml:1 already.
  Delete one of the two.
mappings/catalogue.toml:7: service-unknown
  7 | [[service]]
    | ^^^^^^^^^^^
  No row of services gives the service “Audit”.
  Add it to services.
""",
        catalogue(
            "".join(f'[[service]]\nservice = "{name}"\nevery = "year"\n' for name in ("Support", "support", "Audit"))
        ),
    ),
    Case(
        "an assignment of a service that the catalogue does not have",
        """\
mappings/assignments.csv:2:2: service-not-in-catalogue
  2 | Hydro-Québec,Suport,,,,,
    |              ^^^^^^
  catalogue.toml has no service “Suport”.
  Did you mean “Support”?
""",
        assignments("Hydro-Québec,Suport,,,,,"),
    ),
    Case(
        "assignments without a price, and without a date",
        """\
mappings/assignments.csv:2:5: assignment-without-date
  2 | Hydro-Québec,Consultation,,,,90,
    |                             ^
  Hydro-Québec › Consultation is billed once, and nothing says when.
  Fill in its until, or its from.
mappings/assignments.csv:3:6: assignment-without-price
  3 | Nordik Brewing,Consultation,,2026-10-01,,,
    |                                          ^
  Nordik Brewing › Consultation has no price: neither here nor in catalogue.toml.
  Fill in its amount.
""",
        assignments("Hydro-Québec,Consultation,,,,90,", "Nordik Brewing,Consultation,,2026-10-01,,,"),
    ),
    Case(
        "an assignment that ends after its project",
        """\
mappings/assignments.csv:3:5: assignment-after-project
  3 | Hydro-Québec,Support,Dam,2026-10-01,2026-12-31,,
    |                                     ^^^^^^^^^^
  Hydro-Québec › Support › Dam ends after its project (2026-11-30, mappings/assignments.csv:2).
  Set its until back, or the project's later.
""",
        assignments("Hydro-Québec,,Dam,,2026-11-30,,", "Hydro-Québec,Support,Dam,2026-10-01,2026-12-31,,"),
    ),
    Case(
        "assignments of nothing, and one that is there twice",
        """\
mappings/assignments.csv:2:2: assignment-of-nothing
  2 | Hydro-Québec,,,2026-10-01,,,
    |              ^
  Hydro-Québec names neither a service nor a project.
  Fill in its service, or its project.
mappings/assignments.csv:3:6: assignment-of-nothing
  3 | Hydro-Québec,,Dam,,,80,
    |                     ^^
  Hydro-Québec › Dam has no service: it says the dates of a project, and amount means nothing for it.
  Fill in its service, or empty amount.
mappings/assignments.csv:5:2: name-twice
  5 | Hydro-Québec,Support,,2026-10-01,,,
    |              ^^^^^^^
  Hydro-Québec › Support is in mappings/assignments.csv:4 already.
  Give each its own service; a change of price is the same row.
""",
        assignments(
            "Hydro-Québec,,,2026-10-01,,,",
            "Hydro-Québec,,Dam,,,80,",
            "Hydro-Québec,Support,,,,,",
            "Hydro-Québec,Support,,2026-10-01,,,",
        ),
    ),
]
