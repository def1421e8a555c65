"""Answers that the mock never gives: what the adapter asks, and what it makes of odd ones."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from adapters.contract import Attribution, ItemRef, Offer, OwnershipKind
from adapters.errors import (
    ForeignLink,
    ItemNotPromotable,
    LinkNotSupported,
    NeedsAuthorisation,
    PlatformUnavailable,
    ProtocolError,
)
from tests.unit.adapters.pinduoduo_rig import (
    HOUSE,
    LEASED,
    NOW,
    SIGN,
    Script,
    error,
    found,
    goods,
    landing,
    pasted,
    placed,
    promoted,
    scripted,
)

OTHER = "44554960_316791390"
SITE = "https://mobile.yangkeduo.com"
SHORT = "https://p.pinduoduo.com/QalbCK7j"
REF = ItemRef(
    platform="pinduoduo",
    item_id="531222333444",
    source=f"{SITE}/goods.html?goods_id=531222333444",
)
GRANT = f"{SITE}/duo_coupon_landing.html?__page=auth&pid={HOUSE}"


def unit(**urls: object) -> dict[str, object]:
    return {"goods_zs_unit_generate_response": urls}


def grant(*urls: object) -> dict[str, object]:
    return {"rp_promotion_url_generate_response": {"url_list": list(urls)}}


async def offer_from(script: Script, **values: object) -> Offer:
    script.answers.insert(0, found(goods(**values), search_id="s-1"))
    async with scripted(script) as adapter:
        offer = await adapter.offer(REF)
    script.asked.clear()
    return offer


async def test_what_is_asked_for_an_offer() -> None:
    script = Script(found(goods()), found(goods()))
    async with scripted(script) as adapter:
        await adapter.offer(REF)
        await adapter.offer(ItemRef(platform="pinduoduo", item_id=SIGN))
    by_id, by_sign = script.asked
    assert by_id["type"] == "pdd.ddk.goods.search"
    assert (by_id["keyword"], by_id["pid"]) == (REF.source, HOUSE)
    assert (by_id["page"], by_id["page_size"]) == ("1", "10")
    assert "goods_sign_list" not in by_id
    assert by_sign["goods_sign_list"] == f'["{SIGN}"]'
    assert "keyword" not in by_sign


async def test_what_is_asked_for_a_promotion() -> None:
    script = Script()
    offer = await offer_from(script)
    script.answers = [promoted(url=landing())]
    async with scripted(script) as adapter:
        await adapter.promote(offer, placed())
    (form,) = script.asked
    assert form["type"] == "pdd.ddk.goods.promotion.url.generate"
    assert form["p_id"] == HOUSE
    assert form["goods_sign_list"] == f'["{SIGN}"]'
    assert form["custom_parameters"] == '{"uid":"p42","sid":"Ab3dE6g"}'
    assert form["search_id"] == "s-1"
    assert (form["generate_short_url"], form["generate_schema_url"]) == ("true", "true")


async def test_another_items_answer_is_not_this_items_offer() -> None:
    script = Script(found(goods(goods_id=1)), found(), {"goods_search_response": {}})
    async with scripted(script) as adapter:
        for _ in range(3):
            with pytest.raises(ItemNotPromotable):
                await adapter.offer(REF)


async def test_nameless_goods_are_left_out_of_a_search() -> None:
    nameless = goods(goods_id=0, goods_sign="")
    async with scripted(Script(found(nameless, goods()))) as adapter:
        assert [offer.ref for offer in await adapter.search("纸巾", 5)] == [REF]


@pytest.mark.parametrize(
    ("urls", "web", "kind"),
    [
        ({"url": landing(), "short_url": SHORT}, landing(), OwnershipKind.OURS),
        ({"url": None, "mobile_url": landing(LEASED)}, landing(LEASED), OwnershipKind.OURS),
        ({"short_url": SHORT}, SHORT, OwnershipKind.UNKNOWN),
        ({"mobile_short_url": SHORT}, SHORT, OwnershipKind.UNKNOWN),
        (
            {"short_url": SHORT, "we_app_info": {"page_path": f"pages/w?pid={HOUSE}"}},
            SHORT,
            OwnershipKind.OURS,
        ),
        ({"short_url": SHORT, "we_app_info": {}}, SHORT, OwnershipKind.UNKNOWN),
    ],
)
async def test_the_link_that_shows_its_owner_is_taken(
    urls: dict[str, object], web: str, kind: OwnershipKind
) -> None:
    script = Script()
    offer = await offer_from(script)
    script.answers = [promoted(**urls)]
    async with scripted(script) as adapter:
        link = (await adapter.promote(offer, placed())).link
    assert (link.web, link.ownership.kind, link.app) == (web, kind, None)


async def test_a_link_for_the_app_comes_along() -> None:
    schema = landing().replace(SITE, "pinduoduo://com.xunmeng.pinduoduo")
    script = Script()
    offer = await offer_from(script)
    script.answers = [promoted(url=landing(), schema_url=schema)]
    async with scripted(script) as adapter:
        assert (await adapter.promote(offer, placed())).link.app == schema


@pytest.mark.parametrize(
    "urls",
    [
        {"url": landing(OTHER)},
        {"url": landing(), "mobile_url": landing(OTHER)},
        {"url": landing(), "schema_url": f"pinduoduo://a/b?pid={OTHER}"},
        {"short_url": SHORT, "we_app_info": {"page_path": f"pages/w?pid={OTHER}"}},
    ],
)
async def test_one_strange_p_id_anywhere_is_too_many(urls: dict[str, object]) -> None:
    script = Script()
    offer = await offer_from(script)
    script.answers = [promoted(**urls)]
    async with scripted(script) as adapter:
        with pytest.raises(ForeignLink):
            await adapter.promote(offer, placed())


@pytest.mark.parametrize(
    "answer",
    [
        promoted(),
        promoted(url="https://evil.test/?x=1"),
        promoted(url=f"http://user@mobile.yangkeduo.com/?pid={HOUSE}"),
        {"goods_promotion_url_generate_response": {}},
        {"goods_promotion_url_generate_response": {"goods_promotion_url_list": []}},
    ],
)
async def test_no_link_on_our_hosts_is_no_link(answer: object) -> None:
    script = Script()
    offer = await offer_from(script)
    script.answers = [answer]
    async with scripted(script) as adapter:
        with pytest.raises(ProtocolError):
            await adapter.promote(offer, placed())


async def test_a_placement_of_a_later_pool_is_ours_too() -> None:
    script = Script()
    offer = await offer_from(script)
    script.answers = [promoted(url=landing(OTHER))]
    async with scripted(script) as adapter:
        link = (await adapter.promote(offer, placed(pid=OTHER))).link
    assert link.ownership.pid == OTHER


async def test_the_link_itself_is_converted_where_the_sign_is_not_read() -> None:
    script = Script()
    offer = await offer_from(script)
    unsigned = await offer_from(script, goods_sign="")
    script.answers = [error(50001, "10002"), unit(url=landing()), unit(url=landing())]
    async with scripted(script) as adapter:
        assert (await adapter.promote(offer, placed())).link.level is Attribution.LINK
        await adapter.promote(unsigned, placed())
    _, first, second = script.asked
    for form in (first, second):
        assert form["type"] == "pdd.ddk.goods.zs.unit.url.gen"
        assert (form["pid"], form["source_url"]) == (HOUSE, REF.source)
        assert form["custom_parameters"] == '{"uid":"p42","sid":"Ab3dE6g"}'
        assert "p_id" not in form


async def test_without_sign_and_link_nothing_can_be_converted() -> None:
    script = Script(found(goods()), found(goods(goods_sign="")), error(50001, "10002"))
    async with scripted(script) as adapter:
        bare = ItemRef(platform="pinduoduo", item_id="531222333444")
        offer, unsigned = await adapter.offer(bare), await adapter.offer(bare)
        with pytest.raises(ItemNotPromotable):
            await adapter.promote(offer, placed())
        with pytest.raises(LinkNotSupported):
            await adapter.promote(unsigned, placed())


async def test_a_link_that_the_search_does_not_know_gets_a_second_try() -> None:
    mobile = f"{SITE}/app.html?launch_url=duo_coupon_landing.html%3Fgoods_sign%3D{SIGN}"
    script = Script(
        found(),
        unit(short_url=SHORT, url=landing()),
        found(goods(), goods()),
        unit(mobile_url=mobile),
    )
    async with scripted(script) as adapter:
        assert await adapter.resolve(pasted(SHORT)) == REF
        assert (await adapter.resolve(pasted(SHORT))).item_id == SIGN
    assert script.asked[1]["source_url"] == SHORT
    assert script.asked[1]["pid"] == HOUSE


async def test_a_second_try_that_fails() -> None:
    script = Script(
        found(), error(50001, "10002"),
        found(), error(20031),
        found(), error(50001),
        found(), unit(short_url=SHORT),
        found(goods(goods_id=0, goods_sign="")), unit(url=f"{SITE}/mall_page.html?mall_id=1"),
    )  # fmt: skip
    async with scripted(script) as adapter:
        for _ in range(3):
            with pytest.raises(ItemNotPromotable):
                await adapter.resolve(pasted(SHORT))
        for _ in range(2):
            with pytest.raises(LinkNotSupported):
                await adapter.resolve(pasted(SHORT))
    script = Script(found(), error(50001, "60001"), grant({"url": GRANT}))
    async with scripted(script) as adapter:
        with pytest.raises(NeedsAuthorisation) as caught:
            await adapter.resolve(pasted(SHORT))
    assert caught.value.url == GRANT
    script = Script(found(), error(52001), error(52001), error(52001))
    async with scripted(script) as adapter:
        with pytest.raises(PlatformUnavailable):
            await adapter.resolve(pasted(SHORT))


async def test_authorisation_is_asked_for_the_promoter_not_for_the_link() -> None:
    script = Script()
    offer = await offer_from(script)
    script.answers = [error(50001, "60001"), grant({"url": GRANT, "mobile_url": GRANT + "&m=1"})]
    async with scripted(script) as adapter:
        with pytest.raises(NeedsAuthorisation) as caught:
            await adapter.promote(offer, placed(pid=LEASED))
    assert caught.value.url == GRANT + "&m=1"
    form = script.asked[1]
    assert form["type"] == "pdd.ddk.rp.prom.url.generate"
    assert (form["channel_type"], json.loads(form["p_id_list"])) == ("10", [LEASED])
    assert form["custom_parameters"] == '{"uid":"p42"}'


async def test_authorisation_without_a_trusted_address_has_none() -> None:
    answers = [
        grant({"url": "https://evil.test/?pid=1"}, {}),
        {"rp_promotion_url_generate_response": {"url_list": None}},
    ]
    for answer in answers:
        script = Script(error(50001, "60001"), answer)
        async with scripted(script) as adapter:
            with pytest.raises(NeedsAuthorisation) as caught:
                await adapter.offer(REF)
        assert caught.value.url is None
        assert "custom_parameters" not in script.asked[1]


async def test_authorisation_of_a_plain_placement_names_nobody() -> None:
    script = Script()
    offer = await offer_from(script)
    script.answers = [error(50001, "60001"), grant({"url": GRANT})]
    async with scripted(script) as adapter:
        with pytest.raises(NeedsAuthorisation):
            await adapter.promote(offer, placed(tag="", code=""))
    assert "custom_parameters" not in script.asked[1]


async def test_a_short_link_is_followed_to_the_one_that_shows_its_owner() -> None:
    script = Script()
    async with scripted(script, below=True) as adapter:
        base = str(adapter.settings.link_base).rstrip("/")
        to = landing().replace("https://", f"{base}/")
        script.pages = {
            "/p.pinduoduo.com/ours": to,
            "/p.pinduoduo.com/theirs": to.replace(HOUSE, OTHER),
            "/p.pinduoduo.com/away": "https://evil.test/",
        }
        expected = {
            "ours": OwnershipKind.OURS,
            "theirs": OwnershipKind.FOREIGN,
            "away": OwnershipKind.UNKNOWN,
            "login": OwnershipKind.UNKNOWN,
        }
        for code, kind in expected.items():
            assert (await adapter.owns(f"{base}/p.pinduoduo.com/{code}")).kind is kind
        forged = await adapter.owns(f"{base}/p.pinduoduo.com/theirs?pid={HOUSE}")
        assert (forged.kind, forged.pid) == (OwnershipKind.FOREIGN, OTHER)
        plain = await adapter.owns(f"{base}/mobile.yangkeduo.com/goods.html?goods_id=1")
        assert plain.kind is OwnershipKind.UNKNOWN


async def test_orders_without_a_list_are_none() -> None:
    script = Script({"order_list_get_response": {}})
    async with scripted(script) as adapter:
        page = await adapter.orders(NOW, NOW + timedelta(hours=1))
    assert (page.items, page.next_cursor) == ((), None)
    (form,) = script.asked
    assert (form["return_count"], form["page"], form["page_size"]) == ("true", "1", "50")
    start = int(NOW.timestamp())
    assert (form["start_update_time"], form["end_update_time"]) == (str(start), str(start + 3599))
