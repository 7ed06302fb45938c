"""Files as a source of work: CSV and XLSX dropped into a folder."""

from connectors.files.settings import FilesSettings
from connectors.files.source import FilesSource

__all__ = ["FilesSettings", "FilesSource"]
