"""Find a document's names in QuickBooks: pinned by id once decided, suggested when not found, never created.

A name is linked by itself only when it is the same after normalising (case, accents' form, spaces) and only one active
row has it. A pin holds for good: a rename in QuickBooks is followed, an inactive or deleted row is a problem.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from mappings.catalogue import Books, Catalogue, Kind, Named
from mappings.documents import Document, Line
from mappings.problems import Problem

_CALLED: Mapping[Kind, str] = {
    "customer": "customer",
    "item": "product or service",
    "tax-code": "sales tax code",
    "term": "payment term",
    "class": "class",
    "department": "location",
}
_SUGGESTED_FROM = 70
"""Score from which a name is worth suggesting; suggestions are for people, nothing is linked by score."""


def normalise(name: str) -> str:
    """The form in which two names are the same: NFKC, one space between words, without case."""
    return " ".join(unicodedata.normalize("NFKC", name).split()).casefold()


class NameIndex:
    """The rows of QuickBooks' lists by their ids and names."""

    def __init__(self, named: Iterable[Named]) -> None:
        self.by_id: dict[tuple[Kind, str], Named] = {}
        self._by_name: dict[tuple[Kind, str], list[Named]] = {}
        self._by_last_name: dict[tuple[Kind, str], list[Named]] = {}
        for row in named:
            self.by_id[row.kind, row.id] = row
            self._by_name.setdefault((row.kind, normalise(row.name)), []).append(row)
            if ":" in row.name:
                # By the name without its parents: a sub-customer's display name, which people know it by.
                last = normalise(row.name.rpartition(":")[2])
                self._by_last_name.setdefault((row.kind, last), []).append(row)

    def called(self, kind: Kind, name: str) -> list[Named]:
        """The rows of this name, or else those that are so called below another."""
        key = (kind, normalise(name))
        return self._by_name.get(key) or self._by_last_name.get(key, [])


@dataclass
class Resolver:
    """Looks names up in one catalogue, and collects the pins that it decided and the problems that it met."""

    catalogue: Catalogue
    pins: dict[tuple[Kind, str], str] = field(default_factory=dict)
    index: NameIndex | None = None
    """Of the catalogue's names, when it was made already."""
    by_id: dict[tuple[Kind, str], Named] = field(init=False)

    def __post_init__(self) -> None:
        self.index = self.index or NameIndex(self.catalogue.named)
        self.by_id = self.index.by_id

    def find(self, kind: Kind, name: str) -> Named | Problem:
        """The row that a name of our tables means, or why there is none."""
        pinned = self.catalogue.pins.get((kind, name))
        if pinned is not None:
            row = self.by_id.get((kind, pinned))
            return row if row is not None and row.active else self._inactive(kind, name, row)
        assert self.index is not None
        same = self.index.called(kind, name)
        active = [row for row in same if row.active]
        if len(active) == 1:
            self.pins[kind, name] = active[0].id
            return active[0]
        if active:
            return self._ambiguous(kind, name, active)
        return self._inactive(kind, name, same[0]) if same else self._unknown(kind, name)

    def _inactive(self, kind: Kind, name: str, row: Named | None) -> Problem:
        where = f" (now “{row.name}”, id {row.id})" if row is not None and row.name != name else ""
        return Problem(
            f"inactive-{kind}",
            f"The {_CALLED[kind]} “{name}”{where} is inactive, merged or deleted in QuickBooks.",
            f"Make it active again in QuickBooks, or name another {_CALLED[kind]} in the tables.",
            subject=name,
        )

    def _ambiguous(self, kind: Kind, name: str, rows: list[Named]) -> Problem:
        found = ", ".join(f"“{row.name}” (id {row.id})" for row in rows)
        return Problem(
            f"ambiguous-{kind}",
            f"“{name}” is more than one {_CALLED[kind]} in QuickBooks: {found}.",
            "Rename one of them in QuickBooks, so that the name means one.",
            subject=name,
        )

    def _unknown(self, kind: Kind, name: str) -> Problem:
        # Only after a mistake: a daemon whose names are all found need not hold it in memory.
        from rapidfuzz import fuzz, process

        names = {normalise(row.name): row.name for row in self.catalogue.named if row.kind == kind and row.active}
        near = process.extract(normalise(name), list(names), scorer=fuzz.WRatio, limit=3, score_cutoff=_SUGGESTED_FROM)
        nearest = " or ".join(f"“{names[match[0]]}”" for match in near)
        return Problem(
            f"unknown-{kind}",
            f"QuickBooks has no {_CALLED[kind]} named “{name}”.",
            (f"Did you mean {nearest}? " if nearest else "")
            + f"Write the name as QuickBooks has it, or create the {_CALLED[kind]} there; syncd never does.",
            subject=name,
        )


