"""Tokens: encrypted, saved before use, one refresher over all processes; connecting again keeps everything."""

from __future__ import annotations

import stat
import threading
import time
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from connectors.emulator import Emulator, running
from connectors.quickbooks.oauth import InvalidGrantError
from connectors.quickbooks.tokens import AccessTokens
from mappings.problems import Problem
from syncd.config import Secret
from syncd.engine.connect import begin, finish
from syncd.engine.key import KeyUnusableError, TokenKey, token_key
from syncd.engine.quickbooks import NotConnectedError, open_oauth, open_quickbooks
from syncd.engine.tokens import Connected, StoredTokens, TokensReplacedError, connection_problems
from syncd.store import schema
from syncd.store.database import Store, open_store
from tests.support.books import COMPANY, Desk, connect, set_row, write_config
from tests.support.clock import FakeClock
from tests.support.power import Killed, dying


def refreshes(desk: Desk) -> int:
    return sum(entry.operation == "token" and "refresh_token" in entry.body for entry in desk.emulator.requests())


def row(desk: Desk) -> dict[str, object]:
    return desk.rows(schema.connection)[0]


def test_tokens_are_encrypted_in_the_store(desk: Desk) -> None:
    tokens = desk.opened.keeper.load()

    assert tokens is not None
    sealed = row(desk)["tokens"]
    assert isinstance(sealed, bytes)
    assert tokens.access.encode() not in sealed
    assert tokens.refresh.encode() not in sealed
    assert tokens.access not in repr(tokens)


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first, second = (token_key(Secret("file:syncd.key", tmp_path)) for _ in range(2))

    assert second.decrypt(first.encrypt(b"secret")) == b"secret"
    assert stat.S_IMODE((tmp_path / "syncd.key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["syncd.key"]


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    token_key(Secret("file:syncd.key", tmp_path))
    (tmp_path / "syncd.key").chmod(0o640)

    with pytest.raises(KeyUnusableError, match="chmod 600"):
        token_key(Secret("file:syncd.key", tmp_path))


def test_a_key_comes_from_the_environment_or_a_credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = token_key(Secret("file:syncd.key", tmp_path))
    monkeypatch.setenv("SYNCD_KEY", (tmp_path / "syncd.key").read_text())
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))

    for reference in ("env:SYNCD_KEY", "credential:syncd.key"):
        assert token_key(Secret(reference)).decrypt(made.encrypt(b"secret")) == b"secret"


def test_another_key_opens_nothing_and_says_so(desk: Desk) -> None:
    other = TokenKey(b"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", "another file")
    keeper = StoredTokens(desk.store, COMPANY, other, "test", desk.clock)

    with pytest.raises(KeyUnusableError, match="another key"):
        keeper.load()


def test_tokens_copied_to_another_company_do_not_open(desk: Desk) -> None:
    set_row(desk.store, schema.connection, {"realm": "4620816365000000009"}, company=COMPANY)

    with pytest.raises(KeyUnusableError, match="another company"):
        desk.opened.keeper.load()


def test_a_renewed_token_is_stored_before_it_is_used(desk: Desk) -> None:
    desk.clock.advance(3600)
    seen: list[str] = []

    def look(request: httpx.Request) -> None:
        if "/v3/" in request.url.path:
            stored = StoredTokens(desk.store, COMPANY, token_key(desk.config.store_key), "eye", desk.clock).load()
            assert stored is not None
            used = request.headers["authorization"]
            seen.append("stored" if used == f"Bearer {stored.access}" else "not stored")

    hooks = desk.opened.http.event_hooks
    desk.opened.http.event_hooks = {**hooks, "request": [*hooks["request"], look]}
    desk.approve()
    desk.push()

    assert refreshes(desk) == 1
    assert seen == ["stored"]


def test_several_threads_refresh_once(desk: Desk) -> None:
    desk.clock.advance(3600)
    start, tokens = threading.Barrier(6), set()

    def ask() -> None:
        start.wait()
        tokens.add(desk.opened.access.current())

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(tokens), refreshes(desk)) == (1, 1)


