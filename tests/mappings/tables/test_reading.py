"""Tables as people save them: CSV of several kinds, and workbooks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from mappings.problems import Problem
from mappings.rows import ClientRow, FixedFeeRow, RateRow, RetainerRow, Tables
from mappings.tables import load_tables
from tests.errors.case import Formula, write, write_workbook

HEADER = "client,service,rate,currency,from,until\n"
CLIENTS = "source_client,quickbooks_customer\nHQ,Hydro-Québec\nNord,Nordik Brewing\n"
SERVICES = "source_service,service,quickbooks_item\nconsulting,Consultation,Consulting\n"


def load(folder: Path, **files: str | bytes) -> Tables:
    """The tables of a folder that has nothing wrong with it."""
    write(folder, {"clients.csv": CLIENTS, "services.csv": SERVICES, **{f"{k}.csv": v for k, v in files.items()}})
    tables, problems = load_tables(folder)

    assert problems == []
    return tables


def said(row: RateRow) -> tuple[object, ...]:
    """What a rate says, without its place."""
    return (row.client, row.service, row.rate, row.currency, row.valid_from, row.valid_until)


RATE = (("Hydro-Québec",), ("Consultation",), Decimal("70.50"), "CAD", date(2026, 4, 1), None)


def test_a_comma_separated_file_is_read(tmp_path: Path) -> None:
    tables = load(tmp_path, rates=f"{HEADER}Hydro-Québec,Consultation,70.50,CAD,2026-04-01,\n")

    assert [said(row) for row in tables.rates] == [RATE]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize(("separator", "rate"), [(",", "70.50"), (";", "70,50"), (";", "70.50"), ("\t", "70.50")])
def test_every_separator_encoding_and_line_end_says_the_same(
    tmp_path: Path, separator: str, rate: str, encoding: str, line_end: str
) -> None:
    text = HEADER.replace(",", separator) + separator.join(
        ["Hydro-Québec", "Consultation", rate, "CAD", "2026-04-01", ""]
    )
    content = text.replace("\n", line_end).encode(encoding)

    tables = load(tmp_path, rates=content)

    assert [said(row) for row in tables.rates] == [RATE]


def test_excels_own_separator_line_is_obeyed(tmp_path: Path) -> None:
    tables = load(
        tmp_path, rates=f"sep=;\r\n{HEADER}".replace(",", ";") + "Hydro-Québec;Consultation;70,5;CAD;2026-04-01;\r\n"
    )

    assert [row.rate for row in tables.rates] == [Decimal("70.5")]
    assert str(tables.rates[0].place) == "mappings/rates.csv:3"


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f"])
def test_thousands_may_be_set_apart_by_a_space(tmp_path: Path, space: str) -> None:
    tables = load(tmp_path, rates=f"service;rate\nConsultation;1{space}250,75\n")

    assert tables.rates[0].rate == Decimal("1250.75")


def test_quoted_fields_hold_separators_quotes_and_line_ends(tmp_path: Path) -> None:
    rows = '70,Consultation,"one, two\nand ""three"""\n 75 , , "four" \n'

    tables = load(tmp_path, rates=f"rate,service,note\n{rows}")

    assert [(row.rate, row.note) for row in tables.rates] == [(70, 'one, two\nand "three"'), (75, "four")]
    assert [str(row.place) for row in tables.rates] == ["mappings/rates.csv:2", "mappings/rates.csv:4"]


def test_column_names_match_whatever_their_case_and_spacing(tmp_path: Path) -> None:
    tables = load(tmp_path, clients=" Source Client , QuickBooks_Customer\nHQ,Hydro-Québec\n")

    assert [(row.source_client, row.quickbooks_customer) for row in tables.clients] == [(("HQ",), "Hydro-Québec")]


def test_empty_rows_are_left_out_and_keep_the_line_numbers(tmp_path: Path) -> None:
    tables = load(tmp_path, rates="service,rate\n\n,\nConsultation,70\n\n")

    assert [(str(row.place), row.rate) for row in tables.rates] == [("mappings/rates.csv:4", Decimal(70))]


