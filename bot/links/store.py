"""Where short links are kept.

One live code per earner, chat and item: scripts decide that in one slot, whoever asks at the same
time. A code is reserved before the platform is asked, because it is the sub-id.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.links import scripts
from bot.links.codes import is_code, new_code
from bot.links.models import LINK_LIFE, ShortLink
from bot.links.records import BadRecord, from_us, link_from_json, link_to_json, to_us
from bot.redis.errors import CommandRefused
from bot.redis.keys import LINK_KEPT, LINK_PARTITIONS, RESERVATION_KEPT, Keys, digest

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.contract import ItemRef
    from bot.redis.connection import Part, Store

__all__ = ["LinkStore", "Reservation"]

_log = logging.getLogger(__name__)

_KEPT_MS = int(LINK_KEPT.total_seconds() * 1000)
_RESERVED_MS = int(RESERVATION_KEPT.total_seconds() * 1000)
_USE_STEP = timedelta(hours=1)
_ASK_SECONDS = 60
_TRIES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """A code for one earner, chat and item: `existing` if there is a live link already, else the
    code is held for a minute and `save` or `free` must follow."""

    code: str
    existing: ShortLink | None = None


class LinkStore:
    """The records behind codes, of one account of the operator.

    Times are business time and come from the caller. Every method raises `bot.redis.errors`.
    """

    def __init__(
        self,
        store: Store,
        *,
        account: str = "main",
        life: timedelta = LINK_LIFE,
        remembered: int = 10_000,
    ) -> None:
        self.account = account
        self.life = life
        self._store = store
        self._keys: Keys = store.keys
        self._marked: dict[str, datetime] = {}
        self._remembered = remembered

    def alive(self, link: ShortLink, now: datetime) -> bool:
        """Whether a link redirects: not switched off and within its life."""
        return link.is_live(now, self.life)

    async def reserve(self, earner: str, chat: str, ref: ItemRef, now: datetime) -> Reservation:
        """The live link of this earner, chat and item, or a fresh code for it.

        Who asks while another holds the reservation gets the same code: both promote the same
        sub-id, and one record results. A link that is switched off or past its life is replaced.
        """
        owner = digest(earner, chat, ref.platform, self.account, ref.item_id)
        replaceable = ""
        for _ in range(_TRIES):
            state = await self._reserve(owner, replaceable)
            if state is None:
                continue  # the code is taken: draw another
            code = state[2:]
            if state.startswith("r:"):
                return Reservation(code=code)
            link = await self.get(code)
            if link and self.alive(link, now):
                return Reservation(code=code, existing=link)
            replaceable = state
        raise CommandRefused("no free short code was found")

    async def _reserve(self, owner: str, replaceable: str) -> str | None:
        code = new_code(Keys.link_partition(owner))
        state: str | None = await self._store.call(
            scripts.RESERVE,
            [self._keys.live(owner), self._keys.link(code)],
            [code, owner, replaceable, _RESERVED_MS, _KEPT_MS],
        )
        return state

    async def save(self, link: ShortLink, *, read: ShortLink | None = None) -> ShortLink:
        """Store a link under its reserved code, or what a refresh made of a stored one, and put its
        next refresh into the schedule.

        Answers the link that is live now: this one, or, where somebody else's reservation was
        faster for the same earner, chat and item, theirs. Switching and use are never undone by it.
        With `read`, the record that `link` was made from, nothing is written and the stored link
        answered if that has another promotion by now.
        """
        owner = _owner_of(link)
        if not is_code(link.code) or Keys.code_partition(link.code) != Keys.link_partition(owner):
            raise ValueError("the code was not reserved for this earner, chat and item")
        refresh_at = link.refresh_at()
        due = "" if refresh_at is None else int(refresh_at.timestamp())
        record = link_to_json(link)
        code, _ = await asyncio.gather(
            self._store.call(
                scripts.SAVE,
                [self._keys.live(owner), self._keys.link(link.code), self._due(link.code)],
                [
                    *(link.code, owner, record, to_us(link.used_at), due, _KEPT_MS),
                    *(_promoted(link), _promoted(read) if read is not None else ""),
                ],
            ),
            # In a slot of its own, so not in the script: an index that may point to nothing.
            self._store.run("SET", self._keys.target(link.targets.web), link.code, "PX", _KEPT_MS),
        )
        if code is None:
            raise CommandRefused("the short code belongs to another link")
        return link if code == link.code else await self.get(code or link.code) or link

    async def free(self, code: str) -> None:
        """Give back a code that was not saved; a saved one stays."""
        owner = await self._store.run("HGET", self._keys.link(code), "o")
        if owner is not None:
            keys = [self._keys.live(owner), self._keys.link(code)]
            await self._store.call(scripts.FREE, keys, [code])

    async def get(self, code: str) -> ShortLink | None:
        """The record, also of a link that is switched off or past its life; None if there is none."""
        if not is_code(code):
            return None
        text, used, off = await self._store.run("HMGET", self._keys.link(code), "v", "u", "x")
        if text is None:
            return None
        try:
            link = link_from_json(text)
        except BadRecord:
            _log.exception("the record of a short link cannot be read")
            return None
        return replace(link, used_at=from_us(int(used)), disabled=off is not None)

    async def index_target(self, target: str, code: str) -> None:
        """Another form of a link's target (the bare code of its 口令) by which it is known."""
        await self._store.run("SET", self._keys.target(target), code, "PX", _KEPT_MS)

    async def code_of_target(self, url: str) -> str | None:
        """The code whose promotion link (web address) this is or was."""
        code: str | None = await self._store.run("GET", self._keys.target(url))
        return code

    async def mark_used(self, *codes: str, now: datetime) -> None:
        """These links live on from now. Written at most once an hour and code, so call it for
        every use."""
        calls = []
        for code in set(codes):
            marked = self._marked.get(code)
            if is_code(code) and (marked is None or now - marked >= _USE_STEP):
                calls.append(self._mark(code, now))
        await asyncio.gather(*calls)

    async def _mark(self, code: str, now: datetime) -> None:
        await self._store.call(scripts.USED, [self._keys.link(code)], [to_us(now), _KEPT_MS])
        self._marked.pop(code, None)
        self._marked[code] = now
        if len(self._marked) > self._remembered:
            del self._marked[next(iter(self._marked))]

    async def switch(self, code: str, *, on: bool) -> bool:
        """Switch a link on or off; False if there is none."""
        if not is_code(code):
            return False
        keys = [self._keys.link(code)]
        return bool(await self._store.call(scripts.SWITCH, keys, ["" if on else "1"]))

    async def due(self, before: datetime, limit: int = 100) -> list[str]:
        """Codes whose offer and promotion must be fetched again, the longest overdue first. They
        stay due until `save`, `schedule` or `unschedule`."""
        answers = await asyncio.gather(
            *(
                self._store.run(
                    *("ZRANGEBYSCORE", self._keys.due(partition), "-inf", int(before.timestamp())),
                    *("WITHSCORES", "LIMIT", 0, limit),
                )
                for partition in range(LINK_PARTITIONS)
            )
        )
        found = [
            (int(second), code)
            for answer in answers
            for code, second in zip(answer[::2], answer[1::2], strict=True)
        ]
        return [code for _, code in sorted(found)[:limit]]

    async def schedule(self, code: str, at: datetime) -> None:
        """The next refresh of a stored link is at this time, whoever asks for one sooner: one has
        failed. What is not stored is not due any more."""
        keys = [self._keys.link(code), self._due(code)]
        await self._store.call(scripts.SCHEDULE, keys, [code, int(at.timestamp())])

    async def unschedule(self, code: str) -> None:
        """No more refresh: the link is past its life, or there is none."""
        await self._store.run("ZREM", self._due(code), code)

    async def request_refresh(self, code: str, now: datetime) -> bool:
        """A click found the link in need of a refresh: due now. At most once a minute and code,
        from whichever process, and not before what `schedule` said; True if this call was the one:
        its caller has claimed the refresh."""
        if not is_code(code):
            return False
        keys = [self._keys.link(code), self._due(code), self._keys.asked(code)]
        args: list[Part] = [code, int(now.timestamp()), _ASK_SECONDS]
        return bool(await self._store.call(scripts.ASK, keys, args))

    async def claim(self, code: str) -> bool:
        """Whether the caller, and no other process, may refresh this link within the minute."""
        key = self._keys.asked(code)
        return await self._store.run("SET", key, 1, "NX", "EX", _ASK_SECONDS) is not None

    def _due(self, code: str) -> str:
        return self._keys.due(Keys.code_partition(code))


def _promoted(link: ShortLink) -> int:
    """Tells one promotion of a link from the next."""
    return to_us(link.refreshed_at or link.created_at)


def _owner_of(link: ShortLink) -> str:
    ref = link.ref
    return digest(link.promoter_id, link.chat, ref.platform, link.account, ref.item_id)
