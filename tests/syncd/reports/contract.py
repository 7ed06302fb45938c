"""Reads the contract of JSON out of the report types: which object has which fields, and of which kind each is."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from mappings.problems import Problem
from syncd.engine.drift_accept import AcceptedDrift
from syncd.engine.drift_applications import Restored
from syncd.reports.adopt import SCHEMA as ADOPT
from syncd.reports.adopt import Adopted
from syncd.reports.approve import SCHEMA as APPROVE
from syncd.reports.approve import Approval
from syncd.reports.connections import SCHEMA as CONNECT
from syncd.reports.connections import ConnectionsShown
from syncd.reports.cycle import SCHEMA as RUN
from syncd.reports.cycle import CycleReport
from syncd.reports.drift import ACCEPTED_SCHEMA, RESTORED_SCHEMA, DriftReport
from syncd.reports.drift import SCHEMA as DRIFT
from syncd.reports.explain import DOCUMENT_SCHEMA, ENTRY_SCHEMA
from syncd.reports.explained import ExplainedDocument, ExplainedEntry
from syncd.reports.preview import SCHEMA as PREVIEW
from syncd.reports.preview import PreviewReport
from syncd.reports.pull import SCHEMA as PULL
from syncd.reports.pull import Pulled
from syncd.reports.push import SCHEMA as PUSH
from syncd.reports.push import Pushed
from syncd.reports.reconcile import SCHEMA as RECONCILE
from syncd.reports.reconcile import Reconciled
from syncd.reports.rerate import SCHEMA as RERATE
from syncd.reports.rerate import RerateReport
from syncd.reports.show import SCHEMA as SHOW
from syncd.reports.show import ShownDocument
from syncd.reports.simulate import SCHEMA as SIMULATE
from syncd.reports.simulate import SimulateReport
from syncd.reports.status import SCHEMA as STATUS
from syncd.reports.status import StatusReport
from syncd.reports.values import Money

REPORTS: dict[str, type[Any]] = {
    PULL: Pulled,
    PREVIEW: PreviewReport,
    APPROVE: Approval,
    PUSH: Pushed,
    RECONCILE: Reconciled,
    STATUS: StatusReport,
    SHOW: ShownDocument,
    DOCUMENT_SCHEMA: ExplainedDocument,
    ENTRY_SCHEMA: ExplainedEntry,
    RUN: CycleReport,
    CONNECT: ConnectionsShown,
    ADOPT: Adopted,
    DRIFT: DriftReport,
    ACCEPTED_SCHEMA: AcceptedDrift,
    RESTORED_SCHEMA: Restored,
    RERATE: RerateReport,
    SIMULATE: SimulateReport,
}
_KINDS = {
    str: "text",
    int: "integer",
    bool: "true or false",
    Money: "amount",
    Decimal: "decimal",
    datetime: "instant",
    date: "day",
}


def kind_of(hint: Any) -> str:
    """The kind of a field in the words of the page."""
    if hint in _KINDS:
        return _KINDS[hint]
    if get_origin(hint) is Literal:
        return "text"
    if get_origin(hint) in (Union, types.UnionType):
        inner = [kind_of(argument) for argument in get_args(hint) if argument is not type(None)]
        return f"{' or '.join(inner)} or null"
    if get_origin(hint) is tuple:
        return f"list of {kind_of(get_args(hint)[0])}"
    assert is_dataclass(hint), hint
    return str(hint.__name__)


def objects() -> dict[str, dict[str, str]]:
    """Object → field → kind, for every object of every report."""
    found: dict[str, dict[str, str]] = {}
    for report in REPORTS.values():
        _collect(report, found)
    return found


def _collect(kind: type[Any], found: dict[str, dict[str, str]]) -> None:
    if kind.__name__ in found or kind is Money:
        return
    hints = get_type_hints(kind)
    hints = hints | {"place": str} if kind is Problem else hints
    found[kind.__name__] = {field.name: kind_of(hints[field.name]) for field in fields(kind)}
    for hint in hints.values():
        for inner in _dataclasses_in(hint):
            _collect(inner, found)


def _dataclasses_in(hint: Any) -> Iterator[type[Any]]:
    if is_dataclass(hint):
        assert isinstance(hint, type)
        yield hint
    for argument in get_args(hint):
        yield from _dataclasses_in(argument)
