"""Billing: from a world of work, tables and ledger to documents, and where every other second stands.

The order of operations, each step in a file of its own:

days        `day_split`: an entry over midnight as one for each day
select      `selection` (owed is the latest revision, billed is the ledger), `placing` by
            `due_periods`, `other_periods` and `completion`
rate        `rating`: `clients`, `services`, `rates`; `grouping` into documents
increments  `measures`, `increments`
premium     `premium_cut`: `premiums`, `premium_windows`, `overtime`; `premium_moves` of moved work
draw        `draw`: `demands` on the `pools` of `retainers` (`pro_rata`), `redraw` and `give_back` of changed work;
            `roll_over` to the next period, `shortage` at a row's end, `hours_rows` for the retainers' own ledger
fees        `due_fees`: `retainer_fees`, `fixed_fees` on the `calendar`, by `served_days`, at `milestones`, as `shares`
            of amounts and `estimates`; `catalogue_fees` are made as the tables are read
rerate      `rerate` of what is billed already, where a person decided so; `rerate_plan` is what it would come to
line        `lines`, `fee_lines`, `descriptions`, rounded once each
cap         `capping`: `caps`, `budgets`, `cap_cuts`; `cap_alerts` of what is billed
discount    `discounts`, `discount_lines`
true-up     `true_up` of minimum spends, measured by `usage`, once the period's documents are made
deposits    `deposits`: invoiced alone; what was paid of them, drawn for what is open in QuickBooks
documents   `drafting`, `assembly`; `parts` says where their seconds stand until they are approved
tax, holds  `tax`, `holds`: by the caller, once names are resolved in QuickBooks
always      `conserve`: every second exactly once
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mappings.documents import Standing
from mappings.problems import Problem, by_place
from mappings.rules.begin import Begin
from mappings.rules.cap_alerts import cap_alerts
from mappings.rules.conserve import assert_conserved
from mappings.rules.day_split import split_days
from mappings.rules.drafting import Drafting, FeeRows
from mappings.rules.ledger import Ledger
from mappings.rules.names import fold
from mappings.rules.rating import Lookups, Rater
from mappings.rules.selection import select
from mappings.world import Bill, CapAlert, Run, World


def bill(world: World, run: Run = Run(), lookups: Lookups | None = None) -> Bill:
    """What every client owes: documents of periods that are over, previews of running ones, and all standings.

    A pure function: the same world gives the same bill, byte for byte, in whatever order its entries arrived; and no
    client's bill depends on another's. `lookups` are those of the world's tables, when they were indexed already.
    """
    whole, world = world, split_days(world)
    rater, ledger = Rater(world, lookups or Lookups(world.tables)), Ledger(world.ledger)
    selection = select(world, rater, ledger)
    fee_rows, problems = _fee_rows(world, rater)
    alerts = tuple(_alerts(world, rater, ledger))
    drafting = Drafting(world, run, rater, ledger, selection, Begin(world, rater))
    for name in sorted({*selection.owed, *fee_rows}):
        assert world.has(fold(name)), f"{name} is only in part in this world"
        drafting.bill_client(name, selection.owed.get(name, []), fee_rows.get(name, []))
    standings = tuple(sorted(selection.standings, key=standing_order))
    assert_conserved(whole, standings)
    problems = by_place([*selection.problems.values(), *problems, *drafting.problems])
    return Bill(tuple(drafting.documents), tuple(drafting.running), standings, tuple(problems), alerts)


def _alerts(world: World, rater: Rater, ledger: Ledger) -> Iterator[CapAlert]:
    """Alerts of the caps of all clients, over what is billed before anything is drafted."""
    if any(cap.row.alerts for cap in rater.caps):
        for client in sorted({fold(posted.allocation.terms.client) for posted in world.ledger}):
            if world.has(client):
                caps = [cap for cap in rater.caps if cap.clients.matches(client)]
                yield from cap_alerts(rater.clients.spell(client), caps, ledger.of_client(client))


def _fee_rows(world: World, rater: Rater) -> tuple[dict[str, FeeRows], list[Problem]]:
    """Retainers and fixed fees by client; one whose client nothing knows is a problem."""
    found: dict[str, FeeRows] = defaultdict(list)
    problems = []
    rows: FeeRows = [*world.tables.retainers, *world.tables.fixed_fees]
    for row in (row for row in rows if world.has(fold(row.client))):
        if rater.clients.knows(row.client):
            found[rater.clients.spell(row.client)].append(row)
        else:
            what = f"No row of the clients table makes a customer {row.client}."
            problems.append(Problem("client-unknown", what, "Add it there.", row.place, row.client))
    return found, problems


def standing_order(standing: Standing) -> tuple[object, ...]:
    """In what order standings are told."""
    return (standing.client, standing.worked_on, standing.source, standing.entry, standing.code, standing.seconds)
