"""Which companies lend to which, and what is refused while that cannot be known."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.config import ConfigError, load_companies
from tests.errors.case import write
from tests.errors.intercompany_cases import lent

BORROWER, LENDER = "Acme inc.", "Atelier Boréal inc."
ROW = "Acme inc.,Marie,,80%,,Acme,Travail\n"


def test_the_borrower_knows_its_lenders_and_the_lender_none(tmp_path: Path) -> None:
    write(tmp_path, lent(ROW))

    companies = load_companies(tmp_path / "config.toml", environ={})

    found = {config.company.name: [one.company.name for one in config.lenders] for config in companies.configs}
    assert found == {BORROWER: [LENDER], LENDER: []}


@pytest.mark.parametrize("meant", [BORROWER, LENDER])
def test_neither_of_two_companies_is_taken_alone_while_the_other_is_wrong(tmp_path: Path, meant: str) -> None:
    write(tmp_path, lent(ROW))
    wrong = "boreal" if meant == BORROWER else "acme"
    (tmp_path / wrong / "mappings" / "rates.csv").write_text("rate\nmany\n", encoding="utf-8")

    with pytest.raises(ConfigError):
        load_companies(tmp_path / "config.toml", environ={}, only=meant)


def test_a_company_by_itself_lends_to_nobody(tmp_path: Path) -> None:
    write(tmp_path, lent(ROW))
    (tmp_path / "config.toml").unlink()

    with pytest.raises(ConfigError) as caught:
        load_companies(tmp_path / "boreal" / "config.toml", environ={})

    assert [problem.code for problem in caught.value.problems] == ["borrower-unknown"]
