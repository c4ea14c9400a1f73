"""Suppressions in comments: rules, reason, owner, last day."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.policy.suppressions import Suppression, read_comments

DAY = date(2027, 1, 31)


def read(text: str) -> list[Suppression]:
    return list(read_comments({"f.json": text}))


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("// grantlint: ignore[a] until 2027-01-31 by web-team: old library", (("a",), DAY, "web-team", "old library")),
        ("# grantlint: ignore[a, b]: reason: with colon", (("a", "b"), None, "", "reason: with colon")),
        ("/* grantlint: ignore[a] by me: x */", (("a",), None, "me", "x")),
        ("//grantlint:ignore[a] until 2027-01-31", (("a",), DAY, "", "")),
        ("// grantlint: ignore[a] until 2027-01-31: x", (("a",), DAY, "", "x")),
        ("// grantlint: ignore[a]", (("a",), None, "", "")),
    ],
)
def test_a_comment_says_rules_last_day_owner_and_reason(
    comment: str, expected: tuple[tuple[str, ...], date | None, str, str]
) -> None:
    (found,) = read(f'"x": true, {comment}')
    assert (found.rules, found.until, found.owner, found.reason) == expected
    assert (found.file, found.line, found.lines) == ("f.json", 1, (1,))


def test_a_comment_of_its_own_line_speaks_of_the_next_one_too() -> None:
    (found,) = read('{\n  // grantlint: ignore[a]: x\n  "x": true\n}')
    assert found.lines == (2, 3)


@pytest.mark.parametrize("day", ["soon", "2027-02-30", "31.01.2027"])
def test_an_invalid_date_makes_the_comment_invalid(day: str) -> None:
    (found,) = read(f"// grantlint: ignore[a] until {day}: x")
    assert found.fault == f"has an invalid date {day!r}; write a date such as 2027-01-31"


def test_the_last_day_itself_still_counts() -> None:
    suppression = Suppression(rules=("a",), until=DAY)
    assert not suppression.has_ended(DAY)
    assert suppression.has_ended(date(2027, 2, 1))
    assert not Suppression(rules=("a",)).has_ended(date(9999, 1, 1))


def test_other_comments_say_nothing() -> None:
    assert read('// grantlint is great\n"grantlint: ignore[a]"\n# ignore[a]') == []


@given(st.text(alphabet='/#* grantlint:ignore[]untilby2027-01\n"', max_size=80))
def test_no_text_makes_it_raise(text: str) -> None:
    for found in read(text):
        assert found.lines


@pytest.mark.parametrize(
    "text",
    ["# grantlint{}x", "# grantlint ignore{}x", "# grantlint: ignore[a]{}x", "# grantlint: ignore[a] by{}x: y",
     "# grantlint: ignore[a]: x{}y", "#{}grantlint", "# grantlint: ignore[a] until{}x{}"],
)  # fmt: skip
def test_long_runs_of_blanks_take_linear_time(text: str) -> None:
    began = time.process_time()
    read(text.replace("{}", " " * 200_000))
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("file", "line", "count"),
    [
        ("main.tf", 'description = "# grantlint: ignore[a]: x"', 0),
        ("main.tf", 'description = "it is \\"so\\"" # grantlint: ignore[a]: x', 1),
        ("main.bicep", "notes: '// grantlint: ignore[a]: x'", 0),
        ("main.bicep", "notes: 'a' // grantlint: ignore[a]: x", 1),
        ("a.json", '"notes": "// grantlint: ignore[a]: x"', 0),
    ],
)
def test_what_is_in_a_text_is_no_comment(file: str, line: str, count: int) -> None:
    assert len(list(read_comments({file: line}))) == count
