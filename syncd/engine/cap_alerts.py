"""Alerts of caps are told once: the event that records one is what keeps it from being told again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from mappings.problems import Problem
from mappings.world import CapAlert
from syncd.store import schema
from syncd.store.events import append_event

KIND = "cap-alert"


def tell_once(connection: Connection, company: str, alerts: Iterable[CapAlert], now: datetime) -> list[Problem]:
    """Record the alerts that were never told, and give them back as warnings; whoever draws them up tells them."""
    table = schema.event.c
    news = []
    for alert in alerts:
        told = select(table.id).where(table.company == company, table.subject == alert.subject, table.kind == KIND)
        if connection.execute(told.limit(1)).first() is None:
            append_event(connection, company, KIND, alert.subject, {"what": alert.problem.what}, now)
            news.append(alert.problem)
    return news
