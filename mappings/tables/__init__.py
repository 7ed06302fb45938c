"""Readers of finance's tables: CSV files and workbooks become rows, mistakes become problems with their place."""

from mappings.tables.lints import check_tables
from mappings.tables.load import TABLES, load_tables
from mappings.tables.values import LATER, nearest

__all__ = ["LATER", "TABLES", "check_tables", "load_tables", "nearest"]
