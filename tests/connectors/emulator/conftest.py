"""A Canadian and an American company, each served over real HTTP, with clocks that the test moves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.emulator import Emulator, create_app
from connectors.emulator.server import in_thread
from tests.connectors.emulator.support import Api, SteppingClock


class Stage:
    """The application of the test that runs: one server for all tests, a new company for each."""

    app: ASGIApp
    base_url: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)

    def company(self, country: str, clock: SteppingClock) -> Iterator[Api]:
        with Emulator(country, now=clock, limits=False) as emulator:
            self.app = create_app(emulator)
            api = Api(emulator, self.base_url)
            try:
                yield api
            finally:
                emulator.stop_waiting()
                api.close()


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    stage = Stage()
    with in_thread(stage, lambda: None) as stage.base_url:
        yield stage


@pytest.fixture
def stepping() -> SteppingClock:
    return SteppingClock()


@pytest.fixture
def api(stage: Stage, stepping: SteppingClock) -> Iterator[Api]:
    """The Canadian company: home currency CAD, several currencies, its own document numbers."""
    yield from stage.company("ca", stepping)


@pytest.fixture
def us(stage: Stage, stepping: SteppingClock) -> Iterator[Api]:
    """The American company: USD alone, TAX and NON."""
    yield from stage.company("us", stepping)
