"""The edges: one module a tool, the QuickBooks client, and its opposite, the emulator.

A source of work is found by its kind: in the table below, or among the entry points of the group `syncd.connectors`
that other packages declare. Nothing is imported before it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from connectors.ports import Ports
    from connectors.source import Source

SOURCES = {
    "files": "connectors.files:FilesSource",
    "redmine": "connectors.redmine:RedmineSource",
    "request-tracker": "connectors.request_tracker:RequestTrackerSource",
}
ENTRY_POINT_GROUP = "syncd.connectors"


class SourceClass(Protocol):
    """What a module offers for one kind of source. `settings_type` is a dataclass whose fields are the TOML keys."""

    settings_type: type[Any]

    def open(self, name: str, settings: Any, ports: Ports) -> Source: ...


def source_kinds() -> list[str]:
    """Every kind that a `[sources.NAME]` block may have."""
    return sorted({*SOURCES, *(point.name for point in entry_points(group=ENTRY_POINT_GROUP))})


def source_class(kind: str) -> SourceClass:
    """The class of a kind, imported now; KeyError when there is none."""
    if kind in SOURCES:
        module_name, class_name = SOURCES[kind].split(":")
        found: SourceClass = getattr(import_module(module_name), class_name)
        return found
    for point in entry_points(group=ENTRY_POINT_GROUP, name=kind):
        loaded: SourceClass = point.load()
        return loaded
    raise KeyError(kind)


def open_source(kind: str, name: str, settings: Any, ports: Ports) -> Source:
    """The source `name`, ready to be checked and pulled; nothing is read or connected to yet."""
    return source_class(kind).open(name, settings, ports)
