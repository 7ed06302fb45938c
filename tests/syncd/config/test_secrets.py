"""Secrets are read where they are kept, when they are needed, and shown nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from mappings.problems import render
from syncd.config import ConfigError, Secret, SecretError, load_config
from syncd.config.locate import hide_secrets
from tests.errors.case import CONFIG, SOUND, write


def test_a_secret_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCD_TEST_SECRET", "hunter2")

    assert Secret("env:SYNCD_TEST_SECRET").reveal() == "hunter2"


def test_a_secret_comes_from_a_file_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hunter2\n", encoding="utf-8")

    assert Secret("file:token", tmp_path).reveal() == "hunter2"


def test_a_rotated_secret_is_seen(tmp_path: Path) -> None:
    secret = Secret("file:token", tmp_path)
    (tmp_path / "token").write_text("old", encoding="utf-8")
    assert secret.reveal() == "old"

    (tmp_path / "token").write_text("new", encoding="utf-8")
    assert secret.reveal() == "new"


def test_a_secret_comes_from_a_systemd_credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "redmine").write_text("hunter2", encoding="utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))

    assert Secret("credential:redmine").reveal() == "hunter2"


@pytest.mark.parametrize(
    ("reference", "fix"),
    [
        ("env:SYNCD_TEST_SECRET", "Set the environment variable SYNCD_TEST_SECRET."),
        ("file:token", "Write it into {folder}/token, readable for this user only."),
        ("credential:token", "This process was given no systemd credentials (LoadCredential=)."),
    ],
)
def test_a_missing_secret_says_where_it_belongs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: str, fix: str
) -> None:
    monkeypatch.delenv("SYNCD_TEST_SECRET", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)

    with pytest.raises(SecretError) as caught:
        Secret(reference, tmp_path).reveal()

    assert caught.value.problem.code == "secret-missing"
    assert caught.value.problem.fix == fix.format(folder=tmp_path)


def test_a_configuration_reveals_the_secrets_that_its_sources_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {**SOUND, "token": "from-file"})
    config = load_config(tmp_path / "config.toml", environ={})

    assert config.secret("file:token") == "from-file"


def test_a_secret_is_in_no_text_about_it() -> None:
    secret = Secret("env:SYNCD_STORE_URL", known="postgresql://me:hunter2@db/syncd")

    assert "hunter2" not in f"{secret} {secret!r}"


@pytest.mark.parametrize(
    "line",
    [
        'token = "hunter2',
        'tracker = { kind = "redmine", token = "hunter2", urll = "x" }',
        "client_secret='hunter2'",
        '"token" = """hunter2"""',
        'url = "postgresql://me:hunter2@db/syncd"',
        'password = "hunter2"  # comment',
        "token = hunter2",
    ],
)
def test_a_secret_in_clear_is_in_no_excerpt(line: str) -> None:
    hidden = hide_secrets(line)

    assert "hunter2" not in hidden
    assert len(hidden) == len(line)


def test_references_stay_readable() -> None:
    line = 'token = "env:REDMINE_TOKEN"'

    assert hide_secrets(line) == line


@pytest.mark.parametrize(
    "text",
    [
        '[sources.a]\nkind = "redmine"\nurl = "https://x.example"\ntoken = "hunter2"\n',
        '[sources.a]\nkind = "redmine"\nurl = "https://me:hunter2@x.example"\ntoken = "env:T"\n',
        '[quickbooks]\nclient_secret = "hunter2\n',
        '[store]\nurl = "postgresql://me:hunter2@db/syncd"\n',
        '[store]\nkey = "hunter2"\n',
    ],
)
def test_a_secret_in_clear_is_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    write(tmp_path, {**SOUND, "config.toml": CONFIG + text})

    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "config.toml", environ={})

    assert "hunter2" not in "\n".join(render(problem) for problem in caught.value.problems)
