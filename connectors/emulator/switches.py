"""Fault switches: rules that spoil the next requests that match them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

KINDS = {
    "dropped": "close the connection without carrying the request out",
    "lost-answer": "carry the request out, then close the connection without an answer",
    "truncated": "carry the request out, then send half of the answer",
    "gateway-timeout": "carry the request out, then answer 504 with an HTML page",
    "delay": "wait `seconds` before or after carrying the request out",
    "throttle": "answer 429, in one of its shapes",
    "unauthorized": "answer 401 as for an expired token",
    "forbidden": "answer 403 as for an app without access to the company",
    "html": "answer `status` (502, 503 …) with an HTML page, before or after carrying the request out",
    "server-error": "answer 500 with code 10000, before or after carrying the request out",
    "stale-list": "answer queries and cdc as of `seconds` ago",
    "ignore-requestid": "carry a repeated request id out again",
    "french": "write faults in French",
}
SHAPES = ("json", "gateway", "xml", "html", "403")


@dataclass
class Switch:
    """One rule. It spoils the requests that match, after the first `skip`, `times` times (None: until cleared)."""

    kind: str
    method: str | None = None
    entity: str | None = None
    operation: str | None = None
    times: int | None = 1
    skip: int = 0
    seconds: float = 0
    when: str = "before"
    shape: str = "gateway"
    status: int = 503
    retry_after: int | None = None
    used: int = 0

    def matches(self, method: str, entity: str, operation: str) -> bool:
        """Tell whether a request is of the kind that the rule names."""
        return (
            self.method in {None, method}
            and (self.entity or entity).lower() == entity.lower()
            and self.operation in {None, operation}
        )


def read_switch(members: Mapping[str, Any]) -> Switch:
    """Make a rule of JSON members; raises ValueError that names what is wrong."""
    known = {field.name for field in fields(Switch)} - {"used"}
    unknown = sorted(set(members) - known)
    if unknown:
        raise ValueError(f"unknown: {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    if members.get("kind") not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}")
    switch = Switch(**members)
    if switch.when not in {"before", "after"}:
        raise ValueError("when must be before or after")
    if switch.shape not in SHAPES:
        raise ValueError(f"shape must be one of {', '.join(SHAPES)}")
    for name in ("times", "skip", "seconds", "status", "retry_after"):
        value = getattr(switch, name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value < 0):
            raise ValueError(f"{name} must be a number, zero or more")
    if switch.kind in {"delay", "stale-list"} and not switch.seconds:
        raise ValueError(f"{switch.kind} wants seconds")
    return switch


class Switchboard:
    """The rules in force. Callers hold the emulator's lock."""

    def __init__(self) -> None:
        self.switches: list[Switch] = []

    def take(self, method: str, entity: str, operation: str) -> dict[str, Switch]:
        """Return the rules that spoil this request, by kind, and count them as used."""
        taken: dict[str, Switch] = {}
        for switch in list(self.switches):
            if switch.kind in taken or not switch.matches(method, entity, operation):
                continue
            if switch.skip:
                switch.skip -= 1
                continue
            switch.used += 1
            taken[switch.kind] = switch
            if switch.times is not None and switch.used >= switch.times:
                self.switches.remove(switch)
        return taken

    def as_json(self) -> list[dict[str, Any]]:
        """Return the rules in force."""
        return [asdict(switch) for switch in self.switches]
