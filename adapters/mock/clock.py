"""The mock's business time: real time plus an offset that lies in the data folder.

The file is the application's own (`clock.json`, {"offset_seconds": n}), so moving one moves both.
"""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MovableClock", "span"]

_FILE_NAME = "clock.json"
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_SPAN = re.compile(r"([0-9]{1,9})([smhd]?)")
_LIMIT = timedelta(days=3660)


def span(text: str) -> timedelta:
    """`20d`, `3h`, `30m`, `90s` or plain seconds, at most ten years. ValueError otherwise."""
    if (match := _SPAN.fullmatch(text)) is None:
        raise ValueError("a span is a number with s, m, h or d: 20d")
    seconds = int(match[1]) * _UNITS[match[2]]
    if seconds > _LIMIT.total_seconds():
        raise ValueError("a span is at most ten years")
    return timedelta(seconds=seconds)


class MovableClock:
    """Real time plus the offset in `data_dir`, or in memory if that is None."""

    def __init__(self, data_dir: Path | None) -> None:
        self._path = None if data_dir is None else data_dir / _FILE_NAME
        self._seen: tuple[int, int] | None = None
        self._offset = timedelta()

    def now(self) -> datetime:
        """Now, aware UTC, moved by the offset."""
        return datetime.now(tz=UTC) + self.offset()

    def offset(self) -> timedelta:
        """How far the clock is moved; the file is read again when it has changed."""
        if self._path is None:
            return self._offset
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            self._seen, self._offset = None, timedelta()
            return self._offset
        if (stamp := (stat.st_mtime_ns, stat.st_ino)) != self._seen:
            value = json.loads(self._path.read_text(encoding="utf-8"))
            self._offset = timedelta(seconds=int(value["offset_seconds"]))
            self._seen = stamp
        return self._offset

    def advance(self, by: timedelta) -> timedelta:
        """Move on; returns the new offset."""
        offset = self.offset() + by
        if self._path is None:
            self._offset = offset
            return offset
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_suffix(f".{os.getpid()}.mock.tmp")
        temporary.write_text(json.dumps({"offset_seconds": int(offset.total_seconds())}))
        temporary.replace(self._path)
        return offset
