"""The same requests to a stand-in and to the real server, and what of the answers must be the same.

A scenario is a function that is played once on each. It remembers what it creates by a name of its own; in the answers
those names stand for the numbers, instants and addresses are only compared as such, and all else as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote_plus

import httpx

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@dataclass(frozen=True)
class Said:
    """One answer, without what differs by its nature."""

    request: str
    status: int
    content_type: str
    body: Any


@dataclass
class Player:
    """One of the two servers, and what it answered."""

    http: httpx.Client
    kinds: Mapping[str, str]
    """Of which kind the records under a member's name are, as `{"projects": "project"}`."""
    counted: frozenset[str] = frozenset()
    """Kinds whose records are named by the order in which they first appear."""
    ignored: tuple[str, ...] = ()
    """What is cut out of texts before they are compared."""
    said: list[Said] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    """What was created, by the scenario's name for it: `project a`."""

    def ask(self, method: str, path: str, json: object = None, **params: str | int) -> httpx.Response:
        """Ask, and keep the answer; `{project a}` stands for the number of what was created under that name."""
        asked = self.filled(params)
        answer = self.http.request(method, self.filled(path), params=asked or None, json=self.filled(json))
        kind = answer.headers.get("content-type", "")
        body = self.named(path.split("/")[0], answer.json()) if answer.text and "json" in kind else None
        self.said.append(Said(f"{method} {path} {params or json or ''}", answer.status_code, kind, body))
        return answer

    def create(self, name: str, path: str, content: object, number: Callable[[Any], Any]) -> None:
        """POST, and remember the number of what was made under `name`."""
        answer = self.ask("POST", path, content)
        assert answer.status_code == 201, answer.text
        self.numbers[name] = int(number(answer.json()))
        self.said[-1] = replace(self.said[-1], body=self.named("", answer.json()))

    def filled(self, value: Any) -> Any:
        """The value with numbers for names."""
        if isinstance(value, dict):
            return {name: self.filled(each) for name, each in value.items()}
        if isinstance(value, str) and (whole := re.fullmatch(r"\{([^}]+)\}", value)) and whole[1] in self.numbers:
            return self.numbers[whole[1]]
        if isinstance(value, str):
            return re.sub(r"\{([^}]+)\}", lambda found: str(self.numbers[found[1]]), value)
        return value

    def named(self, kind: str, value: Any) -> Any:
        """The value with names for numbers; `kind` is that of the record, or of the records in the list."""
        if isinstance(value, dict):
            kind = value.get("type", kind)
            kinds = {member: self.kinds.get(member, member) for member in value} | {"parent": kind, "id": kind}
            return {member: self.named(kinds[member], each) for member, each in value.items()}
        if isinstance(value, list):
            return [self.named(kind, each) for each in value]
        if isinstance(value, str) and not value.isdecimal():
            value = unquote_plus(value.replace(str(self.http.base_url).rstrip("/"), "URL"))
            value = re.sub(r"(?<=/)(\w+)/(\d+)", lambda found: f"{found[1]}/{self._name(found[1], found[2])}", value)
            for pattern in self.ignored:
                value = re.sub(pattern, "", value)
            return INSTANT.sub("INSTANT", value)
        if isinstance(value, str | int) and not isinstance(value, bool) and kind in self._kinds:
            return self._name(kind, value)
        return value

    @property
    def _kinds(self) -> set[str]:
        return {name.split(" ")[0] for name in self.numbers} | self.counted

    def _name(self, kind: str, number: str | int) -> str | int:
        """The name of a record, and whether its number was written as text."""
        for name, each in self.numbers.items():
            if name.startswith(f"{kind} ") and each == int(number):
                return f"{name} as text" if isinstance(number, str) else name
        if kind not in self.counted:
            return number
        seen = len([name for name in self.numbers if name.startswith(f"{kind} #")])
        self.numbers[f"{kind} #{seen + 1}"] = int(number)
        return self._name(kind, number)


def differences(scenario: Callable[[Player], None], real: Player, stand_in: Player) -> list[str]:
    """Play on both; what the stand-in says otherwise, request by request."""
    scenario(real)
    scenario(stand_in)
    pairs = zip(real.said, stand_in.said, strict=True)
    return [f"{theirs.request}: {_difference(theirs, ours)}" for theirs, ours in pairs if theirs != ours]


def _difference(theirs: Said, ours: Said) -> str:
    return "; ".join(_differences_in("", vars(theirs), vars(ours)))


def _differences_in(where: str, theirs: Any, ours: Any) -> Iterator[str]:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for name in {**theirs, **ours}:
            yield from _differences_in(f"{where}.{name}", theirs.get(name, "(absent)"), ours.get(name, "(absent)"))
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        for number, (each, other) in enumerate(zip(theirs, ours, strict=True)):
            yield from _differences_in(f"{where}[{number}]", each, other)
    elif theirs != ours:
        yield f"{where.removeprefix('.')} is {theirs!r}, ours {ours!r}"
