"""The package graph is a DAG, and each edge of the world has one keeper; these tests read the source."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("mappings", "connectors", "syncd")
TABLES_MAY = {"pydantic", "python_calamine", "rapidfuzz", "holidays"}
CONNECTORS_MAY = {
    "httpx",
    "msgspec",
    "tenacity",
    "structlog",
    "python_calamine",
    "rapidfuzz",
    "quickbooks",
    "intuitlib",
}
EMULATOR_MAY = {"starlette", "uvicorn", "jinja2", "python_multipart", "anyio"}
OPPOSITES = {"emulator": EMULATOR_MAY, "stand_ins": {"starlette", "uvicorn"}}
"""The servers that play the other side: by folder of connectors/, the libraries that each may import."""


def modules(package: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / package).rglob("*.py")):
        yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names.add(node.module or "")
    return names


def outside(tree: ast.Module) -> set[str]:
    return {name.split(".")[0] for name in imports(tree)} - set(sys.stdlib_module_names)


@pytest.mark.parametrize(("package", "may"), [("mappings", {"mappings"}), ("connectors", {"mappings", "connectors"})])
def test_packages_import_only_downwards(package: str, may: set[str]) -> None:
    wrong = {str(path): outside(tree) & set(PACKAGES) - may for path, tree in modules(package)}

    assert {path: names for path, names in wrong.items() if names} == {}


def test_the_vocabulary_and_the_rules_import_the_standard_library_alone() -> None:
    wrong = {
        str(path): outside(tree) - {"mappings"}
        for path, tree in modules("mappings")
        if "tables" not in path.parts and outside(tree) - {"mappings"}
    }

    assert wrong == {}


def test_the_rules_never_import_the_tables_readers() -> None:
    wrong = [
        str(path)
        for path, tree in modules("mappings")
        if "tables" not in path.parts and any(name.startswith("mappings.tables") for name in imports(tree))
    ]

    assert wrong == []


def test_each_layer_imports_only_the_libraries_that_it_is_for() -> None:
    wrong: dict[str, set[str]] = {}
    for path, tree in modules("mappings"):
        wrong[str(path)] = outside(tree) - TABLES_MAY - {"mappings"}
    for path, tree in modules("connectors"):
        may = OPPOSITES.get(path.parts[1], CONNECTORS_MAY)
        wrong[str(path)] = outside(tree) - may - {"mappings", "connectors"}

    assert {path: names for path, names in wrong.items() if names} == {}


@pytest.mark.parametrize("opposite", OPPOSITES)
def test_the_other_side_imports_nothing_else_of_ours(opposite: str) -> None:
    """What a client and its server share, both can have wrong without a test that tells."""
    wrong = {
        str(path): ours
        for path, tree in modules("connectors")
        if opposite in path.parts
        and (
            ours := {
                name
                for name in imports(tree)
                if name.split(".")[0] in PACKAGES and not name.startswith(f"connectors.{opposite}")
            }
        )
    }

    assert wrong == {}


def test_only_the_clock_module_and_the_emulator_read_a_clock() -> None:
    reads = {"time", "monotonic", "perf_counter", "sleep", "now", "utcnow", "today"}
    wrong = [
        f"{path}:{node.lineno}"
        for package in PACKAGES
        for path, tree in modules(package)
        if path != Path("syncd/clock.py") and "emulator" not in path.parts
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in reads
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("time", "datetime", "date")
    ]

    assert wrong == []


def test_only_commands_print() -> None:
    wrong = [
        f"{path}:{node.lineno}"
        for package in PACKAGES
        for path, tree in modules(package)
        if path.parts[:2] != ("syncd", "commands")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]

    assert wrong == []


def test_only_connectors_open_sockets() -> None:
    sockets = {"socket", "http", "urllib", "httpx", "requests", "smtplib", "ftplib", "uvicorn"}
    may = {"syncd/commands/emulator.py", "syncd/daemon/notify.py", "syncd/demo"}
    wrong = {
        str(path): names
        for package in ("mappings", "syncd")
        for path, tree in modules(package)
        if (names := {name for name in imports(tree) if name.split(".")[0] in sockets} - {"urllib.parse", "http"})
        and not any(str(path).startswith(prefix) for prefix in may)
    }

    assert wrong == {}
