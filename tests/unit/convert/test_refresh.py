"""A coupon's end is not the link's end: the same code, promoter and sub-id, with a new promotion."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.contract import Attribution, Money, Ownership, OwnershipKind
from adapters.errors import ItemOffShelf, PlatformUnavailable
from bot.convert.refresh import Refresher
from bot.links.models import Targets
from tests.support.fakes import START, coupon, offer_of
from tests.support.shop_app import ALICE, ShopApp

ITEM = "https://item.shop.example/123"


async def issued(app: ShopApp) -> str:
    """A code whose coupon ends in eight days."""
    [outcome] = (await app.converter.convert(ITEM, ALICE)).outcomes
    app.shop.placements.clear()
    return (await app.link(outcome.share_url)).code


async def test_a_coupon_as_good_replaces_the_one_on_the_card(app: ShopApp) -> None:
    code = await issued(app)
    app.clock.advance(days=9)
    new = coupon(ends=START + timedelta(days=20))
    app.shop.offers["123"] = offer_of(coupon=new)
    assert await app.links.due(app.clock.now()) == [code]
    link = await app.refresher.refresh(code)
    assert link is not None
    assert link.ended is None
    assert link.shown.coupon == new
    assert [(placement.promoter_tag, placement.sub_id) for placement in app.shop.placements] == [
        ("alice", code)
    ]
    assert await app.links.due(app.clock.now()) == []
    assert await app.links.due(START + timedelta(days=21)) == [code]
    assert link.created_at == START


@pytest.mark.parametrize(
    "current",
    [
        offer_of(coupon=None, final_price=Money(5990)),
        offer_of(coupon=coupon(1000), final_price=Money(4990)),
        offer_of(coupon=coupon(ends=START + timedelta(days=8, hours=1))),
    ],
    ids=["no coupon", "a smaller one", "one that has ended too"],
)
async def test_without_one_as_good_the_link_is_marked_with_the_current_price(
    app: ShopApp, current: object
) -> None:
    code = await issued(app)
    app.clock.advance(days=9)
    app.shop.offers["123"] = current  # type: ignore[assignment] # an offer
    link = await app.refresher.refresh(code)
    assert link is not None
    assert link.ended is not None
    assert link.shown.final_price == Money(3990)
    assert link.targets.web == f"https://go.shop.example/house-{code}"
    assert await app.links.due(app.clock.now()) == []


async def test_a_card_without_coupon_has_nothing_to_end(app: ShopApp) -> None:
    app.shop.offers["123"] = offer_of(coupon=None, final_price=Money(5990))
    app.shop.expires_at = START + timedelta(days=60)
    code = await issued(app)
    app.clock.advance(days=60)
    app.shop.expires_at = START + timedelta(days=120)
    app.shop.offers["123"] = offer_of(coupon=None, price=Money(6990), final_price=Money(6990))
    assert await app.links.due(app.clock.now()) == [code]
    link = await app.refresher.refresh(code)
    assert link is not None
    assert link.ended is None
    assert link.link_expires_at == START + timedelta(days=120)


async def test_a_silent_platform_is_asked_again_later(app: ShopApp) -> None:
    code = await issued(app)
    app.clock.advance(days=9)
    app.shop.errors["offer"] = PlatformUnavailable("down")
    link = await app.refresher.refresh(code)
    assert link is not None
    assert link.ended is None
    assert await app.links.due(app.clock.now()) == []
    assert await app.links.due(app.clock.now() + timedelta(minutes=6)) == [code]


async def test_an_old_price_is_no_refresh(app: ShopApp) -> None:
    app.shop.offers["123"] = offer_of(coupon=coupon(ends=START + timedelta(hours=1)))
    code = await issued(app)
    app.clock.advance(hours=2)
    app.shop.errors["offer"] = PlatformUnavailable("down")
    link = await app.refresher.refresh(code)
    assert link is not None
    assert link.ended is None
    assert await app.links.due(app.clock.now() + timedelta(minutes=6)) == [code]


async def test_a_foreign_answer_changes_nothing(app: ShopApp) -> None:
    code = await issued(app)
    app.clock.advance(days=9)
    app.shop.ownership = Ownership(kind=OwnershipKind.FOREIGN)
    link = await app.refresher.refresh(code)
    assert link is not None
    assert link.ended is None
    assert await app.links.due(app.clock.now() + timedelta(minutes=6)) == [code]


async def test_an_item_that_is_gone_keeps_its_target_and_is_asked_for_tomorrow(
    app: ShopApp,
) -> None:
    code = await issued(app)
    app.clock.advance(days=9)
    app.shop.errors["offer"] = ItemOffShelf("gone")
    link = await app.refresher.refresh(code)
    assert link is not None
    assert link.ended is None  # no price is claimed
    assert link.targets.web == f"https://go.shop.example/house-{code}"
    assert await app.links.due(app.clock.now() + timedelta(hours=23)) == []
    assert await app.links.due(app.clock.now() + timedelta(days=1)) == [code]


async def test_the_placement_that_the_new_targets_are_made_under_is_stored(app: ShopApp) -> None:
    code = await issued(app)
    app.shop.settings = app.shop.settings.model_copy(update={"pool": ("house", "p1")})
    app.shop.level = Attribution.PROMOTER
    await app.leases.lease("shop", "main", ("house",), "bob", app.clock.now())
    app.shop.ownership = Ownership(kind=OwnershipKind.OURS, pid="p1")
    app.clock.advance(days=9)
    link = await app.refresher.refresh(code)
    assert link is not None
    assert link.targets.web == f"https://go.shop.example/p1-{code}"
    assert link.placement.pid == "p1"
    assert link.placement == app.shop.placements[-1]
    assert await app.links.get(code) == link


async def test_a_refresh_that_was_overtaken_changes_nothing(app: ShopApp) -> None:
    code = await issued(app)
    read = await app.links.get(code)
    assert read is not None
    app.clock.advance(days=9)
    app.shop.hold = asyncio.Event()
    refreshing = asyncio.create_task(app.refresher.refresh(code))
    calls = len(app.shop.calls)
    while len(app.shop.calls) == calls:
        await asyncio.sleep(0)
    newer = replace(read, targets=Targets(web="https://go.shop.example/house-newer"))
    newer = replace(newer, refreshed_at=app.clock.now() + timedelta(seconds=1))
    await app.links.save(newer)
    app.shop.hold.set()
    link = await refreshing
    assert link is not None
    assert link.targets == newer.targets
    assert await app.links.get(code) == link


async def test_a_platform_that_is_off_is_asked_again_once_it_is_on(app: ShopApp) -> None:
    code = await issued(app)
    app.clock.advance(days=9)
    off = Refresher(
        platforms={}, links=app.links, items=app.items, issuer=app.issuer, clock=app.clock
    )
    assert await off.refresh(code) == await app.links.get(code)
    assert await app.links.due(app.clock.now()) == []
    app.clock.advance(days=1)
    assert await app.links.due(app.clock.now()) == [code]


async def test_a_link_that_is_switched_off_stays_in_the_schedule(app: ShopApp) -> None:
    code = await issued(app)
    await app.links.switch(code, on=False)
    app.clock.advance(days=9)
    link = await app.refresher.refresh(code)
    assert link is not None
    assert link.disabled
    assert app.shop.placements == []
    assert await app.links.due(app.clock.now()) == []
    assert await app.links.due(app.clock.now() + timedelta(days=1)) == [code]


async def test_an_answer_that_has_ended_already_is_not_asked_for_without_pause(
    app: ShopApp,
) -> None:
    app.shop.expires_at = START + timedelta(days=5)
    code = await issued(app)
    app.clock.advance(days=6)
    link = await app.refresher.refresh(code)
    assert link is not None
    assert link.refreshed_at == app.clock.now()
    assert await app.links.due(app.clock.now()) == []
    assert await app.links.due(app.clock.now() + timedelta(minutes=5)) == [code]


async def test_links_past_their_life_or_unknown_are_left_alone(app: ShopApp) -> None:
    code = await issued(app)
    app.clock.advance(days=91)
    assert await app.refresher.refresh(code) is None
    assert await app.links.due(app.clock.now()) == []
    assert await app.refresher.refresh("AAAAAAA") is None
