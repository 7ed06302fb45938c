"""Each scenario through real parts: pulled, drafted, approved and sent, and what QuickBooks then has, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors.emulator import Emulator
from syncd.store.database import Store
from tests.mappings.scenarios import in_quickbooks
from tests.mappings.scenarios.driving import TAX, Driver, driving
from tests.mappings.scenarios.reading import FOLDERS, read_expected, tell_document, wanted


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_scenario_reaches_quickbooks(folder: Path, tmp_path: Path, sqlite_store: Store):
    expected = read_expected(folder)
    with driving(folder, expected, tmp_path, sqlite_store) as driver:
        seen: set[tuple[str, str]] = set()
        for number, step in enumerate(expected["step"], start=1):
            driver.begin(number, step)
            _is_drafted(driver, step, f"step {number}")
            driver.send(step["today"])
            seen |= _is_in_quickbooks(driver, step, seen, f"step {number}")
            _credits_are_applied(driver.emulator)
        _adds_nothing(driver, expected["step"][-1])


def _adds_nothing(driver: Driver, step: Mapping[str, Any]) -> None:
    """The last step once more, now that QuickBooks was read: no document, no row, no write; and the proofs hold."""
    driver.read()
    before = driver.counted()
    driver.pull(step["today"])
    driver.send(step["today"])
    assert driver.counted() == before
    assert driver.differences(step["today"]) == {"0"}


def _is_drafted(driver: Driver, step: Mapping[str, Any], where: str) -> None:
    """What is drafted, and where the store says that all else stands."""
    if "open" in step:
        driver.read()
        open_items = [[client, kind, f"{day}", balance] for client, kind, day, balance, *_ in step["open"]]
        assert sorted(in_quickbooks.open_items(driver.emulator)) == sorted(open_items), where
    report = driver.draft(step["today"])
    told = {
        "problems": sorted(problem.code for problem in report.problems),
        "documents": [_without_default_tax(tell_document(each.document), driver) for each in report.documents],
        "elsewhere": driver.standings(),
    }
    # A tool is never asked for work from before go-live, so that none of it is in the store.
    due = wanted(step, history=True)
    if "go_live" in driver.expected:
        due["elsewhere"] = [row for row in due["elsewhere"] if row[-1] != "before-go-live"]
    assert told == due, where
    by_policy = [each for each in step.get("document", []) if each.get("approved_by_policy")]
    assert driver.approve_by_policy(report) == [(each["client"], each["period"]) for each in by_policy], where


def _is_in_quickbooks(
    driver: Driver, step: Mapping[str, Any], seen: set[tuple[str, str]], where: str
) -> set[tuple[str, str]]:
    """The documents that came with this step, each line of them; gives back which these are."""
    sent = in_quickbooks.documents(driver.emulator, seen)
    told = [_without_default_tax(document, driver) for document in sent.values()]
    due = [
        in_quickbooks.as_sent(document)
        for document in wanted(step)["documents"]
        if not document["problems"] and document["kind"] != "settlement"
    ]
    assert len(told) == len(due), where
    for each in (each for each in step.get("document", []) if "tax" in each):
        rows = [row for row in driver.invoices() if row["CustomerRef"]["name"] == each["client"]]
        assert f"{rows[-1]['TxnTaxDetail']['TotalTax']:.2f}" == each["tax"], where
    for document, other in zip(sorted(told, key=_order), sorted(due, key=_order), strict=True):
        other["lines"] = in_quickbooks.same_lines(document["lines"], other["lines"])
        assert document == other, where
    return set(sent)


def _order(document: Mapping[str, Any]) -> tuple[str, ...]:
    return (document["client"], document["dated"], document["kind"], document["subtotal"], str(document["lines"]))


def _without_default_tax(document: dict[str, Any], driver: Driver) -> dict[str, Any]:
    """A scenario that names no tax code says nothing of tax."""
    steps = driver.expected["step"]
    named = {code for step in steps for each in step.get("document", []) for code in each.get("taxed", ())}
    if TAX not in named:
        document["taxed"].pop(TAX, None)
    return document


def _credits_are_applied(emulator: Emulator) -> None:
    """Credit memos are applied as far as anything is open, to the client's oldest invoices first."""
    paid = {one.invoice for one in in_quickbooks.applied(emulator)}
    invoices = sorted(emulator.all("Invoice"), key=lambda row: (row["TxnDate"], row["DocNumber"]))
    for memo in emulator.all("CreditMemo"):
        theirs = [row for row in invoices if row["CustomerRef"] == memo["CustomerRef"]]
        still_open = [row for row in theirs if row["Balance"] > 0]
        assert memo["Balance"] == 0 or not still_open, memo["DocNumber"]
        for row in still_open[:1]:
            later = theirs[theirs.index(row) + 1 :]
            assert not [each["DocNumber"] for each in later if each["Id"] in paid], row["DocNumber"]
