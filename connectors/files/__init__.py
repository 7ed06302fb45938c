"""Files as a source of work: CSV and XLSX dropped into a folder."""
