"""The systemd unit in docs/ starts what there is, gives it the time it takes, and leaves it what it needs."""

from __future__ import annotations

import re

import click

from syncd.commands.group import COMMANDS, root
from syncd.config.secrets import Secret
from syncd.daemon.overseer import LOOK_SECONDS
from syncd.daemon.service import STOP_SECONDS
from tests.docs.pages import ROOT

UNIT = ROOT / "docs" / "syncd.service"


def settings() -> dict[str, list[str]]:
    """Each setting of [Service] with its values, in order."""
    section, found = "", dict[str, list[str]]()
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        if match := re.fullmatch(r"\[(\w+)\]", line):
            section = match[1]
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            assert section in ("Unit", "Service", "Install"), line
            if section == "Service":
                found.setdefault(name, []).append(value)
    return found


def test_the_unit_starts_a_command_that_exists() -> None:
    [start] = settings()["ExecStart"]
    program, name, *options = start.split()

    assert program == "/opt/syncd/bin/syncd"
    assert name in COMMANDS
    command = root.get_command(click.Context(root), name)
    assert command is not None
    command.make_context(name, options, parent=click.Context(root)).close()
    assert settings()["ExecReload"] == ["/bin/kill -HUP $MAINPID"]


def test_the_unit_waits_as_long_as_the_daemon_may_take() -> None:
    unit = settings()

    assert float(unit["TimeoutStopSec"][0]) > STOP_SECONDS
    assert float(unit["WatchdogSec"][0]) >= 3 * LOOK_SECONDS
    assert unit["Type"] == ["notify"]
    assert unit["Restart"] == ["on-failure"]


def test_the_unit_leaves_what_syncd_uses() -> None:
    unit = settings()

    assert set(unit["RestrictAddressFamilies"][0].split()) == {"AF_INET", "AF_INET6", "AF_UNIX"}
    assert unit["StateDirectory"] == ["syncd"]
    assert unit["Environment"] == ["SYNCD_CONFIG=%S/syncd/config.toml"]
    # A lease of a living process would be taken for a dead one's if /proc did not show it.
    assert "ProtectProc" not in unit
    assert "ProcSubset" not in unit


TAKEN_AWAY = """
    NoNewPrivileges ProtectSystem ProtectHome PrivateTmp PrivateDevices ProtectKernelTunables ProtectKernelModules
    ProtectKernelLogs ProtectControlGroups ProtectClock RestrictNamespaces RestrictSUIDSGID LockPersonality
    CapabilityBoundingSet SystemCallFilter SystemCallArchitectures MemoryMax UMask User
"""


def test_the_unit_takes_away_what_syncd_does_not_use() -> None:
    assert set(TAKEN_AWAY.split()) - set(settings()) == set()


def test_the_credential_that_the_unit_shows_is_one_that_a_setting_takes() -> None:
    text = UNIT.read_text(encoding="utf-8")
    [name] = re.findall(r'client_secret = "credential:(\w+)"', text)

    assert f"#LoadCredential={name}:" in text
    assert Secret(f"credential:{name}").reference == f"credential:{name}"
