"""When the daemon does what: its jobs come from the config, and a push whose hour passed is made after a start."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from syncd.daemon import latest_before

TORONTO = ZoneInfo("America/Toronto")
TIMES = (time(9), time(15))


@pytest.mark.parametrize(
    ("now", "latest"),
    [
        ("2026-11-03T08:59", "2026-11-02T15:00"),
        ("2026-11-03T09:00", "2026-11-03T09:00"),
        ("2026-11-03T14:59", "2026-11-03T09:00"),
        ("2026-11-03T23:00", "2026-11-03T15:00"),
        # The clocks went back on 1 November 2026: the hour is the local one on both sides.
        ("2026-11-01T08:00", "2026-10-31T15:00"),
    ],
)
def test_the_latest_push_hour_is_the_last_one_that_has_passed(now: str, latest: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=TORONTO)

    assert latest_before(moment, TIMES) == datetime.fromisoformat(latest).replace(tzinfo=TORONTO)
