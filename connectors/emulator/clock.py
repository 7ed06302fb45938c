"""The emulator's own clock: it stands for another company's machine, so it shares none with its client."""

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")


def system_now() -> datetime:
    """Return the present instant, with its zone."""
    return datetime.now(UTC)


def system_monotonic() -> float:
    """Return seconds that only ever grow; the rate limiter counts with them."""
    return time.monotonic()


def pacific_day(instant: datetime) -> str:
    """Return the date at the servers, which a transaction without one gets."""
    return instant.astimezone(PACIFIC).date().isoformat()


def pacific_seconds(instant: datetime) -> str:
    """Write an instant as MetaData does: whole seconds, Pacific offset, whatever the company's zone."""
    return instant.astimezone(PACIFIC).replace(microsecond=0).isoformat()


def pacific_milliseconds(instant: datetime) -> str:
    """Write an instant as the `time` member of each answer does."""
    return instant.astimezone(PACIFIC).isoformat(timespec="milliseconds")


def parse_instant(text: str) -> datetime | None:
    """Read an ISO instant; one without an offset is Pacific time, as the servers are. None when unreadable."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=PACIFIC)
