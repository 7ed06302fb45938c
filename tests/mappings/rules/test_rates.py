"""Which row of the rates table prices a piece of work."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mappings.rules.billing import bill
from mappings.steps import say
from tests.mappings.rules.worlds import amounts, client, codes, entry, only, person, rate, service, world

PEOPLE = [person("marie", "Marie", role="Senior", team="Web")]
WORK = {"person": "marie", "project": "Portal", "task": "42", "service": "Dev"}


def priced(*rates, **more):
    return only(bill(world([entry("1", "10-05", 1, **WORK)], rates=list(rates), people=PEOPLE, **more))).lines[0]


COLUMNS = {
    "task": "42",
    "project": "Portal",
    "client": "Hydro",
    "person": "Marie",
    "role": "Senior",
    "team": "Web",
    "service": "Dev",
}


@pytest.mark.parametrize("at", range(len(COLUMNS) - 1))
def test_a_column_beats_all_that_follow_it(at):
    column, *weaker = list(COLUMNS)[at:]
    rows = [rate("50", **{name: COLUMNS[name] for name in weaker}), rate("99", **{column: COLUMNS[column]})]

    assert priced(*rows).amount_minor == 9900
    assert priced(*reversed(rows)).amount_minor == 9900


def test_an_exact_value_beats_a_pattern_and_a_pattern_an_empty_cell():
    rows = [rate("1"), rate("2", client="Hy*"), rate("3", client="Acme|hydro")]

    assert priced(*rows).amount_minor == 300
    assert priced(*rows[:2]).amount_minor == 200


def test_names_match_whatever_their_case_and_accents_are_composed_of():
    rows = [rate("1"), rate("7", client="hydro-QUÉBEC")]
    made = bill(world([entry("1", "10-05", 1, "Hydro-Que\u0301bec")], rates=rows))

    assert only(made).subtotal_minor == 700


def test_the_worked_day_decides_the_row_and_both_ends_count():
    rows = [rate("70", valid_until="10-15"), rate("75", valid_from="10-16")]
    entries = [entry("1", "10-15", 1), entry("2", "10-16", 1)]

    assert sorted(amounts(bill(world(entries, rates=rows)))["Hydro", "2026-10"]) == ["70.00", "75.00"]


def test_a_row_in_the_future_does_not_exist_yet():
    assert priced(rate("70", service="Dev"), rate("99", client="Hydro", valid_from="10-06")).amount_minor == 7000
    (document,) = bill(world([entry("1", "10-05", 1)], rates=[rate("99", valid_from="10-06")])).documents
    assert [problem.code for problem in document.problems] == ["no-rate"]


def test_two_equal_rows_are_a_problem_that_names_both_lines():
    rows = [rate("70", client="Hydro"), rate("75", client="Hydro", valid_from="10-01")]
    made = bill(world([entry("1", "10-05", 1), entry("2", "09-05", 1)], rates=rows))

    fine, blocked = made.documents
    assert (fine.key.period, fine.subtotal_minor) == ("2026-09", 7000)
    (problem,) = blocked.problems
    assert problem.code == "rates-equal"
    assert str(rows[0].place) in problem.what
    assert str(rows[1].place) in problem.what


def test_equal_rows_that_no_work_meets_block_nothing():
    rows = [rate("84", client="Hydro"), rate("1", client="Acme"), rate("2", client="Acme")]

    assert only(bill(world([entry("1", "10-05", 1)], rates=rows))).subtotal_minor == 8400


def test_of_rows_alike_but_for_the_currency_the_clients_counts():
    rows = [rate("70", currency="USD"), rate("84", currency="CAD")]

    assert priced(*rows).amount_minor == 8400
    assert priced(*rows, clients=[client(currency="USD")]).amount_minor == 7000


def test_a_rate_in_another_currency_is_a_problem():
    made = bill(world([entry("1", "10-05", 1)], rates=[rate("70", currency="USD"), rate("84", team="X")]))

    assert [problem.code for problem in made.documents[0].problems] == ["currency-mismatch"]
    assert codes(made) == {"1": [("blocked", "currency-mismatch", 3600)]}


def test_a_day_rate_prices_days_of_hours_per_day():
    line = only(bill(world([entry("1", "10-05", 3)], rates=[rate("630.00", unit="day")]))).lines[0]

    assert (line.amount_minor, str(line.quantity), line.unit) == (25200, "0.40000", "day")


def test_the_services_unit_counts_where_the_rate_names_none():
    daily = [service(unit="day")]

    assert priced(rate("630"), services=daily).amount_minor == 8400
    assert priced(rate("84", unit="hour"), services=daily).amount_minor == 8400


def test_rates_have_up_to_five_decimals():
    made = bill(world([entry("1", "10-05", 100)], rates=[rate("70.12345")]))

    assert only(made).subtotal_minor == 701235


def test_the_reason_says_why_the_row_won_over_the_next_best():
    rows = [rate("70"), rate("65", service="Dev"), rate("84", client="Hydro", valid_from="10-01")]
    made = bill(world([entry("1", "10-05", 1, **WORK)], rates=rows))

    reason = only(made).allocations[0].reason
    assert reason.rate_row == str(rows[2].place)
    assert reason.rate_dates == "2026-10-01.."
    assert say(reason.runner_up, "en") == f"it won over {rows[1].place} (65), which names no client"
    assert say(reason.runner_up, "fr") == f"il l'emporte sur {rows[1].place} (65), qui laisse la colonne client vide"


def test_the_reason_says_of_a_pattern_and_of_another_currency_why_they_lost():
    rows = [rate("70", project="Site*"), rate("84", project="Site web"), rate("99", project="Site web", currency="USD")]
    reasons = []
    for known in (rows[:2], rows):
        made = bill(world([entry("1", "10-05", 1, project="Site web")], rates=known))
        reasons.append(say(only(made).allocations[0].reason.runner_up, "en"))

    assert reasons == [
        f"it won over {rows[0].place} (70), which names the project by a pattern",
        f"it won over {rows[2].place} (99), which is in USD",
    ]


def test_two_equal_rates_are_told_alike_in_whatever_order_work_comes():
    rows = [rate("84"), rate("85", valid_from="10-03")]
    work = [entry("1", "10-05", 1), entry("2", "11-05", 1)]
    now = world(work, today="12-03", rates=rows)
    assert bill(replace(now, entries=tuple(reversed(now.entries)))) == bill(now)
    told = {problem.what for document in bill(now).documents for problem in document.problems}
    (what,) = told
    assert what.endswith("are equally strong rates for the same work from 2026-10-03 on.")
