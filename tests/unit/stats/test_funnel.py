from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.redis.errors import StoreUnavailable
from bot.stats.funnel import Funnel, Stage
from bot.stats.store import FunnelStore
from tests.unit.links.link_rig import SetClock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.redis.connection import Store

LATE = datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)
FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)


async def test_counts_by_stage_platform_and_beijing_day(store: Store) -> None:
    clock = SetClock(LATE)
    funnel = Funnel(FunnelStore(store), clock)
    funnel.count("seen")
    funnel.count(Stage.RECOGNISED, "jd", 3)
    funnel.count("recognised", "taobao")
    clock.at += timedelta(seconds=1)
    funnel.count("recognised", "jd")
    total = await funnel.read()
    assert total.of(Stage.SEEN) == 1
    assert total.of(Stage.RECOGNISED) == 5
    assert total.of(Stage.RECOGNISED, "jd") == 4
    assert total.of(Stage.RECOGNISED, "") == 0
    assert total.of(Stage.CLICKED) == 0
    assert total.platforms() == ["jd", "taobao"]
    assert (await funnel.read(FRIDAY)).of(Stage.RECOGNISED, "jd") == 3
    assert (await funnel.read(SATURDAY)).of(Stage.RECOGNISED) == 1
    assert funnel.dropped == 0
    await funnel.close()


async def test_processes_add_up(store: Store) -> None:
    funnels = [Funnel(FunnelStore(store), SetClock(LATE)) for _ in range(2)]
    for funnel in funnels:
        funnel.count("clicked", "jd", 2)
        await funnel.close()
    assert (await funnels[0].read()).of(Stage.CLICKED) == 4


async def test_an_unknown_stage(store: Store) -> None:
    funnel = Funnel(FunnelStore(store), SetClock())
    with pytest.raises(ValueError, match="ordered"):
        funnel.count("ordered", "jd")
    await store.run("HSET", store.keys.funnel_total(), "later:jd", 1)  # by a newer program
    assert (await funnel.read()).counts == {}


async def test_a_batch_counts_once(store: Store) -> None:
    kept = FunnelStore(store)
    for number in (1, 1, 2, 1):
        await kept.count("me", number, {(FRIDAY, "seen:"): 1})
    await kept.count("other", 1, {(FRIDAY, "seen:"): 1})
    assert await kept.read(FRIDAY) == {(Stage.SEEN, ""): 3}
    assert await kept.read(None) == {(Stage.SEEN, ""): 3}


class Down(FunnelStore):
    async def count(self, writer: str, number: int, counts: Mapping[tuple[date, str], int]) -> None:
        raise StoreUnavailable("down")


async def test_reading_does_not_wait_for_a_store_that_is_down(redis_store: Store) -> None:
    funnel = Funnel(Down(redis_store), SetClock(LATE), flush_patience=0.02)
    funnel.count("seen")
    assert (await funnel.read()).of(Stage.SEEN) == 0
    await funnel.close(patience=0)
    assert funnel.dropped == 1
