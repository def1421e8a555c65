"""The one clock of business time.

In mock mode an offset in the data folder moves it in every process, so that a coupon's end, a
settlement or a payout can be seen in minutes. Live mode refuses an offset. Time-outs, caches and
rate limits use the event loop's own clock and are never moved.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

__all__ = ["Clock", "MockClock", "SystemClock"]

FILE_NAME = "clock.json"


class Clock(Protocol):
    """Business time."""

    def now(self) -> datetime:
        """Now, aware UTC."""
        ...


class SystemClock:
    """Real time."""

    def now(self) -> datetime:
        """Now, aware UTC."""
        return datetime.now(tz=UTC)


class MockClock:
    """Real time plus the offset that stands in the data folder; 0 while there is none.

    The file is looked at on every call (one `stat`, about a microsecond), so a move is seen by all
    processes at once.
    """

    def __init__(self, data_dir: Path) -> None:
        self.path = Path(data_dir) / FILE_NAME
        self._name = str(self.path)
        self._seen: tuple[int, int] | None = None
        self._offset = timedelta()

    def now(self) -> datetime:
        """Now, aware UTC, moved by the offset."""
        return datetime.now(tz=UTC) + self.offset()

    def offset(self) -> timedelta:
        """How far the clock is moved."""
        try:
            stat = os.stat(self._name)  # noqa: PTH116 - asked many times a message
        except FileNotFoundError:
            self._seen, self._offset = None, timedelta()
            return self._offset
        if (stamp := (stat.st_mtime_ns, stat.st_ino)) != self._seen:
            value = json.loads(self.path.read_text(encoding="utf-8"))
            self._offset = timedelta(seconds=int(value["offset_seconds"]))
            self._seen = stamp
        return self._offset

    def advance(self, by: timedelta) -> timedelta:
        """Move all processes' clocks on; returns the new offset. ValueError if `by` is negative:
        time that runs backwards would break ledgers and leases."""
        if by < timedelta():
            raise ValueError("the clock only moves forward")
        offset = self.offset() + by
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_text(json.dumps({"offset_seconds": int(offset.total_seconds())}))
        temporary.replace(self.path)
        return offset
