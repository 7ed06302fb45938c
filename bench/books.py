"""A company's books after years, written straight into the tables: invoices sent and paid, all proofs at 0.00."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta

from connectors.quickbooks.marker import marker_of
from mappings.work import WorkItem
from syncd.clock import SystemClock
from syncd.engine.content import encode
from syncd.store import schema
from syncd.store.bulk import Row, insert_many
from syncd.store.database import open_store
from tests.e2e.company import NAME, REALM

ENTRIES_EACH = 5
"""Time entries on each invoice."""
CUSTOMERS = 400
HOUR_MINOR, TAX_MINOR = 8_400, 1_258
_NOW = "2026-11-02T09:00:00.000000Z"
_HASH = "0123456789abcdef" * 4
_FIRST = date(2024, 1, 1)
_CONTENT, _RAW = json.dumps({"lines": "x" * 2_500}), json.dumps({"Line": "x" * 1_500})
"""As long as they commonly are; no report of many documents reads them."""

Rows = dict[str, list[Row]]
"""Rows of each table, by its name."""

_COLUMNS = {
    "work": "company source entry revision content_hash worked_on seconds deleted client task",
    "work_revision": "company source entry revision item raw deleted seen_at",
    "document": "id company realm kind client period group_name sequence version content_hash number customer_id"
    " period_first period_last dated currency subtotal_minor tax_minor content approved_by approved_at quickbooks_id",
    "ledger": "company document_id position line source entry revision effect seconds billed_seconds amount_minor"
    " worked_on client detail",
    "outbox": "company realm operation document_id generation request_id payload payload_hash state doubted changed_at",
    "remote_document": "company type id sync_token number customer_id currency dated due total_minor tax_minor"
    " balance_minor state marker email_status last_updated raw",
    "remote_link": "company type id position linked_type linked_id amount_minor",
    "reference": "company kind id name active currency email balance_minor detail seen_at",
    "pin": "company kind name quickbooks_id pinned_at",
    "watermark": "company name value",
    "source_state": "company source cursor last_complete_at",
    "connection": "company environment realm company_name connected_at",
}


def write_books(url: str, invoices: int) -> None:
    """Fill an empty database with so many invoices of October 2026 and before."""
    store = open_store(url, SystemClock())
    rows = _rows(invoices)
    with store.write() as connection:
        for name, columns in _COLUMNS.items():
            insert_many(connection, schema.metadata.tables[name], columns.split(), rows[name])
    store.close()


def _rows(invoices: int) -> Rows:
    rows: Rows = {name: [] for name in _COLUMNS}
    owed = dict.fromkeys(range(CUSTOMERS), 0)
    for number in range(invoices):
        _one(rows, number, owed)
    for customer, minor in owed.items():
        name = f"Client {customer:04}"
        rows["reference"].append((NAME, "customer", str(customer), name, True, "CAD", "", minor, "{}", _NOW))
        rows["pin"].append((NAME, "customer", name, str(customer), _NOW))
    rows["watermark"].append((NAME, "payments", "2026-11-02T09:00:00+00:00"))
    rows["source_state"].append((NAME, "timesheets", "{}", _NOW))
    rows["connection"].append((NAME, "emulator", REALM, NAME, _NOW))
    return rows


def _one(rows: Rows, number: int, owed: dict[int, int]) -> None:
    """One invoice with its work, its ledger rows, its copy in QuickBooks' mirror, and its payment if it has one."""
    customer, identity = number % CUSTOMERS, f"{number:08}-0000-0000-0000-000000000000"
    client, day = f"Client {customer:04}", _FIRST + timedelta(days=number * 7 % 1_000)
    first, last = day.replace(day=1).isoformat(), day.isoformat()
    net, tax = ENTRIES_EACH * HOUR_MINOR, ENTRIES_EACH * TAX_MINOR
    name, quickbooks_id, customer_id = f"AB-{number:06}", str(number + 1), str(customer)
    key = (identity, NAME, REALM, "invoice", client, f"{day:%Y-%m}", str(number), 1, 1, _HASH)
    about = (name, customer_id, first, last, last, "CAD", net, tax)
    rows["document"].append((*key, *about, _CONTENT, "Marie", _NOW, quickbooks_id))
    sent = (NAME, REALM, "create", identity, 1, f"request-{number}", "{}", _HASH, "done", False, _NOW)
    rows["outbox"].append(sent)
    for position, (work, revision, ledger) in enumerate(_work(number, client, last)):
        rows["work"].append(work)
        rows["work_revision"].append(revision)
        rows["ledger"].append((NAME, identity, position, 1, *ledger))
    paid = number % 20 != 19
    owed[customer] += 0 if paid else net + tax
    marker = marker_of(identity, _HASH)
    state = (net + tax, tax, 0 if paid else net + tax, "live", marker, "NotSet", _NOW, _RAW)
    due = (day + timedelta(days=30)).isoformat()
    rows["remote_document"].append((NAME, "Invoice", quickbooks_id, "0", name, customer_id, "CAD", last, due, *state))
    if paid:
        money = (net + tax, 0, 0, "live", "", "NotSet", _NOW, _RAW)
        payment = (NAME, "Payment", f"9{number}", "0", "", customer_id, "CAD", last, last, *money)
        rows["remote_document"].append(payment)
        rows["remote_link"].append((NAME, "Payment", f"9{number}", 0, "Invoice", quickbooks_id, net + tax))


def _work(number: int, client: str, day: str) -> Iterator[tuple[Row, Row, Row]]:
    for position in range(ENTRIES_EACH):
        entry = str(number * ENTRIES_EACH + position)
        worked_on = date.fromisoformat(day)
        item = WorkItem("timesheets", entry, worked_on, 3_600, "Marie", client, service="consulting")
        key = (NAME, "timesheets", entry, 1)
        ledger = ("timesheets", entry, 1, "invoiced", 3_600, 3_600, HOUR_MINOR, day, client, "{}")
        yield (*key, entry, day, 3_600, False, client, ""), (*key, encode(item), "{}", False, _NOW), ledger
