"""What was seen is remembered exactly, however its key is written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from syncd.engine.seen import Seen

KEYS = st.one_of(
    st.integers(0, 300).map(str), st.integers().map(str), st.text(max_size=6), st.from_regex(r"0[0-9]{1,3}")
)


@given(st.lists(KEYS), st.lists(KEYS))
def test_it_holds_what_was_added_and_nothing_else(added: list[str], asked: list[str]) -> None:
    seen, known = Seen(), set(added)
    for key in added:
        seen.add(key)
    assert [key in seen for key in (*added, *asked)] == [key in known for key in (*added, *asked)]
    assert len(seen) == len(known)


def test_keys_that_are_the_same_number_are_not_the_same_key() -> None:
    seen = Seen()
    seen.add("7")
    assert [key in seen for key in ("7", "07", "٧", "7 ", "+7")] == [True, False, False, False, False]
