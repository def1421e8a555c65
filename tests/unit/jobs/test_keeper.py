"""The keeper writes uses and refreshes links beside the redirects; nothing stops it but `stop`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import fakeredis
import pytest

from adapters.contract import Attribution
from bot.jobs import keeper as keeper_module
from bot.jobs.keeper import LinkKeeper
from bot.links.cache import LinkCache
from bot.redis.connection import Store
from bot.redis.errors import StoreUnavailable
from bot.redis.keys import Keys
from tests.support.fakes import START
from tests.support.shop_app import ALICE, ShopApp, make_shop_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ITEM = "https://item.shop.example/123"


@pytest.fixture
async def app() -> AsyncIterator[ShopApp]:
    """A shop and everything around it."""
    client = fakeredis.FakeAsyncRedis(decode_responses=True, protocol=2)
    store = Store(client, Keys("test"))
    made = make_shop_app(store)
    yield made
    await made.items.close()
    await store.close()


def keeper_of(app: ShopApp, every: float = 0.01) -> tuple[LinkKeeper, LinkCache]:
    """A keeper with its cache."""
    cache = LinkCache(app.links)
    keeper = LinkKeeper(
        links=app.links,
        cache=cache,
        leases=app.leases,
        refresher=app.refresher,
        clock=app.clock,
        every=every,
    )
    return keeper, cache


async def issued(app: ShopApp) -> str:
    """A code."""
    [outcome] = (await app.converter.convert(ITEM, ALICE)).outcomes
    return (await app.link(outcome.share_url)).code


async def test_a_used_link_lives_on(app: ShopApp) -> None:
    code = await issued(app)
    keeper, _ = keeper_of(app)
    app.clock.advance(days=80)
    link = await app.links.get(code)
    assert link is not None
    keeper.used(link)
    await keeper.turn()
    app.clock.advance(days=80)
    link = await app.links.get(code)
    assert link is not None
    assert app.links.alive(link, app.clock.now())


async def test_a_used_placement_is_nobody_elses(app: ShopApp) -> None:
    app.shop.settings = app.shop.settings.model_copy(update={"pool": ("p1",)})
    app.shop.level = Attribution.PROMOTER
    code = await issued(app)
    keeper, _ = keeper_of(app)
    link = await app.links.get(code)
    assert link is not None
    assert link.placement.pid == "p1"
    for _ in range(3):
        app.clock.advance(days=80)
        keeper.used(link)
        await keeper.turn()
    now = app.clock.now()
    assert await app.leases.lease("shop", "main", ("p1",), "bob", now) is None
    app.clock.advance(days=121)
    assert await app.leases.lease("shop", "main", ("p1",), "bob", app.clock.now()) == "p1"


async def test_a_wanted_link_is_refreshed_at_once_and_put_into_the_cache(app: ShopApp) -> None:
    code = await issued(app)
    keeper, cache = keeper_of(app, every=60)
    await cache.get(code)
    app.clock.advance(days=9)
    running = asyncio.create_task(keeper.run())
    keeper.wanted(code)
    while (link := await cache.get(code)) is None or link.refreshed_at == START:
        await asyncio.sleep(0)
    await keeper.stop()
    await running


async def test_what_is_due_is_refreshed_and_what_is_gone_forgotten(app: ShopApp) -> None:
    code = await issued(app)
    keeper, cache = keeper_of(app)
    app.clock.advance(days=9)
    await keeper.turn()
    assert (await cache.get(code)) is not None
    assert app.shop.calls.count("promote") == 2
    app.clock.advance(days=100)
    keeper.wanted(code)
    await keeper.turn()
    assert app.shop.calls.count("promote") == 2


async def test_no_more_is_noted_than_fits(app: ShopApp) -> None:
    keeper, _ = keeper_of(app)
    link = await app.links.get(await issued(app))
    assert link is not None
    for number in range(keeper_module.MAX_NOTED + 5):
        keeper.used(replace(link, code=str(number)))
        keeper.wanted(str(number))
    assert len(keeper._used) == len(keeper._wanted) == keeper_module.MAX_NOTED


class Failing:
    """A store that fails some times before it answers."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.turns = 0

    async def mark_used(self, *_codes: str, now: object) -> None:
        self.turns += 1
        if self.errors:
            raise self.errors.pop(0)

    async def due(self, _now: object) -> list[str]:
        return []


async def test_failures_cost_a_turn_and_not_the_job(
    app: ShopApp, caplog: pytest.LogCaptureFixture
) -> None:
    links = Failing(StoreUnavailable("away"), ValueError("a fault of ours"))
    keeper = LinkKeeper(
        links=links,  # type: ignore[arg-type] # stands in for the store
        cache=LinkCache(app.links),
        leases=app.leases,
        refresher=app.refresher,
        clock=app.clock,
        every=0.001,
    )
    running = asyncio.create_task(keeper.run())
    async with asyncio.timeout(timedelta(seconds=5).total_seconds()):
        while links.turns < 3:
            await asyncio.sleep(0)
    links.errors.append(StoreUnavailable("away at the end"))
    keeper._stopping = True
    await running
    await keeper.stop()
    assert "are not kept up to date" in caplog.text
    assert "last uses" in caplog.text or not links.errors
