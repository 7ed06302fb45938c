"""A connected company, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.store.database import Store
from tests.support.books import Desk, open_desk
from tests.support.clock import FakeClock


@pytest.fixture
def desk(store: Store, tmp_path: Path, clock: FakeClock) -> Iterator[Desk]:
    """A company in the books of the Canadian emulator, over real HTTP; nothing is e-mailed."""
    with open_desk(store, tmp_path, clock) as desk:
        yield desk


@pytest.fixture
def mailing_desk(store: Store, tmp_path: Path, clock: FakeClock) -> Iterator[Desk]:
    """The same, where QuickBooks e-mails the invoices."""
    with open_desk(store, tmp_path, clock, send_by="quickbooks") as desk:
        yield desk
