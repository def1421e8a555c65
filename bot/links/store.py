"""Where short links are kept, and the cache that redirects read.

One live code per earner, chat and item: the scripts below decide that in one slot, whoever asks at
the same time. A code is reserved before the platform is asked, because it is the sub-id.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.links.codes import is_code, new_code
from bot.links.models import LINK_LIFE, ShortLink, Targets
from bot.links.records import BadRecord, from_us, link_from_json, link_to_json, to_us
from bot.redis.connection import Script
from bot.redis.errors import CommandRefused
from bot.redis.keys import LINK_KEPT, LINK_PARTITIONS, RESERVATION_KEPT, Keys, digest

if TYPE_CHECKING:
    from adapters.contract import Attribution, ItemRef, OfferSnapshot, Ownership
    from bot.redis.connection import Store

__all__ = ["Due", "LinkStore", "Reservation"]

_log = logging.getLogger(__name__)

_KEPT_MS = int(LINK_KEPT.total_seconds() * 1000)
_RESERVED_MS = int(RESERVATION_KEPT.total_seconds() * 1000)
_USE_STEP = timedelta(hours=1)
_ASK_SECONDS = 60
_TRIES = 8
_REMEMBERED = 10_000

# KEYS live, link of the fresh code. ARGV code, owner, what may be replaced, ms of a reservation,
# ms of a link. Answers the state of `live`, or nothing if the code is taken.
_RESERVE = Script("""
local live = redis.call('GET', KEYS[1])
if live and live ~= ARGV[3] then
  if string.sub(live, 1, 2) == 's:' then redis.call('PEXPIRE', KEYS[1], ARGV[5]) end
  return live
