"""Pro rata: what is over a retainer's hours is spread over the lines by their seconds, then over their entries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence

from mappings.money import spread


def shared_cover(available: int, wanted: Sequence[int], lines: Sequence[Hashable]) -> list[int]:
    """How much of each entry is covered: all it wants, less its share of what is over. All in seconds, none negative.

    16 h available, X 15 h, Y 5 h: 4 h are over, 3 h of X and 1 h of Y.
    """
    over = max(sum(wanted) - available, 0)
    members: dict[Hashable, list[int]] = defaultdict(list)
    for at, line in enumerate(lines):
        members[line].append(at)
    covered = list(wanted)
    by_line = spread(over, [sum(wanted[at] for at in entries) for entries in members.values()])
    for entries, share in zip(members.values(), by_line, strict=True):
        for at, part in zip(entries, spread(share, [wanted[at] for at in entries]), strict=True):
            covered[at] -= part
    return covered
