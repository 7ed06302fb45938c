"""Every setting explains itself."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from mappings.settings import Approval, Billing
from syncd.config.explain import all_settings, companies_setting
from tests.syncd.config.settings_page import PAGE, page

ROOT = Path(__file__).parents[3]


def test_every_setting_has_a_meaning_and_a_default_or_is_required() -> None:
    settings = all_settings()

    assert [setting for setting in settings if not setting.meaning] == []
    assert {(setting.table, setting.key) for setting in settings if setting.required} == {
        ("company", "name"),
        ("company", "currency"),
        ("sources.NAME", "kind"),
        ("sources.NAME", "path"),
        ("sources.NAME", "url"),
        ("sources.NAME", "token"),
    }


def test_every_default_is_valid_toml() -> None:
    for setting in all_settings():
        if setting.default:
            assert list(tomllib.loads(f"x = {setting.default}")) == ["x"]


def test_the_example_names_every_setting_and_no_other() -> None:
    """Settings that only point at a server of one's own stay out of the example."""
    text = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    named = set(re.findall(r"(?m)^(?:# )?([a-z_]+) = ", text))
    known = {setting.key for setting in (*all_settings(), companies_setting())}

    assert known - named == {
        "base_url",
        "discovery_url",
        "redirect_port",
        "quarantine_seconds",
        "throttle_seconds",
        "plain_http",
    }
    assert named - known == set()


def test_the_defaults_are_those_of_the_billing_rules() -> None:
    defaults = {(setting.table, setting.key): setting.default for setting in all_settings()}
    billing, approval = Billing(), Approval()

    assert tomllib.loads(f"x = {defaults['billing', 'period']}")["x"] == billing.period
    assert tomllib.loads(f"x = {defaults['billing', 'lines_per']}")["x"] == billing.lines_per
    assert tomllib.loads(f"x = {defaults['billing', 'late_work']}")["x"] == billing.late_work
    assert tomllib.loads(f"x = {defaults['billing.rounding', 'direction']}")["x"] == billing.rounding.direction
    assert int(defaults["approval", "auto_approve_up_to"]) == approval.auto_approve_up_to


def test_the_page_of_settings_is_current() -> None:
    """Otherwise: python -m tests.syncd.config.settings_page"""
    assert PAGE.read_text(encoding="utf-8") == page()