def resolve(document: Document, resolver: Resolver) -> Document:
    """Fill in the ids of a document's names, and its tax codes'; what is not found becomes a problem that blocks it."""
    books = resolver.catalogue.books
    if books is None:
        unread = Problem(
            "quickbooks-not-read",
            "QuickBooks has not been read yet, so customers, items and taxes are not known.",
            "Run `syncd connect quickbooks`.",
        )
        return replace(document, tax_computed=False, problems=(*document.problems, unread))
    problems: list[Problem] = []
    ids: dict[tuple[Kind, str], str] = {}

    def id_of(kind: Kind, name: str) -> str:
        if not name:
            return ""
        if (kind, name) not in ids:
            found = resolver.find(kind, name)
            ids[kind, name] = "" if isinstance(found, Problem) else found.id
            if isinstance(found, Problem):
                problems.append(found)
        return ids[kind, name]

    def with_ids(line: Line) -> Line:
        return replace(
            line,
            item_id=id_of("item", line.item),
            tax_code_id=_tax_code_id(line.tax_code, books, id_of),
            class_id=id_of("class", line.class_name),
        )

    resolved = replace(
        document,
        customer_id=id_of("customer", document.key.client),
        lines=tuple(with_ids(line) for line in document.lines),
        terms_id=id_of("term", document.terms) if document.kind == "invoice" else "",
        department_id=id_of("department", document.department),
        tax_computed=books.country != "US",
    )
    problems += _currency_problems(resolved, resolver)
    if document.lines and not document.lines[0].tax_code and books.country != "US":
        problems.append(_no_tax_code(document))
    return replace(resolved, problems=(*document.problems, *problems))


def _tax_code_id(name: str, books: Books, id_of: Callable[[Kind, str], str]) -> str:
    # In the United States a line's code is one of two words (TAX, NON), which are their own ids.
    if books.country == "US" and name in ("TAX", "NON"):
        return name
    return id_of("tax-code", name)


def _no_tax_code(document: Document) -> Problem:
    return Problem(
        "no-tax-code",
        f"The lines for {document.key.client} have no sales tax code, which QuickBooks wants on every line.",
        'Set `tax_code` in `[billing]`, for example tax_code = "GST/QST QC - 9.975".',
        subject=document.key.client,
    )


def _currency_problems(document: Document, resolver: Resolver) -> list[Problem]:
    """A document's currency must be its customer's; QuickBooks cannot change either later."""
    books = resolver.catalogue.books
    assert books is not None
    row = resolver.by_id.get(("customer", document.customer_id))
    theirs = (row.currency if row is not None else "") or books.home_currency
    if row is None or theirs == document.currency:
        return []
    return [
        Problem(
            "currency-mismatch",
            f"{document.key.client} is billed in {document.currency}, but the customer's currency in QuickBooks is"
            f" {theirs}.",
            f"Set the client's currency to {theirs} in the clients table, with rates in {theirs}.",
            subject=document.key.client,
        )
    ]
