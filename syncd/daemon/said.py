"""One company's log: what is news is said, and what stays as it was is not said again."""

from __future__ import annotations

from typing import Any

import structlog

from mappings.documents import DocumentKey
from mappings.problems import Problem
from syncd.daemon.outages import Outages, Told
from syncd.engine.adopt import AdoptReport
from syncd.engine.draft import DraftReport
from syncd.engine.payments import PaymentsReport
from syncd.engine.pull import PullReport
from syncd.engine.push_report import PushReport

_OF_CAPS = ("cap-alert", "over-cap")
"""Codes of what is to be known of a cap: a share of it is billed, or it is passed."""


class Said:
    """Says what a job of this company did, if it is worth a line."""

    def __init__(self, company: str, outages: Outages) -> None:
        self._company, self._outages, self._told = company, outages, Told()
        self._drafts: dict[DocumentKey, object] | None = None

    @property
    def _log(self) -> Any:
        return structlog.get_logger("syncd.daemon").bind(company=self._company)

    def pulled(self, report: PullReport) -> None:
        """A line when something changed, or another number of records than before was not understood."""
        source, changes = report.source, report.changes
        if report.error:
            problem = Problem("source-down", report.error, report.fix)
            self._outages.down("source", problem, company=self._company, name=source, since=report.down_since)
        elif not report.stopped:
            self._outages.up("source", company=self._company, name=source, since=report.down_since)
            fuse = [report.fuse.problem.what] if report.fuse else []
            for what in self._told.news(f"fuse:{source}", fuse, all_of_them=True):
                self._log.warning("vanished-too-many", source=source, why=what)
        counts = {"new": changes.new, "changed": changes.changed, "deleted": changes.deleted}
        counts |= {"vanished": report.vanished}
        bad = self._told.news(f"bad:{source}", [report.problems], all_of_them=True) - {0}
        if any(counts.values()) or bad:
            self._log.info("pulled", source=source, **counts, not_understood=report.problems)

    def drafted(self, report: DraftReport, approved: int) -> None:
        """A line when the drafts are other than those of the last time."""
        blocked = sum(1 for item in report.documents if item.document.problems)
        drafts = {item.document.key: (item.hash, item.state, item.document.problems) for item in report.documents}
        news = self._drafts is None or any(self._drafts.get(key) != said for key, said in drafts.items())
        self._drafts = (self._drafts or {}) | drafts
        caps = {(one.code, one.what) for one in report.problems if one.code in _OF_CAPS}
        for code, what in sorted(self._told.news("caps", caps, all_of_them=False)):
            self._log.warning(code, why=what)
        if news or report.withdrawn or approved:
            self._log.info(
                "drafted",
                documents=len(report.documents),
                blocked=blocked,
                withdrawn=len(report.withdrawn),
                approved_by_policy=approved,
            )

    def sent(self, report: PushReport) -> None:
        """A line for each document whose state has changed since the last time."""
        rows = {
            (row.number or row.document_id, row.operation, row.result, row.problem.what if row.problem else "")
            for row in report.outcomes
        }
        for document, operation, result, why in sorted(rows & self._told.news("sent", rows, all_of_them=True)):
            self._log.info("sent", document=document, operation=operation, result=result, why=why)
        for problem in report.problems:
            self._outages.down("quickbooks", problem, company=self._company)

    def adopted(self, report: AdoptReport) -> None:
        """What of ours QuickBooks had and this database did not know: an older copy was put back."""
        for row in report.adopted:
            self._log.warning("adopted", document=row.number or row.document_id)
        left = tuple(row.name for row in report.left)
        for names in self._told.news("older-than-quickbooks", [left] if left else [], all_of_them=True):
            self._log.error("older-than-quickbooks", documents=names, fix="syncd adopt")

    def connection(self, problem: Problem | None) -> None:
        """A line when the connection's end is to be said now."""
        if problem is not None:
            self._log.warning("connection-ends", problem=problem.code, why=problem.what, fix=problem.fix)

    def payments(self, report: PaymentsReport) -> None:
        """A line when something changed in QuickBooks; each drift and problem once."""
        if report.changed or report.deleted:
            self._log.info("payments", whole=report.whole, changed=report.changed, deleted=report.deleted)
        drifts = {(drift.code, drift.document_id, drift.what) for drift in report.drifts}
        for kind, document, why in sorted(self._told.news("drift", drifts, all_of_them=report.whole), key=str):
            self._log.warning("drift", kind=kind, document=document, why=why)
        problems = {(problem.code, problem.what, problem.fix) for problem in report.problems}
        for code, why, fix in sorted(self._told.news("payments", problems, all_of_them=report.whole)):
            self._log.warning("payments", problem=code, why=why, fix=fix)
