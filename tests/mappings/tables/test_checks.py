"""What `mappings check` finds beside known work, each with the nearest thing that it must not speak of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from mappings.problems import Problem
from mappings.rows import Tables
from mappings.settings import Billing
from mappings.tables import check_tables
from mappings.tables.checks.every import check_work
from mappings.tables.checks.known import Known
from mappings.tables.checks.pieces import piece_of
from mappings.tables.checks.unmapped import Unmapped, unmapped_problem, unmapped_work
from mappings.work import WorkItem
from syncd.config import load_config
from tests.mappings.rules import worlds as w
from tests.mappings.tables.test_example import ENTRIES, ROOT

GO_LIVE = date(2026, 1, 1)


def work(number: int = 1, day: str = "10-05", hours: str = "1", **more: Any) -> WorkItem:
    more = {"client": "Hydro", "service": "consulting", "person": "Marie"} | more
    return WorkItem("redmine", str(number), w.day(day), int(Decimal(hours) * 3600), **more)


def known(*items: WorkItem, customers: tuple[str, ...] = (), billing: Billing | None = None, **tables: Any) -> Known:
    """The tables of a small company, of which each test replaces those that it is about."""
    rows = {"clients": (w.client(),), "services": (w.service("consulting", ours="Consulting"),)}
    rows |= {"rates": (w.rate("84"),)} | {name: tuple(each) for name, each in tables.items()}
    company = replace(w.world([]).company, billing=billing or Billing())
    pieces = [piece_of(item) for item in items or (work(),)]
    return Known(Tables(**rows), company, GO_LIVE, pieces, customers=customers)  # type: ignore[arg-type]


def found(world: Known) -> list[tuple[str, str]]:
    """Code, and the line of the row."""
    return [(one.code, str(one.place)) for one in problems(world)]


def problems(world: Known) -> list[Problem]:
    return [*check_tables(world.tables, known=world), *check_work(world)]


def unmapped(world: Known, customers: tuple[str, ...] = ()) -> list[Unmapped]:
    return unmapped_work(world, customers, ())


def test_tables_that_fit_their_work_are_not_spoken_of() -> None:
    assert found(known()) == []
    assert unmapped(known()) == []


def test_a_rate_that_loses_everywhere_is_told_with_the_winner() -> None:
    ours, theirs = w.rate("90", service="Consulting"), w.rate("95", client="Hydro")
    [problem] = problems(known(rates=[w.rate("84"), ours, theirs]))

    assert (problem.code, problem.place, problem.warning) == ("row-always-loses", ours.place, True)
    assert str(theirs.place) in problem.what
    other = work(2, client="Acme")
    assert found(known(work(), other, rates=[w.rate("84"), ours, theirs])) == []


def test_a_row_with_several_exceptions_is_there_for_the_rest() -> None:
    general = w.rate("90", service="Consulting")
    hydro, acme = (w.rate("95", client=name, service="Consulting") for name in ("Hydro", "Acme"))
    items = (work(), work(2, client="Acme"))

    assert found(known(*items, rates=[general, hydro, acme])) == []
    assert found(known(rates=[general, hydro])) == [("row-always-loses", str(general.place))]
    crossing = w.rate("97", client="Acme")
    assert found(known(*items, rates=[general, hydro, crossing])) == [("row-always-loses", str(general.place))]


def test_a_client_row_and_a_service_row_that_lose_everywhere_are_told() -> None:
    clients = [w.client(""), w.client("Hyd*", "Hydro"), w.client("Hydro", "Hydro-Québec")]
    services = [w.service("consult*", ours="Advice"), w.service("consulting", ours="Consulting")]

    assert found(known(clients=clients, services=services)) == [
        ("row-always-loses", str(clients[1].place)),
        ("row-always-loses", str(services[0].place)),
    ]
    assert found(known(work(), work(2, client="Hydra"), clients=clients, services=services[1:])) == []


def test_patterns_that_are_equally_strong_for_real_work_are_told() -> None:
    one, other = w.rate("90", client="Hyd*"), w.rate("95", client="Hy*")
    [problem] = problems(known(rates=[one, other]))

    assert (problem.code, problem.place, problem.warning) == ("rates-equal", other.place, False)
    assert "1.00 h" in problem.what
    assert found(known(work(), work(2, client="Acme"), rates=[w.rate("90", client="Ac*"), other])) == []


@pytest.mark.parametrize("until", ["2025-12-31", "2026-01-01"])
def test_a_row_that_ends_before_go_live_is_told(until: str) -> None:
    row = w.rate("70", service="Consulting", valid_until=until)
    codes = found(known(rates=[w.rate("84"), row]))

    assert codes == ([("row-before-go-live", str(row.place))] if until < "2026" else [])


@pytest.mark.parametrize(
    ("dates", "dead"),
    [
        ({"every": "once", "on": "2026-05-01", "valid_until": "2026-04-30"}, True),
        ({"every": "once", "on": "2026-05-01", "valid_until": "2026-05-01"}, False),
        ({"every": "once", "on": "2025-12-31"}, True),
        ({"every": "month", "on": "last-day", "valid_from": "2026-04-05", "valid_until": "2026-04-29"}, True),
        ({"every": "month", "on": "last-day", "valid_from": "2026-04-05", "valid_until": "2026-04-30"}, False),
        ({"every": "month", "on": "5", "valid_from": "2026-04-06", "valid_until": "2026-05-04"}, True),
        ({"every": "month", "on": "5", "valid_from": "2026-04-06", "valid_until": "2026-05-05"}, False),
        ({"every": "quarter", "on": "1", "valid_from": "2026-02-01", "valid_until": "2026-02-01"}, False),
        ({"every": "month", "on": "31", "valid_from": "2026-02-10", "valid_until": "2026-02-28"}, False),
    ],
)
def test_a_fee_that_has_no_due_day_is_told(dates: dict[str, Any], dead: bool) -> None:
    row = w.fee("50", **dates)

    assert found(known(fixed_fees=[row])) == ([("fee-never-due", str(row.place))] if dead else [])


def test_a_name_that_nothing_knows_is_told_with_the_nearest() -> None:
    rows = [w.rate("84"), w.rate("90", project="Portal"), w.rate("91", person="Mariee"), w.rate("92", client="Acmee")]
    told = problems(known(work(project="Portail"), rates=rows, customers=("Acme",)))

    assert [(one.place, one.fix) for one in told] == [
        (rows[1].place, "Did you mean “Portail”?"),
        (rows[2].place, "Did you mean “Marie”?"),
        (rows[3].place, "Did you mean “Acme”?"),
    ]
    fine = [w.rate("84"), w.rate("90", project="Port*"), w.rate("91", person="Marie"), w.rate("92", client="Acme")]
    assert found(known(work(project="Portail"), work(2), rates=fine, customers=("Acme",))) == []


def test_names_in_retainers_caps_discounts_and_premiums_are_looked_at() -> None:
    cap = w.cap("100", project="Portal")
    discount = w.discount("10", service="Consultin")
    premium = w.premium("Night", "Mon-Fri 17:00-09:00", add="5", service="Night shift")
    tables: dict[str, Any] = {"caps": [cap], "discounts": [discount], "premiums": [premium]}

    assert sorted(found(known(**tables))) == sorted(
        ("name-unknown", str(row.place)) for row in (cap, discount, premium)
    )


def test_nothing_is_unknown_where_no_work_was_pulled() -> None:
    tables = known(rates=[w.rate("84"), w.rate("90", project="Portal")]).tables

    assert check_work(Known(tables, w.world([]).company, GO_LIVE, [])) == []


def test_a_row_for_a_source_s_name_is_told_where_it_was_mistyped() -> None:
    mistyped, to_come = w.client("Hidro", "Hydro-Québec"), w.client("Zebra", "Zebra ltd")
    [problem] = problems(known(clients=[w.client(), mistyped, to_come]))

    assert (problem.place, problem.fix) == (mistyped.place, "Did you mean “Hydro”?")
    # Both names are spoken of, so neither was meant for the other.
    both = [w.client("Hydro", "Hydro-Québec"), w.client("Hidro", "Hidro")]
    assert found(known(clients=both)) == []


def test_a_retainer_whose_services_none_of_the_client_s_work_has_is_told() -> None:
    services = [w.service("consulting", ours="Consulting"), w.service("support", ours="Support")]
    row = w.retainer("10", "500", services="Support")
    [problem] = problems(known(services=services, retainers=[row]))

    assert (problem.code, problem.place) == ("retainer-without-work", row.place)
    assert problem.what == "Support covers nothing: of 1.00 h that Hydro has in its dates, none is of its service."
    both = (work(), work(2, service="support"))
    assert found(known(*both, services=services, retainers=[row])) == []
    later = w.retainer("10", "500", services="Support", valid_from="2026-11-01")
    assert found(known(services=services, retainers=[later])) == []


def test_a_rate_in_a_currency_that_no_client_has_is_told() -> None:
    dollars = w.rate("60", service="Consulting", currency="USD")
    codes = found(known(rates=[w.rate("84"), dollars]))
    abroad = [w.client(), w.client("Acme", "Acme", currency="USD")]

    assert ("currency-of-no-client", str(dollars.place)) in codes
    assert ("currency-mismatch", str(dollars.place)) in codes
    items = (work(service="other"), work(2, client="Acme"))
    services = [w.service()]
    rates = [w.rate("84"), w.rate("60", client="Acme", currency="USD")]
    assert found(known(*items, clients=abroad, services=services, rates=rates)) == []


def test_a_gap_that_an_equally_strong_row_covers_is_none() -> None:
    before = w.rate("70", client="Hydro", valid_until="2026-09-30")
    after = w.rate("90", client="Hydro", valid_from="2026-11-01")
    october = w.rate("80", client="Hydro|Acme", valid_from="2026-10-01", valid_until="2026-10-31")
    [gap] = problems(known(rates=[w.rate("84"), before, after]))

    assert (gap.code, gap.place) == ("rates-gap", after.place)
    assert "From 2026-10-01 until 2026-10-31" in gap.what
    assert "1.00 h of work lie there (1 entry)." in gap.what
    assert found(known(rates=[w.rate("84"), before, after, october], customers=("Acme",))) == []


def test_a_gap_that_a_row_covers_in_part_is_told_for_the_rest() -> None:
    before = w.rate("70", client="Hydro", valid_until="2026-09-30")
    after = w.rate("90", client="Hydro", valid_from="2026-11-01")
    some = w.rate("80", client="Hyd*|Hydro", valid_from="2026-10-10", valid_until="2026-10-20")
    whats = [one.what for one in problems(known(rates=[w.rate("84"), before, after, some])) if one.code == "rates-gap"]

    assert len(whats) == 2
    assert any("2026-10-01 until 2026-10-09" in what for what in whats)
    assert any("2026-10-21 until 2026-10-31" in what for what in whats)


def test_unmapped_work_is_sorted_by_its_value_and_the_nearest_customer_is_proposed() -> None:
    clients = [w.client("Hydro", "Hydro-Québec")]
    rates = [w.rate("84"), w.rate("200", client="Nord")]
    items = (work(1, client="Hydro"), work(2, client="Acme", hours="2"), work(3, client="Nord", hours="1"))
    told = unmapped(known(*items, clients=clients, rates=rates), ("Acme inc.", "Nordet"))

    assert [(one.name, one.amount_minor) for one in told] == [("Nord", 20000), ("Acme", 16800)]
    assert told[1].row == {"source_client": "Acme", "quickbooks_customer": "Acme inc."}
    assert (
        unmapped_problem(told[1]).fix == "Add a row to clients: source_client = Acme, quickbooks_customer = Acme inc.."
    )


def test_work_that_is_not_billed_lacks_no_row() -> None:
    items = (
        work(1, client="Acme", billable=False),
        work(2, client="Acme", day="2025-12-31"),
        work(3, client="Hydro", service="holiday"),
    )
    services = [w.service("consulting", ours="Consulting"), w.service("holiday", billable=False)]

    assert unmapped(known(*items, clients=[w.client("Hydro")], services=services)) == []


def test_work_that_a_retainer_covers_or_that_carries_a_rate_needs_none() -> None:
    retainer = w.retainer("10", "500")
    rated = work(source_rate=Decimal(70))

    assert [one.code for one in unmapped(known(rates=[]))] == ["no-rate"]
    assert unmapped(known(rates=[], retainers=[retainer])) == []
    assert [one.code for one in unmapped(known(rated, rates=[]))] == ["no-rate"]
    assert unmapped(known(rated, rates=[], billing=Billing(source_rates="fallback"))) == []


def test_the_example_company_gives_no_alarm() -> None:
    config = load_config(ROOT / "config.example.toml", environ={})
    pieces = [piece_of(entry.work) for entry in ENTRIES]
    world = Known(config.tables, config.company, date(2026, 10, 1), pieces)

    assert found(world) == []
    assert unmapped(world) == []
