from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.links.placements import PlacementLeases
from tests.unit.links.link_rig import DAY, NOW

if TYPE_CHECKING:
    from bot.redis.connection import Store

POOL = ("mm_1_2_31", "mm_1_2_32", "mm_1_2_33")
IDLE = timedelta(days=120)
WHERE = ("taobao", "main")


@pytest.fixture
def leases(store: Store) -> PlacementLeases:
    return PlacementLeases(store)


async def test_a_promoter_keeps_its_placement(leases: PlacementLeases) -> None:
    first = await leases.lease(*WHERE, POOL, "p1", NOW)
    second = await leases.lease(*WHERE, POOL, "p2", NOW)
    assert {first, second} < set(POOL)
    assert first != second
    assert await leases.lease(*WHERE, POOL, "p1", NOW + 400 * DAY) == first


async def test_many_at_once_get_one_each(leases: PlacementLeases) -> None:
    wanted = [leases.lease(*WHERE, POOL, f"p{n % 3}", NOW) for n in range(30)]
    leased = await asyncio.gather(*wanted)
    assert set(leased) == set(POOL)
    assert all(leased[n] == leased[n % 3] for n in range(30))


async def test_platforms_and_accounts_have_pools_of_their_own(leases: PlacementLeases) -> None:
    pool = POOL[:1]
    assert await leases.lease("taobao", "main", pool, "p1", NOW) == POOL[0]
    assert await leases.lease("taobao", "second", pool, "p2", NOW) == POOL[0]
    assert await leases.lease("jd", "main", pool, "p3", NOW) == POOL[0]


async def test_a_used_up_pool_is_told_once(
    leases: PlacementLeases, caplog: pytest.LogCaptureFixture
) -> None:
    pool = POOL[:1]
    await leases.lease(*WHERE, pool, "p1", NOW)
    for _ in range(3):
        assert await leases.lease(*WHERE, pool, "p2", NOW) is None
    assert caplog.text.count("all 1 placements of taobao:main are leased") == 1
    assert await leases.lease(*WHERE, POOL, "p2", NOW) is not None
    assert await leases.lease(*WHERE, pool, "p3", NOW) is None
    assert caplog.text.count("are leased") == 2
    assert await leases.lease(*WHERE, (), "p4", NOW) is None


async def test_reuse_waits_for_the_links_and_their_orders(leases: PlacementLeases) -> None:
    pool = POOL[:1]
    await leases.lease(*WHERE, pool, "p1", NOW)
    assert await leases.lease(*WHERE, pool, "p2", NOW + IDLE) is None
    assert await leases.lease(*WHERE, pool, "p2", NOW + IDLE + timedelta(seconds=1)) == POOL[0]
    assert await leases.lease(*WHERE, pool, "p1", NOW + IDLE + DAY) is None
    assert await leases.lease(*WHERE, POOL, "p1", NOW + IDLE + DAY) == POOL[1]


async def test_use_keeps_a_lease(leases: PlacementLeases) -> None:
    pool = POOL[:1]
    await leases.lease(*WHERE, pool, "p1", NOW)
    assert await leases.touch(*WHERE, POOL[0], NOW + 100 * DAY)
    assert await leases.touch(*WHERE, POOL[0], NOW)  # an older use changes nothing
    assert await leases.lease(*WHERE, pool, "p2", NOW + IDLE + DAY) is None
    assert not await leases.touch(*WHERE, POOL[1], NOW)
    assert await leases.lease(*WHERE, pool, "p1", NOW + 50 * DAY) == POOL[0]  # nor does this
    assert await leases.lease(*WHERE, pool, "p2", NOW + 200 * DAY) is None


async def test_the_longest_idle_goes_first(leases: PlacementLeases) -> None:
    for n in range(3):
        await leases.lease(*WHERE, POOL, f"p{n}", NOW + n * DAY)
    await leases.touch(*WHERE, POOL[0], NOW + 5 * DAY)
    assert await leases.lease(*WHERE, POOL, "p9", NOW + 500 * DAY) == POOL[1]


async def test_a_placement_taken_out_of_the_pool_is_left(leases: PlacementLeases) -> None:
    await leases.lease(*WHERE, POOL[:1], "p1", NOW)
    assert await leases.lease(*WHERE, POOL[1:], "p1", NOW + DAY) == POOL[1]
    # Back in the pool and long idle: its promoter of then has another one now and keeps it.
    assert await leases.lease(*WHERE, POOL[:1], "p2", NOW + 500 * DAY) == POOL[0]
    assert await leases.lease(*WHERE, POOL, "p1", NOW + 500 * DAY) == POOL[1]
    assert await leases.holder_at(*WHERE, POOL[0], NOW + DAY) == "p1"


async def test_an_order_belongs_to_the_holder_at_its_time(leases: PlacementLeases) -> None:
    pool = POOL[:1]
    later = NOW + IDLE + DAY
    assert await leases.holder_at(*WHERE, POOL[0], NOW) is None
    await leases.lease(*WHERE, pool, "p1", NOW)
    await leases.lease(*WHERE, pool, "p2", later)
    await leases.lease(*WHERE, pool, "p3", later + IDLE + DAY)
    assert await leases.holder_at(*WHERE, POOL[0], NOW - DAY) is None
    assert await leases.holder_at(*WHERE, POOL[0], NOW) == "p1"
    assert await leases.holder_at(*WHERE, POOL[0], later - timedelta(seconds=2)) == "p1"
    assert await leases.holder_at(*WHERE, POOL[0], later) == "p2"
    assert await leases.holder_at(*WHERE, POOL[0], later + 900 * DAY) == "p3"
