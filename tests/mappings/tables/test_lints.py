"""What `mappings check` warns of: allowed, and likely a mistake."""

from __future__ import annotations

from pathlib import Path

from mappings.tables import check_tables, load_tables
from tests.errors.case import write

SERVICES = "source_service,service,quickbooks_item\n,Consultation,Consulting\n"


def warnings(folder: Path, sources: tuple[str, ...] = (), **files: str) -> list[tuple[str, str, str]]:
    write(folder, {"services.csv": SERVICES, **{f"{name}.csv": text for name, text in files.items()}})
    tables, problems = load_tables(folder)

    assert problems == []
    found = check_tables(tables, sources)
    assert all(problem.warning for problem in found)
    return [(str(problem.place), problem.code, problem.what) for problem in found]


def test_a_gap_between_two_rates_is_told(tmp_path: Path) -> None:
    rates = "service,rate,from,until\nConsultation,75,2026-07-03,\nConsultation,70,,2026-06-30\n"

    assert warnings(tmp_path, rates=rates) == [
        (
            "mappings/rates.csv:2",
            "rates-gap",
            "From 2026-07-01 until 2026-07-02, neither this rate nor the one in mappings/rates.csv:3 counts.",
        )
    ]


def test_rates_without_a_gap_are_fine(tmp_path: Path) -> None:
    rates = "service,rate,from,until\nConsultation,75,2026-07-01,\nConsultation,70,,2026-06-30\n"

    assert warnings(tmp_path, rates=rates) == []


def test_a_customer_whom_no_rate_can_serve_is_told(tmp_path: Path) -> None:
    clients = "source_client,quickbooks_customer\nA,Alpha inc.\nB,Beta inc.\n,=\n"

    assert warnings(tmp_path, clients=clients, rates="client,rate\nAlph*,70\n") == [
        ("mappings/clients.csv:3", "client-without-rate", "No row of rates can count for Beta inc..")
    ]


def test_a_source_that_is_not_configured_is_told(tmp_path: Path) -> None:
    clients = "source,source_client,quickbooks_customer\nRedmine,A,Alpha inc.\nredmin,B,Beta inc.\n"

    assert warnings(tmp_path, ("redmine", "timesheets"), clients=clients, rates="rate\n70\n") == [
        ("mappings/clients.csv:3", "source-unknown", "config.toml has no source redmin.")
    ]
    assert warnings(tmp_path, (), clients=clients, rates="rate\n70\n") == []
