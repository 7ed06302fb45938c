"""Several files, the days that they are the whole truth for, and files that are still being written."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connectors.files.settling import QUIET_SECONDS
from connectors.source import Page, SourceError, Span, Window
from tests.connectors.contract import OCTOBER, records, work
from tests.connectors.files.world import drop, files_source, items, problems, pull
from tests.support.clock import FakeClock

HEAD = "id,date,hours,updated_at\n"


def spans(pages: list[Page]) -> list[Span]:
    return [page.complete for page in pages if page.complete]


def seconds(folder: Path) -> dict[str, int]:
    return {item.id: item.seconds for item in items(files_source(folder))}


def test_the_later_of_two_files_counts(tmp_path: Path) -> None:
    drop(tmp_path, "2026-10.csv", f"{HEAD}A,2026-10-05,1,\nB,2026-10-06,2,\n")
    drop(tmp_path, "2026-10b.csv", f"{HEAD}A,2026-10-05,3,\n")

    assert seconds(tmp_path) == {"A": 10_800, "B": 7200}


def test_the_newer_row_counts_when_both_say_so(tmp_path: Path) -> None:
    drop(tmp_path, "a.csv", f"{HEAD}A,2026-10-05,1,2026-10-09\nB,2026-10-05,1,2026-10-05T10:00Z\n")
    drop(tmp_path, "b.csv", f"{HEAD}A,2026-10-05,3,2026-10-08\nB,2026-10-05,3,2026-10-05T11:00Z\n")

    assert seconds(tmp_path) == {"A": 3600, "B": 10_800}


def test_the_same_file_under_two_names_is_the_same_work(tmp_path: Path) -> None:
    text = "date,hours,client\n2026-10-05,1,Acme\n2026-10-05,1,Acme\n"
    drop(tmp_path, "a.csv", text)
    once = records(pull(files_source(tmp_path)))
    drop(tmp_path, "a (1).csv", text)

    assert records(pull(files_source(tmp_path))) == once
    assert len(once) == 2


def test_one_id_twice_in_a_file_is_a_problem(tmp_path: Path) -> None:
    drop(tmp_path, "a.csv", f"{HEAD}A,2026-10-05,1,\nA,2026-10-06,1,\nB,2026-10-07,1,\n")

    (problem,) = problems(files_source(tmp_path))

    assert problem.what == "The id A stands twice, here and at inbox/a.csv:2, with different values."
    assert str(problem.place) == "inbox/a.csv:3"


def test_files_are_not_the_whole_truth_unless_the_settings_say_so(tmp_path: Path) -> None:
    drop(tmp_path, "a.csv", f"{HEAD}A,2026-10-05,1,\n")

    assert spans(pull(files_source(tmp_path))) == []
    assert spans(pull(files_source(tmp_path, complete=True))) == [Span(date(2026, 10, 5), date(2026, 10, 5))]


def test_days_that_no_file_speaks_about_are_not_complete(tmp_path: Path) -> None:
    drop(tmp_path, "august.csv", f"{HEAD}A,2026-08-03,1,\nB,2026-08-28,1,\n")
    drop(tmp_path, "october.csv", f"{HEAD}C,2026-10-01,1,\nD,2026-10-15,1,\n")
    drop(tmp_path, "october-2.csv", f"{HEAD}E,2026-10-16,1,\nF,2026-10-31,1,\n")

    assert spans(pull(files_source(tmp_path, complete=True))) == [
        Span(date(2026, 8, 3), date(2026, 8, 28)),
        Span(date(2026, 10, 1), date(2026, 10, 31)),
    ]


def test_a_row_removed_at_the_edge_of_its_file_is_still_missed(tmp_path: Path) -> None:
    drop(tmp_path, "a.csv", f"{HEAD}A,2026-10-05,1,\nB,2026-10-30,1,\n")
    first = pull(files_source(tmp_path, complete=True))
    drop(tmp_path, "a.csv", f"{HEAD}A,2026-10-05,1,\n")
    second = pull(files_source(tmp_path, complete=True), dict(first[-1].cursor))

    assert work(second).keys() == {"A"}
    assert spans(second) == [Span(date(2026, 10, 5), date(2026, 10, 30))]


def test_a_file_that_is_gone_says_nothing_about_its_days(tmp_path: Path) -> None:
    drop(tmp_path, "b.csv", f"{HEAD}B,2026-10-30,1,\n")
    gone = drop(tmp_path, "a.csv", f"{HEAD}A,2026-10-05,1,\n")
    first = pull(files_source(tmp_path, complete=True))
    gone.unlink()
    second = pull(files_source(tmp_path, complete=True), dict(first[-1].cursor))

    assert spans(second) == [Span(date(2026, 10, 30), date(2026, 10, 30))]


def test_one_bad_row_keeps_everything_from_being_complete(tmp_path: Path) -> None:
    drop(tmp_path, "a.csv", f"{HEAD}A,2026-10-05,1,\nB,2026-10-06,x,\n")
    drop(tmp_path, "b.csv", f"{HEAD}C,2026-10-07,1,\n")

    pages = pull(files_source(tmp_path, complete=True))

    assert (spans(pages), set(work(pages))) == ([], {"A", "C"})


def test_a_folder_that_is_gone_ends_the_pull(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        pull(files_source(tmp_path, complete=True))


def test_an_empty_folder_is_a_warning_and_concludes_nothing(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    source = files_source(tmp_path, complete=True)

    assert [(problem.code, problem.warning) for problem in source.check().problems] == [("no-files", True)]
    assert spans(pull(source)) == []


def test_a_file_that_the_path_does_not_match_is_named(tmp_path: Path) -> None:
    drop(tmp_path, "October.CSV", f"{HEAD}A,2026-10-05,1,\n")

    (problem,) = files_source(tmp_path, path="inbox/*.csv").check().problems

    assert (problem.code, "October.CSV" in problem.what) == ("no-files", True)


def test_locks_of_a_spreadsheet_program_and_folders_are_left_out(tmp_path: Path) -> None:
    drop(tmp_path, "~$work.xlsx", b"lock")
    drop(tmp_path, ".hidden.csv", b"x")
    (tmp_path / "inbox" / "done").mkdir()
    drop(tmp_path, "a.csv", f"{HEAD}A,2026-10-05,1,\n")

    assert seconds(tmp_path) == {"A": 3600}


def test_the_check_counts_rows_and_tells_each_problem(tmp_path: Path) -> None:
    drop(tmp_path, "a.csv", f"{HEAD}A,2026-10-05,1,\nB,2026-10-06,x,\n")
    drop(tmp_path, "b.csv", b"")

    health = files_source(tmp_path).check()

    assert health.says == "inbox/*: 2 rows, files: 2."
    assert sorted(problem.code for problem in health.problems) == ["file-empty", "number-wrong"]


@pytest.mark.parametrize(("complete", "codes"), [(False, ["rows-without-id"]), (True, [])])
def test_rows_without_an_id_are_a_warning_unless_the_files_are_the_whole_truth(
    tmp_path: Path, complete: bool, codes: list[str]
) -> None:
    drop(tmp_path, "a.csv", f"{HEAD}A,2026-10-05,1,\n,2026-10-06,1,\n")
    found = files_source(tmp_path, complete=complete).check().problems

    assert [problem.code for problem in found] == codes
    assert all(problem.warning and problem.what.startswith("Rows without an id: 1.") for problem in found)


class WritingClock(FakeClock):
    """While it sleeps, somebody goes on writing a file."""

    def __init__(self, path: Path, more: str) -> None:
        super().__init__(datetime.fromtimestamp(path.stat().st_mtime, UTC))
        self.path, self.more = path, more

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        with self.path.open("a") as file:
            file.write(self.more)


def test_a_file_that_grows_while_it_is_watched_is_left_for_the_next_pull(tmp_path: Path) -> None:
    drop(tmp_path, "a.csv", f"{HEAD}A,2026-10-05,1,\n")
    path = drop(tmp_path, "b.csv", f"{HEAD}B,2026-10-06,7")
    clock = WritingClock(path, ".5,\n")
    pages = pull(files_source(tmp_path, complete=True, clock=clock))

    assert (set(work(pages)), spans(pages)) == ({"A"}, [])
    assert {key: item.seconds for key, item in work(pull(files_source(tmp_path))).items()} == {"A": 3600, "B": 27_000}


def test_a_young_file_that_stands_still_is_read_after_one_short_wait(tmp_path: Path) -> None:
    path = drop(tmp_path, "a.csv", f"{HEAD}A,2026-10-05,1,\n")
    clock = FakeClock(datetime.fromtimestamp(path.stat().st_mtime, UTC))

    assert set(work(pull(files_source(tmp_path, clock=clock)))) == {"A"}
    assert clock.slept == [QUIET_SECONDS]


def test_an_old_file_is_read_at_once(tmp_path: Path) -> None:
    path = drop(tmp_path, "a.csv", f"{HEAD}A,2026-10-05,1,\n")
    clock = FakeClock()
    an_hour_ago = clock.now().timestamp() - 3600
    os.utime(path, (an_hour_ago, an_hour_ago))

    assert set(work(pull(files_source(tmp_path, clock=clock)))) == {"A"}
    assert clock.slept == []


def test_a_full_pull_finds_what_was_deleted_on_a_file_s_last_day(tmp_path: Path) -> None:
    drop(tmp_path, "a.csv", f"{HEAD}A,2026-10-05,1,\n")
    cursor = {"spans": {"inbox/a.csv": ["2026-01-01", "2026-12-31"]}}

    pages = list(files_source(tmp_path, complete=True).pull(cursor, Window(OCTOBER, full=True)))

    assert spans(pages) == [Span(date(2026, 1, 1), date(2026, 12, 31))]


ROW = "date,hours,person,client,service,notes\n2026-10-05,{hours},Marie,Hydro,consulting,{notes}\n"


def test_a_row_without_an_id_that_replaces_another_in_an_earlier_file_is_told(tmp_path: Path) -> None:
    """7.5 h would else be lost without a word, if the second file holds other work of the same day."""
    drop(tmp_path, "a.csv", ROW.format(hours="7.5", notes="Audit"))
    drop(tmp_path, "b.csv", ROW.format(hours="1.5", notes="Call"))

    [problem] = problems(files_source(tmp_path))

    assert (problem.code, problem.warning, str(problem.place)) == ("row-replaced", True, "inbox/b.csv:2")
    assert "(1.50 h) replaces the one at inbox/a.csv:2 (7.50 h)" in problem.what
    assert problem in files_source(tmp_path).check().problems


def test_the_same_row_in_two_exports_replaces_nothing(tmp_path: Path) -> None:
    drop(tmp_path, "a.csv", ROW.format(hours="7.5", notes="Audit"))
    drop(tmp_path, "b.csv", ROW.format(hours="7.5", notes="Audit"))

    assert [item.seconds for item in items(files_source(tmp_path))] == [27000]


def test_an_id_says_that_a_later_row_is_a_correction(tmp_path: Path) -> None:
    for name, hours in (("a.csv", "7.5"), ("b.csv", "1.5")):
        text = ROW.format(hours=hours, notes="Audit").replace("date,", "id,date,").replace("2026", "E-1,2026")
        drop(tmp_path, name, text)

    assert [item.seconds for item in items(files_source(tmp_path))] == [5400]
