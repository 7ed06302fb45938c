"""The yardstick of P11: the totals of all documents by polars, from the same database and the same table files.

Written from the rules alone, with none of syncd's code: steps of a quarter of an hour, the rate of the strongest level
that has a row in force, a monthly retainer drawn in chronological order, and one rounding to the cent on each line.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TypeAlias

import polars as pl

Totals: TypeAlias = dict[tuple[str, str], int]
"""(client, month) → minor units before tax."""

LEVELS = ("task", "project", "client", "person", "role", "team", "service")
"""The columns of a rate row in order of strength."""
RATE_SCALE = 100_000
STEP_SECONDS = 900
_QUERY = (
    "SELECT r.item FROM work AS w JOIN work_revision AS r ON r.entry = w.entry AND r.source = w.source"
    " AND r.company = w.company AND r.revision = w.revision WHERE NOT w.deleted"
)
_ITEM = pl.Struct(
    {
        "id": pl.String,
        "client": pl.String,
        "project": pl.String,
        "task": pl.String,
        "person": pl.String,
        "service": pl.String,
        "worked_on": pl.String,
        "seconds": pl.Int64,
        "billable": pl.Boolean,
    }
)


def totals_of(folder: Path) -> Totals:
    """All documents' totals."""
    work = _rated(_work(folder), folder)
    drawn = _drawn(work, folder)
    return _totals(drawn, folder)


def _table(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_csv(folder / "mappings" / f"{name}.csv", infer_schema=False).with_columns(pl.all().fill_null(""))


def _work(folder: Path) -> pl.DataFrame:
    """The billable entries with the role and team of their person, and their billed seconds."""
    connection = sqlite3.connect(folder / "syncd.db")
    items = pl.Series("item", [row[0] for row in connection.execute(_QUERY)], dtype=pl.String)
    connection.close()
    work = items.str.json_decode(_ITEM).struct.unnest().filter(pl.col("billable"))
    people = _table(folder, "people").rename({"source_person": "person"})
    return (
        work.join(people, on="person", how="left")
        .with_columns(pl.col("role", "team").fill_null(""))
        .with_columns(
            pl.col("worked_on").str.to_date(),
            month=pl.col("worked_on").str.slice(0, 7),
            billed=(pl.col("seconds") + STEP_SECONDS - 1) // STEP_SECONDS * STEP_SECONDS,
        )
    )


def _rated(work: pl.DataFrame, folder: Path) -> pl.DataFrame:
    """Each entry's rate in 1/100,000: of the first level that has a row for its name in force on its day."""
    rates = _table(folder, "rates").with_columns(
        pl.col("rate").str.to_decimal(scale=5).cast(pl.Decimal(20, 5)).mul(RATE_SCALE).cast(pl.Int64),
        pl.col("from").replace("", "0001-01-01").str.to_date(),
        pl.col("until").replace("", "9999-12-31").str.to_date(),
    )
    work = work.sort("worked_on")
    for level in LEVELS:
        rows = rates.filter(pl.col(level) != "").select(level, "from", "until", pl.col("rate")).sort("from")
        found = f"rate_{level}"
        work = work.join_asof(
            rows.rename({"rate": found, "until": f"until_{level}"}),
            left_on="worked_on",
            right_on="from",
            by=level,
            strategy="backward",
            check_sortedness=False,
        ).with_columns(pl.when(pl.col("worked_on") <= pl.col(f"until_{level}")).then(found).alias(found))
        work = work.drop(f"until_{level}", "from")
    blank = rates.filter(pl.all_horizontal(pl.col(level) == "" for level in LEVELS))["rate"].item()
    return work.with_columns(rate=pl.coalesce(*(f"rate_{level}" for level in LEVELS), pl.lit(blank)))


def _drawn(work: pl.DataFrame, folder: Path) -> pl.DataFrame:
    """What no retainer covers, at its rate: work draws a month's hours in chronological order."""
    retainers = _table(folder, "retainers").select(
        "client",
        included=pl.col("hours").cast(pl.Int64) * 3600,
        extra=pl.when(pl.col("extra_rate") != "").then(
            pl.col("extra_rate").replace("", None).str.to_decimal(scale=5).mul(RATE_SCALE).cast(pl.Int64)
        ),
    )
    before = pl.col("billed").cum_sum().over("client", "month") - pl.col("billed")
    return (
        work.join(retainers, on="client", how="left")
        .sort("client", "worked_on", "id")
        .with_columns(
            over=pl.min_horizontal("billed", pl.max_horizontal(before + pl.col("billed") - pl.col("included"), 0))
        )
        .filter(pl.col("over") > 0)
        .with_columns(rate=pl.coalesce("extra", "rate"))
    )


def _totals(drawn: pl.DataFrame, folder: Path) -> Totals:
    """Lines by service and rate, each rounded half-up once; with the retainer's fee, which is due in every month."""
    per_minor = 3600 * RATE_SCALE // 100
    cents = (pl.col("over") * pl.col("rate") * 2 + per_minor) // (2 * per_minor)
    lines = drawn.group_by("client", "month", "service", "rate").agg(pl.col("over").sum()).with_columns(cents=cents)
    sums = {
        (client, month): cents
        for client, month, cents in lines.group_by("client", "month").agg(pl.col("cents").sum()).iter_rows()
    }
    months = [f"2026-{number:02}" for number in range(1, 11)]
    fees = {
        row["client"]: int(row["fee"].replace(".", "")) for row in _table(folder, "retainers").iter_rows(named=True)
    }
    return {(client, month): fee + sums.get((client, month), 0) for client, fee in fees.items() for month in months}
