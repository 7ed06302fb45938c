"""Mistakes in the table intercompany, by itself and beside the other companies."""

from __future__ import annotations

from collections.abc import Mapping

from tests.errors.case import Case
from tests.errors.company_cases import BOTH, OF_ACME, top

HEADER = "borrower,person,team,share,rate,quickbooks_customer,quickbooks_item\n"


def lent(rows: str, acme: str = OF_ACME) -> Mapping[str, str | None]:
    """Two companies of which Boréal lends."""
    return {**top(BOTH, acme=acme), "boreal/mappings/intercompany.csv": HEADER + rows}


CASES = [
    Case(
        "a row that lends nobody",
        """\
boreal/mappings/intercompany.csv:2: nobody-lent
  2 | Acme inc.,,,80%,,Acme,Travail
    | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  The row for Acme inc. names nobody: it would lend all who work for Acme inc..
  Fill in person or team.
""",
        lent("Acme inc.,,,80%,,Acme,Travail\n"),
    ),
    Case(
        "hours lent at no price",
        """\
boreal/mappings/intercompany.csv:2: lent-without-price
  2 | Acme inc.,Marie,,,,Acme,Travail
    | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  The row for Acme inc. › Marie needs either a share of the bill rate or a rate.
  Fill in exactly one of share and rate.
""",
        lent("Acme inc.,Marie,,,,Acme,Travail\n"),
    ),
    Case(
        "a share of more than everything",
        """\
boreal/mappings/intercompany.csv:2:4: share-out-of-range
  2 | Acme inc.,Marie,,120%,,Acme,Travail
    |                  ^^^^
  share must be above 0 and at most 100%, not 120%.
""",
        lent("Acme inc.,Marie,,120%,,Acme,Travail\n"),
    ),
    Case(
        "a share that is none",
        """\
boreal/mappings/intercompany.csv:2:4: value-unknown
  2 | Acme inc.,Marie,,most,,Acme,Travail
    |                  ^^^^
  share must be a share such as 80%, 2/3 or 0.8, not “most”.
""",
        lent("Acme inc.,Marie,,most,,Acme,Travail\n"),
    ),
    Case(
        "a borrower that is two customers",
        """\
boreal/mappings/intercompany.csv:3:6: borrower-two-customers
  3 | Acme inc.,Paul,,80%,,Acme (USD),Travail
    |                      ^^^^^^^^^^
  Acme inc. is the customer “Acme” in boreal/mappings/intercompany.csv:2 already.
  A company is one customer: write the same in all its rows.
""",
        lent("Acme inc.,Marie,,80%,,Acme,Travail\nAcme inc.,Paul,,80%,,Acme (USD),Travail\n"),
    ),
    Case(
        "a borrower that is no company here",
        """\
boreal/mappings/intercompany.csv:2: borrower-unknown
  2 | Acme,Marie,,80%,,Acme,Travail
    | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  No other company of this daemon is called “Acme”.
  Did you mean “Acme inc.”?
""",
        lent("Acme,Marie,,80%,,Acme,Travail\n"),
    ),
    Case(
        "a company that lends to itself",
        """\
boreal/mappings/intercompany.csv:2: borrower-itself
  2 | Atelier Boréal inc.,Marie,,80%,,Acme,Travail
    | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  Atelier Boréal inc. cannot lend to itself.
  Name the other company.
""",
        lent("Atelier Boréal inc.,Marie,,80%,,Acme,Travail\n"),
    ),
    Case(
        "two companies of different currencies",
        """\
boreal/mappings/intercompany.csv:2: borrower-currency
  2 | Acme inc.,Marie,,80%,,Acme,Travail
    | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  Acme inc. keeps its books in USD, and Atelier Boréal inc. in CAD.
  Only companies of one currency can lend to each other.
""",
        lent("Acme inc.,Marie,,80%,,Acme,Travail\n", OF_ACME.replace('"CAD"', '"USD"')),
    ),
]
