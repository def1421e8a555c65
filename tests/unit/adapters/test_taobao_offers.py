"""Offers: which calls are made by which rights, and what the card then says."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from adapters.contract import Coupon, ItemRef, Money, Rate
from adapters.errors import (
    ItemNotPromotable,
    ItemOffShelf,
    LinkNotSupported,
    MissingRight,
    PlatformUnavailable,
    ProtocolError,
)
from adapters.mock.scenarios import BY_ID
from adapters.taobao.ids import clean_link
from tests.unit.adapters.taobao_rig import (
    CONVERT,
    COUPON,
    COUPON_CONVERT,
    COUPON_GET,
    INFO,
    OPAQUE,
    PLAIN,
    SCENE,
    SEARCH,
    Script,
    convert_answer,
    convert_row,
    error,
    item_answer,
    item_row,
    mocked,
    pasted,
    root,
    scripted,
)

SCENARIO = {name: item_id for item_id, name in BY_ID.items()}
COUPON_DATA = {
    "coupon_click_url": "https://uland.taobao.com/coupon/edetail?e=CC",
    "item_url": "https://s.click.taobao.com/t?e=DD",
    "coupon_info": "满50元减20元",
    "coupon_end_time": "2026-12-01",
    "coupon_remain_count": "7",
    "max_commission_rate": "4.50",
    "item_id": OPAQUE,
}


def ref(item_id: str) -> ItemRef:
    return ItemRef(platform="taobao", item_id=item_id, source=clean_link(item_id))


def coupon_convert(**changes: object) -> dict[str, object]:
    return root(COUPON_CONVERT, {"result": {"data": {**COUPON_DATA, **changes}}})


def ready(row: dict[str, object] | None = None) -> Script:
    return Script().on(CONVERT, convert_answer(row)).on(INFO, item_answer())


async def test_an_offer_of_a_copied_link() -> None:
    script = ready()
    async with scripted(script) as adapter:
        offer = await adapter.offer(ref(PLAIN))
    assert script.methods() == [CONVERT, INFO]
    convert, info = script.asked
    assert json.loads(convert["material_dto"]) == {"material_url": clean_link(PLAIN)}
    assert convert["biz_scene_id"] == "2"
    assert convert["adzone_id"] == "330"
    assert (info["item_id"], info["biz_scene_id"]) == (OPAQUE, "1")
    assert offer.ref == ref(PLAIN)
    assert (offer.title, offer.shop, offer.sales) == ("桑蚕丝枕套", "晚风家居", "1200")
    assert offer.image_url == "https://img.alicdn.com/a.jpg"
    assert (offer.price, offer.final_price) == (Money(5990), Money(3990))
    assert (offer.commission_rate, offer.commission) == (Rate(600), Money(239))
    assert offer.coupon == Coupon(
        amount=Money(2000),
        threshold=Money(5000),
        starts_at=datetime(2026, 11, 19, 16, tzinfo=UTC),
        ends_at=datetime(2026, 12, 1, 15, 59, 59, tzinfo=UTC),
        remaining=7,
    )


async def test_an_offer_of_a_new_id_asks_for_both_at_once() -> None:
    answer = root(CONVERT, {"data": {"item_url_list": {"item_url_list": [convert_row()]}}})
    script = Script().on(CONVERT, answer).on(INFO, item_answer())
    async with scripted(script) as adapter:
        offer = await adapter.offer(ref(OPAQUE))
    assert sorted(script.methods()) == sorted([CONVERT, INFO])
    form = next(form for form in script.asked if form["method"] == CONVERT)
    assert (form["item_id_list"], form["biz_scene_id"]) == (OPAQUE, "1")
    assert offer.final_price == Money(3990)


async def test_without_general_convert_the_item_call_is_used() -> None:
    script = Script().on(CONVERT, error(11)).on(COUPON_CONVERT, coupon_convert())
    script.on(INFO, item_answer())
    async with scripted(script) as adapter:
        offer = await adapter.offer(ref(OPAQUE))
        await adapter.offer(ref(OPAQUE))
    assert script.methods().count(CONVERT) == 1
    assert script.methods().count(COUPON_CONVERT) == 2
    assert offer.commission_rate == Rate(450)
    assert offer.coupon is not None
    assert offer.coupon.ends_at == datetime(2026, 12, 1, 16, tzinfo=UTC)
    assert offer.final_price == Money(3990)


@pytest.mark.parametrize("refusal", [error(15, "35"), error(15, "1911")])
async def test_a_plain_id_without_the_scene_is_the_operators(refusal: dict[str, object]) -> None:
    script = Script().on(CONVERT, error(11)).on(COUPON_CONVERT, refusal)
    async with scripted(script) as adapter:
        for _ in range(2):
            with pytest.raises(MissingRight) as caught:
                await adapter.offer(ref(PLAIN))
            assert caught.value.right == CONVERT
    assert script.methods() == [CONVERT, COUPON_CONVERT]
    assert script.asked[1]["biz_scene_id"] == "2"


async def test_the_scene_alone_converts_a_plain_id() -> None:
    script = Script().on(COUPON_CONVERT, coupon_convert(item_id="")).on(INFO, item_answer())
    async with scripted(script, rights=[COUPON_CONVERT, SCENE]) as adapter:
        await adapter.offer(ref(PLAIN))
    convert, info = script.asked
    assert (convert["item_id"], convert["biz_scene_id"]) == (PLAIN, "2")
    assert (info["item_id"], info["biz_scene_id"]) == (PLAIN, "2")


async def test_the_item_call_itself_may_be_missing() -> None:
    script = Script().on(COUPON_CONVERT, error(11))
    async with scripted(script, rights=[SCENE]) as adapter:
        with pytest.raises(MissingRight) as caught:
            await adapter.offer(ref(PLAIN))
    assert caught.value.right == COUPON_CONVERT


async def test_a_refused_scene_leaves_new_ids_alone() -> None:
    refused = {"code": 1001, "msg": "无权限"}
    answer = root(CONVERT, {"data": {"item_url_list": [convert_row()]}})
    script = Script().on(CONVERT, convert_answer(refused), answer).on(INFO, item_answer())
    async with scripted(script) as adapter:
        with pytest.raises(MissingRight):
            await adapter.offer(ref(PLAIN))
        assert (await adapter.offer(ref(OPAQUE))).final_price == Money(3990)
    assert script.methods().count(CONVERT) == 2


async def test_general_convert_refused_for_one_item_id_is_general() -> None:
    refused = root(CONVERT, {"data": {"item_url_list": [{"code": "1001"}]}})
    script = Script().on(CONVERT, refused).on(COUPON_CONVERT, coupon_convert())
    script.on(INFO, item_answer())
    async with scripted(script) as adapter:
        await adapter.offer(ref(OPAQUE))
        await adapter.offer(ref(OPAQUE))
    assert script.methods().count(CONVERT) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (convert_answer({"code": 10000, "msg": "宝贝已下架"}), ItemOffShelf),
        (convert_answer({"code": 10000, "msg": "已下架或非淘客宝贝"}), ItemNotPromotable),
        (convert_answer({"code": 35}), MissingRight),
        (convert_answer({"code": 20008}), ProtocolError),
        (convert_answer(convert_row({"material_type": 2})), ItemNotPromotable),
        (convert_answer({"link_info_dto": {}}), ProtocolError),
        (root(CONVERT, {"data": {}}), ProtocolError),
        (root(CONVERT, {"biz_error_desc": 10000, "result_msg": "宝贝已下架"}), ItemOffShelf),
        (root(CONVERT, {"data": {"material_url_list": ["x"]}}), ProtocolError),
        (error(15, "isv.item-not-exist"), ItemNotPromotable),
        (error(15, "isp.top-mapping-parse-error"), PlatformUnavailable),
    ],
)
async def test_a_failed_conversion(answer: dict[str, object], kind: type[Exception]) -> None:
    async with scripted(ready().on(CONVERT, answer), timeout=0.3) as adapter:
        with pytest.raises(kind) as caught:
            await adapter.offer(ref(PLAIN))
    assert type(caught.value).__mro__.index(kind) <= 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (root(COUPON_CONVERT, {"result": {"biz_error_code": "10000"}}), ItemNotPromotable),
        (root(COUPON_CONVERT, {"result": {"data": {}}}), ProtocolError),
        (error(15, "33"), ItemNotPromotable),
    ],
)
async def test_a_failed_item_call(answer: dict[str, object], kind: type[Exception]) -> None:
    script = Script().on(COUPON_CONVERT, answer).on(INFO, item_answer())
    async with scripted(script, rights=[]) as adapter:
        with pytest.raises(kind):
            await adapter.offer(ref(OPAQUE))


async def test_an_item_without_data_is_not_promotable() -> None:
    async with scripted(ready().on(INFO, root(INFO, {}))) as adapter:
        with pytest.raises(ItemNotPromotable):
            await adapter.offer(ref(PLAIN))


async def test_an_item_without_a_price_is_no_offer() -> None:
    script = ready().on(INFO, item_answer(zk_final_price=None))
    async with scripted(script) as adapter:
        with pytest.raises(ProtocolError):
            await adapter.offer(ref(PLAIN))


async def test_a_price_may_stand_elsewhere() -> None:
    script = ready().on(INFO, item_answer(zk_final_price=None, reserve_price=88))
    async with scripted(script) as adapter:
        assert (await adapter.offer(ref(PLAIN))).price == Money(8800)


@pytest.mark.parametrize(
    "changes",
    [
        {"coupon_amount": "0"},
        {"coupon_remain_count": 0},
        {"coupon_end_time": "2026-11-22 17:30:00"},
        {"coupon_start_time": "2026-11-22 17:30:01"},
        {"coupon_desc": "神券", "activity_id": ""},
    ],
)
async def test_a_coupon_that_nobody_can_use_is_none(changes: dict[str, object]) -> None:
    script = ready(convert_row(coupon={**COUPON, **changes}))
    async with scripted(script) as adapter:
        offer = await adapter.offer(ref(PLAIN))
    assert offer.coupon is None
    assert offer.final_price == offer.price == Money(5990)
    assert offer.commission == Money(359)


async def test_a_threshold_above_the_price_claims_nothing() -> None:
    script = ready(convert_row(coupon={**COUPON, "coupon_desc": "满100元减20元"}))
    async with scripted(script) as adapter:
        offer = await adapter.offer(ref(PLAIN))
    assert offer.coupon is not None
    assert offer.final_price == Money(5990)


async def test_unreadable_terms_are_asked_for() -> None:
    unclear = convert_row(coupon={**COUPON, "coupon_desc": "神券"})
    script = ready(unclear).on(COUPON_GET, root(COUPON_GET, {"data": {"coupon_start_fee": "40"}}))
    async with scripted(script) as adapter:
        offer = await adapter.offer(ref(PLAIN))
        assert offer.coupon is not None
        assert offer.coupon.threshold == Money(4000)
        assert script.methods() == [CONVERT, COUPON_GET, INFO]
        script.on(COUPON_GET, error(15, "10"))
        assert (await adapter.offer(ref(PLAIN))).coupon is None
    async with scripted(script, rights=[CONVERT]) as adapter:
        assert (await adapter.offer(ref(PLAIN))).coupon is None
    assert script.methods()[-2:] == [CONVERT, INFO]


async def test_the_threshold_may_stand_in_the_answer() -> None:
    script = ready(convert_row(coupon={**COUPON, "coupon_desc": "", "coupon_start_fee": "30"}))
    async with scripted(script) as adapter:
        offer = await adapter.offer(ref(PLAIN))
    assert offer.coupon is not None
    assert offer.coupon.threshold == Money(3000)


async def test_a_subsidy_with_a_limit_is_not_promised() -> None:
    income = {"pure_commission_rate": "3.00", "subsidy_upper_fee": "5.00"}
    script = ready(convert_row(promotion={"income_info": income}))
    async with scripted(script) as adapter:
        assert (await adapter.offer(ref(PLAIN))).commission_rate == Rate(300)


async def test_an_unknown_rate_is_unknown() -> None:
    row = {key: value for key, value in item_row().items() if key != "publish_info"}
    script = ready(convert_row(promotion={"commission_rate": None}))
    async with scripted(script) as adapter:
        assert (await adapter.offer(ref(PLAIN))).commission_rate == Rate(550)
        script.on(INFO, root(INFO, {"results": [row]}))
        offer = await adapter.offer(ref(PLAIN))
    assert offer.commission_rate is None
    assert offer.commission is None


async def test_search_reads_price_rate_and_coupon() -> None:
    path = {"promotion_title": "商品券", "promotion_desc": "满50减15", "promotion_fee": "15"}
    rows = [
        item_row(final_promotion_path_list={"final_promotion_path_map_data": [path]}),
        {**item_row(), "item_id": ""},
        item_row(),
    ]
    script = Script().on(SEARCH, root(SEARCH, {"result_list": {"map_data": rows}}))
    async with scripted(script) as adapter:
        first, second = await adapter.search(" 枕套 ", 500)
        assert first.ref == ref(OPAQUE)
        assert first.final_price == Money(4490)
        assert first.commission == Money(246)
        assert second.coupon is None
        assert len(await adapter.search("枕套", 1)) == 1
        assert [form["page_size"] for form in script.asked] == ["100", "1"]
        assert script.asked[0]["q"] == "枕套"
        assert await adapter.search("枕套", 0) == ()
        assert await adapter.search("  ", 5) == ()
        assert len(script.asked) == 2
        script.on(SEARCH, error(15, "50001", "无结果"))
        assert await adapter.search("枕套", 5) == ()


async def test_the_scenarios_of_the_mock() -> None:
    async with mocked() as rig:

        async def offer(name: str) -> object:
            return await rig.adapter.offer(await rig.adapter.resolve(pasted("", SCENARIO[name])))

        assert getattr(await offer("no_coupon"), "coupon", 0) is None
        assert getattr(await offer("coupon_exhausted"), "coupon", 0) is None
        for name in ("not_promotable", "off_shelf"):
            with pytest.raises(ItemNotPromotable):
                await offer(name)
        with pytest.raises(MissingRight):
            await offer("numeric_refused")
        canonical = rig.world.item("taobao", SCENARIO["numeric_refused"]).canonical_id
        assert (await rig.adapter.offer(ref(canonical))).title


async def test_one_refused_numeric_id_is_no_verdict_on_the_others() -> None:
    async with mocked() as rig:
        for _ in range(2):
            rig.calls()
            with pytest.raises(MissingRight) as caught:
                await rig.adapter.offer(ref(SCENARIO["numeric_refused"]))
            assert caught.value.right == "biz_scene_id=2"
            assert rig.calls() == 1
        assert (await rig.adapter.offer(ref(PLAIN))).commission is not None


async def test_a_plain_publisher_converts_new_ids_only() -> None:
    async with mocked("strict") as rig:
        with pytest.raises(MissingRight):
            await rig.adapter.offer(ref(PLAIN))
        rig.calls()
        offer = await rig.adapter.offer(ref(rig.world.item("taobao", PLAIN).canonical_id))
        assert rig.calls() == 2
        assert offer.commission is not None
        for name in ("not_promotable", "off_shelf"):
            gone = rig.world.item("taobao", SCENARIO[name]).canonical_id
            with pytest.raises(ItemNotPromotable):
                await rig.adapter.offer(ref(gone))
        with pytest.raises((LinkNotSupported, MissingRight)):
            await rig.adapter.resolve(
                pasted("https://s.click.taobao.com/AbCdEf1", kind="affiliate")
            )
