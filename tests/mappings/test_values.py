from dataclasses import dataclass, replace

from mappings.documents import Reason
from mappings.values import value


@value(frozen=True, slots=True)
class Quick:
    name: str
    size: int = 1


@dataclass(frozen=True, slots=True)
class Frozen:
    name: str
    size: int = 1


def test_a_quick_value_is_compared_and_hashed_as_a_frozen_one() -> None:
    assert Quick("a") == Quick("a", 1) != replace(Quick("a"), size=2)
    assert hash(Quick("a", 2)) == hash(Frozen("a", 2))
    assert len({Quick("a"), Quick("a"), Quick("b")}) == 2
    assert repr(Quick("a")) == repr(Frozen("a")).replace("Frozen", "Quick")
    assert not hasattr(Reason(), "__dict__")
