"""Where a run takes place: a folder that goes with it, and a PostgreSQL of its own, started when it is first needed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.postgres import PostgresServer, running_postgres


@dataclass
class Place:
    """A folder, and databases."""

    folder: Path
    stack: ExitStack
    _server: list[PostgresServer] = field(default_factory=list)

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of an empty PostgreSQL database, dropped at the end."""
        if not self._server:
            self._server.append(self.stack.enter_context(running_postgres()))
        [server] = self._server
        name = server.create()
        yield server.url(name)
        server.drop(name)


@contextmanager
def somewhere() -> Iterator[Place]:
    """A place that is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="syncd-bench-") as folder, ExitStack() as stack:
        yield Place(Path(folder), stack)
