"""What needs a person, worst first, each with the command that comes next."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.engine.expiry import ending
from syncd.engine.operations import DEEDS
from syncd.engine.pairs import half_posted
from syncd.reports.snapshot import DraftState, Snapshot, SourceState, StandingSum
from syncd.reports.values import size_text

_STALE = timedelta(days=2)
"""A daemon reads QuickBooks' documents at least once a day: after two it cannot reach it, or does not run."""
SEVERITIES = ("critical", "warning", "info")
_DECIDED_BY_A_PERSON = ("voided", "deleted")
_SEVERITY_OF_DRIFT = {"missing": "critical", "tax-variance": "info"}
"""All else is a warning. QuickBooks' own cents of tax are the truth: told, and nothing to mend."""


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to do. `severity`: critical (money is at stake or nothing moves), warning, info (in good order)."""

    code: str
    severity: str
    subject: str
    what: str
    command: str


def needs_of(snapshot: Snapshot) -> tuple[Need, ...]:
    """All that waits for a person, in the order in which to look at it."""
    found = [
        *_connection(snapshot),
        *_half_posted(snapshot),
        *_outbox(snapshot),
        # A void is decided on before strangers are adopted: what is adopted by its lines counts against what is owed.
        *_drifts(snapshot),
        *_unknown(snapshot),
        *_sources(snapshot),
        *_blocked(snapshot),
        *_asked(snapshot),
        *_drafts(snapshot),
        *_unapplied(snapshot),
    ]
    return tuple(sorted(found, key=lambda need: SEVERITIES.index(need.severity)))


def _connection(snapshot: Snapshot) -> Iterator[Need]:
    state, connect = snapshot.connection, "syncd connect quickbooks"
    if state is None:
        yield Need("not-connected", "warning", "QuickBooks", "QuickBooks is not connected yet.", connect)
        return
    if state.wanted_environment not in ("", state.environment):
        what = (
            f"{state.company_name} is connected in {state.environment}, and config.toml says "
            f"{state.wanted_environment}: nothing is read from QuickBooks or sent."
        )
        yield Need("another-environment", "critical", "QuickBooks", what, "syncd doctor")
        return
    if state.broken_because:
        what = f"The connection to {state.company_name} is broken: {state.broken_because.rstrip('.')}."
        yield Need("connection-broken", "critical", "QuickBooks", what, connect)
        return
    read_at = snapshot.documents_read_at
    if read_at is not None and snapshot.taken_at - read_at > _STALE:
        what = f"QuickBooks was last read on {read_at:%Y-%m-%d %H:%M} UTC: the proofs are as of then."
        yield Need("quickbooks-stale", "warning", "QuickBooks", what, "syncd reconcile")
    found = ending(state.refresh_expires_at, state.hard_expires_at, snapshot.taken_at)
    if found is None:
        return
    if found.over:
        what = f"The connection to {state.company_name} ended on {found.at:%Y-%m-%d}: {found.because}."
        yield Need("connection-expired", "critical", "QuickBooks", what, connect)
    else:
        what = f"The connection to {state.company_name} ends on {found.at:%Y-%m-%d}: {found.because}."
        yield Need("connection-expires", "critical" if found.urgent else "warning", "QuickBooks", what, connect)


def _unknown(snapshot: Snapshot) -> Iterator[Need]:
    if snapshot.copied_at is not None:
        what = (
            f"This database is a copy of {snapshot.copied_at:%Y-%m-%d %H:%M} UTC; QuickBooks is read before it sends."
        )
        yield Need("restored-copy", "warning", "database", what, "syncd adopt")
    if snapshot.deleted_unknown:
        names = ", ".join(snapshot.deleted_unknown)
        what = f"Deleted in QuickBooks since this copy was made, and perhaps ours: {names}. Nothing new is sent."
        yield Need("deleted-unknown", "critical", "database", what, "syncd adopt --accept-deleted")
    for row in snapshot.unknown:
        what = f"{row.name} is in QuickBooks, and this database, an older copy, does not know it: nothing new is sent."
        yield Need("older-than-quickbooks", "critical", row.name, what, f"syncd adopt {shlex.quote(row.name)}")


def _half_posted(snapshot: Snapshot) -> Iterator[Need]:
    """A pair with another company that is half in QuickBooks: its two ways out, in whichever company one looks."""
    for pair in snapshot.half_posted:
        problem, retry = half_posted(pair), f"syncd retry {shlex.quote(pair.named)}"
        command = f"{retry} --company {shlex.quote(pair.lender)}"
        yield Need("half-posted-pair", "critical", pair.first_named, f"{problem.what} {problem.fix}", command)


def _outbox(snapshot: Snapshot) -> Iterator[Need]:
    for row in snapshot.outbox:
        name = row.number or row.document_id
        subject = f"{row.client} {row.period}"
        deed = DEEDS[row.operation]
        if row.state == "refused":
            problem = row.problem
            said = f"QuickBooks refused {deed} {name}" + (f": {problem.what}" if problem else ".")
            what = f"{said} {problem.fix}".strip() if problem else said
            yield Need("refused", "critical", subject, what, f"syncd retry {shlex.quote(name)}")
        elif row.state in ("sending", "unknown"):
            looked = f"it is looked for{_from(row.not_before)}, never resent blindly"
            what = f"Whether {deed} {name} succeeded is not known; {looked}."
            yield Need("in-doubt", "warning", subject, what, "syncd push")
        elif row.problem:
            what = f"{name} waits{_from(row.not_before)}: {row.problem.what}"
            yield Need("waits", "warning", subject, what, "syncd push")
    ready = [row for row in snapshot.outbox if row.state == "ready" and not row.problem]
    if ready:
        what = f"{_count(len(ready), 'approved document')} not yet sent."
        yield Need("to-send", "info", "outbox", what, "syncd push")


def _from(moment: datetime | None) -> str:
    return f" from {moment:%H:%M:%S} UTC on" if moment else ""


def _drifts(snapshot: Snapshot) -> Iterator[Need]:
    for row in snapshot.drifts:
        name = shlex.quote(row.number or f"{row.quickbooks_type}:{row.quickbooks_id}")
        if row.quickbooks_type == "Payment":
            restored = row.code in (*_DECIDED_BY_A_PERSON, "missing")
            command = f"syncd drift restore {name}" if restored else "syncd drift"
            yield Need(f"credit-{row.code}", "warning", row.client, row.what, command)
        elif row.code in _DECIDED_BY_A_PERSON:
            if row.decision:
                continue
            what = f"{row.what.rstrip('.')}: its work is held until you decide (or `syncd write-off {name}`)."
            yield Need(row.code, "warning", row.client, what, f"syncd release {name}")
        else:
            severity = _SEVERITY_OF_DRIFT.get(row.code, "warning")
            yield Need(row.code, severity, row.client, row.what, "syncd drift")


def _sources(snapshot: Snapshot) -> Iterator[Need]:
    for name in snapshot.never_read:
        yield Need("never-read", "warning", name, f"{name} has never been read.", "syncd pull")
    for source in snapshot.sources:
        yield from _source(source)


def _source(source: SourceState) -> Iterator[Need]:
    if source.down_since:
        what = f"{source.name} has not been readable since {source.down_since:%Y-%m-%d %H:%M} UTC: {source.last_error}"
        yield Need("source-down", "critical", source.name, what, "syncd doctor")
    if source.fuse:
        yield Need(
            "fuse", "critical", source.name, source.fuse, "syncd pull --accept-vanished " + shlex.quote(source.name)
        )
    if source.bad_record_count:
        first = source.bad_records[0].what if source.bad_records else ""
        what = f"{_count(source.bad_record_count, 'record')} of {source.name} could not be understood: {first}"
        yield Need("bad-records", "warning", source.name, what.strip(), "syncd doctor")


def _how_much(row: StandingSum) -> str:
    hours = f"{row.seconds / 3600:,.2f} h"
    if not row.scaled_quantity:
        return hours
    items = size_text(0, row.scaled_quantity)
    return f"{hours} and {items}" if row.seconds else items


def _blocked(snapshot: Snapshot) -> Iterator[Need]:
    """Work that no document can carry yet: one need for each reason and client."""
    for row in snapshot.hours.standings:
        if row.state == "blocked" and row.selected:
            hours = _how_much(row)
            what = f"{_count(row.entries, 'entry', 'entries')} ({hours}) blocked: {row.what}"
            yield Need(row.code, "warning", row.client, what, "syncd mappings check")


def _asked(snapshot: Snapshot) -> Iterator[Need]:
    """Late or changed work for which the company's policy is to ask."""
    for row in snapshot.hours.standings:
        if row.state == "waiting" and row.selected and row.code in ("late-work", "changed-after-posting"):
            what = f"{_count(row.entries, 'entry', 'entries')} ({_how_much(row)}): {row.what}"
            yield Need(row.code, "warning", row.client, what, "syncd preview")


