"""Secrets are named in the configuration and kept elsewhere: in the environment, a file, or a systemd credential."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from mappings.problems import Problem

REFERENCE = re.compile(r"(env|file|credential):(.+)")
WAYS = "env:NAME, file:PATH or credential:NAME"


class SecretError(Exception):
    """A secret is not where the configuration says; `problem` says how to put it there. Never holds the secret."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.what)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret by its reference (`env:NAME`); read only by `reveal`, each time anew, so that a rotated one is seen."""

    reference: str
    folder: Path = field(default=Path(), repr=False)
    """What a relative `file:` path starts from: the folder of config.toml."""
    known: str | None = field(default=None, repr=False)
    """The value itself, for what came from the environment of the process or is no secret; the reference names it."""

    def reveal(self) -> str:
        """The secret; raises SecretError when it is not there or empty."""
        if self.known is not None:
            return self.known
        match = REFERENCE.fullmatch(self.reference)
        assert match, "the reference was checked when the configuration was read"
        way, name = match.groups()
        if way == "env":
            return self._stated(os.environ.get(name, ""), f"Set the environment variable {name}.")
        path = self.path
        if path is None:
            raise self._missing("This process was given no systemd credentials (LoadCredential=).")
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise self._missing(f"Write it into {path}, readable for this user only.") from None
        return self._stated(text.strip(), f"Write it into {path}.")

    @property
    def path(self) -> Path | None:
        """The file that holds it; None for one from the environment, and for a credential that systemd did not give."""
        way, _, name = self.reference.partition(":")
        if way == "file":
            return self.folder / Path(name).expanduser()
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        return Path(folder) / name if way == "credential" and folder else None

    def _stated(self, value: str, fix: str) -> str:
        if not value:
            raise self._missing(fix)
        return value

    def _missing(self, fix: str) -> SecretError:
        return SecretError(Problem("secret-missing", f"The secret {self.reference} is not there.", fix))
