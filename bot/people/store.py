"""Where promoters are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.people.models import Promoter, is_promoter_id, new_promoter_id
from bot.redis.connection import Script
from bot.redis.errors import CommandRefused

if TYPE_CHECKING:
    from bot.redis.connection import Store

__all__ = ["PromoterStore"]

_TRIES = 8
_ACCOUNT = "a:"

# KEYS accounts, promoter. ARGV account, id. Answers the account's promoter, or nothing if
# the fresh id is taken.
_FOR_ACCOUNT = Script("""
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known then return known end
if redis.call('EXISTS', KEYS[2]) == 1 then return false end
redis.call('HSET', KEYS[2], 'known', 1, 'a:' .. ARGV[1], 1)
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return ARGV[2]
""")


class PromoterStore:
    """Promoters by id and by account. Raises `bot.redis.errors`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def for_account(self, account: str) -> str:
        """The promoter of `channel:account:user`, made with a random id the first time."""
        keys = self._store.keys
        for _ in range(_TRIES):
            fresh = new_promoter_id()
            promoter_id: str | None = await self._store.call(
                _FOR_ACCOUNT,
                [keys.accounts(), keys.promoter(fresh)],
                [account, fresh],
            )
            if promoter_id is not None:
                return promoter_id
        raise CommandRefused("no free promoter id was found")

    async def ensure(self, promoter_id: str) -> None:
        """Make the promoter of this id unless there is one. ValueError for what is no id."""
        if not is_promoter_id(promoter_id):
            raise ValueError("a promoter's id is 1 to 12 lower-case letters and digits")
        name = self._store.keys.promoter(promoter_id)
        await self._store.run("HSET", name, "known", 1)

    async def get(self, promoter_id: str) -> Promoter | None:
        """The promoter, None if there is none."""
        if not is_promoter_id(promoter_id):
            return None
        answer = await self._store.run("HKEYS", self._store.keys.promoter(promoter_id))
        if not answer:
            return None
        accounts = (name.removeprefix(_ACCOUNT) for name in answer if name.startswith(_ACCOUNT))
        return Promoter(id=promoter_id, accounts=frozenset(accounts))