def _drafts(snapshot: Snapshot) -> Iterator[Need]:
    ready = [draft for draft in snapshot.drafts if not draft.problems and not draft.holds]
    for draft in snapshot.drafts:
        name = f"{draft.client} {draft.period}" + (f" {draft.group}" if draft.group else "")
        if draft.problems:
            more = f" (and {len(draft.problems) - 1} more)" if len(draft.problems) > 1 else ""
            yield Need("blocked", "warning", name, f"{draft.problems[0].what}{more}", _preview(draft))
        elif draft.holds:
            because = "; ".join(what.rstrip(".") for _, what in draft.holds)
            # An approval by name is for what was shown last, so that what changed since is looked at first.
            yield Need("held", "warning", name, f"{because}.", _approve([draft]) if draft.shown else _preview(draft))
    if ready:
        what = f"{_count(len(ready), 'draft')} to approve."
        yield Need("to-approve", "info", "drafts", what, "syncd preview")


def _preview(draft: DraftState) -> str:
    return f"syncd preview --client {shlex.quote(draft.client)}"


def _approve(drafts: list[DraftState]) -> str:
    return "syncd approve " + " ".join(shlex.quote(client) for client in dict.fromkeys(d.client for d in drafts))


def _unapplied(snapshot: Snapshot) -> Iterator[Need]:
    names = {row.customer_id: row.client for row in snapshot.balances}
    for item in snapshot.open_items:
        if item.type == "Payment" and item.balance_minor:
            client = names.get(item.customer_id, f"customer {item.customer_id}")
            what = "A payment is not, or not wholly, applied to an invoice in QuickBooks."
            yield Need("unapplied-payment", "info", client, what, "syncd status --client " + shlex.quote(client))


def _count(number: int, noun: str, plural: str = "") -> str:
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
