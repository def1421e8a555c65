"""Budgets of calls kept in this process: for scripts, tests and adapters used on their own.

The application shares one budget between all its processes through its store instead.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from adapters.errors import QuotaUsedUp
from adapters.times import BEIJING, next_beijing_midnight

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

__all__ = ["LocalQuota", "NoQuota"]


class NoQuota:
    """A quota without bounds that only counts."""

    def __init__(self) -> None:
        self.calls = 0
        self.until: datetime | None = None

    async def take(self) -> float:
        """Count, never wait; QuotaUsedUp from the moment the platform said so."""
        if self.until is not None:
            raise QuotaUsedUp("the day's calls are used up", self.until)
        self.calls += 1
        return 0.0

    async def exhausted(self, until: datetime) -> None:
        """From now on `take` refuses."""
        self.until = until


class LocalQuota:
    """A token bucket of `calls_per_second` and a budget of `daily_calls` in each Beijing day.

    `now` is business time (the day); the bucket runs on the monotonic clock, which is never moved.
    A full bucket holds one second's calls; each call beyond that gets a place in the queue.
    """

    def __init__(
        self,
        calls_per_second: int,
        daily_calls: int | None,
        now: Callable[[], datetime],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.calls_per_second = calls_per_second
        self.daily_calls = daily_calls
        self.used = 0
        """Calls counted in the present Beijing day."""
        self._now = now
        self._monotonic = monotonic
        self._day: date | None = None
        self._until: datetime | None = None
        self._full_at = 0.0

    async def take(self) -> float:
        """Count one call; the seconds to wait before sending it. QuotaUsedUp past the budget."""
        now = self._now()
        if self._until is not None and now < self._until:
            raise QuotaUsedUp("the platform said that the day's calls are used up", self._until)
        today = now.astimezone(BEIJING).date()
        if today != self._day:
            self._day, self.used = today, 0
        if self.daily_calls is not None and self.used >= self.daily_calls:
            raise QuotaUsedUp("the day's calls are used up", next_beijing_midnight(now))
        self.used += 1
        return self._reserve()

    async def exhausted(self, until: datetime) -> None:
        """The platform's own word: `take` refuses until then (aware UTC)."""
        self._until = until if self._until is None else max(self._until, until)

    def _reserve(self) -> float:
        """Take one token; `_full_at` is when the bucket would be full again."""
        now = self._monotonic()
        self._full_at = max(self._full_at, now) + 1 / self.calls_per_second
        return max(0.0, self._full_at - now - 1.0)
