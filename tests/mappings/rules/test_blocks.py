"""Blocks: hours bought beforehand, drawn by worked day from the oldest that is valid; at a premium they go faster."""

from __future__ import annotations

from dataclasses import replace

from mappings.rules.billing import bill
from mappings.world import World
from tests.mappings.rules.test_retainers_roll_over import assert_balanced
from tests.mappings.rules.worlds import (
    amounts,
    edited,
    entry,
    hours_of,
    later,
    only,
    post,
    premium,
    rate,
    retainer,
    shown,
    world,
)  # fmt: skip


def block(hours: str, name: str, first: str, last: str | None = None, fee: str = "0", **more: object):
    more = {"extra_rate": "85", "valid_from": first, **more}
    if last:
        more["valid_until"] = last
    return retainer(hours, fee, name=name, kind="block", **more)  # type: ignore[arg-type]


A = block("7", "A", "2026-04-01", "2026-06-30")
B = block("6", "B", "2026-05-01", "2026-08-31")
NIGHT = premium("Night", service="Night", factor="1.25")
WORK = [
    entry("1", "05-12", 5),
    entry("2", "05-30", 2, service="Night"),
    entry("3", "07-08", 4),
    entry("4", "07-09", 2, service="Night"),
]


def agency(entries=tuple(WORK), today: str = "08-04", **more: object) -> World:
    return world(entries, today, **{"retainers": [B, A], "premiums": [NIGHT], **more})


def drawn(now: World) -> list[tuple[str, str, int, int]]:
    """Entry, block or "extra", billed and drawn minutes of what is on the ledger."""
    return [
        (
            row.entry,
            row.retainer[-1] if row.effect == "covered" else "extra",
            row.billed_seconds // 60,
            row.draws_seconds // 60,
        )
        for row in (posted.allocation for posted in now.ledger)
    ]


EXAMPLE = [
    ("1", "A", 300, 300),
    ("2", "A", 96, 120),
    ("2", "B", 24, 30),
    ("3", "B", 240, 240),
    ("4", "B", 72, 90),
    ("4", "extra", 48, 60),
]


def test_the_oldest_valid_block_is_drawn_first_and_a_premium_draws_by_its_factor():
    made = bill(agency())

    assert amounts(made) == {("Hydro", "2026-05"): [], ("Hydro", "2026-07"): ["68.00"]}
    assert drawn(post(agency(), made)) == EXAMPLE


def test_months_billed_apart_draw_the_same():
    now = post(agency(WORK[:2], "06-03"))
    now = post(later(now, "07-03"))
    now = post(later(now, "08-04", *WORK[2:]))

    assert drawn(now) == EXAMPLE
    assert_balanced(now)
    assert {key[0][-1]: row for key, row in hours_of(now).items()} == {
        "A": (0, 7 * 3600, 7 * 3600, 0, 0),
        "B": (0, 6 * 3600, 6 * 3600, 0, 0),
    }


def test_a_posted_draw_is_never_reshuffled():
    """The trap: late work of May would have drawn A, whose hours June's work then would have had to find in B."""
    now = post(agency([entry("1", "05-12", 5), entry("2", "06-10", 2), entry("3", "06-11", 3)], "07-03"))
    before = drawn(now)
    assert before == [("1", "A", 300, 300), ("2", "A", 120, 120), ("3", "B", 180, 180)]
    now = post(later(now, "08-04", entry("9", "05-02", 4)))

    assert drawn(now)[:3] == before
    assert drawn(now)[3:] == [("9", "B", 180, 180), ("9", "extra", 60, 60)]


def test_work_of_a_day_on_which_no_block_is_valid_is_billed_as_ever():
    made = bill(agency([entry("1", "09-01", 1), entry("2", "03-31", 2)], "10-02"))

    assert amounts(made) == {("Hydro", "2026-03"): ["168.00"], ("Hydro", "2026-09"): ["84.00"]}


def test_what_a_block_has_left_lapses_after_its_last_day_and_late_work_still_draws_it():
    now = post(agency([entry("1", "05-12", 5), entry("2", "07-06", 1)], "06-03", retainers=[A]))
    assert hours_of(now)[a_key(now)] == (0, 25200, 18000, 0, 7200)
    now = post(later(now, "08-04"))
    assert hours_of(now)[a_key(now)] == (0, 25200, 18000, 7200, 0)
    now = post(later(now, "09-03", entry("9", "06-30", 3)))

    assert drawn(now)[-2:] == [("9", "A", 120, 120), ("9", "extra", 60, 60)]
    assert hours_of(now)[a_key(now)] == (0, 25200, 25200, 0, 0)
    assert_balanced(now)


def a_key(now: World) -> tuple[str, str]:
    return next(key for key in hours_of(now) if key[0].endswith("|A"))


