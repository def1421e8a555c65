"""How often one address may do something in a minute; bounded memory, real time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Limiter"]


class Limiter:
    """Counts by key in windows of `seconds`; the key that began first makes room."""

    def __init__(
        self,
        limit: int,
        *,
        seconds: float = 60.0,
        size: int = 10_000,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limit = limit
        self._seconds, self._size, self._now = seconds, size, now
        self._windows: dict[str, tuple[float, int]] = {}

    def count(self, key: str) -> None:
        """Note one."""
        began, number = self._window(key)
        self._windows.pop(key, None)
        self._windows[key] = (began, number + 1)
        if len(self._windows) > self._size:
            del self._windows[next(iter(self._windows))]

    def exceeded(self, key: str) -> bool:
        """Whether the limit is reached in the window that runs."""
        return self._window(key)[1] >= self.limit

    def _window(self, key: str) -> tuple[float, int]:
        now = self._now()
        began, number = self._windows.get(key, (now, 0))
        return (began, number) if now < began + self._seconds else (now, 0)
