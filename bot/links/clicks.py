"""Clicks: counted in memory first, so that a redirect never waits for the store and never fails by
it. Per link: in total, and per Beijing day as the business clock stands when the click comes in.

SIGTERM loses none (`close`); SIGKILL at most what came in within the last 10 ms and one batch.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.times import BEIJING
from bot.redis.counting import COUNT_ONCE, Committer
from bot.redis.keys import DAY_COUNTS_KEPT, WRITER_KEPT, Keys

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from bot.clock import Clock
    from bot.links.models import ShortLink
    from bot.redis.connection import Part, Store

__all__ = ["ClickBuffer", "ClickCounts", "Clicks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clicks:
    """How often a link was opened."""

    total: int
    day: int


@dataclass(frozen=True, slots=True)
class _Click:
    partition: int
    code: str
    day: date


class ClickBuffer:
    """Counts clicks; one for the process. `close()` when no more redirects are served."""

    def __init__(self, store: Store, clock: Clock, *, max_waiting: int = 100_000) -> None:
        self._store = store
        self._clock = clock
        self._committer: Committer[_Click] = Committer(self._commit, max_waiting=max_waiting)

    @property
    def dropped(self) -> int:
        """Clicks that were not counted: the store was away for too long."""
        return self._committer.dropped

    @property
    def waiting(self) -> int:
        """Clicks that are not in the store yet."""
        return self._committer.waiting

    def add(self, link: ShortLink) -> asyncio.Future[bool]:
        """Count a click. Never raises, never waits; who wants to know awaits the future: True once
        the store has it."""
        partition = Keys.click_partition(link.promoter_id)
        day = self._clock.now().astimezone(BEIJING).date()
        return self._committer.add(_Click(partition, link.code, day))

    async def flush(self) -> None:
        """Wait until every click so far is in the store (or dropped)."""
        await self._committer.flush()

    async def close(self, patience: float = 5.0) -> None:
        """Store what waits, for at most `patience` seconds. Twice is fine."""
        await self._committer.close(patience)

    async def _commit(self, number: int, clicks: Sequence[_Click]) -> None:
        partitions: dict[int, list[_Click]] = defaultdict(list)
        for click in clicks:
            partitions[click.partition].append(click)
        await asyncio.gather(
            *(self._count(number, partition, part) for partition, part in partitions.items())
        )

    async def _count(self, number: int, partition: int, clicks: Sequence[_Click]) -> None:
        keys = self._store.keys
        days = sorted({click.day for click in clicks})
        names = [
            keys.clicks_writer(partition, self._committer.writer),
            keys.clicks_total(partition),
            *(keys.clicks_day(partition, day) for day in days),
        ]
        args: list[Part] = [number, *_KEPT]
        for code, count in Counter(click.code for click in clicks).items():
            args += [2, code, count]
        for (code, day), count in Counter((click.code, click.day) for click in clicks).items():
            args += [3 + days.index(day), code, count]
        await self._store.call(COUNT_ONCE, names, args)


class ClickCounts:
    """Reads the counters."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of(self, link: ShortLink, day: date) -> Clicks:
        """Clicks of one link, in total and on a Beijing day."""
        partition = Keys.click_partition(link.promoter_id)
        keys = self._store.keys
        total, today = await asyncio.gather(
            self._store.run("HGET", keys.clicks_total(partition), link.code),
            self._store.run("HGET", keys.clicks_day(partition, day), link.code),
        )
        return Clicks(total=int(total or 0), day=int(today or 0))


_KEPT = (int(WRITER_KEPT.total_seconds()), int(DAY_COUNTS_KEPT.total_seconds()))