def test_matching_columns_hold_several_names_and_an_empty_cell_matches_all(tmp_path: Path) -> None:
    tables = load(tmp_path, rates="client,person,service,rate\nHydro-Québec | Nord*,,,70\n")

    row = tables.rates[0]

    assert (row.client, row.person, row.service) == (("Hydro-Québec", "Nord*"), (), ())


def test_every_column_of_clients_arrives(tmp_path: Path) -> None:
    header = "source,source_client,quickbooks_customer,language,currency,tax_code,terms,purchase_order,email_to,period,"
    header += (
        "one_invoice_per,lines_per,step_minutes,direction,applies_to,minimum_minutes,class,department,since,until,note"
    )
    row = "redmine,HQ,Hydro-Québec,fr-CA,cad,TPS,Net 30,required,a@hq.example|b@hq.example,Week,project,day,15,nearest,"
    row += "line,30,Énergie,Montréal,2026-01-01,2026-12-31,Ancien client"

    tables = load(tmp_path, clients=f"{header}\n{row}\n")

    expected = ClientRow(
        place=tables.clients[0].place,
        source=("redmine",),
        source_client=("HQ",),
        quickbooks_customer="Hydro-Québec",
        language="fr-CA",
        currency="CAD",
        tax_code="TPS",
        terms="Net 30",
        purchase_order="required",
        email_to="a@hq.example, b@hq.example",
        period="week",
        one_invoice_per="project",
        lines_per="day",
        step_minutes=15,
        direction="nearest",
        applies_to="line",
        minimum_minutes=30,
        class_name="Énergie",
        department="Montréal",
        since=date(2026, 1, 1),
        until=date(2026, 12, 31),
        note="Ancien client",
    )
    assert tables.clients == (expected,)


def test_a_retainer_takes_the_neutral_policies_and_has_its_defaults(tmp_path: Path) -> None:
    tables = load(
        tmp_path,
        retainers="client,name,kind,services,hours,fee,unused,draw,prorate\n"
        "Hydro-Québec,Soutien,minimum,Consultation,8,840,lost,chronological,no\nNordik Brewing,Care,minimum,,,500,,,\n",
    )

    first, second = tables.retainers
    assert (first.services, first.hours, first.fee, first.every) == (
        ("Consultation",),
        Decimal(8),
        Decimal(840),
        "month",
    )
    assert second == RetainerRow(second.place, "Nordik Brewing", "Care", "minimum", fee=Decimal(500))


def test_fixed_fees_come_on_a_calendar_or_once(tmp_path: Path) -> None:
    tables = load(
        tmp_path,
        fixed_fees="client,description,amount,every,on,covers,prorate\n"
        "Hydro-Québec,Site,434,month,1,yes,30\nHydro-Québec,Audit,-1800.50,,2026-10-30,,\n",
    )

    first, second = tables.fixed_fees
    assert (first.every, first.on, first.covers, first.prorate) == ("month", "1", True, "30")
    assert second == FixedFeeRow(second.place, "Hydro-Québec", "Audit", Decimal("-1800.50"), on="2026-10-30")


def test_services_may_be_measured_in_days_and_not_be_billed(tmp_path: Path) -> None:
    tables = load(tmp_path, services="source_service,quickbooks_item,billable,unit\n,Services,No,day\n")

    row = tables.services[0]
    assert (row.source_service, row.service, row.billable, row.unit) == ((), "", False, "day")


def test_any_client_may_be_named_where_a_row_takes_the_sources_names(tmp_path: Path) -> None:
    tables = load(tmp_path, clients="source_client,quickbooks_customer\n,=\n", rates="client,rate\nAnybody,70\n")

    assert tables.rates[0].client == ("Anybody",)


def test_rates_that_follow_each_other_or_differ_in_strength_are_no_tie(tmp_path: Path) -> None:
    rows = "Hydro-Québec,,70,CAD,,2026-06-30\nHydro-Québec,,75,CAD,2026-07-01,\nHydro-Québec,Consultation,80,CAD,,\n"
    rows += "Hydro*,,60,CAD,,\n,,50,CAD,,\n,,40,USD,,\n"

    assert len(load(tmp_path, rates=HEADER + rows).rates) == 6


