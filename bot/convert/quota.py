"""The calls to a platform, shared by all processes: a rate, and a budget for the Beijing day.

To spare trips a process leases a few calls at a time from the store and hands them out by itself.
So the day's count runs ahead of the calls really made by at most one lease a process, and never
behind; what is left at `close` is given back. While the store cannot be reached calls are allowed
at the local rate and not counted: a link is worth more than an exact count.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from adapters.errors import QuotaUsedUp
from adapters.times import BEIJING, next_beijing_midnight
from bot.redis.connection import Script
from bot.redis.errors import StoreError
from bot.redis.keys import QUOTA_DAY_KEPT

if TYPE_CHECKING:
    from datetime import date

    from bot.clock import Clock
    from bot.redis.connection import Store

__all__ = ["SharedQuota"]

_log = logging.getLogger(__name__)

_KEPT = int(QUOTA_DAY_KEPT.total_seconds())
_MICRO = 1_000_000

# KEYS rate, day, blocked. ARGV calls wanted, calls a second, budget of the day or 0, second (business
# time), seconds to keep. Answers: granted, microseconds until the first may be sent, used,
# blocked until, and 80 or 100 when that share was reached just now (else 0).
# Rates stand on the store's own clock, so that processes on several machines agree.
_LEASE = Script("""
local blocked = tonumber(redis.call('GET', KEYS[3]) or '0')
local used = tonumber(redis.call('HGET', KEYS[2], 'used') or '0')
if blocked > tonumber(ARGV[4]) then return {0, 0, used, blocked, 0} end
local wanted, rate, budget = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if budget > 0 then
  local left = budget - used
  if left <= 0 then return {0, 0, used, 0, 0} end
  wanted = math.min(wanted, math.max(1, math.floor(left / 8)))
end
used = redis.call('HINCRBY', KEYS[2], 'used', wanted)
redis.call('EXPIRE', KEYS[2], ARGV[5])
local told = 0
if budget > 0 then
  if used * 100 >= budget * 80 and redis.call('HSETNX', KEYS[2], 'told80', 1) == 1 then told = 80 end
  if used >= budget and redis.call('HSETNX', KEYS[2], 'told100', 1) == 1 then told = 100 end
end
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local first = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
redis.call('SET', KEYS[1], string.format('%.0f', first + math.floor(wanted * 1000000 / rate)), 'EX', 60)
return {wanted, first - now, used, 0, told}
""")


Told: TypeAlias = Callable[[int, int, int], None]
"""Hears once a day and account that 80 or 100 (percent) are reached, with used calls and budget."""


class SharedQuota:
    """Implements `adapters.contract.Quota` for one account of a platform.

    `daily_calls` None means that calls are only counted. The business clock says which Beijing day
    it is; waiting stands on real time (`time`, seconds). `refused` hears that the platform itself
    says its quota is used up.
    """

    def __init__(
        self,
        store: Store,
        *,
        platform: str,
        account: str,
        clock: Clock,
        calls_per_second: int,
        daily_calls: int | None,
        told: Told | None = None,
        refused: Callable[[], None] | None = None,
        time: Callable[[], float] = time.monotonic,
    ) -> None:
        self.platform = platform
        self.account = account
        self.per_second = calls_per_second
        self.daily = daily_calls
        self.chunk = max(1, min(64, calls_per_second // 4))
        """Calls of one lease: a quarter of a second's worth, so much the day's count may be ahead."""
        self._burst = (max(1, calls_per_second // 2) - 1) / calls_per_second
        self._store = store
        self._now = clock.now
        self._told = told
        self._refused = refused
        self._time = time
        self._left = 0
        self._day: date | None = None
        self._next = 0.0
        self._blocked_until: datetime | None = None
        self._leasing = asyncio.Lock()

    async def take(self) -> float:
        """Count one call; the seconds to wait before it may be sent. QuotaUsedUp when the day's
        calls are used up or the platform said so."""
        while True:
            now = self._now()
            self._check_blocked(now)
            if self._left and self._day == _day(now):
                self._left -= 1
                return self._step()
            async with self._leasing:
                if self._left and self._day == _day(self._now()):
                    continue  # somebody else has just leased
                try:
                    await self._lease(now)
                except StoreError as error:
                    _log.warning("calls are not counted: %s", error)
                    return self._step()

    def _step(self) -> float:
        """Take the next place at the rate; half a second's worth may go out at once."""
        at = self._time()
        place = max(at, self._next)
        self._next = place + 1 / self.per_second
        return max(0.0, place - at - self._burst)

    def _check_blocked(self, now: datetime) -> None:
        if self._blocked_until is None:
            return
        if now < self._blocked_until:
            raise QuotaUsedUp(f"{self.platform}: the day's calls are used up", self._blocked_until)
        self._blocked_until = None

    async def _lease(self, now: datetime) -> None:
        day = _day(now)
        granted, wait, used, blocked, told = await self._store.call(
            _LEASE,
            self._names(day),
            [self.chunk, self.per_second, self.daily or 0, int(now.timestamp()), _KEPT],
        )
        if not granted:
            self._blocked_until = (
                datetime.fromtimestamp(blocked, tz=UTC) if blocked else next_beijing_midnight(now)
            )
            return
        self._left, self._day = granted, day
        self._next = max(self._next, self._time() + wait / _MICRO)
        if told and self._told is not None and self.daily is not None:
            self._told(told, used, self.daily)

    async def exhausted(self, until: datetime) -> None:
        """The platform says its quota is used up until then: `take` raises, in every process once
        its lease is spent."""
        self._blocked_until, self._left = until, 0
        if self._refused is not None:
            self._refused()
        try:
            name = self._store.keys.quota_blocked(self.platform, self.account)
            await self._store.run("SET", name, int(until.timestamp()), "EX", _KEPT)
        except StoreError as error:
            _log.warning("other processes are not told of a used-up quota: %s", error)

    async def used(self, day: date) -> int:
        """Calls counted on a Beijing day. StoreError if the store cannot be reached."""
        name = self._store.keys.quota_day(self.platform, self.account, day)
        return int(await self._store.run("HGET", name, "used") or 0)

    async def close(self) -> None:
        """Give back what was leased and not used; twice is fine."""
        left, self._left = self._left, 0
        if left and self._day:
            name = self._store.keys.quota_day(self.platform, self.account, self._day)
            try:
                await self._store.run("HINCRBY", name, "used", -left)
            except StoreError as error:
                _log.warning("%d leased calls stay counted: %s", left, error)

    def _names(self, day: date) -> list[str]:
        keys = self._store.keys
        who = (self.platform, self.account)
        return [keys.quota_rate(*who), keys.quota_day(*who, day), keys.quota_blocked(*who)]


def _day(now: datetime) -> date:
    return now.astimezone(BEIJING).date()
