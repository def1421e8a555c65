"""The whole JD adapter against the mock gateway on loopback."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from adapters.contract import (
    AdapterContext,
    Attribution,
    LinkKind,
    LinkMatch,
    OrderStatus,
    OwnershipKind,
)
from adapters.errors import (
    AuthFailed,
    ForeignLink,
    ItemNotPromotable,
    LinkNotSupported,
    MissingRight,
    PlatformUnavailable,
    ProtocolError,
    WindowTooWide,
)
from adapters.jd import ADAPTER
from adapters.jd.adapter import JdAdapter
from adapters.jd.rights import (
    BY_SUB_UNION_ID,
    COMMON_GET,
    COUPON_LINK,
    COUPON_QUERY,
    GOODS_INFO,
    GOODS_QUERY,
    ORDER_ROWS,
    POSITION_CREATE,
    RIGHTS,
    SUB_UNION_ID,
)
from adapters.jd.settings import JdSettings
from adapters.mock.jd_promotion import FOREIGN_UNION
from adapters.mock.orders import STEPS
from adapters.mock.scenarios import BY_ID
from adapters.money import Money
from adapters.quota import NoQuota
from tests.unit.adapters.jd_rig import HOUSE, LEASED, SKU, Rig, item, match, placement, rig

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from adapters.mock.values import MockOrder

SCENARIO = {name: sku for sku, name in BY_ID.items()}


@pytest.fixture
async def jd() -> AsyncIterator[Rig]:
    async with rig() as made:
        yield made


def coupon_match(jd: Rig, sku: str) -> LinkMatch:
    url = f"https://coupon.m.jd.com/coupons/show.action?key=abc&roleId=1&to=item.jd.com/{sku}.html"
    return match(url, LinkKind.COUPON, id=sku)


# The declaration


def test_the_declaration() -> None:
    info = ADAPTER.info
    assert (info.id, info.name_zh, info.name_en) == ("jd", "京东", "JD")
    assert info.attribution == (Attribution.LINK, Attribution.PROMOTER, Attribution.NONE)
    assert info.link_life == timedelta(days=60)
    assert info.promotion_hosts <= info.hosts
    assert {right.id for right in RIGHTS} == {right.id for right in info.rights}


def test_settings_of_another_platform_are_refused() -> None:
    class Other(JdSettings.__base__):  # type: ignore[name-defined, misc]  # the plain settings model
        """Settings of no platform."""

    context = AdapterContext(account="main", now=lambda: datetime.now(UTC), quota=NoQuota())
    with pytest.raises(TypeError):
        JdAdapter(Other(gateway_url="https://example.com/"), context)


def test_the_gateway_is_the_real_one_unless_told_otherwise() -> None:
    settings = JdSettings()
    assert str(settings.gateway_url) == "https://api.jd.com/routerjson"
    assert settings.missing_keys() == ("app_key", "app_secret", "union_id", "position_id")
    assert "topsecret" not in repr(JdSettings.model_validate({"app_secret": "topsecret"}))


# resolve


async def test_an_item_link_needs_no_call(jd: Rig) -> None:
    adapter = await jd.adapter()
    ref = await adapter.resolve(item())
    assert (ref.item_id, ref.source) == (SKU, f"https://item.jd.com/{SKU}.html")
    opaque = jd.world.item("jd", SKU).canonical_id
    ref = await adapter.resolve(match("https://jingfen.jd.com/x", LinkKind.ITEM, id=opaque))
    assert ref.source == f"https://jingfen.jd.com/detail/{opaque}.html"
    assert jd.calls() == 0


@pytest.mark.parametrize(
    "url",
    [
        "https://3.cn/2Q-mW4xT",
        "https://3.cn/-Q2mW4xT",
        "https://3.jd.hk/2Q-mW4xT",
        "https://u.jd.com/sMq3xVb",
        "https://union-click.jd.com/jdc?d=k4sAaK",
        "https://union-click.jd.com/jdc?e=618&p=AyIGZRprFDJWWA1FBCVbV0IUWVALHFRB",
        "https://union-click.jd.com/jdc?p=JF8BANgJK1olXDYC",
    ],
    ids=["3.cn", "risk page", "3.jd.hk", "u.jd.com", "jdc d=", "jdc p=", "jdc short p="],
)
async def test_short_links_are_followed_without_a_call(jd: Rig, url: str) -> None:
    adapter = await jd.adapter()
    ref = await adapter.resolve(match(url))
    assert ref.item_id.isdecimal()
    assert ref == await adapter.resolve(match(url))
    assert jd.calls() == 0


async def test_a_strangers_link_gives_its_item_only(jd: Rig) -> None:
    adapter = await jd.adapter()
    first = await adapter.promote(await adapter.offer(await adapter.resolve(item())), placement())
    ref = await adapter.resolve(match(first.link.web))
    assert (ref.item_id, ref.source) == (SKU, f"https://item.jd.com/{SKU}.html")


@pytest.mark.parametrize(
    "link",
    [
        LinkMatch(platform="jd", kind=LinkKind.TOKEN, text="x", start=0, end=1, groups={"id": "x"}),
        match("https://3.cn/s/10001"),
        match("https://coupon.m.jd.com/coupons/show.action?key=1&roleId=2", LinkKind.COUPON),
        match("https://mall.jd.com/index-935158.html"),
        match("https://union-click.jd.com/jdc"),
        match("no link at all"),
        match("http://[::1"),
    ],
    ids=["token", "live room", "coupon", "shop", "empty click link", "no link", "broken"],
)
async def test_what_leads_to_no_item_is_refused(jd: Rig, link: LinkMatch) -> None:
    with pytest.raises(LinkNotSupported):
        await (await jd.adapter()).resolve(link)
    assert jd.calls() == 0


# offer


async def test_a_granted_account_learns_all_in_one_call(jd: Rig) -> None:
    adapter = await jd.adapter()
    offer = await adapter.offer(await adapter.resolve(item()))
    truth = jd.world.item("jd", SKU)
    assert jd.calls() == 1
    assert (offer.title, offer.price.fen, offer.shop) == (truth.title, truth.price, truth.shop)
    assert offer.image_url == truth.image_url


async def test_an_opaque_id_is_asked_for_as_such(jd: Rig) -> None:
    adapter = await jd.adapter()
    opaque = jd.world.item("jd", SKU).canonical_id
    link = match("https://jingfen.jd.com/x", LinkKind.ITEM, id=opaque)
    offer = await adapter.offer(await adapter.resolve(link))
    assert (offer.ref.item_id, offer.title) == (opaque, jd.world.item("jd", SKU).title)
    promotion = await adapter.promote(offer, placement())
    whose = jd.server.mocks[0].whose(promotion.link.web)
    assert whose is not None
    assert whose.item_id == SKU


async def test_an_open_account_asks_once_in_vain_then_one_call_each(jd: Rig) -> None:
    jd.strict()
    adapter = await jd.adapter()
    offer = await adapter.offer(await adapter.resolve(item()))
    assert jd.calls() == 2
    assert (offer.price.fen, offer.coupon, offer.shop) == (jd.world.item("jd", SKU).price, None, "")
    await adapter.offer(await adapter.resolve(item("100061842999")))
    assert jd.calls() == 1
    opaque = jd.world.item("jd", SKU).canonical_id
    with pytest.raises(MissingRight) as caught:
        await adapter.offer(replace(offer.ref, item_id=opaque))
    assert caught.value.right == GOODS_QUERY
    with pytest.raises(MissingRight):
        await adapter.search("咖啡", 3)
    assert jd.calls() == 0


async def test_declared_rights_are_not_tried_out(jd: Rig) -> None:
    jd.strict()
    adapter = await jd.adapter(rights=("goods.promotiongoodsinfo.query", COMMON_GET))
    assert adapter.attribution is Attribution.PROMOTER
    offer = await adapter.offer(await adapter.resolve(item()))
    promotion = await adapter.promote(offer, placement())
    assert jd.calls() == 2
    assert promotion.link.level is Attribution.PROMOTER


@pytest.mark.parametrize("strict", [False, True])
async def test_a_pasted_coupon_is_asked_after(jd: Rig, strict: bool) -> None:
    if strict:
        jd.strict()
    sku = SCENARIO["coupon_replaced"]
    truth = jd.world.item("jd", sku).coupon
    assert truth is not None
    adapter = await jd.adapter()
    ref = await adapter.resolve(coupon_match(jd, sku))
    assert ref.source.startswith("https://coupon.m.jd.com/")
    offer = await adapter.offer(ref)
    assert jd.calls() == (3 if strict else 2)
    assert offer.coupon is not None
    assert (offer.coupon.amount.fen, offer.coupon.remaining) == (truth.amount, truth.remaining)
    promotion = await adapter.promote(offer, placement())
    assert promotion.offer == offer


@pytest.mark.parametrize("refusal", ["right", "error", "none", "withdrawn"])
async def test_a_coupon_that_jd_does_not_explain_is_left_out(jd: Rig, refusal: str) -> None:
    jd.strict()
    sku = SCENARIO["no_coupon"] if refusal == "none" else SCENARIO["coupon_replaced"]
    adapter = await jd.adapter(rights=(GOODS_INFO, COUPON_QUERY))
    if refusal == "right":
        jd.world.set_right("jd", COUPON_QUERY, False)
    if refusal == "error":
        jd.fault("bad_signature", COUPON_QUERY)
    ref = await adapter.resolve(coupon_match(jd, sku))
    if refusal == "withdrawn":
        ref = replace(ref, source="https://coupon.m.jd.com/coupons/show.action?key=withdrawn")
    assert (await adapter.offer(ref)).coupon is None


async def test_an_exhausted_coupon_is_none(jd: Rig) -> None:
    adapter = await jd.adapter()
    ref = await adapter.resolve(coupon_match(jd, SCENARIO["coupon_exhausted"]))
    assert (await adapter.offer(ref)).coupon is None


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("scenario", ["not_promotable", "off_shelf"])
async def test_what_is_not_in_the_programme(jd: Rig, strict: bool, scenario: str) -> None:
    if strict:
        jd.strict()
    adapter = await jd.adapter()
    with pytest.raises(ItemNotPromotable) as caught:
        await adapter.offer(await adapter.resolve(item(SCENARIO[scenario])))
    # The answer is the same for both, so nothing finer may be said.
    assert type(caught.value) is ItemNotPromotable


# promote


async def test_a_granted_account_is_attributed_to_the_link(jd: Rig) -> None:
    adapter = await jd.adapter()
    assert adapter.attribution is Attribution.LINK
    offer = await adapter.offer(await adapter.resolve(item()))
    jd.calls()
    link = (await adapter.promote(offer, placement())).link
    assert jd.calls() == 1
    assert link.web.startswith(f"{jd.base}/u.jd.com/")
    assert link.level is Attribution.LINK
    assert link.expires_at is not None
    assert (
        timedelta(0) <= jd.world.now() + timedelta(days=60) - link.expires_at < timedelta(minutes=1)
    )
    assert link.ownership.kind is OwnershipKind.UNKNOWN
    assert link.ownership.reason
    whose = jd.server.mocks[0].whose(link.web)
    assert whose is not None
    assert (whose.pid, whose.sub_id) == (LEASED, "Ab3dE7x")


async def test_the_refused_sub_id_is_stepped_down_from_once(jd: Rig) -> None:
    jd.world.set_right("jd", "subUnionId", False)
    adapter = await jd.adapter()
    offer = await adapter.offer(await adapter.resolve(item()))
    jd.calls()
    leased = (await adapter.promote(offer, placement())).link
    assert (jd.calls(), leased.level) == (2, Attribution.PROMOTER)
    house = (await adapter.promote(offer, placement(HOUSE))).link
    assert (jd.calls(), house.level) == (1, Attribution.NONE)
    assert adapter.attribution is Attribution.PROMOTER
    whose = jd.server.mocks[0].whose(leased.web)
    assert whose is not None
    assert (whose.pid, whose.sub_id) == (LEASED, LEASED)


async def test_a_refused_sub_id_is_tried_again_after_an_hour(jd: Rig) -> None:
    jd.world.set_right("jd", "subUnionId", False)
    adapter = await jd.adapter()
    offer = await adapter.offer(await adapter.resolve(item()))
    await adapter.promote(offer, placement())
    jd.world.set_right("jd", "subUnionId", True)
    await jd.later("59m")
    assert (await adapter.promote(offer, placement())).link.level is Attribution.PROMOTER
    await jd.later("1m")
    assert adapter.attribution is Attribution.LINK
    assert (await adapter.promote(offer, placement())).link.level is Attribution.LINK


async def test_a_refused_method_is_tried_again_after_an_hour(jd: Rig) -> None:
    jd.strict()
    adapter = await jd.adapter()
    offer = await adapter.offer(await adapter.resolve(item()))
    await adapter.promote(offer, placement())
    jd.world.set_profile("jd", "lenient")
    await jd.later("1h")
    jd.calls()
    assert (await adapter.promote(offer, placement())).link.level is Attribution.LINK
    assert jd.calls() == 1
    assert await adapter.search("咖啡", 3)


async def test_a_refusal_without_a_success_after_it_is_not_learnt(jd: Rig) -> None:
    jd.world.set_right("jd", "subUnionId", False)
    adapter = await jd.adapter(site_id="")
    offer = await adapter.offer(await adapter.resolve(item()))
    unknown = replace(offer, ref=replace(offer.ref, item_id=SCENARIO["not_promotable"]))
    with pytest.raises(ItemNotPromotable):
        await adapter.promote(unknown, placement())
    assert adapter.attribution is Attribution.LINK
    jd.world.set_right("jd", "subUnionId", True)
    jd.world.set_right("jd", BY_SUB_UNION_ID, False)
    with pytest.raises(MissingRight):
        await adapter.promote(offer, placement())
    jd.world.set_right("jd", BY_SUB_UNION_ID, True)
    assert (await adapter.promote(offer, placement())).link.level is Attribution.LINK


async def test_an_ordinary_account_uses_the_open_call(jd: Rig) -> None:
    jd.strict()
    adapter = await jd.adapter()
    offer = await adapter.offer(await adapter.resolve(item()))
    jd.calls()
    first = (await adapter.promote(offer, placement())).link
    assert (jd.calls(), first.level) == (3, Attribution.PROMOTER)
    await adapter.promote(offer, placement(LEASED[:-1] + "4"))
    assert jd.calls() == 1
    assert (await jd.adapter(pool=(), rights=(COMMON_GET,))).attribution is Attribution.NONE


async def test_the_open_call_with_sub_ids(jd: Rig) -> None:
    jd.world.set_right("jd", BY_SUB_UNION_ID, False)
    adapter = await jd.adapter()
    offer = await adapter.offer(await adapter.resolve(item()))
    jd.calls()
    link = (await adapter.promote(offer, placement())).link
    assert (jd.calls(), link.level) == (2, Attribution.LINK)


@pytest.mark.parametrize("site", ["4101337729", ""])
async def test_an_account_without_a_convert_call(jd: Rig, site: str) -> None:
    jd.world.set_right("jd", BY_SUB_UNION_ID, False)
    jd.world.set_right("jd", COMMON_GET, False)
    adapter = await jd.adapter(site_id=site)
    offer = await adapter.offer(await adapter.resolve(item()))
    for _ in range(2):
        with pytest.raises(MissingRight) as caught:
            await adapter.promote(offer, placement())
        assert caught.value.right == BY_SUB_UNION_ID
    await adapter.check()
    assert adapter.attribution is Attribution.PROMOTER


async def test_no_sub_id_and_an_odd_one_are_not_sent(jd: Rig) -> None:
    adapter = await jd.adapter()
    offer = await adapter.offer(await adapter.resolve(item()))
    assert (await adapter.promote(offer, placement(sub_id=""))).link.level is Attribution.PROMOTER
    odd = await adapter.promote(offer, placement("", sub_id="a b"))
    assert odd.link.level is Attribution.NONE
    assert adapter.attribution is Attribution.LINK
    whose = jd.server.mocks[0].whose(odd.link.web)
    assert whose is not None
    assert whose.pid == HOUSE


async def test_a_coupon_that_is_gone_by_now_is_taken_out_of_the_offer(jd: Rig) -> None:
    adapter = await jd.adapter()
    good = await adapter.offer(await adapter.resolve(item(SCENARIO["coupon_replaced"])))
    assert good.final_price < good.price
    gone = SCENARIO["coupon_exhausted"]
    link = f"https://coupon.m.jd.com/coupons/show.action?key=1&to=item.jd.com/{gone}.html"
    stale = replace(good, ref=replace(good.ref, item_id=gone), opaque={"coupon_url": link})
    jd.calls()
    promotion = await adapter.promote(stale, placement())
    assert jd.calls() == 2
    assert promotion.offer.coupon is None
    assert promotion.offer.final_price == stale.price
    assert promotion.offer.commission_rate is not None
    assert promotion.offer.commission == promotion.offer.commission_rate.of(stale.price)


async def test_an_account_that_may_not_join_coupons_is_asked_once(jd: Rig) -> None:
    jd.world.set_right("jd", "couponUrl", False)
    adapter = await jd.adapter()
    offer = await adapter.offer(await adapter.resolve(item(SCENARIO["coupon_replaced"])))
    jd.calls()
    assert (await adapter.promote(offer, placement())).offer.coupon is None
    assert jd.calls() == 2
    assert (await adapter.promote(offer, placement())).offer.coupon is None
    assert jd.calls() == 1


async def test_a_placement_of_somebody_else_is_the_operators(jd: Rig) -> None:
    adapter = await jd.adapter()
    offer = await adapter.offer(await adapter.resolve(item()))
    with pytest.raises(AuthFailed, match="position_id"):
        await adapter.promote(offer, placement("3999999999"))
    with pytest.raises(AuthFailed, match="position_id"):
        await adapter.promote(offer, placement("not-a-number"))


@pytest.mark.parametrize("variant", ["union", "position"])
@pytest.mark.parametrize("strict", [False, True])
async def test_a_link_that_shows_another_owner_is_refused(
    jd: Rig, variant: str, strict: bool
) -> None:
    if strict:
        jd.strict()
    adapter = await jd.adapter()
    offer = await adapter.offer(await adapter.resolve(item()))
    jd.fault("foreign_pid", count=None, variant=variant)
    with pytest.raises(ForeignLink):
        await adapter.promote(offer, placement())


async def test_a_hidden_owner_is_unknown(jd: Rig) -> None:
    adapter = await jd.adapter()
    offer = await adapter.offer(await adapter.resolve(item()))
    jd.fault("foreign_pid", BY_SUB_UNION_ID, variant="hidden")
    link = (await adapter.promote(offer, placement())).link
    assert link.ownership.kind is OwnershipKind.UNKNOWN
    owned = await adapter.owns(link.web)
    assert (owned.kind, bool(owned.reason)) == (OwnershipKind.UNKNOWN, True)


# owns


async def test_our_own_link_is_followed_to_its_landing_page(jd: Rig) -> None:
    adapter = await jd.adapter()
    offer = await adapter.offer(await adapter.resolve(item()))
    link = (await adapter.promote(offer, placement())).link
    jd.calls()
    assert (await adapter.owns(link.web)).kind is OwnershipKind.OURS
    assert jd.calls() == 0
    stranger = await jd.adapter(union_id=FOREIGN_UNION)
    assert (await stranger.owns(link.web)).kind is OwnershipKind.FOREIGN


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://u.jd.com/sMq3xVb", OwnershipKind.FOREIGN),
        ("https://u.jd.com/sMq3xVb?unionId=1003481276", OwnershipKind.FOREIGN),
        ("https://u.jd.com/sMq3xVb?utm_campaign=t_1003481276_", OwnershipKind.FOREIGN),
        ("https://union-click.jd.com/jdc?d=k4&unionId=1003481276", OwnershipKind.FOREIGN),
        ("https://union-click.jd.com/jdc?unionId=1003481276", OwnershipKind.UNKNOWN),
        ("https://3.cn/2Q-mW4xT", OwnershipKind.UNKNOWN),
        ("https://3.cn/-Q2mW4xT", OwnershipKind.UNKNOWN),
        ("https://3.cn/s/1", OwnershipKind.UNKNOWN),
        (f"https://item.jd.com/{SKU}.html?utm_campaign=t_1003481276_", OwnershipKind.UNKNOWN),
        ("nonsense", OwnershipKind.UNKNOWN),
    ],
    ids=[
        "stranger",
        "union id behind it",
        "campaign behind it",
        "click link",
        "empty click link",
        "plain",
        "risk",
        "live room",
        "item",
        "nonsense",
    ],
)
async def test_owns_says_what_it_can_see(jd: Rig, url: str, kind: OwnershipKind) -> None:
    found = await (await jd.adapter()).owns(url)
    assert found.kind is kind
    assert bool(found.reason) == (kind is OwnershipKind.UNKNOWN)


async def test_a_dead_link_is_unknown(jd: Rig) -> None:
    link = jd.world.make_link(
        "jd", SKU, {"unionId": "1"}, expires_at=jd.world.now() - timedelta(seconds=1)
    )
    adapter = await jd.adapter()
    assert (await adapter.owns(f"https://u.jd.com/{link.token}")).kind is OwnershipKind.UNKNOWN
    with pytest.raises(LinkNotSupported):
        await adapter.resolve(match(f"https://u.jd.com/{link.token}"))


# search and rights


async def test_search_finds_offers_in_one_call(jd: Rig) -> None:
    adapter = await jd.adapter()
    offers = await adapter.search(" 咖啡 ", 99)
    assert jd.calls() == 1
    assert len(offers) == 30
    assert all("咖啡" in offer.title for offer in offers)
    assert not await adapter.search("咖啡", 0)
    assert not await adapter.search("  ", 5)
    assert jd.calls() == 0


async def test_check_of_a_granted_account(jd: Rig) -> None:
    adapter = await jd.adapter()
    rights = await adapter.check()
    assert rights.missing == frozenset()
    assert rights.unknown == {POSITION_CREATE, COUPON_LINK}
    assert jd.calls() == 6


async def test_check_of_an_ordinary_account_and_again_after_a_grant(jd: Rig) -> None:
    jd.strict()
    adapter = await jd.adapter()
    rights = await adapter.check()
    assert rights.missing == {BY_SUB_UNION_ID, SUB_UNION_ID, GOODS_QUERY}
    assert rights.granted == {GOODS_INFO, COMMON_GET, COUPON_QUERY, ORDER_ROWS}
    levels = [adapter.attribution]
    jd.world.set_profile("jd", "lenient")
    assert SUB_UNION_ID in (await adapter.check()).granted
    levels.append(adapter.attribution)
    assert levels == [Attribution.PROMOTER, Attribution.LINK]


async def test_check_knows_a_refused_sub_id_from_a_missing_method(jd: Rig) -> None:
    jd.world.set_right("jd", "subUnionId", False)
    jd.calls()
    rights = await (await jd.adapter()).check()
    assert rights.missing == {SUB_UNION_ID}
    assert jd.calls() == 7
    without_site = await (await jd.adapter(site_id="")).check()
    assert COMMON_GET in without_site.unknown
    jd.world.set_right("jd", BY_SUB_UNION_ID, False)
    jd.world.set_right("jd", COMMON_GET, False)
    nothing = await (await jd.adapter()).check()
    assert {BY_SUB_UNION_ID, COMMON_GET} <= nothing.missing
    assert SUB_UNION_ID in nothing.unknown


async def test_check_with_wrong_keys_or_no_answer(jd: Rig) -> None:
    with pytest.raises(AuthFailed):
        await (await jd.adapter(app_secret="wrong")).check()
    jd.fault("http_5xx", count=None)
    with pytest.raises(PlatformUnavailable):
        await (await jd.adapter(timeout=0.3)).check()


# orders


def bought(jd: Rig, *, sub_id: str = "Ab3dE7x") -> MockOrder:
    attribution = {"unionId": "1003481276", "positionId": LEASED, "subUnionId": sub_id}
    return jd.world.buy("jd", SKU, jd.world.make_link("jd", SKU, attribution))


def stepped(jd: Rig, order: MockOrder, *steps: str, **args: int) -> MockOrder:
    for step in steps:
        order = STEPS[step](order, jd.world.now(), args, jd.world.item("jd", SKU))
        jd.world.change_order(order)
    return order


async def test_an_orders_life(jd: Rig) -> None:
    adapter = await jd.adapter()
    now = jd.world.now()
    window = now - timedelta(minutes=30), now + timedelta(minutes=1)
    order = bought(jd)
    paid = (await adapter.orders(*window)).items[0]
    assert (paid.status, paid.order_id) == (OrderStatus.PAID, order.order_id)
    assert paid.placement is not None
    assert (paid.placement.pid, paid.placement.sub_id) == (LEASED, "Ab3dE7x")
    order = stepped(jd, order, "receive")
    assert (await adapter.orders(*window)).items[0].status is OrderStatus.RECEIVED
    order = stepped(jd, order, "settle")
    settled = (await adapter.orders(*window)).items[0]
    assert (settled.status, settled.settled_commission) == (
        OrderStatus.SETTLED, Money(order.commission),
    )  # fmt: skip
    order = stepped(jd, order, "clawback", amount=5)
    clawed = (await adapter.orders(*window)).items[0]
    assert clawed.settled_commission == Money(order.commission - 5)
    assert clawed.row_id == paid.row_id
    stepped(jd, bought(jd), "refund")
    stepped(jd, bought(jd), "void")
    codes = {row.raw_status for row in (await adapter.orders(*window)).items}
    assert codes == {"17", "3", "20"}


async def test_sub_ids_come_back_only_with_the_right(jd: Rig) -> None:
    bought(jd)
    jd.world.set_right("jd", "subUnionId", False)
    now = jd.world.now()
    rows = (
        await (await jd.adapter()).orders(now - timedelta(minutes=5), now + timedelta(seconds=2))
    ).items
    assert rows[0].placement is not None
    assert (rows[0].placement.pid, rows[0].placement.sub_id) == (LEASED, "")


async def test_a_torn_page_is_asked_for_again(jd: Rig) -> None:
    bought(jd)
    jd.fault("torn_page", ORDER_ROWS)
    now = jd.world.now()
    page = await (await jd.adapter()).orders(now - timedelta(minutes=5), now + timedelta(seconds=2))
    assert len(page.items) == 1
    assert jd.calls() == 2


async def test_a_repeated_row_keeps_its_identity(jd: Rig) -> None:
    bought(jd)
    jd.fault("duplicate_page", ORDER_ROWS)
    now = jd.world.now()
    page = await (await jd.adapter()).orders(now - timedelta(minutes=5), now + timedelta(seconds=2))
    assert len(page.items) == 2
    assert len({row.row_id for row in page.items}) == 1


async def test_windows_and_cursors(jd: Rig) -> None:
    adapter = await jd.adapter()
    now = jd.world.now()
    with pytest.raises(WindowTooWide):
        await adapter.orders(now - timedelta(hours=1, seconds=1), now)
    assert jd.calls() == 0
    with pytest.raises(ProtocolError):
        await adapter.orders(now - timedelta(hours=1), now, "next")
    page = await adapter.orders(now - timedelta(hours=1), now, "7")
    assert (page.items, page.next_cursor) == ([], None)


# placements


async def test_placements_are_made_and_work(jd: Rig) -> None:
    adapter = await jd.adapter()
    names = [f"promoter-{number}" for number in range(51)]
    made = await adapter.create_placements(names)
    assert jd.calls() == 2
    assert set(made) == set(names)
    assert len(set(made.values())) == 51
    offer = await adapter.offer(await adapter.resolve(item()))
    link = (await adapter.promote(offer, placement(made["promoter-7"]))).link
    assert link.level is Attribution.LINK


async def test_placements_are_never_asked_for_twice(jd: Rig) -> None:
    adapter = await jd.adapter(rights=(COMMON_GET, POSITION_CREATE), site_id="")
    assert await adapter.create_placements(["site"])
    jd.calls()
    jd.fault("http_5xx", POSITION_CREATE)
    with pytest.raises(PlatformUnavailable):
        await adapter.create_placements(["one"])
    assert jd.calls() == 1
    with pytest.raises(MissingRight) as caught:
        await (await jd.adapter(auth_key="")).create_placements(["one"])
    assert caught.value.right == POSITION_CREATE
    with pytest.raises(ProtocolError):
        await (await jd.adapter(union_id="me")).create_placements(["one"])