def test_a_workbook_gives_numbers_days_and_booleans_exactly(tmp_path: Path) -> None:
    write_workbook(
        tmp_path / "tables.xlsx",
        {
            "Rates": [
                ["client", "service", "rate", "currency", "from", "note"],
                ["Hydro-Québec", "Consultation", 70.1, "CAD", date(2026, 4, 1), 4500012],
                [],
                ["", "", Formula("=60*2", "120"), "", "2026-04-01", True],
            ],
            "fixed fees": [
                ["client", "description", "amount", "on", "covers"],
                ["Hydro-Québec", "Audit", 1800, date(2026, 10, 30), True],
            ],
        },
    )

    tables = load(tmp_path)

    assert [(row.rate, row.valid_from, row.note) for row in tables.rates] == [
        (Decimal("70.1"), date(2026, 4, 1), "4500012"),
        (Decimal(120), date(2026, 4, 1), "yes"),
    ]
    assert [str(row.place) for row in tables.rates] == [
        "mappings/tables.xlsx:Rates!A2",
        "mappings/tables.xlsx:Rates!A4",
    ]
    assert [(row.on, row.covers) for row in tables.fixed_fees] == [("2026-10-30", True)]


def test_a_workbook_of_another_program_is_read_and_its_failed_formulas_are_seen(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "rates"
    sheet.append(["service", "rate", "note"])
    sheet.append(["Consultation", 70.25, "fine"])
    sheet.append(["#N/A", 75, ""])
    book.save(tmp_path / "Tarifs & co.xlsx")
    write(tmp_path, {"services.csv": SERVICES})

    tables, problems = load_tables(tmp_path)

    assert [row.rate for row in tables.rates] == [Decimal("70.25")]
    assert [(str(problem.place), problem.code) for problem in problems] == [
        ("mappings/Tarifs & co.xlsx:rates!A3", "cell-failed")
    ]


def test_hidden_files_and_lock_files_are_not_looked_at(tmp_path: Path) -> None:
    write(tmp_path, {".rates.csv": "x", "~$tables.xlsx": b"lock", "notes.txt": "x", "old/rates.csv": "x"})

    assert load(tmp_path).rates == ()


def test_a_table_of_headers_alone_is_empty(tmp_path: Path) -> None:
    assert load(tmp_path, rates=HEADER).rates == ()


def test_the_currency_of_the_company_decides_how_fine_a_fee_may_be(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"clients.csv": CLIENTS, "fixed_fees.csv": "client,description,amount,on\nHydro-Québec,A,1.005,2026-10-30\n"},
    )

    def codes(problems: list[Problem]) -> list[str]:
        return [problem.code for problem in problems]

    assert codes(load_tables(tmp_path, currency="CAD")[1]) == ["too-many-decimals"]
    assert codes(load_tables(tmp_path, currency="KWD")[1]) == []


def test_a_client_named_as_its_source_names_it_has_the_currency_of_its_row(tmp_path: Path) -> None:
    clients = "source_client,quickbooks_customer,currency\nNorthwind,=,USD\nUS *,=,USD\nUS Home,=,\nHydro,=,\n"
    rates = "client,rate,currency\nNorthwind,80,USD\nUS Steel,90,USD\nUS Home,70,CAD\nHydro,70,CAD\n"
    fees = "client,description,amount,every,from,currency\nUS Steel,Hosting,10,month,2026-10-01,USD\n"
    write(tmp_path, {"clients.csv": clients, "rates.csv": rates, "fixed_fees.csv": fees})
    tables, problems = load_tables(tmp_path, currency="CAD")

    assert problems == []
    assert [row.currency for row in tables.rates] == ["USD", "USD", "CAD", "CAD"]


def test_ten_thousand_rates_are_read_in_a_few_seconds(tmp_path: Path) -> None:
    rows = "".join(f"Hydro-Québec,{number},Consultation,{number % 90 + 60}.25\n" for number in range(10_000))

    tables = load(tmp_path, rates=f"client,project,service,rate\n{rows}")

    assert len(tables.rates) == 10_000
    assert tables.rates[-1].rate == Decimal("69.25")