def test_a_block_that_is_valid_for_longer_gives_its_hours_again():
    now = post(agency([entry("1", "05-12", 5), entry("2", "07-06", 1)], "08-04", retainers=[A]))
    longer = replace(now.tables, retainers=(replace(A, valid_until=B.valid_until),))
    now = post(later(replace(now, tables=longer), "09-03", entry("3", "08-03", 1)))

    assert drawn(now)[-1] == ("3", "A", 60, 60)
    assert_balanced(now)


def test_the_fee_of_a_block_is_invoiced_once_on_its_from():
    bought = block("10", "Support block", "2026-10-14", "2026-12-31", fee="900")
    now = world([entry("1", "10-15", 2)], retainers=[bought])
    document = only(bill(now))

    assert shown(document) == [("Support block, 10.00 h, 2026-10-14 to 2026-12-31", "900.00")]
    now = post(now)
    assert amounts(bill(later(now, "12-03", entry("2", "11-05", 9)))) == {("Hydro", "2026-11"): ["85.00"]}


def test_without_an_extra_rate_the_premium_is_billed_too():
    plain = retainer("1", "0", name="A", kind="block", valid_from="2026-05-01")
    document = only(bill(agency([entry("1", "05-12", 2, service="Night")], "06-03", retainers=[plain])))

    # 48 minutes draw the hour; 72 minutes at 84.00 × 1.25.
    assert [money for _, money in shown(document)] == ["126.00"]


def test_a_minimum_is_drawn_before_a_block_and_names_the_extra():
    minimum = retainer("2", "200", name="M", extra_rate="50", valid_from="2026-05-01")
    now = agency([entry("1", "05-12", 10)], "06-03", retainers=[B, minimum])
    document = only(bill(now))

    assert [money for _, money in shown(document)] == ["200.00", "100.00"]
    assert drawn(post(now)) == [("1", "B", 360, 360), ("1", "M", 120, 120), ("1", "extra", 120, 120)]


def test_hours_that_a_block_gets_back_cover_the_extra_that_came_after_it():
    minimum = retainer("2", "200", name="M", extra_rate="50", valid_from="2026-05-01")
    entries = [entry("1", "05-12", 2), entry("2", "05-13", 6), entry("3", "05-14", 2)]
    now = post(agency(entries, "06-03", retainers=[B, minimum]))
    document = only(bill(later(now, "07-03", edited(now.entries[1], 5))))

    assert [money for _, money in shown(document)] == ["200.00", "-50.00"]
    assert_balanced(post(later(now, "07-03", edited(now.entries[1], 5))))


def test_added_time_draws_the_block_before_it_is_extra():
    minimum = retainer("2", "200", name="M", extra_rate="50", valid_from="2026-05-01")
    now = post(agency([entry("1", "05-12", 2)], "06-03", retainers=[B, minimum]))
    now = post(later(now, "07-03", edited(now.entries[0], 9)))

    assert drawn(now)[1:] == [("1", "B", 360, 360), ("1", "extra", 60, 60)]


def test_deleted_work_at_a_premium_returns_what_it_drew():
    now = post(agency())
    now = post(later(now, "09-03", edited(now.entries[1], deleted=True)))

    # 2.5 h are returned, half an hour of it to B, where it covers 24 of July's 48 minutes of extra.
    assert drawn(now)[6:] == [
        ("2", "A", -96, -120),
        ("2", "B", -24, -30),
        ("4", "B", 24, 30),
        ("4", "extra", -24, -30),
    ]
    assert [row.allocation.amount_minor for row in now.ledger if row.allocation.amount_minor] == [6800, -3400]
    assert_balanced(now)


def test_a_block_of_projects_and_services_covers_these_alone():
    named = block("5", "A", "2026-04-01", services="Support|Training", projects="Web")
    entries = [
        entry("1", "05-04", 1, service="Support", project="Web"),
        entry("2", "05-05", 1, service="Training", project="Web"),
        entry("3", "05-06", 1, service="Support", project="App"),
    ]
    now = post(agency(entries, "06-03", retainers=[named], rates=[rate("84")]))

    assert [(row.entry, row.effect) for row in (posted.allocation for posted in now.ledger)] == [
        ("1", "covered"),
        ("2", "covered"),
        ("3", "invoiced"),
    ]


def test_blocks_of_a_client_with_an_invoice_per_project_balance_on_each_document():
    entries = [entry("1", "05-12", 3, project="Web"), entry("2", "05-13", 2, project="App")]
    now = agency(entries, "06-03", one_invoice_per="project")
    made = bill(now)
    assert len(made.documents) == 2
    for alone in made.documents:
        posted = post(now, replace(made, documents=(alone,)))
        assert_balanced(posted)
        assert_balanced(post(posted))
