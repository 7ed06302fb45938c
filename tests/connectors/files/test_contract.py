"""A folder of files keeps what every source promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.connectors.contract import BadRecordContract, SourceContract
from tests.connectors.files.world import FilesWorld


class TestFiles(SourceContract, BadRecordContract):
    @pytest.fixture
    def world(self, tmp_path: Path) -> FilesWorld:
        return FilesWorld(tmp_path)
