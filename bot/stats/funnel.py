"""The funnel: how many messages were seen, links recognised, converted and clicked.

Counting is done in memory and stored in batches, each exactly once; it never delays or fails what
is counted.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from adapters.times import BEIJING
from bot.redis.counting import Committer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from bot.clock import Clock
    from bot.stats.store import FunnelStore

__all__ = ["Funnel", "FunnelTable", "Stage"]


class Stage(StrEnum):
    """A step of the way from a message to a purchase."""

    SEEN = "seen"
    """Messages looked at; of no platform."""
    RECOGNISED = "recognised"
    """Links found."""
    CONVERTED = "converted"
    """Links answered with a tracked link."""
    CLICKED = "clicked"
    """Tracked links opened by people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelTable:
    """Counts by stage and platform; the platform is empty where there is none."""

    counts: Mapping[tuple[Stage, str], int]

    def of(self, stage: Stage, platform: str | None = None) -> int:
        """The count of a stage, for one platform or for all."""
        return sum(
            count
            for (counted, where), count in self.counts.items()
            if counted is stage and platform in (None, where)
        )

    def platforms(self) -> Sequence[str]:
        """Platforms that have a count, in alphabetical order."""
        return sorted({platform for _, platform in self.counts if platform})


class Funnel:
    """Counts; one for the process. `close()` at its end."""

    def __init__(
        self,
        store: FunnelStore,
        clock: Clock,
        *,
        linger: float = 0.05,
        flush_patience: float = 2.0,
    ) -> None:
        self._flush_patience = flush_patience
        self._store = store
        self._clock = clock
        self._committer: Committer[tuple[date, str, int]] = Committer(self._commit, linger=linger)

    @property
    def dropped(self) -> int:
        """Counts that were lost: the store was away for too long."""
        return self._committer.dropped

    def count(self, stage: Stage | str, platform: str = "", n: int = 1) -> None:
        """Count `n` on today's Beijing day. Never waits for the store; ValueError for a stage that
        does not exist."""
        day = self._clock.now().astimezone(BEIJING).date()
        self._committer.add((day, f"{Stage(stage).value}:{platform}", n))

    async def read(self, day: date | None = None) -> FunnelTable:
        """The counts of a Beijing day, or of all time; what this process still holds is stored
        first, if that takes no longer than `flush_patience` seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._committer.flush(), self._flush_patience)
        return FunnelTable(counts=await self._store.read(day))

    async def close(self, patience: float = 5.0) -> None:
        """Store what waits, for at most `patience` seconds. Twice is fine."""
        await self._committer.close(patience)

    async def _commit(self, number: int, events: Sequence[tuple[date, str, int]]) -> None:
        counts: Counter[tuple[date, str]] = Counter()
        for day, field, n in events:
            counts[day, field] += n
        await self._store.count(self._committer.writer, number, counts)
