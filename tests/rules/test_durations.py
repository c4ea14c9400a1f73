"""Lengths of time as policies write them."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.primitives.durations import duration


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P180D", timedelta(days=180)),
        ("P4DT12H30M5S", timedelta(days=4, hours=12, minutes=30, seconds=5)),
        ("P6M", timedelta(days=180)),
        ("P1Y", timedelta(days=365)),
        ("P1Y2M10DT2H30M", timedelta(days=435, hours=2, minutes=30)),
        ("P2W", timedelta(days=14)),
        ("PT5M", timedelta(minutes=5)),
        ("PT1.5S", timedelta(seconds=1.5)),
        ("P0D", timedelta()),
    ],
)
def test_a_duration_is_read_as_graph_counts_it(text: str, expected: timedelta) -> None:
    assert duration(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "PT",
        "P1DT",
        "180",
        "180D",
        "p180d",
        " P180D",
        "P180D\n",
        "-P1D",
        "P-1D",
        "P1.5D",
        "P١D",
        "PD",
        "P1S",
        "PT1D",
        "P1H",
        "180.00:00:00",
        "P999999999Y",
        "P9999999999D",
        None,
        180,
        True,
        msgspec.UNSET,
    ],
)
def test_what_is_no_duration_is_not_read(text: object) -> None:
    assert duration(text) is None


@given(st.text() | st.text("PYMWDTHS.-0123456789", max_size=40) | st.none() | st.integers())
def test_nothing_raises(value: object) -> None:
    found = duration(value)
    assert found is None or found >= timedelta()


#: Of what msgspec reads too: nothing beyond a timedelta, and no calendar units.
_parts = st.integers(0, 999_999)


@given(_parts, st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_days_and_smaller_units_are_read_as_another_reader_reads_them(
    days: int, hours: int, minutes: int, seconds: int
) -> None:
    text = f"P{days}DT{hours}H{minutes}M{seconds}S"
    assert duration(text) == msgspec.convert(text, timedelta)


@given(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=999_999)))
def test_what_is_written_by_another_writer_is_read_again(length: timedelta) -> None:
    assert duration(msgspec.to_builtins(length)) == length


@given(st.lists(_parts, min_size=7, max_size=7))
def test_a_longer_part_makes_no_shorter_duration(numbers: list[int]) -> None:
    def text(parts: list[int]) -> str:
        years, months, weeks, days, hours, minutes, seconds = parts
        return f"P{years}Y{months}M{weeks}W{days}DT{hours}H{minutes}M{seconds}S"

    found = duration(text(numbers))
    for index in range(7):
        more = [number + (place == index) for place, number in enumerate(numbers)]
        longer = duration(text(more))
        assert found is None or longer is None or longer > found
