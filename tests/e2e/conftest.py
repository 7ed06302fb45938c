"""A company with its own emulator and its own database, connected, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.company import CUSTOMERS, Company, emulator_process, starter

MakeCompany = Callable[..., Company]


@pytest.fixture(scope="session", autouse=True)
def _starter_ends() -> Iterator[None]:
    yield
    if starter.cache_info().currsize:
        starter().close()


@pytest.fixture
def make_company(tmp_path: Path, store_url: str) -> Iterator[MakeCompany]:
    """Makes the test's company; keywords are lines for the sections of its config.toml."""
    with ExitStack() as stack:

        def make(**settings: str) -> Company:
            url = stack.enter_context(emulator_process())
            company = Company(tmp_path, url, store_url, **settings)
            company.emulator("/emulator/seed", {"customers": CUSTOMERS})
            company.connect()
            return company

        yield make


@pytest.fixture
def company(make_company: MakeCompany) -> Company:
    """The company as its config begins: monthly, by hand, no e-mail."""
    return make_company()
