"""Idle cycles leave nothing behind: memory, open files and threads are after 150 what they were after 50.

`python -m bench.flat` does the same over 10,000, which takes minutes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(300)  # a busy machine of two cores

ROOT = Path(__file__).resolve().parents[2]


def test_idle_cycles_leave_nothing_behind() -> None:
    words = [sys.executable, "-m", "bench.flat", "50", "150"]
    printed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    print(printed)
    header, *rows = [line.split() for line in printed.splitlines()]

    assert header[:3] == ["cycles", "RSS", "KiB"]
    (early, late) = [[float(word) for word in row] for row in rows]
    assert [early[0], late[0]] == [50, 150]
    assert late[1] - early[1] <= 1_000  # KiB in 100 cycles
    assert late[2:4] == early[2:4]
