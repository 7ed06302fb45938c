"""Rows added to a table stand as its owner keeps the file, and read back as what was meant."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from mappings.tables import load_tables
from mappings.tables.append import append_rows, csv_of

ROW = {"source_client": 'Café "Nord"; Sud, 2', "quickbooks_customer": "Café Nord"}
HEADER = "source_client,quickbooks_customer,note"


def added(path: Path, content: bytes, row: dict[str, str] = ROW) -> bytes:
    path.write_bytes(content)
    assert append_rows(path, "clients", [row]) == 1
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "clients.csv"


def test_the_rows_before_stay_byte_for_byte(path: Path) -> None:
    before = b'source_client,quickbooks_customer,note\r\n A ,  B ,"x"\r\n'
    after = added(path, before, {"source_client": "C", "quickbooks_customer": "D"})
    assert after == before + b"C,D,\r\n"


def test_a_last_line_without_an_end_gets_one(path: Path) -> None:
    assert added(path, f"{HEADER}\nA,B,".encode()).startswith(f"{HEADER}\nA,B,\n".encode())


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_what_was_added_reads_back(path: Path, separator: str, encoding: str) -> None:
    content = f"{HEADER}\nÉtoile,Étoile,\n".replace(",", separator).encode(encoding)
    after = added(path, content)
    assert after.decode(encoding).count("Étoile") == 2
    tables, problems = load_tables(path.parent)
    assert problems == []
    assert tables.clients[1].source_client == (ROW["source_client"],)
    assert tables.clients[1].quickbooks_customer == "Café Nord"


def test_a_character_that_the_encoding_lacks_turns_the_file_into_utf_8(path: Path) -> None:
    after = added(path, f"{HEADER}\nÉtoile,B,\n".encode("cp1252"), {"source_client": "東", "quickbooks_customer": "東"})
    assert after.decode("utf-8-sig") == f"{HEADER}\nÉtoile,B,\n東,東,\n"
    assert after.startswith(b"\xef\xbb\xbf")


def test_a_row_that_needs_a_column_which_the_file_lacks_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "services.csv"
    path.write_text("source_service,quickbooks_item\nA,A\n")
    row = {"source_service": "B", "service": "Ours", "quickbooks_item": "A"}
    assert append_rows(path, "services", [row]) == 0
    assert path.read_text() == "source_service,quickbooks_item\nA,A\n"


def test_who_may_read_the_file_stays(path: Path) -> None:
    path.write_text(f"{HEADER}\n")
    path.chmod(0o640)
    append_rows(path, "clients", [ROW])
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_the_file_of_a_table_is_found_as_the_tables_are(tmp_path: Path) -> None:
    (tmp_path / "Fixed fees.csv").touch()
    (tmp_path / "tables.xlsx").touch()
    assert csv_of(tmp_path, "fixed_fees") == tmp_path / "Fixed fees.csv"
    assert csv_of(tmp_path, "clients") is None
