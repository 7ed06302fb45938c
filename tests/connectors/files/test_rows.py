"""What a row of a file means, and what is said of one that means nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.source import Record
from mappings.work import Task, WorkItem
from tests.connectors.files.world import drop, files_source, items, problems, records


def only_item(folder: Path, text: str, hours_per_day: str = "7.5") -> WorkItem:
    drop(folder, "work.csv", text)
    (item,) = items(files_source(folder, hours_per_day=Decimal(hours_per_day)))
    return item


def test_every_default_column_reaches_its_field(tmp_path: Path) -> None:
    item = only_item(
        tmp_path,
        "id,kind,date,hours,person,client,project,task,service,billable,approved,approved_on,rate,currency,"
        "purchase_order,notes,updated_at\n"
        'T1,time,2026-10-05,1.5,Ada,Acme,Site,Home page,Design,no,yes,2026-11-01,95.50,cad,PO 7,"a, b",2026-10-06\n',
    )

    assert item == WorkItem(
        source="sheets",
        id="T1",
        worked_on=date(2026, 10, 5),
        seconds=5400,
        person="Ada",
        client="Acme",
        project="Site",
        task="Home page",
        service="Design",
        billable=False,
        sign_off="approved",
        signed_off_on=date(2026, 11, 1),
        purchase_order="PO 7",
        source_rate=Decimal("95.50"),
        source_currency="CAD",
        notes="a, b",
    )


@pytest.mark.parametrize(
    ("column", "value", "seconds"),
    [
        ("hours", "0.33", 1188),
        ("hours", "1.1234", 4044),
        ("hours", "-0.5", -1800),
        ("minutes", "20", 1200),
        ("minutes", "0.025", 2),
        ("seconds", "0.5", 1),
        ("seconds", "-0.5", -1),
        ("seconds", "59.4", 59),
        ("days", "0.5", 13500),
    ],
)
def test_a_duration_becomes_whole_seconds_half_up(tmp_path: Path, column: str, value: str, seconds: int) -> None:
    assert only_item(tmp_path, f"date,{column}\n2026-10-05,{value}\n").seconds == seconds


def test_a_day_is_as_long_as_the_company_says(tmp_path: Path) -> None:
    assert only_item(tmp_path, "date,days\n2026-10-05,2\n", hours_per_day="8").seconds == 57_600


@pytest.mark.parametrize(("text", "sign_off"), [("yes", "approved"), ("NO", "refused"), ("", "unknown")])
def test_a_blank_approval_is_unknown(tmp_path: Path, text: str, sign_off: str) -> None:
    assert only_item(tmp_path, f"date,hours,approved\n2026-10-05,1,{text}\n").sign_off == sign_off


def test_work_is_billable_unless_the_row_says_no(tmp_path: Path) -> None:
    drop(tmp_path, "work.csv", "date,hours,billable\n2026-10-05,1,\n2026-10-06,1,yes\n2026-10-07,1,no\n")

    assert [item.billable for item in items(files_source(tmp_path))] == [True, True, False]


def test_a_start_and_an_end_make_the_duration_and_the_day(tmp_path: Path) -> None:
    item = only_item(tmp_path, "start,end\n2026-10-31T23:30-04:00,2026-11-01T00:45-04:00\n")

    assert (item.worked_on, item.seconds) == (date(2026, 10, 31), 4500)
    assert item.started_at == datetime(2026, 11, 1, 3, 30, tzinfo=UTC)


def test_an_instant_of_another_zone_belongs_to_the_companys_day(tmp_path: Path) -> None:
    item = only_item(tmp_path, "start,hours\n2026-11-01T03:30:00Z,1\n")

    assert item.worked_on == date(2026, 10, 31)


def test_a_written_duration_counts_beside_clock_times(tmp_path: Path) -> None:
    item = only_item(tmp_path, "start,end,hours\n2026-10-05T09:00,2026-10-05T17:00,7\n")

    assert (item.seconds, item.ended_at) == (25_200, datetime(2026, 10, 5, 21, tzinfo=UTC))


def test_a_local_time_that_occurs_twice_is_the_first(tmp_path: Path) -> None:
    item = only_item(tmp_path, "start,hours\n2026-11-01T01:30,1\n")

    assert item.started_at == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_work_across_the_autumn_change_lasts_an_hour_longer(tmp_path: Path) -> None:
    assert only_item(tmp_path, "start,end\n2026-11-01T00:30,2026-11-01T03:30\n").seconds == 4 * 3600


def test_a_row_of_kind_task_is_a_task(tmp_path: Path) -> None:
    drop(
        tmp_path,
        "work.csv",
        "kind,date,hours,client,project,task,parent_task,task_done\n"
        "time,2026-10-05,1,Acme,Site,Home page,,\n"
        "task,,,Acme,Site,Home page,Relaunch,2026-10-20\n"
        "task,,,Acme,Site,Relaunch,,no\n",
    )
    found = [record.item for record in records(files_source(tmp_path))]

    assert found[:2] == [
        Task("sheets", "Home page", "Home page", "Acme", "Site", "Relaunch", done=True, done_on=date(2026, 10, 20)),
        Task("sheets", "Relaunch", "Relaunch", "Acme", "Site"),
    ]
    assert isinstance(found[2], WorkItem)


BAD_ROWS = [
    ("date,hours", "2026-10-05,seven", "number-wrong", "hours: 'seven' is not a number."),
    ("date,hours", "2026-10-05,1:30", "number-wrong", "hours: '1:30' is a clock time, not a number."),
    (
        "date,hours",
        '2026-10-05,"7,5"',
        "number-wrong",
        "hours: '7,5' has a decimal comma in a file that is not separated by ';'.",
    ),
    ("date,hours", "2026-10-05,1e3", "number-wrong", "hours: '1e3' is not a number."),
    ("date,hours", "2026-10-05,nan", "number-wrong", "hours: 'nan' is not a number."),
    ("date,hours", "05/10/2026,1", "date-wrong", "date: '05/10/2026' is not a date."),
    ("date,hours", "2026-02-30,1", "date-wrong", "date: '2026-02-30' is not a date."),
    ("date,hours", ",1", "date-missing", "date: The row says no day."),
    ("date,hours", "2026-10-05,", "duration-missing", "hours: The row says no duration."),
    ("date,hours,minutes", "2026-10-05,1,60", "duration-twice", "minutes: hours is given as well."),
    ("start,end", "2026-10-05T10:00,2026-10-05T09:00", "end-before-start", "end: The end is before the start."),
    ("start,end", "2026-10-05T10:00,", "duration-missing", "hours: The row says no duration."),
    (
        "start,hours",
        "2026-03-08T02:30,1",
        "local-time-missing",
        "start: '2026-03-08T02:30' does not exist in America/Toronto: clocks went forward.",
    ),
    ("start,hours", "09:00,1", "instant-wrong", "start: '09:00' is not an instant."),
    (
        "date,start,hours",
        "2026-10-05,2026-10-06T09:00,1",
        "date-differs",
        "date: 2026-10-05 is not the day of the start, 2026-10-06.",
    ),
    ("date,hours,billable", "2026-10-05,1,maybe", "yes-or-no", "billable: 'maybe' is neither yes nor no."),
    (
        "date,hours,approved_on",
        "2026-10-05,1,2026-10-06",
        "approval-unclear",
        "approved_on: It is dated, but approved is blank.",
    ),
    ("date,hours,currency", "2026-10-05,1,dollars", "currency-wrong", "currency: 'dollars' is not a currency."),
    ("date,hours,kind", "2026-10-05,1,expense", "column-not-of-kind", "hours: A row of kind expense has none."),
    ("date,rate,kind", "2026-10-05,95,product", "column-not-of-kind", "rate: A row of kind product has none."),
    ("date,hours,amount", "2026-10-05,1,95", "column-not-of-kind", "amount: A row of kind time has none."),
    ("kind,task,amount", "task,Site,95", "column-not-of-kind", "amount: A row of kind task has none."),
    (
        "date,kind,amount",
        "2026-10-05,expense,1.000001",
        "number-too-fine",
        "amount: '1.000001' has more than 5 decimals.",
    ),
    (
        "date,kind,quantity",
        "2026-10-05,expense,0.123456",
        "number-too-fine",
        "quantity: '0.123456' has more than 5 decimals.",
    ),
    ("date,kind,rebate_percent", "2026-10-05,expense,100.5", "rebate-wrong", "rebate_percent: 100.5 is no rebate."),
    ("date,kind,rebate_percent", "2026-10-05,expense,-1", "rebate-wrong", "rebate_percent: -1 is no rebate."),
    (
        "date,kind,quantity,amount",
        "2026-10-05,expense,100000,-1000000",
        "item-too-large",
        "quantity: It is more than QuickBooks takes on a line.",
    ),
    ("date,hours,kind", "2026-10-05,1,tim", "kind-unknown", "kind: 'tim' is no kind of row."),
    (
        "date,hours,parent_task",
        "2026-10-05,1,Relaunch",
        "task-missing",
        "task: The row speaks of a task and does not name it.",
    ),
    ("kind,date,task,hours", "task,,Home page,2", "column-not-of-kind", "hours: A row of kind task has none."),
    ("kind,date,task", "task,,", "task-missing", "task: The row speaks of a task and does not name it."),
    ("kind,task,task_done", "task,Home page,soon", "date-wrong", "task_done: 'soon' is not a date."),
    ("date,hours,notes", "2026-10-05,1", "row-shape", "The row has 2 cells, its headings are 3."),
    ("date,hours", "2026-10-05,7,5", "row-shape", "The row has 3 cells, its headings are 2."),
]


@pytest.mark.parametrize(("headings", "row", "code", "what"), BAD_ROWS, ids=[f"{bad[2]}-{bad[1]}" for bad in BAD_ROWS])
def test_a_bad_row_is_told_by_its_value_and_fix(tmp_path: Path, headings: str, row: str, code: str, what: str) -> None:
    drop(tmp_path, "work.csv", f"{headings}\n{row}\n")

    (problem,) = problems(files_source(tmp_path))

    assert (problem.code, problem.what) == (code, what)
    assert problem.fix
    assert problem.place is not None
    assert (problem.place.file, problem.place.line) == ("inbox/work.csv", 2)


def test_everything_wrong_with_a_row_is_told_at_once(tmp_path: Path) -> None:
    drop(tmp_path, "work.csv", "date,hours,billable\n31/10,x,perhaps\n")

    (problem,) = problems(files_source(tmp_path))

    assert problem.what == (
        "date: '31/10' is not a date. hours: 'x' is not a number. billable: 'perhaps' is neither yes nor no."
    )


def test_a_problem_is_placed_at_its_cell(tmp_path: Path) -> None:
    drop(tmp_path, "work.csv", "date,client,hours\n2026-10-05,Acme,1\n2026-10-06, Boréal ,seven\n")

    (problem,) = problems(files_source(tmp_path))
    place = problem.place

    assert place is not None
    assert (str(place), place.excerpt) == ("inbox/work.csv:3:3", "2026-10-06, Boréal ,seven")
    assert place.excerpt[place.mark_start : place.mark_start + place.mark_length] == "seven"
    assert problem.subject == "Boréal"


def test_a_line_is_counted_although_a_cell_before_it_spans_two(tmp_path: Path) -> None:
    drop(tmp_path, "work.csv", 'date,hours,notes\n2026-10-05,1,"two\nlines"\n2026-10-06,seven,\n')

    (problem,) = problems(files_source(tmp_path))

    assert problem.place is not None
    assert problem.place.line == 4


def test_days_without_a_length_are_a_problem(tmp_path: Path) -> None:
    drop(tmp_path, "work.csv", "date,days\n2026-10-05,1\n")

    assert [each.code for each in problems(files_source(tmp_path, hours_per_day=None))] == ["days-without-length"]


def keys(found: list[Record]) -> list[str]:
    return [record.key for record in found]


def test_a_row_without_an_id_keeps_its_key_when_its_hours_or_notes_change(tmp_path: Path) -> None:
    drop(tmp_path, "work.csv", "date,hours,client,notes\n2026-10-05,1,Acme,a\n2026-10-05,2,Acme,b\n")
    before = keys(records(files_source(tmp_path)))
    drop(tmp_path, "work.csv", "client,notes,date,hours\nAcme,c,2026-10-05,1.5\nAcme,b,2026-10-05,2\n")

    assert keys(records(files_source(tmp_path))) == before
    assert len(set(before)) == 2


def test_a_row_without_an_id_has_another_key_for_another_client(tmp_path: Path) -> None:
    drop(tmp_path, "work.csv", "date,hours,client\n2026-10-05,1,Acme\n2026-10-05,1,Boréal\n2026-10-06,1,Acme\n")

    assert len(set(keys(records(files_source(tmp_path))))) == 3


def test_the_order_of_other_rows_does_not_touch_a_key(tmp_path: Path) -> None:
    drop(tmp_path, "work.csv", "date,hours,client\n2026-10-05,1,Acme\n2026-10-06,2,Acme\n")
    before = {record.key: record.item for record in records(files_source(tmp_path))}
    drop(tmp_path, "work.csv", "date,hours,client\n2026-10-04,9,Zeta\n2026-10-06,2,Acme\n2026-10-05,1,Acme\n")
    after = {record.key: record.item for record in records(files_source(tmp_path))}

    assert {key: after[key] for key in before} == before


def test_an_expense_is_read_with_all_that_only_it_has(tmp_path: Path) -> None:
    item = only_item(
        tmp_path,
        "id,kind,date,quantity,amount,rebate_percent,tax_code,currency,client,service\n"
        "E1,expense,2026-10-05,2.50,1300.00,7.5,Exempt,usd,Acme,Hotel\n",
    )

    assert item == WorkItem(
        source="sheets",
        id="E1",
        worked_on=date(2026, 10, 5),
        seconds=0,
        client="Acme",
        service="Hotel",
        source_currency="USD",
        kind="expense",
        quantity=Decimal("2.5"),
        amount=Decimal(1300),
        rebate_percent=Decimal("7.5"),
        tax_code="Exempt",
    )
    assert f"{item.amount}" == "1300", "one way to write a number, so that 1300.0 is no other revision"


def test_a_priced_item_without_a_quantity_is_one(tmp_path: Path) -> None:
    item = only_item(tmp_path, "date,kind,amount\n2026-10-05,product,-19.99\n")

    assert (item.kind, item.quantity, item.amount) == ("product", Decimal(1), Decimal("-19.99"))


def test_a_priced_item_without_an_amount_is_priced_by_the_rate_table(tmp_path: Path) -> None:
    item = only_item(tmp_path, "date,kind,quantity,amount\n2026-10-05,product,0,\n")

    assert (item.quantity, item.amount) == (Decimal(0), None)


def test_an_expense_beside_alike_time_leaves_the_time_its_key(tmp_path: Path) -> None:
    drop(tmp_path, "work.csv", "date,hours,client\n2026-10-05,1,Acme\n")
    (alone,) = items(files_source(tmp_path))
    drop(tmp_path, "work.csv", "kind,date,hours,amount,client\nexpense,2026-10-05,,9,Acme\n,2026-10-05,1,,Acme\n")
    expense, time = items(files_source(tmp_path))

    assert (time.kind, time.id) == ("time", alone.id)
    assert expense.id != alone.id


def test_rows_of_work_say_what_they_know_of_their_tasks(tmp_path: Path) -> None:
    drop(
        tmp_path,
        "work.csv",
        "id,kind,date,hours,amount,client,task,parent_task,task_done\n"
        "1,,2026-10-05,1,,Acme,Pipes,Kitchen,no\n"
        "2,expense,2026-10-06,,9,Acme,Pipes,,2026-10-06\n"
        "3,,2026-10-07,1,,Acme,Pipes,,\n"
        "4,,2026-10-07,1,,Acme,Tiles,Bathroom,yes\n"
        "5,,2026-10-07,1,,Acme,Paint,,\n"
        ",task,,,,Acme,Tiles,Kitchen,no\n",
    )

    tasks = [each.item for each in records(files_source(tmp_path)) if isinstance(each.item, Task)]

    assert tasks == [
        Task("sheets", "Pipes", "Pipes", "Acme", parent="Kitchen", done=True, done_on=date(2026, 10, 6)),
        Task("sheets", "Tiles", "Tiles", "Acme", parent="Kitchen"),
    ]