class RealPauses(FakeClock):
    """Pauses take time and move nothing: one that moved it would end the lease of another thread while it works."""

    def sleep(self, seconds: float) -> None:
        time.sleep(min(seconds, 0.02))


def test_several_processes_refresh_once(desk: Desk, store_url: str) -> None:
    clock = RealPauses(desk.clock.now())
    stores = [open_store(store_url, clock) for _ in range(3)]
    opened = [open_quickbooks(store, desk.config, clock, f"process {n}") for n, store in enumerate(stores)]
    for one in opened:
        one.access.current()  # each has the old token in its memory
    desk.clock.advance(3600)
    clock.advance(3600)
    start, tokens = threading.Barrier(3), set()

    def ask(access: AccessTokens) -> None:
        start.wait()
        tokens.add(access.current())

    threads = [threading.Thread(target=ask, args=(one.access,)) for one in opened]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, store in zip(opened, stores, strict=True):
        one.close()
        store.close()

    assert (len(tokens), refreshes(desk)) == (1, 1)


def test_a_lost_answer_is_asked_for_once_more(desk: Desk) -> None:
    desk.emulator.oauth.rotate = False
    desk.clock.advance(3600)
    desk.emulator.fault("lost-answer", entity="oauth")
    desk.approve()

    assert len(desk.push().sent) == 1
    assert refreshes(desk) == 2


def test_a_crash_between_refresh_and_save_says_that_a_person_must_reconnect(desk: Desk) -> None:
    """Intuit has rotated the token and only the dead process knew the new one."""
    desk.approve()
    desk.clock.advance(3600)
    boundary = 0
    while refreshes(desk) == 0:
        boundary += 1
        desk.clock.advance(301)
        with dying(desk, boundary) as (_, opened, _), pytest.raises(Killed):
            opened.access.current()
    desk.clock.advance(301)

    report = desk.push()

    assert [problem.code for problem in report.problems] == ["connection-broken"]
    assert "syncd connect quickbooks" in report.problems[0].fix
    assert desk.states() == ["ready"]
    assert [problem.code for problem in connection_problems(desk.store, COMPANY, desk.clock.now())] == [
        "connection-broken"
    ]

    connect(desk.store, desk.config, desk.clock)
    assert row(desk)["broken_because"] is None
    assert len(desk.push().sent) == 1


def test_newer_tokens_of_another_process_are_never_overwritten(desk: Desk) -> None:
    keepers = [StoredTokens(desk.store, COMPANY, token_key(desk.config.store_key), name, desk.clock) for name in "ab"]
    first, second = (keeper.load() for keeper in keepers)
    assert first is not None
    assert second is not None
    keepers[0].save(first)

    with pytest.raises(TokensReplacedError):
        keepers[1].save(second)
    keepers[1].mark_broken("invalid_grant")

    assert row(desk)["broken_because"] is None


def test_a_token_that_another_process_stored_saves_the_connection(desk: Desk) -> None:
    """Our refresh token is dead because another host has renewed: its newer one is read again before giving up."""
    oauth = open_oauth(desk.config, desk.opened.http, desk.clock)
    keeper = StoredTokens(desk.store, COMPANY, token_key(desk.config.store_key), "late", desk.clock)
    stored = keeper.load()
    assert stored is not None

    class Overtaken:
        """Another one refreshes and stores just before our own refresh arrives."""

        def refresh(self, token: str) -> object:
            if token == stored.refresh:
                desk.opened.keeper.load()
                desk.opened.keeper.save(oauth.refresh(token))
                raise InvalidGrantError("Incorrect or invalid refresh token")
            return oauth.refresh(token)

    desk.clock.advance(3600)
    access = AccessTokens(keeper, Overtaken(), desk.clock)  # type: ignore[arg-type]

    assert access.current() == desk.opened.keeper.load().access  # type: ignore[union-attr]
    assert row(desk)["broken_because"] is None


