"""The movable clock of the mock."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from adapters.mock.clock import MovableClock, span

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("20d", 1_728_000), ("3h", 10_800), ("30m", 1_800), ("90s", 90), ("90", 90), ("0", 0)],
)
def test_spans(text: str, seconds: int) -> None:
    assert span(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "d", "-1", "1.5h", "1w", "1 d", "３d", "9999999999"])
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(ValueError, match="20d"):
        span(text)


def test_a_span_beyond_ten_years_is_refused() -> None:
    with pytest.raises(ValueError, match="ten years"):
        span("3661d")


def near(clock: MovableClock, offset: timedelta) -> bool:
    return abs(clock.now() - datetime.now(tz=UTC) - offset) < timedelta(seconds=5)


def test_in_memory() -> None:
    clock = MovableClock(None)
    assert near(clock, timedelta())
    assert clock.advance(timedelta(hours=3)) == timedelta(hours=3)
    assert clock.advance(timedelta(hours=1)) == timedelta(hours=4)
    assert near(clock, timedelta(hours=4))


def test_the_file_is_shared_by_all_processes(tmp_path: Path) -> None:
    ours, theirs = MovableClock(tmp_path / "new"), MovableClock(tmp_path / "new")
    assert ours.offset() == timedelta()
    ours.advance(timedelta(days=20))
    assert near(theirs, timedelta(days=20))
    theirs.advance(timedelta(days=1))
    assert ours.offset() == timedelta(days=21)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["clock.json"]


def test_it_is_the_applications_file(tmp_path: Path) -> None:
    clock = MovableClock(tmp_path)
    file = tmp_path / "clock.json"
    file.write_text(json.dumps({"offset_seconds": 60}))
    assert clock.offset() == timedelta(minutes=1)
    file.write_text(json.dumps({"offset_seconds": 120}))
    os.utime(file, ns=(1, 1))
    assert clock.offset() == timedelta(minutes=2)
    file.unlink()
    assert clock.offset() == timedelta()
