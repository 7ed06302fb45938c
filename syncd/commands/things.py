"""Which of several companies knows what a person names: a document, an entry, a client."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click

from syncd.commands.session import Session, Sessions, client_of


def has_document(name: str) -> Callable[[Session], bool]:
    """Tells whether a company has a document of that number, or id of ours or of QuickBooks."""
    from syncd.reports.find import find_by_quickbooks_id, find_document

    def known(session: Session) -> bool:
        with session.store.read() as connection:
            found = find_document(connection, session.company, name)
            return (found or find_by_quickbooks_id(connection, session.company, name)) is not None

    return known


def has_entry(source: str, identity: str) -> Callable[[Session], bool]:
    """Tells whether a company has pulled that entry."""
    from syncd.reports.find import find_entries

    def known(session: Session) -> bool:
        with session.store.read() as connection:
            return (source, identity) in find_entries(connection, session.company, f"{source}/{identity}")

    return known


def has_document_or_entry(name: str) -> Callable[[Session], bool]:
    """Tells whether a company has a document of that name, or an entry of that id or SOURCE/ID."""
    from syncd.reports.find import find_entries

    has = has_document(name)

    def known(session: Session) -> bool:
        with session.store.read() as connection:
            entries = find_entries(connection, session.company, name)
        return bool(entries) or has(session)

    return known


def companies_of_clients(sessions: Sessions, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Company → those of the named clients that are its own, as its books spell them.

    A client that none of them knows, or that several do, is refused.
    """
    found: dict[str, list[str]] = {}
    for name in names:
        if len(sessions.each) == 1:
            found.setdefault(sessions.each[0].company, []).append(client_of(sessions.each[0], name))
            continue
        spelt = {session.company: _spelt(session, name) for session in sessions.each}
        companies = [company for company, client in spelt.items() if client]
        if len(companies) > 1:
            listed = ", ".join(companies)
            raise click.UsageError(f"Several companies have a client {name!r}. Say which with --company: {listed}")
        if not companies:
            raise click.UsageError(f"None of the companies has a client {name!r}: {sessions.names}")
        found.setdefault(companies[0], []).append(spelt[companies[0]])
    return {company: tuple(clients) for company, clients in found.items()}


def _spelt(session: Session, name: str) -> str:
    try:
        return client_of(session, name)
    except click.BadParameter:
        return ""
