"""Rounding, splitting and matching names: the arithmetic that every rule shares, in fractions."""

from __future__ import annotations

from fractions import Fraction
from math import floor


def half_up(value: Fraction | int) -> int:
    """The nearest whole number; a half goes away from zero."""
    size = floor(abs(value) + Fraction(1, 2))
    return size if value >= 0 else -size


def split(total: int, weights: list[int]) -> list[int]:
    """A whole number in parts by weight: the largest remainders get what is left over, of equal ones the first.

    Weights count by their size, and a negative total is split like its opposite.
    """
    if total < 0:
        return [-part for part in split(-total, weights)]
    whole = sum(abs(weight) for weight in weights)
    if whole == 0:
        return [total if at == 0 else 0 for at in range(len(weights))]
    return largest_remainder(total, [Fraction(total * abs(weight), whole) for weight in weights])


def largest_remainder(total: int, exact: list[Fraction]) -> list[int]:
    """Whole numbers beside these fractions that sum to the total; those cut by most are raised, of equal ones first."""
    sign = 1 if total >= 0 else -1
    sizes = [sign * share for share in exact]
    parts = [floor(size) for size in sizes]
    neediest = sorted(range(len(parts)), key=lambda at: (parts[at] - sizes[at], at))
    for at in neediest[: sign * total - sum(parts)]:
        parts[at] += 1
    return [sign * part for part in parts]


def strength(cell: str, name: str) -> int | None:
    """How well a cell matches a name: 3 exactly, 2 as a pattern, 1 because it is empty; None where it does not."""
    if cell == "":
        return 1
    name, found = name.lower(), [0]
    for part in cell.lower().split("|"):
        if part == name:
            found.append(3)
        elif part.endswith("*") and name.startswith(part[:-1]):
            found.append(2)
    return max(found) or None


def speaks_of(row: dict, work: dict, *columns: str) -> bool:
    """Whether each of these columns matches what the work says."""
    return all(strength(row.get(column, ""), work[column]) for column in columns)


def in_force(row: dict, day) -> bool:
    """Whether a day lies in the row's from..until, both included."""
    return (row.get("from") is None or row["from"] <= day) and (row.get("until") is None or day <= row["until"])
