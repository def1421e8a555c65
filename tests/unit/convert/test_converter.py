"""The main job, with a platform that does what each test tells it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from adapters.contract import Attribution, Ownership, OwnershipKind
from adapters.errors import (
    AdapterError,
    AuthFailed,
    ForeignLink,
    ItemNotPromotable,
    LinkNotSupported,
    NeedsAuthorisation,
    PlatformUnavailable,
    QuotaUsedUp,
)
from adapters.links import LinkKind
from bot.convert.cards import Audience
from bot.convert.outcome import Earner, Status
from bot.convert.report import conversion_json
from bot.redis.errors import StoreUnavailable, WrongStamp
from bot.texts import texts
from tests.support.fakes import START, coupon, offer_of
from tests.support.shop_app import ALICE, BASE, BOB, ShopApp, make_shop_app

if TYPE_CHECKING:
    from adapters.contract import AdapterSettings, ItemRef
    from adapters.links import LinkMatch
    from bot.redis.connection import Store

ITEM = "https://item.shop.example/123"


async def test_a_link_becomes_a_tracked_link_with_its_offer(app: ShopApp) -> None:
    conversion = await app.converter.convert(f"看看 {ITEM} 好", ALICE)
    [outcome] = conversion.outcomes
    assert outcome.status is Status.OK
    assert outcome.offer == offer_of()
    link = await app.link(outcome.share_url)
    assert link.placement.sub_id == link.code
    assert link.placement.promoter_tag == "alice"
    assert link.promoter_id == "alice"
    assert link.chat == ALICE.chat
    assert link.targets.web == f"https://go.shop.example/house-{link.code}"
    assert link.level is Attribution.LINK
    assert conversion.mock
    assert app.counted == [("seen", ""), ("recognised", "shop"), ("converted", "shop")]
    assert app.stamps == ["mock"]


async def test_a_text_without_links_costs_nothing(app: ShopApp) -> None:
    conversion = await app.converter.convert("今天天气不错", ALICE)
    assert conversion.outcomes == []
    assert app.shop.calls == []
    assert app.stamps == []
    assert not app.converter.has_links("今天天气不错")
    assert app.converter.has_links(ITEM)


async def test_asked_again_the_same_earner_gets_the_same_link_without_a_call(app: ShopApp) -> None:
    first = (await app.converter.convert(ITEM, ALICE)).outcomes[0]
    app.shop.calls.clear()
    second = (await app.converter.convert(ITEM, ALICE)).outcomes[0]
    assert second.share_url == first.share_url
    assert app.shop.calls == []


async def test_another_promoter_in_the_same_chat_gets_a_link_of_their_own(app: ShopApp) -> None:
    alice = (await app.converter.convert(ITEM, ALICE)).outcomes[0]
    bob = (await app.converter.convert(ITEM, BOB)).outcomes[0]
    assert bob.share_url != alice.share_url
    assert app.shop.calls.count("offer") == 1  # the offer is everybody's


async def test_a_changed_offer_is_promoted_anew_under_the_same_code(app: ShopApp) -> None:
    first = (await app.converter.convert(ITEM, ALICE)).outcomes[0]
    app.clock.advance(minutes=11)
    app.shop.offers["123"] = offer_of(price=offer_of().price + offer_of().price)
    second = (await app.converter.convert(ITEM, ALICE)).outcomes[0]
    assert second.share_url == first.share_url
    assert app.shop.calls.count("promote") == 2
    link = await app.link(second.share_url)
    assert link.created_at == START
    assert link.shown.price == offer_of().price + offer_of().price


async def test_the_convert_answer_corrects_the_offer_for_everybody(app: ShopApp) -> None:
    corrected = offer_of(coupon=None, final_price=offer_of().price)
    app.shop.corrected = corrected
    first = (await app.converter.convert(ITEM, ALICE)).outcomes[0]
    assert first.offer == corrected
    second = (await app.converter.convert(ITEM, BOB)).outcomes[0]
    assert second.offer == corrected
    assert app.shop.calls.count("offer") == 1


async def test_several_links_keep_their_places_and_one_failure_spares_the_others(
    app: ShopApp,
) -> None:
    app.shop.errors["404"] = ItemNotPromotable("gone")
    text = f"一 {ITEM} 二 https://item.shop.example/404 三 {ITEM} 四 https://item.shop.example/5"
    conversion = await app.converter.convert(text, ALICE)
    assert [outcome.status for outcome in conversion.outcomes] == [
        Status.OK,
        Status.FAILED,
        Status.OK,
    ]
    assert conversion.which == [0, 1, 0, 2]
    report = conversion_json(conversion)
    one, _, three = (outcome.share_url for outcome in conversion.outcomes)
    assert report["text"] == f"一 {one} 二 https://item.shop.example/404 三 {one} 四 {three}"
    assert [link["reason"] for link in report["links"]] == [None, "item_not_promotable", None]
    assert app.alarms == []


async def test_two_links_to_one_item_are_one_product(app: ShopApp) -> None:
    conversion = await app.converter.convert(
        "https://item.shop.example/777 短链 https://s.shop.example/AbCd12", ALICE
    )
    assert len(conversion.outcomes) == 1
    assert conversion.which == [0, 0]


async def test_too_many_links_leave_the_rest_untouched(memory_store: Store) -> None:
    app = make_shop_app(memory_store, max_links=2)
    text = " ".join(f"https://item.shop.example/{number}" for number in range(1, 5))
    conversion = await app.converter.convert(text, ALICE)
    assert [outcome.status for outcome in conversion.outcomes] == [
        Status.OK,
        Status.OK,
        Status.SKIPPED,
        Status.SKIPPED,
    ]
    assert conversion.skipped == 2
    rewritten = conversion_json(conversion)["text"]
    assert rewritten.endswith("https://item.shop.example/3 https://item.shop.example/4")
    await app.items.close()


async def test_the_deadline_fails_what_is_not_done_and_keeps_the_rest(memory_store: Store) -> None:
    app = make_shop_app(memory_store, deadline=0.6)
    await app.converter.convert(ITEM, ALICE)
    app.shop.hold = asyncio.Event()
    conversion = await app.converter.convert(f"{ITEM} https://item.shop.example/9", ALICE)
    assert [outcome.reason for outcome in conversion.outcomes] == [None, "deadline"]
    app.shop.hold.set()
    await app.items.close()


@pytest.mark.parametrize(
    ("step", "error", "reason", "alarmed"),
    [
        ("offer", ItemNotPromotable("x"), "item_not_promotable", False),
        ("offer", PlatformUnavailable("x"), "platform_unavailable", False),
        ("offer", QuotaUsedUp("x", START), "quota_used_up", True),
        ("promote", AuthFailed("x"), "auth_failed", True),
        ("promote", ForeignLink("x"), "foreign_link", True),
        ("promote", NeedsAuthorisation("x", "https://auth.example/"), "needs_authorisation", False),
        ("promote", ValueError("a fault of ours"), "adapter_error", False),
    ],
)
async def test_each_failure_has_its_reason_and_frees_the_code(
    app: ShopApp,
    step: str,
    error: Exception,
    reason: str,
    alarmed: bool,
    memory_store: Store,
    caplog: pytest.LogCaptureFixture,
) -> None:
    app.shop.errors[step] = error
    [outcome] = (await app.converter.convert(ITEM, ALICE)).outcomes
    assert (outcome.status, outcome.reason, outcome.share_url) == (Status.FAILED, reason, None)
    assert bool(app.alarms) is alarmed
    assert await memory_store.run("KEYS", "*:link:*") == []
    if isinstance(error, NeedsAuthorisation):
        assert outcome.authorise_url == "https://auth.example/"
    assert ("conversion failed" in caplog.text) is not isinstance(error, AdapterError)


async def test_a_foreign_owner_or_host_never_leaves(app: ShopApp) -> None:
    app.shop.ownership = Ownership(kind=OwnershipKind.FOREIGN)
    [outcome] = (await app.converter.convert(ITEM, ALICE)).outcomes
    assert outcome.reason == "foreign_link"
    app.shop.ownership = Ownership(kind=OwnershipKind.UNKNOWN, reason="hidden")
    app.shop.web = "https://evil.example/x"
    [outcome] = (await app.converter.convert(ITEM, ALICE)).outcomes
    assert outcome.reason == "foreign_link"
    assert "owns" not in app.shop.calls  # nothing strange is opened


async def test_a_hidden_owner_is_looked_up_before_the_link_leaves(app: ShopApp) -> None:
    app.shop.ownership = Ownership(kind=OwnershipKind.UNKNOWN, reason="hidden")
    [outcome] = (await app.converter.convert(ITEM, ALICE)).outcomes
    assert outcome.ownership == Ownership(kind=OwnershipKind.OURS)
    app.shop.web = "https://go.shop.example/stranger-1"
    [outcome] = (await app.converter.convert(ITEM, BOB)).outcomes
    assert outcome.reason == "foreign_link"


async def test_an_owner_that_cannot_be_read_is_said_to_be_unknown(app: ShopApp) -> None:
    hidden = Ownership(kind=OwnershipKind.UNKNOWN, reason="hidden")
    app.shop.ownership = hidden
    app.shop.errors["owns"] = PlatformUnavailable("x")
    conversion = await app.converter.convert(ITEM, ALICE)
    assert conversion.outcomes[0].ownership == hidden
    reply = app.cards.reply(conversion, texts("zh_CN"), Audience(commission=True))
    assert reply is not None
    assert reply.card is not None
    assert any("无法核对" in line.text for line in reply.card.lines)


async def test_the_last_good_offer_serves_while_the_platform_is_down(app: ShopApp) -> None:
    await app.converter.convert(ITEM, ALICE)
    app.clock.advance(hours=2)
    app.shop.errors["offer"] = PlatformUnavailable("down")
    [outcome] = (await app.converter.convert(ITEM, ALICE)).outcomes
    assert outcome.status is Status.STALE
    assert outcome.show_time
    assert outcome.offer is not None
    assert outcome.offer.seen_at == START
    app.clock.advance(hours=5)
    [outcome] = (await app.converter.convert(ITEM, ALICE)).outcomes
    assert outcome.reason == "platform_unavailable"


async def test_a_failure_is_remembered_for_a_while(app: ShopApp) -> None:
    app.shop.errors["offer"] = ItemNotPromotable("no")
    for _ in range(2):
        [outcome] = (await app.converter.convert(ITEM, ALICE)).outcomes
        assert outcome.reason == "item_not_promotable"
    assert app.shop.calls.count("offer") == 1


async def test_an_offer_is_not_cached_past_its_coupon(app: ShopApp) -> None:
    app.shop.offers["123"] = offer_of(coupon=coupon(ends=START.replace(minute=5)))
    await app.converter.convert(ITEM, ALICE)
    app.clock.advance(minutes=6)
    await app.converter.convert(ITEM, ALICE)
    assert app.shop.calls.count("offer") == 2


async def test_a_pasted_tracked_link_keeps_its_promoter(app: ShopApp) -> None:
    first = (await app.converter.convert(ITEM, ALICE)).outcomes[0]
    [pasted] = (await app.converter.convert(f"转发 {first.share_url}", BOB)).outcomes
    assert pasted.share_url == first.share_url
    assert pasted.offer == first.offer
    [unknown] = (await app.converter.convert(f"{BASE}/s/AAAAAAA", BOB)).outcomes
    assert unknown.reason == "unknown_code"


async def test_a_pasted_promotion_link_of_ours_is_never_attributed_anew(app: ShopApp) -> None:
    first = (await app.converter.convert(ITEM, ALICE)).outcomes[0]
    target = (await app.link(first.share_url)).targets.web
    [pasted] = (await app.converter.convert(target, BOB)).outcomes
    assert pasted.share_url == first.share_url
    [older] = (await app.converter.convert("https://go.shop.example/house-former", BOB)).outcomes
    assert older.share_url == "https://go.shop.example/house-former"
    [foreign] = (await app.converter.convert("https://go.shop.example/other-x", BOB)).outcomes
    assert foreign.share_url is not None
    assert (await app.link(foreign.share_url)).promoter_id == "bob"


async def test_an_unreadable_owner_is_converted_like_anybodys_link(app: ShopApp) -> None:
    app.shop.errors["owns"] = PlatformUnavailable("x")
    [outcome] = (await app.converter.convert("https://go.shop.example/house-x", BOB)).outcomes
    assert (await app.link(outcome.share_url)).promoter_id == "bob"


async def test_our_own_link_is_good_even_without_an_offer(app: ShopApp) -> None:
    first = (await app.converter.convert(ITEM, ALICE)).outcomes[0]
    app.clock.advance(days=1)
    app.shop.errors["offer"] = PlatformUnavailable("down")
    [pasted] = (await app.converter.convert(str(first.share_url), BOB)).outcomes
    assert pasted.share_url == first.share_url
    assert pasted.offer is None


async def test_a_pool_is_leased_where_the_sub_id_is_refused(app: ShopApp) -> None:
    app.shop.settings = replace_settings(app, pool=("p1", "p2"))
    app.shop.level = Attribution.PROMOTER
    for earner in (ALICE, BOB, ALICE):
        await app.converter.convert(ITEM, earner)
    pids = {placement.promoter_tag: placement.pid for placement in app.shop.placements}
    assert set(pids) == {"alice", "bob"}
    assert set(pids.values()) == {"p1", "p2"}


async def test_a_step_down_inside_the_call_leases_and_asks_once_more(app: ShopApp) -> None:
    app.shop.settings = replace_settings(app, pool=("p1",))
    app.shop.level = Attribution.LINK

    promote = app.shop.promote

    async def refusing(offer: object, placement: object) -> object:
        app.shop.level = Attribution.PROMOTER
        return await promote(offer, placement)  # type: ignore[arg-type] # passed through

    app.shop.promote = refusing  # type: ignore[method-assign, assignment] # the platform changes its mind
    [outcome] = (await app.converter.convert(ITEM, ALICE)).outcomes
    assert (await app.link(outcome.share_url)).level is Attribution.PROMOTER
    assert [placement.pid for placement in app.shop.placements] == ["house", "p1"]


async def test_an_empty_pool_is_told_and_the_house_placement_serves(app: ShopApp) -> None:
    app.shop.settings = replace_settings(app, pool=("p1",))
    app.shop.level = Attribution.PROMOTER
    await app.converter.convert(ITEM, ALICE)
    [outcome] = (await app.converter.convert(ITEM, BOB)).outcomes
    assert (await app.link(outcome.share_url)).level is Attribution.NONE
    assert "pool_empty" in app.alarms


async def test_house_links_lease_nothing(app: ShopApp) -> None:
    app.shop.settings = replace_settings(app, pool=("p1",))
    app.shop.level = Attribution.PROMOTER
    house = Earner(promoter_id="", chat="cli:main:x", channel="cli")
    await app.converter.convert(ITEM, house)
    assert app.shop.placements[0].pid == "house"


async def test_a_platform_link_that_ends_soon_is_made_anew(app: ShopApp) -> None:
    app.shop.expires_at = START.replace(day=24)
    await app.converter.convert(ITEM, ALICE)
    await app.converter.convert(ITEM, ALICE)
    assert app.shop.calls.count("promote") == 1
    app.clock.advance(hours=44)  # the last tenth of its two days
    await app.converter.convert(ITEM, ALICE)
    assert app.shop.calls.count("promote") == 2


async def test_what_a_short_link_leads_to_is_remembered(app: ShopApp) -> None:
    for _ in range(2):
        await app.converter.convert("https://s.shop.example/AbCd12", ALICE)
    assert app.shop.calls.count("resolve") == 1


async def test_a_link_to_no_item_is_told(app: ShopApp) -> None:
    app.shop.errors["resolve"] = LinkNotSupported("a shop page")
    [outcome] = (await app.converter.convert("https://s.shop.example/AbCd12", ALICE)).outcomes
    assert outcome.reason == "link_not_supported"


async def test_many_callers_for_one_item_make_one_call(app: ShopApp) -> None:
    app.shop.hold = asyncio.Event()
    callers = [
        asyncio.create_task(app.converter.convert(ITEM, replace(ALICE, promoter_id=f"p{number}")))
        for number in range(5)
    ]
    while "resolve" not in app.shop.calls:
        await asyncio.sleep(0)
    app.shop.hold.set()
    conversions = await asyncio.gather(*callers)
    assert len({conversion.outcomes[0].share_url for conversion in conversions}) == 5
    assert app.shop.calls.count("offer") == 1


async def test_a_store_that_is_away_fails_politely(app: ShopApp, memory_store: Store) -> None:
    async def away() -> None:
        raise StoreUnavailable("away")

    async def wrong() -> None:
        raise WrongStamp("other kind")

    app.converter._stamp = away
    [outcome] = (await app.converter.convert(ITEM, ALICE)).outcomes
    assert outcome.reason == "store_unavailable"
    app.converter._stamp = wrong
    with pytest.raises(WrongStamp):
        await app.converter.convert(ITEM, ALICE)


async def test_a_link_for_another_placement_of_ours_is_refused(app: ShopApp) -> None:
    app.shop.settings = replace_settings(app, pool=("p1", "p2"))
    app.shop.level = Attribution.PROMOTER
    app.shop.ownership = Ownership(kind=OwnershipKind.OURS, pid="house")
    [outcome] = (await app.converter.convert(ITEM, ALICE)).outcomes
    assert outcome.reason == "foreign_link"


async def test_a_placement_that_is_not_ours_any_more_is_promoted_anew(app: ShopApp) -> None:
    [first] = (await app.converter.convert(ITEM, ALICE)).outcomes
    app.shop.settings = replace_settings(app, pid="fresh")
    [pasted] = (await app.converter.convert(str(first.share_url), BOB)).outcomes
    assert pasted.share_url == first.share_url
    link = await app.link(first.share_url)
    assert (link.placement.pid, link.promoter_id) == ("fresh", "alice")
    app.shop.settings = replace_settings(app, pid="newer")
    await app.converter.convert(ITEM, ALICE)
    assert (await app.link(first.share_url)).placement.pid == "newer"


async def test_handed_out_again_keeps_link_and_placement_alive(app: ShopApp) -> None:
    app.shop.settings = replace_settings(app, pool=("p1",))
    app.shop.level = Attribution.PROMOTER
    [first] = (await app.converter.convert(ITEM, ALICE)).outcomes
    for text in (ITEM, str(first.share_url)):
        app.clock.advance(days=80)
        app.shop.offers["123"] = offer_of(coupon=coupon(ends=app.clock.now().replace(year=2030)))
        await app.converter.convert(text, ALICE)
    now = app.clock.now()
    assert app.links.alive(await app.link(first.share_url), now)
    app.clock.advance(days=60)
    assert await app.leases.lease("shop", "main", ("p1",), "bob", app.clock.now()) is None


async def test_an_old_offer_loses_a_coupon_that_has_ended(app: ShopApp) -> None:
    app.shop.offers["123"] = offer_of(coupon=coupon(ends=START.replace(hour=11)))
    await app.converter.convert(ITEM, ALICE)
    app.clock.advance(hours=3)
    app.shop.errors["offer"] = PlatformUnavailable("down")
    for _ in range(2):  # and it is not taken for a fresh one afterwards
        [outcome] = (await app.converter.convert(ITEM, ALICE)).outcomes
        assert outcome.status is Status.STALE
        assert outcome.offer is not None
        assert outcome.offer.coupon is None
        assert outcome.offer.final_price == outcome.offer.price
        assert outcome.offer.seen_at == START
        assert str(outcome.offer.commission) == "3.29"


async def test_a_missing_authorisation_without_address_is_the_operators(app: ShopApp) -> None:
    app.shop.errors["promote"] = NeedsAuthorisation("x", None)
    await app.converter.convert(ITEM, ALICE)
    assert app.alarms == ["needs_authorisation"]


async def test_our_own_token_keeps_its_promoter(app: ShopApp) -> None:
    app.shop.tpwd = "￥ZvcdVHP7PvU￥"
    [first] = (await app.converter.convert(ITEM, ALICE)).outcomes
    [pasted] = (await app.converter.convert("复制 ￥ZvcdVHP7PvU￥ 打开", BOB)).outcomes
    assert pasted.share_url == first.share_url


async def test_a_token_behind_a_short_link_is_the_same_product(app: ShopApp) -> None:
    text = "https://s.shop.example/AbCd12 复制 ￥Abcdef12345￥ 打开"
    conversion = await app.converter.convert(text, ALICE)
    assert [outcome.match.kind for outcome in conversion.outcomes] == [LinkKind.SHORT]
    apart = "https://item.shop.example/5\n￥Abcdef12345￥ 另一件"
    assert len((await app.converter.convert(apart, ALICE)).outcomes) == 2


async def test_the_token_is_the_fallback_of_its_link(app: ShopApp) -> None:
    resolve = app.shop.resolve

    async def only_tokens(link: LinkMatch) -> ItemRef:
        if link.kind is LinkKind.SHORT:
            raise LinkNotSupported("dead")
        return await resolve(link)

    app.shop.resolve = only_tokens  # type: ignore[method-assign] # - the platform knows the token only
    text = "https://s.shop.example/AbCd12 复制 ￥Abcdef12345￥ 打开"
    [outcome] = (await app.converter.convert(text, ALICE)).outcomes
    assert outcome.converted


def replace_settings(app: ShopApp, **changes: object) -> AdapterSettings:
    """The shop's settings with changes."""
    return app.shop.settings.model_copy(update=changes)