end
if redis.call('EXISTS', KEYS[2]) == 1 then return false end
redis.call('HSET', KEYS[2], 'o', ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
redis.call('SET', KEYS[1], 'r:' .. ARGV[1], 'PX', ARGV[4])
return 'r:' .. ARGV[1]
""")

# KEYS live, link, due. ARGV code, owner, JSON, used, due second or '', ms. Answers the live code,
# or nothing if the code belongs to somebody else.
_SAVE = Script("""
local live = redis.call('GET', KEYS[1])
if live and string.sub(live, 1, 2) == 's:' and live ~= 's:' .. ARGV[1] then
  return string.sub(live, 3)
end
local owner = redis.call('HGET', KEYS[2], 'o')
if owner and owner ~= ARGV[2] then return false end
redis.call('HSET', KEYS[2], 'o', ARGV[2], 'v', ARGV[3], 'u', ARGV[4], 'n', 0)
redis.call('PEXPIRE', KEYS[2], ARGV[6])
redis.call('SET', KEYS[1], 's:' .. ARGV[1], 'PX', ARGV[6])
if ARGV[5] ~= '' then redis.call('ZADD', KEYS[3], ARGV[5], ARGV[1]) end
return ARGV[1]
""")

# KEYS live, link. ARGV code.
_FREE = Script("""
if redis.call('HEXISTS', KEYS[2], 'v') == 1 then return 0 end
if redis.call('GET', KEYS[1]) == 'r:' .. ARGV[1] then redis.call('DEL', KEYS[1]) end
return redis.call('DEL', KEYS[2])
""")

# KEYS link. ARGV used, ms. Tables of Lua are doubles: microseconds stay exact up to 2^53 (2255).
_USED = Script("""
local used = redis.call('HGET', KEYS[1], 'u')
if not used then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if tonumber(ARGV[1]) > tonumber(used) then redis.call('HSET', KEYS[1], 'u', ARGV[1]) end
return 1
""")

# KEYS link, due. ARGV code, revision read, JSON, due second or ''.
_UPDATE = Script("""
if redis.call('HGET', KEYS[1], 'n') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'v', ARGV[3], 'n', ARGV[2] + 1)
if ARGV[4] == '' then redis.call('ZREM', KEYS[2], ARGV[1])
else redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1]) end
return 1
""")

# KEYS link. ARGV '1' or ''.
_SWITCH = Script("""
if redis.call('HEXISTS', KEYS[1], 'v') == 0 then return 0 end
if ARGV[1] == '' then redis.call('HDEL', KEYS[1], 'x') else redis.call('HSET', KEYS[1], 'x', 1) end
return 1
""")

# KEYS link, due, asked. ARGV code, second, seconds between two requests.
_ASK = Script("""
if redis.call('HEXISTS', KEYS[1], 'v') == 0 then return 0 end
if not redis.call('SET', KEYS[3], 1, 'NX', 'EX', ARGV[3]) then return 0 end
local due = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not due or tonumber(due) > tonumber(ARGV[2]) then redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1]) end
return 1
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """A code for one earner, chat and item: `existing` if there is a live link already, else the
    code is held for a minute and `save` or `free` must follow."""

    code: str
    owner: str
    existing: ShortLink | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A code whose offer and promotion must be fetched again, since `at`."""

    code: str
    at: datetime


class LinkStore:
    """The records behind codes. Times are business time and come from the caller.

    Every method raises the errors of `bot.redis.errors`.
    """

    def __init__(self, store: Store, *, life: timedelta = LINK_LIFE) -> None:
        self.life = life
        self._store = store
        self._keys: Keys = store.keys
        self._marked: dict[str, datetime] = {}

    async def reserve(
        self, earner: str, chat: str, ref: ItemRef, now: datetime, *, account: str = "main"
    ) -> Reservation:
        """The live link of this earner, chat and item, or a fresh code for it.

        Who asks while another holds the reservation gets the same code: both promote the same
        sub-id, and the first `save` wins. A link that is switched off or past its life is replaced.
        """
        owner = _owner(earner, chat, ref, account)
        replaceable = ""
        for _ in range(_TRIES):
            state = await self._reserve(owner, replaceable)
            if state is None:
                continue  # the code is taken: draw another
            code = state[2:]
            if state.startswith("r:"):
                return Reservation(code=code, owner=owner)
            link = await self.get(code)
            if link and link.is_live(now, self.life):
                return Reservation(code=code, owner=owner, existing=link)
            replaceable = state
        raise CommandRefused("no free short code was found")

    async def _reserve(self, owner: str, replaceable: str) -> str | None:
        code = new_code(Keys.link_partition(owner))
        state: str | None = await self._store.call(
            _RESERVE,
            [self._keys.live(owner), self._keys.link(code)],
            [code, owner, replaceable, _RESERVED_MS, _KEPT_MS],
        )
        return state

    async def save(self, link: ShortLink) -> ShortLink:
        """Store a link under its reserved code and answer the one that is live now: this one, or
        the one that somebody else saved first for the same earner, chat and item."""
        owner = _owner(link.promoter_id, link.chat, link.ref, link.account)
        if Keys.code_partition(link.code) != Keys.link_partition(owner):
            raise ValueError("the code was not reserved for this earner, chat and item")
        code = await self._store.call(
            _SAVE,
            [self._keys.live(owner), *self._link_and_due(link.code)],
            [
                link.code,
                owner,
                link_to_json(link),
                to_us(link.used_at),
                _second(link.refresh_at()),
                _KEPT_MS,
            ],
        )
        if code is None:
            raise CommandRefused("the short code belongs to another link")
        if code == link.code:
            return link
        return await self.get(code) or link

    async def free(self, reservation: Reservation) -> None:
        """Give back a code that was not saved; a saved one stays."""
        await self._store.call(
            _FREE,
            [self._keys.live(reservation.owner), self._keys.link(reservation.code)],
            [reservation.code],
        )

    async def get(self, code: str) -> ShortLink | None:
        """The record, also of a link that is switched off or past its life; None if there is none."""
        link, _ = await self._read(code)
        return link

    async def _read(self, code: str) -> tuple[ShortLink | None, str]:
        if not is_code(code):
            return None, ""
        fields = await self._store.run("HMGET", self._keys.link(code), "v", "u", "x", "n")
        text, used, off, revision = fields
        if text is None:
            return None, ""
        try:
            link = link_from_json(text)
        except BadRecord:
            _log.exception("the record of a short link cannot be read")
            return None, ""
        return replace(link, used_at=from_us(int(used)), disabled=off is not None), revision

    async def mark_used(self, *codes: str, now: datetime) -> None:
        """A link lives on from now. Written at most once an hour and code: call it for every use."""
        calls = []
        for code in codes:
            marked = self._marked.get(code)
            if is_code(code) and (marked is None or now - marked >= _USE_STEP):
                self._remember(code, now)
                calls.append(code)
        for code in calls:
            await self._store.call(_USED, [self._keys.link(code)], [to_us(now), _KEPT_MS])

    def _remember(self, code: str, now: datetime) -> None:
        self._marked.pop(code, None)
        self._marked[code] = now
        if len(self._marked) > _REMEMBERED:
            del self._marked[next(iter(self._marked))]

    async def update(
        self,
        code: str,
        *,
        now: datetime,
        targets: Targets,
        level: Attribution,
        ownership: Ownership,
        link_expires_at: datetime | None,
        ended: OfferSnapshot | None = None,
        shown: OfferSnapshot | None = None,
    ) -> ShortLink | None:
        """What a refresh found: new targets under the same code. `shown` replaces what the card
        said when a coupon as good was found, `ended` is the current price when none was. Puts the
        link's next refresh into the schedule. None if there is no such link."""
        while True:
            link, revision = await self._read(code)
            if link is None:
                return None
            changed = replace(
                link,
                targets=targets,
                level=level,
                ownership=ownership,
                link_expires_at=link_expires_at,
                ended=ended,
                shown=shown or link.shown,
                refreshed_at=now,
            )
            args = [code, revision, link_to_json(changed), _second(changed.refresh_at())]
            if await self._store.call(_UPDATE, self._link_and_due(code), args):
                return changed

    async def switch(self, code: str, *, on: bool) -> bool:
        """Switch a link on or off; False if there is none."""
        if not is_code(code):
            return False
        return bool(await self._store.call(_SWITCH, [self._keys.link(code)], ["" if on else "1"]))

    async def due(self, before: datetime, limit: int = 100) -> list[Due]:
        """Codes whose refresh is due, the longest overdue first. They stay until `update`,
        `postpone` or `unschedule`."""
        found: list[Due] = []
        for answer in await self._all_due(int(before.timestamp()), limit):
            pairs = zip(answer[::2], answer[1::2], strict=True)
            found += [Due(code=code, at=_from_second(score)) for code, score in pairs]
        return sorted(found, key=lambda due: due.at)[:limit]

    async def _all_due(self, second: int, limit: int) -> list[Any]:
        return await asyncio.gather(
            *(
                self._store.run(
                    *("ZRANGEBYSCORE", self._keys.due(partition), "-inf", second),
                    *("WITHSCORES", "LIMIT", 0, limit),
                )
                for partition in range(LINK_PARTITIONS)
            )
        )

    async def postpone(self, code: str, until: datetime) -> None:
        """A refresh failed: try again at `until`."""
        await self._store.run("ZADD", self._due(code), "XX", int(until.timestamp()), code)

    async def unschedule(self, code: str) -> None:
        """No more refresh: the link is past its life or switched off."""
        await self._store.run("ZREM", self._due(code), code)

    async def request_refresh(self, code: str, now: datetime) -> bool:
        """A click found the link in need of one: due now. At most once a minute and code, from
        whichever process; True if this call was the one."""
        keys = [*self._link_and_due(code), self._keys.asked(code)]
        return bool(await self._store.call(_ASK, keys, [code, int(now.timestamp()), _ASK_SECONDS]))

    def _due(self, code: str) -> str:
        return self._keys.due(Keys.code_partition(code))

    def _link_and_due(self, code: str) -> list[str]:
        return [self._keys.link(code), self._due(code)]


def _owner(earner: str, chat: str, ref: ItemRef, account: str) -> str:
    return digest(earner, chat, ref.platform, account, ref.item_id)


def _second(at: datetime | None) -> int | str:
    return "" if at is None else int(at.timestamp())


def _from_second(score: str) -> datetime:
    return datetime.fromtimestamp(int(score), tz=UTC)
