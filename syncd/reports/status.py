"""The status report: the three proofs, ageing, and what needs a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from syncd.reports.ageing import AgeingRow, age
from syncd.reports.needs import Need, needs_of
from syncd.reports.proofs import (
    HoursProof,
    InvoicesProof,
    ReceivablesProof,
    prove_hours,
    prove_invoices,
    prove_receivables,
)
from syncd.reports.snapshot import Snapshot

SCHEMA = "syncd.status/1"
OK, WARNING, CRITICAL, UNKNOWN = 0, 1, 2, 3
_WORDS = ("OK", "WARNING", "CRITICAL", "UNKNOWN")


@dataclass(frozen=True, slots=True)
class Waiting:
    """Seconds that no document holds, with one reason, of one client. `what`: the sentence of one of them."""

    state: str
    code: str
    client: str
    entries: int
    seconds: int
    what: str


@dataclass(frozen=True, slots=True)
class StatusReport:
    """One company's books as syncd sees them. `client` and `period` are empty when the report is about everything."""

    company: str
    as_of: datetime
    today: date
    client: str
    period: str
    proofs_hold: bool
    hours: HoursProof
    invoices: tuple[InvoicesProof, ...]
    receivables: tuple[ReceivablesProof, ...]
    waiting: tuple[Waiting, ...]
    """What no document holds, by reason and client."""
    ageing: tuple[AgeingRow, ...]
    needs: tuple[Need, ...]
    next_command: str


def report_status(snapshot: Snapshot) -> StatusReport:
    """Everything `syncd status` shows, from one snapshot."""
    hours, invoices, receivables = prove_hours(snapshot), prove_invoices(snapshot), prove_receivables(snapshot)
    needs = needs_of(snapshot)
    return StatusReport(
        company=snapshot.company,
        as_of=snapshot.taken_at,
        today=snapshot.today,
        client=snapshot.selection.client,
        period=snapshot.selection.period.name if snapshot.selection.period else "",
        proofs_hold=hours.holds and all(proof.holds for proof in (*invoices, *receivables)),
        hours=hours,
        invoices=invoices,
        receivables=receivables,
        waiting=tuple(
            Waiting(row.state, row.code, row.client, row.entries, row.seconds, row.what)
            for row in snapshot.hours.standings
            if row.selected
        ),
        ageing=age(snapshot),
        needs=needs,
        next_command=_next(needs, snapshot),
    )


def _next(needs: tuple[Need, ...], snapshot: Snapshot) -> str:
    if needs:
        return needs[0].command
    return "syncd preview" if snapshot.hours.entries else "syncd pull"


def check(report: StatusReport) -> tuple[int, str]:
    """The plug-in line of Nagios and its exit code: 0 OK, 1 WARNING, 2 CRITICAL."""
    failed = [f"{name} differ by {difference}" for name, difference in differences(report)]
    critical = [need for need in report.needs if need.severity == "critical"]
    warnings = [need for need in report.needs if need.severity == "warning"]
    code = CRITICAL if failed or critical else WARNING if warnings else OK
    told = failed or [need.what for need in (*critical, *warnings)[:1]] or ["all three proofs read 0.00"]
    counts = f"{len(critical)} critical, {len(warnings)} warnings"
    text = " ".join(f"{'; '.join(told)} ({counts})".replace("|", "/").split())
    return code, f"SYNCD {_WORDS[code]} - {report.company}: {text}"


def differences(report: StatusReport) -> list[tuple[str, str]]:
    """The proofs that do not read 0.00, by name, each with its exact difference."""
    found = []
    if not report.hours.holds:
        found.append(("hours", f"{report.hours.difference_seconds} s in {report.hours.uneven_count} entries"))
    for name, proofs in (("invoices", report.invoices), ("receivables", report.receivables)):
        found += [(name, f"{proof.difference} {proof.currency}") for proof in proofs if not proof.holds]
    return found
