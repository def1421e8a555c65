"""The keeper writes uses and refreshes links beside the redirects; nothing stops it but `stop`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import fakeredis
import pytest

from adapters.contract import Attribution
from adapters.errors import PlatformUnavailable
from bot.jobs import keeper as keeper_module
from bot.jobs.keeper import LinkKeeper
from bot.links.cache import LinkCache
from bot.redis.connection import Store
from bot.redis.errors import CommandRefused, StoreUnavailable
from bot.redis.keys import Keys
from tests.support.fakes import START
from tests.support.shop_app import ALICE, BOB, ShopApp, make_shop_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.convert.outcome import Earner
    from bot.links.models import ShortLink

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


async def issued(app: ShopApp, earner: Earner = ALICE) -> str:
    """A code."""
    [outcome] = (await app.converter.convert(ITEM, earner)).outcomes
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


async def test_what_is_due_is_refreshed(app: ShopApp) -> None:
    code = await issued(app)
    keeper, cache = keeper_of(app)
    app.clock.advance(days=9)
    await keeper.turn()
    assert (await cache.get(code)) is not None
    assert app.shop.calls.count("promote") == 2


async def test_what_is_gone_is_forgotten(app: ShopApp) -> None:
    code = await issued(app)
    keeper, cache = keeper_of(app)
    stored = await app.links.get(code)
    assert stored is not None
    cache.put(replace(stored, disabled=True))
    app.clock.advance(days=100)
    keeper.wanted(code)
    await keeper.turn()
    assert app.shop.calls.count("promote") == 1
    assert await cache.get(code) == stored  # read anew
    assert await app.links.due(app.clock.now()) == []


async def test_clicks_cost_the_platform_one_call(app: ShopApp) -> None:
    code = await issued(app)
    keeper, _ = keeper_of(app)
    app.shop.errors["offer"] = PlatformUnavailable("down")
    app.clock.advance(days=9)
    asked = app.shop.calls.count("offer")
    for _ in range(3):
        keeper.wanted(code)
        await keeper.turn()
    assert app.shop.calls.count("offer") == asked + 1


async def test_two_keepers_do_not_refresh_the_same_link(app: ShopApp) -> None:
    await issued(app)
    app.clock.advance(days=9)
    app.shop.hold = asyncio.Event()
    keepers = [keeper_of(app)[0] for _ in range(2)]
    turns = asyncio.gather(*(keeper.turn() for keeper in keepers))
    app.shop.hold.set()
    await turns
    assert app.shop.calls.count("promote") == 2


class Breaking:
    """A refresher with a fault of ours in one link."""

    def __init__(self, app: ShopApp, bad: str, error: Exception) -> None:
        self.app, self.bad, self.error = app, bad, error
        self.tried: list[str] = []

    async def refresh(self, code: str) -> ShortLink | None:
        self.tried.append(code)
        if code == self.bad:
            raise self.error
        return await self.app.refresher.refresh(code)


def keeper_with(app: ShopApp, refresher: object, *, patience: float = 3.0) -> LinkKeeper:
    """A keeper with another refresher."""
    return LinkKeeper(
        links=app.links,
        cache=LinkCache(app.links),
        leases=app.leases,
        refresher=refresher,  # type: ignore[arg-type] # stands in for it
        clock=app.clock,
        every=0.001,
        patience=patience,
    )


@pytest.mark.parametrize("error", [ValueError("一句话"), CommandRefused("wrong type")])
@pytest.mark.parametrize("wanted", [True, False])
async def test_one_bad_link_does_not_stop_the_others(
    app: ShopApp, caplog: pytest.LogCaptureFixture, error: Exception, wanted: bool
) -> None:
    bad = await issued(app)
    good = await issued(app, BOB)
    refresher = Breaking(app, bad, error)
    keeper = keeper_with(app, refresher)
    app.clock.advance(days=9)
    for code in (bad, good) if wanted else ():
        keeper.wanted(code)
    await keeper.turn()
    assert sorted(refresher.tried) == sorted([bad, good])
    assert await app.links.due(app.clock.now()) == []
    assert await app.links.due(app.clock.now() + timedelta(minutes=5)) == [bad]
    assert type(error).__name__ in caplog.text
    assert str(error) not in caplog.text


async def test_a_store_that_is_away_ends_the_turn(app: ShopApp) -> None:
    code = await issued(app)
    app.clock.advance(days=9)
    keeper = keeper_with(app, Breaking(app, code, StoreUnavailable("away")))
    with pytest.raises(StoreUnavailable):
        await keeper.turn()
    assert await app.links.due(app.clock.now()) == [code]


class Holding:
    """A refresher that is at a link until it is let go."""

    def __init__(self) -> None:
        self.tried: list[str] = []
        self.go_on = asyncio.Event()

    async def refresh(self, code: str) -> ShortLink | None:
        self.tried.append(code)
        await self.go_on.wait()
        return None


async def test_stop_waits_for_one_link_only(app: ShopApp) -> None:
    await issued(app)
    await issued(app, BOB)
    keeper = keeper_with(app, refresher := Holding())
    app.clock.advance(days=9)
    running = asyncio.create_task(keeper.run())
    while not refresher.tried:
        await asyncio.sleep(0)
    for _ in range(2):
        keeper.wanted("AAAAAAA")
    stopping = asyncio.create_task(keeper.stop())
    await asyncio.sleep(0)
    refresher.go_on.set()
    await stopping
    await running
    assert len(refresher.tried) == 1


async def test_stop_does_not_wait_for_a_platform_for_ever(app: ShopApp) -> None:
    code = await issued(app)
    link = await app.links.get(code)
    assert link is not None
    keeper = keeper_with(app, refresher := Holding(), patience=0.01)
    app.clock.advance(days=9)
    running = asyncio.create_task(keeper.run())
    while not refresher.tried:
        await asyncio.sleep(0)
    keeper.used(link)
    await keeper.stop()
    assert running.cancelled()
    assert (await app.links.get(code) or link).used_at == app.clock.now()


async def test_uses_outlive_a_store_that_is_away(app: ShopApp) -> None:
    link = await app.links.get(await issued(app))
    assert link is not None
    links = Failing(StoreUnavailable("away"))
    keeper = LinkKeeper(
        links=links,  # type: ignore[arg-type] # stands in for the store
        cache=LinkCache(app.links),
        leases=app.leases,
        refresher=app.refresher,
        clock=app.clock,
    )
    first, second = replace(link, code="1111111"), replace(link, code="2222222")
    keeper.used(first)
    links.meanwhile = lambda: keeper.used(second)
    with pytest.raises(StoreUnavailable):
        await keeper.turn()
    await keeper.turn()
    assert sorted(links.used) == ["1111111", "2222222"]


async def test_uses_put_back_are_bounded(app: ShopApp) -> None:
    link = await app.links.get(await issued(app))
    assert link is not None
    links = Failing(StoreUnavailable("away"))
    keeper = LinkKeeper(
        links=links,  # type: ignore[arg-type] # stands in for the store
        cache=LinkCache(app.links),
        leases=app.leases,
        refresher=app.refresher,
        clock=app.clock,
    )

    def fill() -> None:
        for number in range(keeper_module.MAX_NOTED):
            keeper.used(replace(link, code=str(number)))

    keeper.used(link)
    links.meanwhile = fill
    with pytest.raises(StoreUnavailable):
        await keeper.turn()
    assert len(keeper._used) == keeper_module.MAX_NOTED
    assert link.code not in keeper._used


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
        self.used: list[str] = []
        self.meanwhile: Callable[[], None] = lambda: None

    async def mark_used(self, *codes: str, now: object) -> None:
        self.turns += 1
        self.meanwhile()
        if self.errors:
            raise self.errors.pop(0)
        self.used.extend(codes)

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


async def test_after_stop_no_link_is_begun(app: ShopApp) -> None:
    code = await issued(app)
    keeper, _ = keeper_of(app)
    link = await app.links.get(code)
    assert link is not None
    app.clock.advance(days=9)
    keeper.used(link)
    keeper.wanted(code)
    await keeper.stop()  # that never ran writes the uses all the same
    await keeper.turn()
    assert app.shop.calls.count("promote") == 1
    assert (await app.links.get(code) or link).used_at == app.clock.now()
