"""Which customer a source's client is, and what differs for it."""

from __future__ import annotations

from dataclasses import replace

from mappings.rules.billing import bill
from mappings.rules.names import fold
from tests.mappings.rules.worlds import amounts, client, codes, entry, only, person, rate, service, world

DEFAULT = client()


def test_an_exact_name_beats_a_pattern_and_a_pattern_all_others():
    rows = [client("", "Others"), client("Hy*", "Power"), client("Hydro", "Hydro-Québec")]
    entries = [entry(name, "10-05", 1, name) for name in ("Hydro", "Hygiène", "Acme")]

    made = bill(world(entries, clients=rows))

    assert [document.key.client for document in made.documents] == ["Hydro-Québec", "Others", "Power"]


def test_the_name_counts_before_the_source():
    rows = [client("*", "Desk", source="tool"), client("Hydro", "Hydro-Québec")]

    assert only(bill(world([entry("1", "10-05", 1)], clients=rows))).key.client == "Hydro-Québec"


def test_two_sources_may_name_one_customer_differently():
    rows = [client("HQ", "Hydro", source="desk"), client("Hydro", "Hydro", source="tool")]
    entries = [entry("1", "10-05", 1), entry("1", "10-05", 2, "HQ", source="desk")]

    assert only(bill(world(entries, clients=rows))).subtotal_minor == 3 * 8400


def test_spellings_that_differ_by_case_are_one_customer_whichever_came_first():
    entries = [entry("1", "10-05", 1, "HYDRO"), entry("2", "10-05", 1, "hydro")]

    once = world(entries)
    assert bill(once) == bill(replace(once, entries=once.entries[::-1]))
    assert fold(only(bill(world(entries))).key.client) == "hydro"


def test_an_unmapped_client_is_blocked_and_told_once():
    made = bill(world([entry("1", "10-05", 1), entry("2", "10-06", 1)], clients=[client("Acme", "Acme")]))

    assert made.documents == ()
    assert [(problem.code, problem.subject) for problem in made.problems] == [("unmapped-client", "Hydro")]
    assert codes(made) == {"1": [("blocked", "unmapped-client", 3600)], "2": [("blocked", "unmapped-client", 3600)]}


def test_an_unmapped_client_does_not_touch_the_others():
    made = bill(world([entry("1", "10-05", 1), entry("2", "10-06", 1, "Acme")], clients=[client("Acme", "Acme")]))

    assert amounts(made) == {("Acme", "2026-10"): ["84.00"]}


def test_work_before_a_clients_since_is_not_billed():
    made = bill(world([entry("1", "09-30", 1), entry("2", "10-01", 1)], clients=[client(since="10-01")]))

    assert amounts(made) == {("Hydro", "2026-10"): ["84.00"]}
    assert codes(made)["1"] == [("not-billable", "before-go-live", 3600)]


def test_work_before_go_live_is_not_billed_even_if_unmapped():
    made = bill(world([entry("1", "09-30", 1)], clients=[], go_live="2026-10-01"))

    assert made.problems == ()
    assert codes(made) == {"1": [("not-billable", "before-go-live", 3600)]}


def test_work_after_a_clients_until_is_a_problem():
    made = bill(world([entry("1", "10-02", 1)], clients=[client(until="10-01")]))

    assert [problem.code for problem in made.problems] == ["client-ended"]
    assert codes(made) == {"1": [("blocked", "client-ended", 3600)]}


def test_two_rows_in_turn_may_name_two_customers():
    rows = [client("Hydro", "Old", until="10-15"), client("Hydro", "New", since="10-16")]
    made = bill(world([entry("1", "10-15", 1), entry("2", "10-16", 2)], clients=rows))

    assert amounts(made) == {("New", "2026-10"): ["168.00"], ("Old", "2026-10"): ["84.00"]}


def test_two_equal_rows_are_a_problem_that_names_both():
    rows = [client("Hydro", "A"), client("hydro", "B")]
    (problem,) = bill(world([entry("1", "10-05", 1)], clients=rows)).problems

    assert problem.code == "rows-equal"
    assert str(rows[0].place) in problem.what
    assert str(rows[1].place) in problem.what


