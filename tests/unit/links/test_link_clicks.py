from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.links.clicks import ClickBuffer, ClickCounts, Clicks
from bot.redis.connection import Script, Store
from bot.redis.errors import StoreUnavailable
from tests.unit.links.link_rig import SetClock, link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.redis.connection import Part

LATE = datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)
"""23:59:59 in Beijing."""
FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)


class Flaky(Store):
    """A store whose scripts are carried out and then lose their answer, or are not carried out."""

    lose_answers = 0
    refuse = 0

    async def call(self, script: Script, keys: Sequence[str], args: Sequence[Part] = ()) -> Any:
        if self.refuse:
            self.refuse -= 1
            raise StoreUnavailable("refused")
        answer = await super().call(script, keys, args)
        if self.lose_answers:
            self.lose_answers -= 1
            raise StoreUnavailable("the answer is lost")
        return answer


async def test_clicks_are_counted_in_total_and_by_beijing_day(store: Store) -> None:
    clock = SetClock(LATE)
    buffer = ClickBuffer(store, clock)
    one, two = link("abcdefg"), link("hijkmno", promoter_id="p2")
    counted = [buffer.add(one), buffer.add(one), buffer.add(two)]
    clock.at += timedelta(seconds=1)
    counted.append(buffer.add(one))
    assert await asyncio.gather(*counted) == [True] * 4
    counts = ClickCounts(store)
    assert await counts.of(one, FRIDAY) == Clicks(total=3, day=2)
    assert await counts.of(one, SATURDAY) == Clicks(total=3, day=1)
    assert await counts.of(two, FRIDAY) == Clicks(total=1, day=1)
    assert await counts.of(link("pqrstuv"), FRIDAY) == Clicks(total=0, day=0)
    await buffer.close()


async def test_the_day_is_that_of_the_click_not_of_its_storing(store: Store) -> None:
    clock = SetClock(LATE)
    buffer = ClickBuffer(store, clock)
    counted = buffer.add(link("abcdefg"))
    clock.at += timedelta(days=1)
    await counted
    assert (await ClickCounts(store).of(link("abcdefg"), FRIDAY)).day == 1
    await buffer.close()


async def test_many_clicks_at_once(store: Store) -> None:
    buffer = ClickBuffer(store, SetClock(LATE))
    links = [link("abcdefg", promoter_id=f"p{n}") for n in range(40)]
    for _ in range(50):
        for one in links:
            buffer.add(one)
    await buffer.flush()
    assert buffer.waiting == 0
    # Equal codes of promoters in one partition share a counter; together they are all there.
    counts = ClickCounts(store)
    seen = {
        store.keys.click_partition(one.promoter_id): (await counts.of(one, FRIDAY)).total
        for one in links
    }
    assert sum(seen.values()) == 2000
    await buffer.close()


async def test_a_repeated_batch_counts_once(valkey_url: str, redis_store: Store) -> None:
    flaky = Flaky(redis_store.client, redis_store.keys)
    buffer = ClickBuffer(flaky, SetClock(LATE))
    flaky.lose_answers = 1
    assert await buffer.add(link("abcdefg"))
    flaky.lose_answers = 1
    flaky.refuse = 1
    assert await buffer.add(link("abcdefg"))
    assert await ClickCounts(redis_store).of(link("abcdefg"), FRIDAY) == Clicks(total=2, day=2)
    await buffer.close()


async def test_a_batch_that_is_stored_in_part_is_completed(redis_store: Store) -> None:
    flaky = Flaky(redis_store.client, redis_store.keys)
    buffer = ClickBuffer(flaky, SetClock(LATE))
    links = [link("abcdefg", promoter_id=f"p{n}") for n in range(5)]
    flaky.refuse = 2
    assert all(await asyncio.gather(*(buffer.add(one) for one in links)))
    counts = ClickCounts(redis_store)
    partitions = {redis_store.keys.click_partition(one.promoter_id): one for one in links}
    totals = [(await counts.of(one, FRIDAY)).total for one in partitions.values()]
    assert sum(totals) == 5
    await buffer.close()


async def test_close_stores_what_waits(store: Store) -> None:
    buffer = ClickBuffer(store, SetClock(LATE))
    counted = buffer.add(link("abcdefg"))
    await buffer.close()
    assert counted.result()
    assert (await ClickCounts(store).of(link("abcdefg"), FRIDAY)).total == 1
    assert not await buffer.add(link("abcdefg"))
    assert buffer.dropped == 1
    await buffer.close()
