"""The adapter before the mock platform, over real sockets."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import TYPE_CHECKING

import aiohttp
import pytest

from adapters.contract import (
    AdapterContext,
    AdapterSettings,
    Attribution,
    Money,
    OrderStatus,
    OwnershipKind,
)
from adapters.errors import (
    AdapterError,
    AuthFailed,
    ForeignLink,
    ItemNotPromotable,
    LinkNotSupported,
    MissingRight,
    NeedsAuthorisation,
    PlatformUnavailable,
    ProtocolError,
    QuotaUsedUp,
    RateLimited,
    WindowTooWide,
)
from adapters.mock.faults import FaultRule
from adapters.mock.scenarios import BY_ID
from adapters.pinduoduo import ADAPTER
from adapters.quota import NoQuota
from tests.unit.adapters.pinduoduo_rig import LEASED, NOW, SIGN, Rig, mocked, pasted

if TYPE_CHECKING:
    from adapters.contract import Offer
    from adapters.mock.values import MockOrder

ITEM = "648213907516"
SCENARIO = {name: number for number, name in BY_ID.items()}
SITE = "https://mobile.yangkeduo.com"
AUTHORITY = "pdd.ddk.member.authority.query"
SEARCH = "pdd.ddk.goods.search"
PROMOTE = "pdd.ddk.goods.promotion.url.generate"
UNIT = "pdd.ddk.goods.zs.unit.url.gen"
RED_PACKET = "pdd.ddk.rp.prom.url.generate"
ORDERS = "pdd.ddk.order.list.increment.get"


async def offered(rig: Rig, item_id: str = ITEM) -> Offer:
    return await rig.adapter.offer(await rig.adapter.resolve(pasted(None, item_id)))


def fault(rig: Rig, kind: str, method: str = "*", count: int | None = 1, **args: str) -> None:
    rig.world.faults.add(
        FaultRule(platform="pinduoduo", method=method, kind=kind, count=count, args=args)
    )


async def opened(url: str) -> str:
    """What a person sees who opens `url`."""
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert response.status == 200
        return await response.text()


async def test_a_conversion_costs_two_calls() -> None:
    async with mocked() as rig:
        item = rig.world.item("pinduoduo", ITEM)
        offer = await offered(rig)
        promotion = await rig.adapter.promote(offer, rig.placement())
        assert rig.quota.calls == 2
        assert (offer.title, offer.price) == (item.title, Money(item.price))
        assert promotion.offer == offer
        assert promotion.link.level is Attribution.LINK
        assert promotion.link.ownership.kind is OwnershipKind.OURS
        assert rig.adapter.on_promotion_host(promotion.link.web)
        whose = rig.mock.whose(promotion.link.web)
        assert whose is not None
        assert (whose.pid, whose.sub_id, whose.item_id) == (
            rig.adapter.settings.house_pid(),
            "Ab3dE6g",
            ITEM,
        )
        assert item.title in await opened(promotion.link.web)


async def test_a_share_link_is_turned_into_its_item_first() -> None:
    async with mocked() as rig:
        hidden = rig.world.item_behind("pinduoduo", "Hq7ZtB2mXe")
        ref = await rig.adapter.resolve(pasted(f"{SITE}/goods2.html?ps=Hq7ZtB2mXe&share_uin=X"))
        assert ref.item_id == hidden.item_id
        assert ref.source == f"{SITE}/goods.html?goods_id={hidden.item_id}"
        assert rig.quota.calls == 1
        short = await rig.adapter.resolve(pasted("https://p.pinduoduo.com/QalbCK7j"))
        assert short.item_id == rig.world.item_behind("pinduoduo", "QalbCK7j").item_id


async def test_links_with_an_id_need_no_call() -> None:
    async with mocked() as rig:
        for link in (
            pasted(f"{SITE}/goods.html?goods_id={ITEM}", ITEM),
            pasted(f"{SITE}/duo_coupon_landing.html?goods_id={ITEM}&pid=1_2&cpsSign=x"),
        ):
            ref = await rig.adapter.resolve(link)
            assert (ref.item_id, ref.source) == (ITEM, f"{SITE}/goods.html?goods_id={ITEM}")
        by_sign = await rig.adapter.resolve(pasted(f"{SITE}/x.html?goods_sign={SIGN}"))
        assert by_sign.item_id == SIGN
        assert rig.quota.calls == 0
        offer = await rig.adapter.offer(by_sign)
        assert (offer.ref, offer.opaque["goods_sign"]) == (by_sign, SIGN)
        assert (await rig.adapter.promote(offer, rig.placement())).link.level is Attribution.LINK


async def test_our_own_link_leads_back_to_its_item() -> None:
    async with mocked() as rig:
        link = (await rig.adapter.promote(await offered(rig), rig.placement())).link
        assert (await rig.adapter.resolve(pasted(link.web))).item_id == ITEM
        made = rig.mock.addresses.link(link.web)
        assert made is not None
        short = rig.mock.addresses.short(made)
        assert (await rig.adapter.resolve(pasted(short))).item_id == ITEM
        assert (await rig.adapter.owns(link.web)).kind is OwnershipKind.OURS
        hidden = await rig.adapter.owns(short)
        assert (hidden.kind, hidden.reason) == (OwnershipKind.UNKNOWN, "链接里看不到推广位")


async def test_what_names_no_item_is_refused() -> None:
    async with mocked() as rig:
        for link in (pasted(f"{SITE}/mall_page.html?mall_id=1"), pasted(None)):
            with pytest.raises(LinkNotSupported):
                await rig.adapter.resolve(link)
        assert rig.quota.calls == 0


async def test_items_outside_the_programme() -> None:
    async with mocked() as rig:
        for name in ("not_promotable", "off_shelf"):
            with pytest.raises(ItemNotPromotable) as caught:
                await offered(rig, SCENARIO[name])
            # The search has neither, so nothing finer may be said.
            assert type(caught.value) is ItemNotPromotable
        for shared in ("a", "b"):
            assert rig.world.item_behind("pinduoduo", shared).promotable


async def test_coupons_of_the_scenarios() -> None:
    async with mocked() as rig:
        for name in ("no_coupon", "coupon_exhausted"):
            offer = await offered(rig, SCENARIO[name])
            assert (offer.coupon, offer.final_price) == (None, offer.price)
        above = await offered(rig, SCENARIO["threshold_above_price"])
        assert above.coupon is not None
        assert above.coupon.threshold > above.price == above.final_price
        compared = await offered(rig, SCENARIO["price_compare"])
        assert compared.commission is not None
        assert compared.commission_if_compared is not None
        assert compared.commission_if_compared < compared.commission


async def test_search_finds_offers_that_can_be_promoted() -> None:
    async with mocked() as rig:
        found = await rig.adapter.search("纸巾", 3)
        assert len(found) == 3
        assert all("纸巾" in offer.title for offer in found)
        assert rig.quota.calls == 1
        assert (await rig.adapter.promote(found[0], rig.placement())).link.level == Attribution.LINK
        assert await rig.adapter.search("无结果", 3) == []
        assert await rig.adapter.search("纸巾", 0) == ()
        assert len(await rig.adapter.search("纸巾", 12)) == 12


async def test_the_answer_with_anothers_pid_is_refused_where_it_shows() -> None:
    async with mocked() as rig:
        offer = await offered(rig)
        fault(rig, "foreign_pid", PROMOTE)
        with pytest.raises(ForeignLink):
            await rig.adapter.promote(offer, rig.placement())
        fault(rig, "foreign_pid", PROMOTE, readable="no")
        link = (await rig.adapter.promote(offer, rig.placement())).link
        assert link.ownership.kind is OwnershipKind.UNKNOWN
        assert (await rig.adapter.owns(link.web)).kind is OwnershipKind.UNKNOWN


async def test_whose_links_are() -> None:
    async with mocked(former_pids=["7_7"]) as rig:
        base = f"{rig.server.base_url}/mobile.yangkeduo.com/duo_coupon_landing.html?pid="
        foreign = await rig.adapter.owns(f"{base}1000939_25578619")
        assert (foreign.kind, foreign.pid) == (OwnershipKind.FOREIGN, "1000939_25578619")
        assert (await rig.adapter.owns(f"{base}7_7")).kind is OwnershipKind.OURS
        for url in (f"{SITE}/duo_coupon_landing.html?pid=7_7", "https://u.jd.com/a", "", "["):
            assert (await rig.adapter.owns(url)).kind is OwnershipKind.UNKNOWN
        assert rig.quota.calls == 0


async def test_attribution_steps_down_and_remembers() -> None:
    async with mocked() as rig:
        offer = await offered(rig)
        rig.world.set_right("pinduoduo", "custom_parameters.sid", granted=False)
        link = (await rig.adapter.promote(offer, rig.placement())).link
        whose = rig.mock.whose(link.web)
        assert (link.level, whose and whose.sub_id) == (Attribution.PROMOTER, "p42")
        assert rig.adapter.attribution is Attribution.PROMOTER
        before = rig.quota.calls
        await rig.adapter.promote(offer, rig.placement())
        assert rig.quota.calls == before + 1

        rig.world.set_right("pinduoduo", "custom_parameters", granted=False)
        house = await rig.adapter.promote(offer, rig.placement())
        assert house.link.level is Attribution.NONE
        leased = rig.placement(pid=rig.adapter.settings.pool[0])
        assert (await rig.adapter.promote(offer, leased)).link.level is Attribution.PROMOTER
        assert rig.adapter.attribution is Attribution.PROMOTER
        assert "custom_parameters" in (await rig.adapter.check()).missing


async def test_a_check_lets_everything_be_tried_again() -> None:
    async with mocked() as rig:
        rig.world.set_right("pinduoduo", "custom_parameters", granted=False)
        await rig.adapter.promote(await offered(rig), rig.placement())
        rig.world.set_right("pinduoduo", "custom_parameters", granted=True)
        await rig.adapter.check()
        assert rig.adapter.attribution is Attribution.LINK
        assert "custom_parameters" in (await rig.adapter.check()).unknown


async def test_what_was_refused_is_tried_again_after_an_hour() -> None:
    async with mocked() as rig:
        offer = await offered(rig)
        rig.world.set_right("pinduoduo", "custom_parameters.sid", granted=False)
        await rig.adapter.promote(offer, rig.placement())
        await rig.later("30m")
        rig.world.set_right("pinduoduo", "custom_parameters", granted=False)
        await rig.adapter.promote(offer, rig.placement())
        await rig.later("30m")
        before = rig.quota.calls
        # Only the code is tried again: the uid was refused half an hour ago.
        assert (await rig.adapter.promote(offer, rig.placement())).link.level is Attribution.NONE
        assert rig.quota.calls == before + 2
        for right in ("custom_parameters", "custom_parameters.sid"):
            rig.world.set_right("pinduoduo", right, granted=True)
        await rig.later("1h")
        assert rig.adapter.attribution is Attribution.LINK
        assert (await rig.adapter.promote(offer, rig.placement())).link.level is Attribution.LINK


async def test_without_a_pool_nothing_is_left_to_tell_promoters_apart() -> None:
    async with mocked(pool=[]) as rig:
        rig.world.set_right("pinduoduo", "custom_parameters", granted=False)
        await rig.adapter.promote(await offered(rig), rig.placement())
        assert rig.adapter.attribution is Attribution.NONE


async def test_a_refused_method_is_no_refused_field() -> None:
    async with mocked() as rig:
        offer = await offered(rig)
        rig.world.set_right("pinduoduo", PROMOTE, granted=False)
        with pytest.raises(MissingRight) as caught:
            await rig.adapter.promote(offer, rig.placement())
        assert caught.value.right == PROMOTE
        rig.world.set_right("pinduoduo", PROMOTE, granted=True)
        assert (await rig.adapter.promote(offer, rig.placement())).link.level is Attribution.LINK


async def test_a_missing_authorisation_comes_with_the_link_that_grants_it() -> None:
    async with mocked() as rig:
        rig.world.set_profile("pinduoduo", "strict")
        with pytest.raises(NeedsAuthorisation) as caught:
            await offered(rig)
        assert caught.value.url is not None
        assert "备案完成" in await opened(caught.value.url)
        offer = await offered(rig)
        with pytest.raises(NeedsAuthorisation) as again:
            await rig.adapter.promote(offer, rig.placement())
        assert again.value.url is not None
        assert "Ab3dE6g" not in again.value.url
        await opened(again.value.url)
        assert (await rig.adapter.promote(offer, rig.placement())).link.level is Attribution.LINK
        another_code = rig.placement(code="Zz9yX8w")
        assert (await rig.adapter.promote(offer, another_code)).link.level is Attribution.LINK
        with pytest.raises(NeedsAuthorisation):
            await rig.adapter.promote(offer, rig.placement(tag="p43"))


async def test_where_a_p_id_is_authorised_for_all() -> None:
    async with mocked() as rig:
        rig.world.set_profile("pinduoduo", "strict")
        rig.world.set_right("pinduoduo", "authority_by_pid", granted=True)
        with pytest.raises(NeedsAuthorisation) as caught:
            await offered(rig)
        await opened(caught.value.url or "")
        promotion = await rig.adapter.promote(await offered(rig), rig.placement())
        assert promotion.link.level is Attribution.LINK


async def test_one_item_may_want_it_alone() -> None:
    async with mocked() as rig:
        offer = await offered(rig, SCENARIO["needs_authorisation"])
        with pytest.raises(NeedsAuthorisation) as caught:
            await rig.adapter.promote(offer, rig.placement())
        await opened(caught.value.url or "")
        assert (await rig.adapter.promote(offer, rig.placement())).link.level is Attribution.LINK


async def test_the_house_is_authorised_by_the_link_that_it_was_given() -> None:
    async with mocked() as rig:
        offer = await offered(rig, SCENARIO["needs_authorisation"])
        house = rig.placement(tag="")
        with pytest.raises(NeedsAuthorisation) as caught:
            await rig.adapter.promote(offer, house)
        await opened(caught.value.url or "")
        assert (await rig.adapter.promote(offer, house)).link.level is Attribution.LINK
        with pytest.raises(NeedsAuthorisation):
            await rig.adapter.promote(offer, rig.placement())


async def test_without_the_right_for_the_link_it_is_still_named() -> None:
    async with mocked() as rig:
        rig.world.set_profile("pinduoduo", "strict")
        rig.world.set_right("pinduoduo", RED_PACKET, granted=False)
        with pytest.raises(NeedsAuthorisation) as caught:
            await offered(rig)
        assert caught.value.url is None


@pytest.mark.parametrize(
    ("kind", "args", "error"),
    [
        ("slow", {"seconds": "5"}, PlatformUnavailable),
        ("reset", {}, PlatformUnavailable),
        ("http_5xx", {}, PlatformUnavailable),
        ("http_5xx", {"status": "503"}, PlatformUnavailable),
        ("http_5xx", {"status": "429"}, RateLimited),
        ("html", {}, PlatformUnavailable),
        ("torn", {}, PlatformUnavailable),
        ("torn_page", {}, PlatformUnavailable),
        ("throttled", {}, RateLimited),
        ("quota", {}, QuotaUsedUp),
        ("expired_auth", {}, AuthFailed),
        ("bad_signature", {}, AuthFailed),
        ("clock_skew", {}, AuthFailed),
        ("missing_right", {}, MissingRight),
        ("needs_authorisation", {}, NeedsAuthorisation),
    ],
)
async def test_faults_become_errors_of_the_tree(
    kind: str, args: dict[str, str], error: type[AdapterError]
) -> None:
    async with mocked(timeout=0.3) as rig:
        fault(rig, kind, SEARCH, None, **args)
        with pytest.raises(error) as caught:
            await offered(rig)
        assert rig.server.base_url not in str(caught.value)
        assert ITEM not in str(caught.value)


@pytest.mark.parametrize("kind", ["reset", "http_5xx", "html", "torn", "throttled"])
async def test_what_passes_is_tried_again(kind: str) -> None:
    async with mocked() as rig:
        fault(rig, kind, SEARCH)
        assert (await offered(rig)).title
        assert rig.quota.calls == 2


async def test_wrong_keys_are_told() -> None:
    for wrong in ({"client_id": "x"}, {"client_secret": "x"}):
        async with mocked(**wrong) as rig:
            with pytest.raises(AuthFailed):
                await rig.adapter.check()


async def test_a_wrong_clock_is_told() -> None:
    async with mocked() as rig:
        late = AdapterContext(
            account="main", now=lambda: rig.world.now() - timedelta(minutes=11), quota=NoQuota()
        )
        adapter = ADAPTER(rig.adapter.settings, late)
        await adapter.start()
        with pytest.raises(AuthFailed, match="clock"):
            await adapter.check()
        await adapter.close()
        await adapter.close()


async def test_another_accounts_p_id_is_refused() -> None:
    async with mocked() as rig:
        with pytest.raises(ProtocolError):
            await rig.adapter.promote(await offered(rig), rig.placement(pid=LEASED))


async def test_check_tells_the_rights() -> None:
    async with mocked() as rig:
        rights = await rig.adapter.check()
        assert rights.granted == {AUTHORITY, SEARCH, ORDERS, "authority"}
        assert rights.unknown == {PROMOTE, UNIT, RED_PACKET, "custom_parameters"}
        assert rig.quota.calls == 3

        rig.world.set_profile("pinduoduo", "strict")
        assert "authority" in (await rig.adapter.check()).missing
        rig.world.set_right("pinduoduo", AUTHORITY, granted=False)
        rights = await rig.adapter.check()
        assert rights.missing == {"authority", AUTHORITY}
        rig.world.set_profile("pinduoduo", "lenient")
        assert "authority" in (await rig.adapter.check()).granted
        for right in (SEARCH, ORDERS):
            rig.world.set_right("pinduoduo", right, granted=False)
        rights = await rig.adapter.check()
        assert rights.missing == {SEARCH, ORDERS, AUTHORITY}
        assert rights.granted == frozenset()
        everything = rights.granted | rights.missing | rights.unknown
        assert everything == {right.id for right in rig.adapter.info.rights}


async def test_rights_of_the_settings_are_believed() -> None:
    async with mocked(rights=[SEARCH, PROMOTE, AUTHORITY]) as rig:
        rights = await rig.adapter.check()
        assert rights.granted == {SEARCH, PROMOTE, AUTHORITY, "authority"}
        assert rights.missing == {UNIT, RED_PACKET, ORDERS}
        with pytest.raises(MissingRight) as caught:
            await rig.adapter.orders(NOW, NOW + timedelta(hours=1))
        assert caught.value.right == ORDERS
        assert rig.quota.calls == 2


async def test_an_order_carries_the_attribution_back() -> None:
    async with mocked() as rig:
        link = (await rig.adapter.promote(await offered(rig), rig.placement())).link
        made = rig.mock.addresses.link(link.web)
        order = rig.world.buy("pinduoduo", ITEM, made, 2)
        now = rig.world.now()
        page = await rig.adapter.orders(now - timedelta(hours=1), now + timedelta(seconds=2))
        (row,) = page.items
        assert page.next_cursor is None
        assert (row.row_id, row.quantity, row.status) == (order.order_id, 2, OrderStatus.PAID)
        assert row.placement == rig.placement()
        assert (row.paid, row.estimated_commission) == (Money(order.paid), Money(order.commission))
        assert row.updated_at == order.updated_at
        assert rig.quota.calls == 3

        rig.world.change_order(dataclasses.replace(order, status="settled", taken_back=5))
        page = await rig.adapter.orders(now - timedelta(hours=1), now + timedelta(seconds=2))
        assert page.items[0].status is OrderStatus.SETTLED
        assert page.items[0].settled_commission == Money(order.commission - 5)


def bought(rig: Rig, count: int) -> list[MockOrder]:
    link = rig.world.make_link("pinduoduo", ITEM, {"p_id": rig.adapter.settings.house_pid()})
    return [rig.world.buy("pinduoduo", ITEM, link) for _ in range(count)]


async def test_pages_are_read_from_the_last_and_no_moving_row_is_missed() -> None:
    async with mocked() as rig:
        orders = bought(rig, 120)
        since, until = rig.world.now() - timedelta(hours=1), rig.world.now() + timedelta(seconds=2)
        before = rig.quota.calls
        page = await rig.adapter.orders(since, until)
        assert rig.quota.calls == before + 2
        assert (len(page.items), page.next_cursor) == (20, "2")
        seen = {row.row_id for row in page.items}

        first = min(orders, key=lambda order: (order.updated_at, order.order_id))
        later = rig.world.now() + timedelta(hours=2)
        rig.world.change_order(dataclasses.replace(first, updated_at=later))
        while page.next_cursor is not None:
            page = await rig.adapter.orders(since, until, page.next_cursor)
            seen |= {row.row_id for row in page.items}
        assert seen == {order.order_id for order in orders} - {first.order_id}
        moved = await rig.adapter.orders(until, later + timedelta(seconds=1))
        assert [row.row_id for row in moved.items] == [first.order_id]


async def test_windows_of_orders() -> None:
    async with mocked() as rig:
        now = rig.world.now()
        span = rig.adapter.info.order_window
        assert span is not None
        assert (await rig.adapter.orders(now - span.span, now)).items == ()
        assert (await rig.adapter.orders(now, now)).items == ()
        with pytest.raises(WindowTooWide):
            await rig.adapter.orders(now - span.span - timedelta(seconds=2), now)
        with pytest.raises(ProtocolError):
            await rig.adapter.orders(now - timedelta(days=91), now - timedelta(days=90, hours=12))
        with pytest.raises(ProtocolError):
            await rig.adapter.orders(now - timedelta(hours=1), now, "strange")


async def test_a_page_that_comes_twice_is_the_same_rows() -> None:
    async with mocked() as rig:
        orders = bought(rig, 2)
        fault(rig, "duplicate_page", ORDERS)
        now = rig.world.now()
        page = await rig.adapter.orders(now - timedelta(hours=1), now + timedelta(seconds=2))
        assert len(page.items) == 4
        assert {row.row_id for row in page.items} == {order.order_id for order in orders}


async def test_there_is_no_list_of_refunds() -> None:
    async with mocked() as rig:
        with pytest.raises(LinkNotSupported):
            await rig.adapter.refunds(NOW, NOW)


async def test_an_adapter_that_was_not_started_says_so() -> None:
    async with mocked() as rig:
        adapter = ADAPTER(rig.adapter.settings, rig.adapter.context)
        with pytest.raises(PlatformUnavailable):
            await adapter.check()


def test_other_settings_are_refused() -> None:
    other = AdapterSettings.model_validate({"gateway_url": "https://gateway.test/"})
    with pytest.raises(TypeError):
        ADAPTER(other, AdapterContext(account="main", now=lambda: NOW, quota=NoQuota()))
