"""The status report: the proofs, retainers' hours, ageing, and what needs a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from syncd.reports.ageing import AgeingRow, age
from syncd.reports.deposits import DepositMoney
from syncd.reports.items import ItemsProof
from syncd.reports.needs import Need, needs_of
from syncd.reports.proofs import (
    HoursProof,
    InvoicesProof,
    ReceivablesProof,
    prove_hours,
    prove_invoices,
    prove_receivables,
)
from syncd.reports.retainers import RetainerHours
from syncd.reports.snapshot import Snapshot
from syncd.reports.values import hours_text, quantity_text

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
    quantity: str = "0"
    """Of priced items, added up."""


@dataclass(frozen=True, slots=True)
class ProofSummary:
    """One proof's last figure: `code` hours, items, invoices, receivables; retainers where it fails.

    `difference`: hours, a quantity or the currency.
    """

    code: str
    currency: str
    difference: str
    holds: bool


@dataclass(frozen=True, slots=True)
class StatusReport:
    """One company's books as syncd sees them. `client` and `period` are empty when the report is about everything."""

    company: str
    as_of: datetime
    today: date
    client: str
    period: str
    proofs_hold: bool
    proofs: tuple[ProofSummary, ...]
    hours: HoursProof
    items: ItemsProof | None
    """Of expenses and products; none where there are none."""
    invoices: tuple[InvoicesProof, ...]
    receivables: tuple[ReceivablesProof, ...]
    retainers: tuple[RetainerHours, ...]
    """Periods and blocks whose hours documents recorded."""
    deposits: tuple[DepositMoney, ...]
    """Retainers in money."""
    waiting: tuple[Waiting, ...]
    """What no document holds, by reason and client."""
    ageing: tuple[AgeingRow, ...]
    needs: tuple[Need, ...]
    next_command: str


def report_status(snapshot: Snapshot) -> StatusReport:
    """Everything `syncd status` shows, from one snapshot."""
    hours, invoices, receivables = prove_hours(snapshot.hours), prove_invoices(snapshot), prove_receivables(snapshot)
    needs = needs_of(snapshot)
    proofs = tuple(_summaries(hours, snapshot.items, invoices, receivables, snapshot.retainers))
    return StatusReport(
        company=snapshot.company,
        as_of=snapshot.taken_at,
        today=snapshot.today,
        client=snapshot.selection.client,
        period=snapshot.selection.period.name if snapshot.selection.period else "",
        proofs_hold=all(proof.holds for proof in proofs),
        proofs=proofs,
        hours=hours,
        items=snapshot.items,
        invoices=invoices,
        receivables=receivables,
        retainers=snapshot.retainers,
        deposits=snapshot.deposits,
        waiting=tuple(
            Waiting(
                *(row.state, row.code, row.client, row.entries, row.seconds, row.what),
                quantity_text(row.scaled_quantity),
            )
            for row in snapshot.hours.standings
            if row.selected
        ),
        ageing=age(snapshot),
        needs=needs,
        next_command=_next(needs, snapshot),
    )


def _summaries(
    hours: HoursProof,
    items: ItemsProof | None,
    invoices: tuple[InvoicesProof, ...],
    receivables: tuple[ReceivablesProof, ...],
    retainers: tuple[RetainerHours, ...],
) -> Iterator[ProofSummary]:
    yield ProofSummary("hours", "", hours_text(hours.difference_seconds), hours.holds)
    if items is not None:
        yield ProofSummary("items", "", items.difference, items.holds)
    for made in invoices:
        yield ProofSummary("invoices", made.currency, str(made.difference), made.holds)
    for rolled in receivables:
        yield ProofSummary("receivables", rolled.currency, str(rolled.difference), rolled.holds)
    wrong = sum(abs(row.difference_seconds) for row in retainers)
    if wrong:
        yield ProofSummary("retainers", "", hours_text(wrong), holds=False)


def _next(needs: tuple[Need, ...], snapshot: Snapshot) -> str:
    if needs:
        return needs[0].command
    return "syncd preview" if snapshot.hours.entries else "syncd pull"


def worst_check(checked: Sequence[tuple[int, str]]) -> tuple[int, str]:
    """Of several companies' lines the worst one (critical before unknown), and how many are how."""
    order = (OK, WARNING, UNKNOWN, CRITICAL)
    code, line = max(checked, key=lambda one: order.index(one[0]))
    codes = [code for code, _ in checked]
    counts = ", ".join(f"{codes.count(each)} {_WORDS[each]}" for each in reversed(order) if each in codes)
    return code, f"{line}; of {len(codes)} companies {counts}"


def check(report: StatusReport) -> tuple[int, str]:
    """The plug-in line of Nagios and its exit code: 0 OK, 1 WARNING, 2 CRITICAL."""
    units = {"items": "pieces"}
    failed = [
        f"{proof.code} differ by {proof.difference} {proof.currency or units.get(proof.code, 'hours')}"
        for proof in report.proofs
        if not proof.holds
    ]
    critical = [need for need in report.needs if need.severity == "critical"]
    warnings = [need for need in report.needs if need.severity == "warning"]
    code = CRITICAL if failed or critical else WARNING if warnings else OK
    told = failed or [need.what for need in (*critical, *warnings)[:1]] or ["all three proofs read 0.00"]
    counts = f"{len(critical)} critical, {len(warnings)} warnings"
    text = " ".join(f"{'; '.join(told)} ({counts})".replace("|", "/").split())
    return code, f"SYNCD {_WORDS[code]} - {report.company}: {text}"
