"""The clock: real time, or real time moved by what stands in the data folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.clock import MockClock, SystemClock

if TYPE_CHECKING:
    from pathlib import Path

A_MOMENT = timedelta(seconds=30)


def test_real_time_is_aware() -> None:
    assert abs(SystemClock().now() - datetime.now(tz=UTC)) < A_MOMENT


def test_a_move_is_seen_by_every_process_and_adds_up(tmp_path: Path) -> None:
    mover, other = MockClock(tmp_path / "data"), MockClock(tmp_path / "data")
    assert abs(other.now() - datetime.now(tz=UTC)) < A_MOMENT
    assert mover.advance(timedelta(days=20)) == timedelta(days=20)
    assert abs(other.now() - datetime.now(tz=UTC) - timedelta(days=20)) < A_MOMENT
    assert other.advance(timedelta(hours=1)) == timedelta(days=20, hours=1)
    assert mover.offset() == timedelta(days=20, hours=1)
    (tmp_path / "data" / "clock.json").unlink()
    assert mover.offset() == timedelta()


def test_time_never_runs_backwards(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="forward"):
        MockClock(tmp_path).advance(timedelta(seconds=-1))
