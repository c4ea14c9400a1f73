"""Dates in every spelling that tools write."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from rules.primitives.dates import day, moment, span


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-15T10:00:00Z", datetime(2026, 1, 15, 10, tzinfo=UTC)),
        ("2026-01-15T12:00:00+02:00", datetime(2026, 1, 15, 10, tzinfo=UTC)),
        ("2026-01-15T10:00:00.1234567Z", datetime(2026, 1, 15, 10, 0, 0, 123456, tzinfo=UTC)),
        ("2026-01-15T10:00:00", datetime(2026, 1, 15, 10, tzinfo=UTC)),
        ("2026-01-15", datetime(2026, 1, 15, tzinfo=UTC)),
        ("2299-12-31T00:00:00Z", datetime(2299, 12, 31, tzinfo=UTC)),
        ("/Date(1675800895000)/", datetime(2023, 2, 7, 20, 14, 55, tzinfo=UTC)),
        ("/Date(1675800895000+0200)/", datetime(2023, 2, 7, 20, 14, 55, tzinfo=UTC)),
    ],
)
def test_a_date_is_read(text: str, expected: datetime) -> None:
    assert moment(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "1900-01-01T00:00:00Z",
        "/Date(-62135596800000)/",
        "9999-12-31T23:59:59-14:00",
        "",
        "soon",
        "2026-02-30T00:00:00Z",
        "/Date(999999999999999)/",
        "${{END}}",
    ],
)
def test_what_is_no_date_or_was_never_set_is_unread(text: str) -> None:
    assert moment(text) is UNSET


def test_null_is_null_and_anything_else_is_unread() -> None:
    assert moment(None) is None
    assert moment(UNSET) is UNSET
    assert moment(17) is UNSET


@given(
    st.text()
    | st.from_regex(r"\A/Date\(-?\d{1,20}\)/\Z")
    | st.from_regex(r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d\Z")
)
def test_no_text_raises_and_every_date_is_aware(text: str) -> None:
    found = moment(text)
    assert found is UNSET or (isinstance(found, datetime) and found.tzinfo is UTC)


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(hours=22), "22 hours"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(minutes=5), "0 hours"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=180, hours=5), "180 days"),
        (timedelta(hours=-3), "0 hours"),
    ],
)
def test_a_length_of_time_reads_well(length: timedelta, said: str) -> None:
    assert span(length) == said
    assert day(datetime(2026, 1, 5, tzinfo=UTC)) == "2026-01-05"
