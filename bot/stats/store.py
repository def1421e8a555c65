"""Where the funnel's counters are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.redis.counting import COUNT_ONCE
from bot.redis.keys import DAY_COUNTS_KEPT, WRITER_KEPT
from bot.stats.funnel import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from bot.redis.connection import Part, Store

__all__ = ["FunnelStore"]

_STAGES = {stage.value: stage for stage in Stage}
_KEPT = (int(WRITER_KEPT.total_seconds()), int(DAY_COUNTS_KEPT.total_seconds()))


class FunnelStore:
    """Counters by stage and platform. Raises `bot.redis.errors`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def count(self, writer: str, number: int, counts: Mapping[tuple[date, str], int]) -> None:
        """Add counts by (Beijing day, `stage:platform`), once for each number of a writer."""
        days = sorted({day for day, _ in counts})
        keys = self._store.keys
        names = [keys.funnel_writer(writer), keys.funnel_total(), *map(keys.funnel_day, days)]
        args: list[Part] = [number, *_KEPT]
        for (day, field), n in counts.items():
            args += [2, field, n, 3 + days.index(day), field, n]
        await self._store.call(COUNT_ONCE, names, args)

    async def read(self, day: date | None) -> dict[tuple[Stage, str], int]:
        """The counts of a Beijing day, or of all time."""
        keys = self._store.keys
        name = keys.funnel_total() if day is None else keys.funnel_day(day)
        answer = await self._store.run("HGETALL", name)
        found = {}
        for field, count in zip(answer[::2], answer[1::2], strict=True):
            stage, _, platform = field.partition(":")
            if stage in _STAGES:
                found[_STAGES[stage], platform] = int(count)
        return found
