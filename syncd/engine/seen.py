"""The keys that a pull has seen: a million of them in two megabytes, while they are numbers that lie close together."""

from __future__ import annotations

_BITS = 64


class Seen:
    """A set of keys that only grows. Numbers, as nearly every tool has them, are kept as bits; all else as it is."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._others: set[str] = set()

    def add(self, key: str) -> None:
        """Remember a key."""
        if _is_number(key):
            block, bit = divmod(int(key), _BITS)
            self._numbers[block] = self._numbers.get(block, 0) | 1 << bit
        else:
            self._others.add(key)

    def __len__(self) -> int:
        return sum(bits.bit_count() for bits in self._numbers.values()) + len(self._others)

    def __contains__(self, key: object) -> bool:
        if isinstance(key, str) and _is_number(key):
            block, bit = divmod(int(key), _BITS)
            return bool(self._numbers.get(block, 0) >> bit & 1)
        return key in self._others


def _is_number(key: str) -> bool:
    """Whether the key is a number as it is always written: 7, and neither 07 nor a digit of another script."""
    return key.isascii() and key.isdigit() and (key[0] != "0" or key == "0") and len(key) < 19