def test_rows_of_one_customer_that_disagree_block_it():
    rows = [client("Hydro", "Hydro", terms="Net 30"), client("HQ", "Hydro", terms="Net 15")]
    (document,) = bill(world([entry("1", "10-05", 1)], clients=rows)).documents

    assert [problem.code for problem in document.problems] == ["clients-disagree"]


def test_settings_come_from_any_of_the_rows_and_else_from_the_company():
    rows = [
        client("Hydro", "Hydro", terms="Net 15", language="fr-CA", email_to="a@example.com"),
        client("HQ", "Hydro", tax_code="QC", department="North", currency="USD"),
    ]
    document = only(bill(world([entry("1", "10-05", 1)], clients=rows, terms="Net 30")))

    assert (document.terms, document.language, document.email_to) == ("Net 15", "fr-CA", "a@example.com")
    assert (document.department, document.currency, document.lines[0].tax_code) == ("North", "USD", "QC")


def test_the_same_name_row_gives_its_settings_only_where_no_stronger_row_does():
    rows = [client(lines_per="one"), client("Hydro", "=", lines_per="entry")]
    entries = [entry(str(n), "10-05", 1, name) for n, name in enumerate(["Hydro", "Hydro", "Acme", "Acme"])]

    assert amounts(bill(world(entries, clients=rows))) == {
        ("Acme", "2026-10"): ["168.00"],
        ("Hydro", "2026-10"): ["84.00", "84.00"],
    }


def test_the_tax_code_is_the_clients_else_the_services_else_the_companys():
    def code(**more):
        return only(bill(world([entry("1", "10-05", 1)], tax_code="company", **more))).lines[0].tax_code

    assert code() == "company"
    assert code(services=[service(tax_code="service")]) == "service"
    assert code(services=[service(tax_code="service")], clients=[client(tax_code="client")]) == "client"


def test_the_services_class_counts_before_the_clients():
    def name(**more):
        return only(bill(world([entry("1", "10-05", 1)], clients=[client(class_name="C")], **more))).lines[0].class_name

    assert name() == "C"
    assert name(services=[service(class_name="S")]) == "S"


def test_an_unmapped_service_blocks_its_own_invoice():
    rows = [service("Consultation")]
    entries = [entry("1", "10-05", 1, service="Dev"), entry("2", "10-05", 1), entry("3", "10-05", 1, "Acme")]
    made = bill(world(entries, services=rows))

    acme, hydro = made.documents
    assert (acme.problems, [problem.code for problem in hydro.problems]) == ((), ["unmapped-service"])
    assert codes(made) == {
        "1": [("blocked", "unmapped-service", 3600)],
        "2": [("blocked", "document-blocked", 3600)],
        "3": [("waiting", "drafted", 3600)],
    }


def test_work_without_a_service_needs_a_row_that_matches_all():
    unnamed = entry("1", "10-05", 1, service="")

    assert only(bill(world([unnamed], services=[service("")]))).subtotal_minor == 8400
    (blocked,) = bill(world([unnamed], services=[service("Dev")])).documents
    assert [problem.code for problem in blocked.problems] == ["unmapped-service"]


def test_a_service_that_is_not_billable_is_not_billed():
    made = bill(world([entry("1", "10-05", 1)], services=[service(billable=False)]))

    assert made.documents == ()
    assert codes(made) == {"1": [("not-billable", "service-not-billable", 3600)]}


def test_rates_are_about_our_names_of_service_and_person():
    rows = [rate("1"), rate("90", service="Advice", person="Marie Tremblay")]
    more = {"services": [service("Consultation", ours="Advice")], "people": [person("Marie", "Marie Tremblay")]}

    assert only(bill(world([entry("1", "10-05", 1)], rates=rows, **more))).subtotal_minor == 9000
    assert only(bill(world([entry("1", "10-05", 1, person="Luc")], rates=rows, **more))).subtotal_minor == 100
