"""Beijing time at the border, UTC inside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.times import (
    BEIJING,
    beijing_text,
    from_beijing_text,
    from_unix,
    next_beijing_midnight,
)

MOMENTS = st.integers(946_684_800_000_000, 4_102_444_800_000_000).map(
    lambda microseconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)
"""From 2000 to 2100."""


def test_text_is_beijing_time() -> None:
    at = datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC)
    assert beijing_text(at) == "2026-11-30 23:59:59"
    assert from_beijing_text(" 2026-11-30 23:59:59 ") == at


@given(MOMENTS)
def test_text_reads_back_to_the_second(at: datetime) -> None:
    read = from_beijing_text(beijing_text(at))
    assert read == at.replace(microsecond=0)
    assert read.tzinfo is UTC


def test_a_bare_date_is_a_days_beginning_or_the_moment_after_its_end() -> None:
    assert from_beijing_text("2026-12-01") == datetime(2026, 11, 30, 16, tzinfo=UTC)
    end = from_beijing_text("2026-12-01", end_of_day=True)
    assert end == datetime(2026, 12, 1, 16, tzinfo=UTC)
    assert from_beijing_text("2026-12-01 08:00:00", end_of_day=True) == datetime(
        2026, 12, 1, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-13-01", "2026-02-30", "2026/12/01", "2026-12-01T00:00:00", "0"]
)
def test_any_other_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"does not match|out of range|unconverted"):
        from_beijing_text(text)


def test_unix_seconds_are_utc() -> None:
    assert from_unix(0) == datetime(1970, 1, 1, tzinfo=UTC)


@given(MOMENTS)
def test_midnight_comes_within_a_day_and_is_beijings(now: datetime) -> None:
    midnight = next_beijing_midnight(now)
    assert timedelta() < midnight - now <= timedelta(days=1)
    local = midnight.astimezone(BEIJING)
    assert (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)
    assert midnight.tzinfo is UTC


def test_at_midnight_itself_the_next_one_is_a_day_away() -> None:
    midnight = datetime(2026, 11, 22, 16, tzinfo=UTC)
    assert next_beijing_midnight(midnight) == midnight + timedelta(days=1)