@pytest.mark.parametrize(("days", "codes"), [(80, []), (87, ["connection-ends-in-two-weeks"]),
                                             (95, ["connection-ends-in-a-week"])])  # fmt: skip
def test_the_end_of_a_connection_is_said_before(desk: Desk, days: int, codes: list[str]) -> None:
    """The emulator's refresh tokens live 101 days."""
    problems = connection_problems(desk.store, COMPANY, desk.clock.now() + timedelta(days=days))

    assert [problem.code for problem in problems] == codes


def test_the_hard_end_counts_even_if_tokens_are_renewed(desk: Desk) -> None:
    soon = desk.clock.now() + timedelta(days=10)
    set_row(desk.store, schema.connection, {"hard_expires_at": soon}, company=COMPANY)

    [problem] = connection_problems(desk.store, COMPANY, desk.clock.now())

    assert problem.code == "connection-ends-in-two-weeks"
    assert "2026-11-12, in 10 days" in problem.what


def test_connecting_again_keeps_everything(desk: Desk) -> None:
    document_id = desk.approve()
    desk.push()
    before = desk.rows(schema.document), desk.rows(schema.reference), desk.rows(schema.watermark)
    sealed = row(desk)["tokens"]

    again = connect(desk.store, desk.config, desk.clock)

    assert again.again
    assert again.company_name == "Atelier Boréal inc."
    assert (desk.rows(schema.document), desk.rows(schema.reference), desk.rows(schema.watermark)) == before
    assert row(desk)["tokens"] != sealed
    assert desk.outbox(document_id)["state"] == "done"


def test_another_realm_is_refused_by_name(desk: Desk, tmp_path: Path) -> None:
    before = desk.rows(schema.connection)
    with running(Emulator("ca", now=desk.clock.now, realm_id="4620816365000000099")) as url:
        config = write_config(tmp_path / "other", url)
        result = _connect(desk.store, config, desk.clock)

    assert isinstance(result, Problem)
    assert result.code == "another-realm"
    assert "Atelier Boréal inc. (4620816365000000001)" in result.what
    assert "4620816365000000099" in result.what
    assert desk.rows(schema.connection) == before


def test_another_environment_is_refused_by_name(desk: Desk) -> None:
    set_row(desk.store, schema.connection, {"environment": "production"}, company=COMPANY)

    result = _connect(desk.store, desk.config, desk.clock)

    assert isinstance(result, Problem)
    assert result.code == "another-environment"
    assert "production" in result.what
    with pytest.raises(NotConnectedError, match="production"):
        open_quickbooks(desk.store, desk.config, desk.clock, "test")


def test_a_realm_belongs_to_one_company(desk: Desk, tmp_path: Path) -> None:
    config = write_config(tmp_path / "other", desk.config.quickbooks.base_url, company="Studio Sud")

    result = _connect(desk.store, config, desk.clock)

    assert isinstance(result, Problem)
    assert result.code == "realm-taken"
    assert COMPANY in result.what


def test_an_answer_with_another_state_connects_nothing(sqlite_store: Store, tmp_path: Path, clock: FakeClock) -> None:
    with running(Emulator("ca", now=clock.now)) as url:
        config = write_config(tmp_path / "own", url)
        connecting = begin(sqlite_store, config, clock)
        address = httpx.get(connecting.attempt.url).headers["location"].replace("state=", "state=x")
        result = finish(sqlite_store, config, clock, connecting, address, "test")
        connecting.http.close()

    assert isinstance(result, Problem)
    assert result.code == "consent-unusable"
    with pytest.raises(NotConnectedError):
        open_quickbooks(sqlite_store, config, clock, "test")


def _connect(store: Store, config: object, clock: FakeClock) -> Connected | Problem:
    connecting = begin(store, config, clock)  # type: ignore[arg-type]
    try:
        address = httpx.get(connecting.attempt.url).headers["location"]
        return finish(store, config, clock, connecting, address, "test")  # type: ignore[arg-type]
    finally:
        connecting.http.close()
