"""The line in PrivateNote by which we know a document of ours again, whatever became of its number.

QuickBooks cannot be searched by it, so a look-up asks by number, or customer and date, and compares it here.
"""

from __future__ import annotations

import re

_HASH_LENGTH = 12
_PATTERN = re.compile(r"syncd:[A-Za-z0-9_.:-]+ [0-9a-f]{12}(?![0-9a-f])")


def marker_of(document_id: str, content_hash: str) -> str:
    """The marker of our document: its id, and the beginning of the hash of what was approved (hexadecimal)."""
    marker = f"syncd:{document_id} {content_hash[:_HASH_LENGTH]}"
    assert _PATTERN.fullmatch(marker), marker
    return marker


def find_marker(text: str) -> str:
    """Our marker somewhere in a note (voiding puts a word before it, a person may write around it), or ""."""
    match = _PATTERN.search(text)
    return match[0] if match else ""
