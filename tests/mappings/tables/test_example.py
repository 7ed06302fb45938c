"""The example company is billed as its tables say: the amounts are worked out by hand from them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from mappings.periods import parse_period
from mappings.rules.billing import bill
from mappings.work import WorkItem
from mappings.world import Entry, Run, World
from syncd.config import load_config

ROOT = Path(__file__).parents[3]
MINUTE, HOUR = 60, 3600


def entry(number: int, client: str, person: str, service: str, seconds: int, purchase_order: str = "") -> Entry:
    work = WorkItem(
        "timesheets",
        str(number),
        date(2026, 10, 20),
        seconds,
        person=person,
        client=client,
        project="Site",
        service=service,
        purchase_order=purchase_order,
    )
    return Entry(work, 1)


ENTRIES = (
    entry(1, "CDL", "amelie.roy", "Conseil", 70 * MINUTE),
    entry(2, "Ville de Rimouski - TI", "jtremblay", "Consultation", 2 * HOUR, purchase_order="BC-118"),
    entry(3, "Northwind Canada", "jtremblay", "Development", 3 * HOUR),
    entry(4, "Imprimerie Gagnon", "amelie.roy", "Consultation", HOUR),
    entry(5, "Coop des Îles", "mcote", "Support niveau 1", 9 * HOUR + 30 * MINUTE),
    entry(6, "Clinique du Lac", "amelie.roy", "Développement", HOUR),
    entry(7, "CDL", "sara.benali", "Formation", HOUR),
)


def test_the_example_is_billed_as_its_tables_say() -> None:
    config = load_config(ROOT / "config.example.toml", environ={})
    world = World(config.company, config.tables, today=date(2026, 11, 2), go_live=date(2026, 10, 1), entries=ENTRIES)

    billed = bill(world, Run(parse_period("2026-10")))

    assert billed.problems == ()
    totals = {(document.key.client, document.currency): document.subtotal_minor for document in billed.documents}
    assert {key: Decimal(minor) / 100 for key, minor in totals.items()} == {
        # 70 minutes are 75 in steps of 15, at 145.00; 1 h of a senior at 136.00; the audit.
        ("Clinique du Lac", "CAD"): Decimal("181.25") + Decimal("136.00") + Decimal("1800.00"),
        ("Ville de Rimouski", "CAD"): 2 * Decimal("139.50"),
        ("Northwind Traders Inc.", "USD"): 3 * Decimal("98.00"),
        ("Imprimerie Gagnon ltée", "CAD"): Decimal("160.00") + Decimal("75.00"),
        # The fee covers 8 hours, what is over costs 88.00 an hour.
        ("Coop des Îles", "CAD"): Decimal("640.00") + Decimal("1.5") * Decimal("88.00"),
    }
