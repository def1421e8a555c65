"""The short report: seen, recognised, converted, clicked, today and in total, by platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wcwidth import wcswidth

from adapters.times import BEIJING
from bot.stats.funnel import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.clock import Clock
    from bot.stats.funnel import Funnel, FunnelTable
    from bot.texts import Texts

__all__ = ["StatsReport"]

STAGES = (Stage.RECOGNISED, Stage.CONVERTED, Stage.CLICKED)


class StatsReport:
    """Renders the funnel; `name_of(platform, language)` gives a platform's name."""

    def __init__(self, funnel: Funnel, clock: Clock, name_of: Callable[[str, str], str]) -> None:
        self._funnel = funnel
        self._clock = clock
        self._name_of = name_of

    async def text(self, texts: Texts) -> str:
        """A table that fits a phone and a terminal."""
        today = await self._funnel.read(self._clock.now().astimezone(BEIJING).date())
        total = await self._funnel.read()
        if not total.counts:
            return texts("stats.empty")
        seen = f"{texts('stats.seen')} {today.of(Stage.SEEN)} / {total.of(Stage.SEEN)}"
        rows = [[texts("stats.head"), *(texts(f"stats.{stage.value}") for stage in STAGES)]]
        rows += [
            [self._name_of(platform, texts.language), *cells(today, total, platform)]
            for platform in total.platforms()
        ]
        rows.append([texts("stats.total"), *cells(today, total, None)])
        return "\n".join([texts("stats.title"), seen, *aligned(rows)])


def cells(today: FunnelTable, total: FunnelTable, platform: str | None) -> list[str]:
    """`3 / 120` for each stage."""
    return [f"{today.of(stage, platform)} / {total.of(stage, platform)}" for stage in STAGES]


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns under each other, by terminal columns: a Chinese character is two wide."""
    widths = [max(wcswidth(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell + " " * (width - wcswidth(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]
