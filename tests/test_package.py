"""What is built of this project holds all that syncd needs to run without its checkout."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.test_layers import PACKAGES, ROOT, modules, outside

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

LOADED_WITHOUT_IMPORT = {
    "tzdata": "zoneinfo reads it where the system has no time zones",
}

BROUGHT_BY_ANOTHER = {"pydantic_core"}
"""pydantic pins the version of its own core."""

IMPORT_NAMES = {"python-quickbooks": "quickbooks", "intuit-oauth": "intuitlib"}
"""Where the distribution's name, with underscores, is not that of its package."""


def build(target: str, folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)], cwd=ROOT, check=True)
    (built,) = folder.iterdir()
    return built


def sources() -> set[str]:
    """Every file of the three packages, as it stands in the wheel."""
    return {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    return zipfile.ZipFile(build("wheel", tmp_path_factory.mktemp("wheel")))


def test_the_wheel_holds_the_three_packages_with_all_their_files_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}

    assert held == sources() | {"syncd/data/config.example.toml"}


@pytest.mark.parametrize(
    "name",
    [
        "syncd/py.typed",
        "connectors/py.typed",
        "mappings/py.typed",
        "syncd/data/config.example.toml",
        "syncd/demo/october.csv",
        "syncd/demo/redmine.csv",
        "syncd/demo/helpdesk.csv",
        "syncd/store/migrations/env.py",
        "syncd/store/migrations/versions/0001_first_tables.py",
        "connectors/files/layouts/timesheet-fr.toml",
        "connectors/emulator/templates/home.html",
        "mappings/clients.csv",
        "mappings/rates.csv",
        "mappings/retainers.csv",
        "mappings/fixed_fees.csv",
        "mappings/people.csv",
        "mappings/services.csv",
    ],
)
def test_the_wheel_holds(wheel: zipfile.ZipFile, name: str) -> None:
    assert name in wheel.namelist()


def test_the_wheel_says_how_to_start_it_and_under_which_licence(wheel: zipfile.ZipFile) -> None:
    (entry_points,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    (metadata,) = [name for name in wheel.namelist() if name.endswith("METADATA")]
    text = wheel.read(metadata).decode()

    assert "syncd = syncd.__main__:main" in wheel.read(entry_points).decode()
    assert "License-Expression: MIT" in text
    assert "Requires-Python: >=3.11" in text
    assert (ROOT / "README.md").read_text(encoding="utf-8") in text


def test_the_source_archive_can_be_built_and_tested(tmp_path: Path) -> None:
    archive = build("sdist", tmp_path)
    with tarfile.open(archive) as opened:
        held = {name.split("/", 1)[1] for name in opened.getnames()}

    wanted = {
        "README.md",
        "LICENSE",
        "Makefile",
        "pyproject.toml",
        "uv.lock",
        "config.example.toml",
        "tests/conftest.py",
    }
    assert sources() | wanted <= held


def test_each_dependency_is_imported_and_each_import_is_a_dependency() -> None:
    declared = {re.split(r"[<>=\[]", requirement)[0] for requirement in PROJECT["dependencies"]}
    extra = {re.split(r"[<>=\[]", one)[0] for group in PROJECT["optional-dependencies"].values() for one in group}
    named = {IMPORT_NAMES.get(name, name.replace("-", "_")) for name in declared | extra}
    imported = {name for package in PACKAGES for _, tree in modules(package) for name in outside(tree)} - set(PACKAGES)

    assert named - imported == set(LOADED_WITHOUT_IMPORT)
    assert imported - named == BROUGHT_BY_ANOTHER


def test_the_version_is_the_package_s_own() -> None:
    import syncd

    assert syncd.__version__ == PROJECT["version"] == importlib.metadata.version("syncd")
