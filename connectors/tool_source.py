"""What sources that ask one tool's server with a key have in common: how they come from settings and ports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, Self, TypeVar
from zoneinfo import ZoneInfo

from connectors.ports import Clock, Ports


class KeySettings(Protocol):
    """Settings with a reference to the tool's key."""

    @property
    def token(self) -> str: ...


Settings = TypeVar("Settings", bound=KeySettings)


class ToolSource(Generic[Settings]):
    """A source with its settings; nothing is read or connected to before it is checked or pulled."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        *,
        timezone: ZoneInfo,
        clock: Clock,
        secret: Callable[[], str],
        before_request: Callable[[], None],
    ) -> None:
        self.name = name
        self._settings = settings
        self._timezone = timezone
        self._clock = clock
        self._secret = secret
        self._before_request = before_request

    @classmethod
    def open(cls, name: str, settings: Settings, ports: Ports) -> Self:
        """The source that a `[sources.NAME]` block describes."""
        return cls(
            name,
            settings,
            timezone=ports.timezone,
            clock=ports.clock,
            secret=lambda: ports.secret(settings.token),
            before_request=ports.before_request,
        )
