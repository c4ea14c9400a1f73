from __future__ import annotations

import pytest
from msgspec import UNSET

from rules.primitives.texts import counted, text_of


def test_numbers_carry_their_noun() -> None:
    assert [counted(n, "rule") for n in (0, 1, 2000)] == ["0 rules", "1 rule", "2,000 rules"]


@pytest.mark.parametrize("value", [None, UNSET, 7, True, ("a",)])
def test_what_is_no_text_is_an_empty_one(value: object) -> None:
    assert text_of(value) == ""
    assert text_of("a") == "a"
