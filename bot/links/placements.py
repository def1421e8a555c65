"""Leases of placements: where a platform tells promoters apart only by the placement (推广位), each
gets one of a pool, and an order belongs to whoever held its placement at the time of the click.

A lease is dated and lasts as long as it is used; its placement goes to somebody else only when no
link made under it can still bring an order: the life of a link and 30 days after its last use.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.links.models import LINK_LIFE
from bot.redis.connection import Script

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.redis.connection import Store

__all__ = ["PlacementLeases"]

_log = logging.getLogger(__name__)

ORDER_LAG = timedelta(days=30)
"""Orders and their settlement follow the last click within this."""

# KEYS holders, used, history. ARGV promoter, second, second up to which a use is long ago, pool...
_LEASE = Script("""
local promoter, now, long_ago = ARGV[1], ARGV[2], tonumber(ARGV[3])
local held = redis.call('HGET', KEYS[1], promoter)
local free, oldest
for i = 4, #ARGV do
  local pid = ARGV[i]
  local used = tonumber(redis.call('HGET', KEYS[2], pid) or '-1')
  if pid == held then
    if tonumber(now) > used then redis.call('HSET', KEYS[2], pid, now) end
    return pid
  end
  if used < long_ago and (not oldest or used < oldest) then free, oldest = pid, used end
end
if not free then return false end
local history = redis.call('HGET', KEYS[3], free)
if history then
  local before = string.match(history, ':([^;:]*)$')
  if redis.call('HGET', KEYS[1], before) == free then redis.call('HDEL', KEYS[1], before) end
end
redis.call('HSET', KEYS[1], promoter, free)
redis.call('HSET', KEYS[2], free, now)
redis.call('HSET', KEYS[3], free, (history and history .. ';' or '') .. now .. ':' .. promoter)
return free
""")

# KEYS used. ARGV placement, second.
_TOUCH = Script("""
local used = redis.call('HGET', KEYS[1], ARGV[1])
if used and tonumber(ARGV[2]) > tonumber(used) then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end
return used and 1 or 0
""")


class PlacementLeases:
    """Who holds which placement. Times are business time. Raises `bot.redis.errors`."""

    def __init__(self, store: Store, *, link_life: timedelta = LINK_LIFE) -> None:
        self._store = store
        self._idle = link_life + ORDER_LAG
        self._told: set[tuple[str, str]] = set()

    async def lease(
        self, platform: str, account: str, pool: Sequence[str], promoter_id: str, now: datetime
    ) -> str | None:
        """The placement of this promoter: the one held already while it is in the pool, else one
        never used, else the one idle for longest. None, and one line in the log, when the pool is
        used up: a larger one must be entered."""
        keys = self._store.keys
        second = int(now.timestamp())
        pid: str | None = await self._store.call(
            _LEASE,
            [
                keys.lease_holders(platform, account),
                keys.lease_used(platform, account),
                keys.lease_history(platform, account),
            ],
            [promoter_id, second, second - int(self._idle.total_seconds()), *pool],
        )
        if pid is not None:
            self._told.discard((platform, account))
        elif (platform, account) not in self._told:
            self._told.add((platform, account))
            _log.warning("all %d placements of %s:%s are leased", len(pool), platform, account)
        return pid

    async def touch(self, platform: str, account: str, pid: str, now: datetime) -> bool:
        """A link under this placement was used: its lease lasts on. False if it was never leased."""
        key = self._store.keys.lease_used(platform, account)
        return bool(await self._store.call(_TOUCH, [key], [pid, int(now.timestamp())]))

    async def holder_at(self, platform: str, account: str, pid: str, at: datetime) -> str | None:
        """The promoter who held the placement at that time; None before its first lease."""
        key = self._store.keys.lease_history(platform, account)
        history = await self._store.run("HGET", key, pid)
        holder = None
        for entry in (history or "").split(";"):
            since, _, promoter = entry.partition(":")
            if since and int(since) <= at.timestamp():
                holder = promoter
        return holder
