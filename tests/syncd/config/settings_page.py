"""Writes docs/settings.md from the settings themselves: `python -m tests.syncd.config.settings_page`."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from syncd.config.explain import Setting, all_settings, companies_setting

PAGE = Path(__file__).parents[3] / "docs" / "settings.md"
_INTRODUCTION = """\
# Settings of config.toml

Every setting, its default and what it means. An unknown one is an error. `config.example.toml` has them all in their
place. A secret is never written into the file: its setting takes `env:NAME` (an environment variable), `file:PATH`
(relative to the folder of config.toml) or `credential:NAME` (a systemd credential). `SYNCD_STORE_URL` in the
environment goes before `[store] url`.

The page is made from the code (`python -m tests.syncd.config.settings_page`).
"""
_SEVERAL = """\
It stands for all the companies below it ([several companies](companies.md)): beside `companies` it may have `[store]`,
and the companies' own files have none. All else stands in each company's own `config.toml`.
"""


def page() -> str:
    """The settings as Markdown, a table for each table of the file."""
    parts = [_INTRODUCTION]
    for (table, kind), group in groupby(all_settings(), key=lambda setting: (setting.table, setting.kind)):
        parts.append(f"## [{table}]{f' of kind {kind}' if kind else ''}\n")
        parts.append("| setting | default | meaning |\n|---|---|---|")
        parts += [_row(setting) for setting in group]
        parts.append("")
    companies = companies_setting()
    parts.append("## A file that lists companies\n")
    parts.append(_SEVERAL)
    parts.append("| setting | default | meaning |\n|---|---|---|")
    parts += [_row(companies), ""]
    return "\n".join(parts)


def _row(setting: Setting) -> str:
    default = "required" if setting.required else f"`{setting.default}`" if setting.default else ""
    words = f" One of: {', '.join(setting.values)}." if len(setting.values) > 1 else ""
    return f"| `{setting.key}` | {default} | {setting.meaning}{words} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
