"""Other tables over past periods: both sides are computed alike, beside what was billed, and nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from mappings.periods import Period, month_of
from mappings.tables.instead import read_instead
from syncd.config import load_config
from syncd.engine.decide import By, write_off_entry
from syncd.engine.simulate import Simulated, TablesWrongError, other_tables, simulate
from syncd.reports.simulate import report_simulate
from syncd.store import schema
from syncd.store.database import Store
from tests.support.clock import FakeClock
from tests.support.office import Office, open_office

NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 3), date(2026, 12, 3), date(2027, 1, 4)
OCTOBER, QUARTER = month_of(date(2026, 10, 1)), Period(date(2026, 10, 1), date(2026, 12, 31), "last-quarter")
HEAD = "id,date,hours,client,service\n"
FIRST = "1,2026-10-05,2,Hydro,consulting\n2,2026-10-06,1,Sud,consulting\n"
SECOND = "3,2026-11-05,4,Hydro,consulting\n"
DEARER = "service,rate\nConsultation,90.00\n"


@pytest.fixture
def office(store: Store, tmp_path: Path, clock: FakeClock) -> Iterator[Office]:
    with open_office(store, tmp_path, clock) as office:
        office.folder.inbox(HEAD + FIRST)
        office.cycle(NOVEMBER)
        yield office


def table(office: Office, name: str, text: str) -> None:
    office.folder.table(name, text)
    office.config = load_config(office.config.path)


def tried(
    office: Office, text: str, period: Period = OCTOBER, today: date = JANUARY, client: str = "", name: str = "rates"
) -> dict[str, tuple[str, str, str]]:
    """Per client what was billed, what the present tables come to, and what a table like this would."""
    found = ask(office, text, period, today, client, name)
    report = report_simulate("Boréal", found, [name], client, period, now=office.clock.now(), today=today)
    return {one.client: (str(one.billed), str(one.present), str(one.simulated)) for one in report.clients}


def ask(
    office: Office, text: str, period: Period = OCTOBER, today: date = JANUARY, client: str = "", name: str = "rates"
) -> Simulated:
    folder = office.folder.folder / "other"
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.csv"
    path.write_text(text, encoding="utf-8")
    instead, problems = read_instead(path, None) if name == "rates" else read_instead(None, folder)
    assert problems == []
    tables = other_tables(office.config, instead)
    return simulate(office.store, office.config, tables, period, today, client)


def sizes(office: Office) -> list[int]:
    with office.store.read() as connection:
        tables = schema.metadata.sorted_tables
        return [connection.execute(select(func.count()).select_from(one)).scalar_one() for one in tables]


def test_the_difference_is_told_per_client_and_nothing_is_written(office: Office) -> None:
    before, writes = sizes(office), office.writes()

    assert tried(office, DEARER) == {
        "Hydro-Québec": ("168.00", "168.00", "180.00"),
        "Sud": ("84.00", "84.00", "90.00"),
    }
    assert tried(office, DEARER, client="Sud") == {"Sud": ("84.00", "84.00", "90.00")}
    assert (sizes(office), office.writes()) == (before, writes)


def test_the_same_tables_differ_by_nothing(office: Office) -> None:
    found = ask(office, "client,person,service,rate,from,until\n,,Consultation,84.00,,\n")

    assert found.present.amounts == found.other.amounts == found.billed


def test_what_was_edited_since_is_computed_as_it_is_today_on_both_sides(office: Office) -> None:
    office.folder.inbox(HEAD + FIRST.replace("1,2026-10-05,2,", "1,2026-10-05,3,") + SECOND)
    office.cycle(DECEMBER)

    assert tried(office, DEARER, client="Hydro-Québec") == {"Hydro-Québec": ("168.00", "252.00", "270.00")}
    assert tried(office, DEARER, QUARTER, client="Hydro-Québec") == {"Hydro-Québec": ("588.00", "588.00", "630.00")}


def test_retainers_go_on_from_what_earlier_periods_were_billed(office: Office) -> None:
    row = "client,name,kind,hours,fee,item,unused,from\nHydro-Québec,Support,minimum,6,{},Consultation,carry-1-month,"
    table(office, "retainers", row.format(200) + "2026-11-01\n")
    office.folder.inbox(HEAD + FIRST + SECOND + "4,2026-12-05,7,Hydro,consulting\n")
    office.cycle(JANUARY)
    december = month_of(date(2026, 12, 1))

    # November used 4 h of 6 h, so that December had 8 h for its 7 h: there is no extra, whatever the fee.
    found = tried(office, row.format(250) + "2026-11-01\n", december, client="Hydro-Québec", name="retainers")

    assert found == {"Hydro-Québec": ("200.00", "200.00", "250.00")}


def test_work_that_was_written_off_is_let_go_by_any_tables(office: Office) -> None:
    office.folder.inbox(HEAD + FIRST + SECOND)
    office.steps.pull(NOVEMBER)
    office.draft(NOVEMBER)
    write_off_entry(office.store, office.config, "timesheets", "3", By("Marie", "agreed", office.clock.now(), NOVEMBER))

    assert tried(office, DEARER, QUARTER, client="Hydro-Québec") == {"Hydro-Québec": ("168.00", "168.00", "180.00")}


def test_what_other_tables_leave_without_a_rate_is_told(office: Office) -> None:
    found = ask(office, "client,service,rate\nSud,Consultation,90.00\n")

    assert found.other.blocked["Hydro-Québec", "CAD"] == 1
    assert [problem.code for problem in found.other.problems.values()] == ["no-rate"]
    assert found.present.problems == {}


def test_mistakes_in_another_table_are_told_with_their_place(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "new_rates.csv"
    path.write_text("client,service,rate\nHydra,Consultation,seventy\n", encoding="utf-8")
    instead, _ = read_instead(path, None)

    with pytest.raises(TablesWrongError) as raised:
        other_tables(office.config, instead)

    assert {str(problem.place).rpartition("/")[2] for problem in raised.value.problems} == {
        "new_rates.csv:2:1",
        "new_rates.csv:2:3",
    }


def test_a_client_billed_by_hand_is_computed_over_all_the_days(office: Office) -> None:
    rows = "source_client,quickbooks_customer,period\nHydro,Hydro-Québec,manual\nSud,=,\n"

    found = tried(office, rows, client="Hydro-Québec", name="clients")

    assert found == {"Hydro-Québec": ("168.00", "168.00", "168.00")}
