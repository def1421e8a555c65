"""The JD mock refuses what the real gateway refuses, in its order and with its codes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.mock.jd import JdMock
from adapters.mock.jd_links import seal, unseal
from adapters.mock.jd_orders import JdOrders
from adapters.mock.jd_wire import AUTH_KEY, POSITION_ID, SITE_ID, UNION_ID, BusinessError
from adapters.mock.orders import STEPS
from adapters.mock.scenarios import BY_ID
from adapters.mock.world import World
from adapters.times import beijing_text
from tests.unit.adapters.jd_rig import LEASED, SKU, Rig, rig

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from adapters.mock.values import MockOrder

INFO = "jd.union.open.goods.promotiongoodsinfo.query"
GOODS = "jd.union.open.goods.query"
COUPONS = "jd.union.open.coupon.query"
COMMON = "jd.union.open.promotion.common.get"
BY_SUB = "jd.union.open.promotion.bysubunionid.get"
ROWS = "jd.union.open.order.row.query"
POSITIONS = "jd.union.open.position.create"

SCENARIO = {name: sku for sku, name in BY_ID.items()}
ITEM_URL = f"https://item.jd.com/{SKU}.html"


@pytest.fixture
async def jd() -> AsyncIterator[Rig]:
    async with rig() as made:
        yield made


async def code(jd: Rig, method: str, arguments: object) -> int:
    """The business code of a call."""
    found: int = (await jd.result(method, arguments))["code"]
    return found


# The gateway's own checks


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"method": None}, "14"),
        ({"method": "jd.union.open.unknown", "app_key": "x"}, "15"),
        ({"app_key": None}, "20"),
        ({"app_key": "unknown", "timestamp": "x"}, "21"),
        ({"v": None}, "4"),
        ({"v": "9.9"}, "5"),
        ({"timestamp": None, "sign": "x"}, "7"),
        ({"timestamp": "2026-13-40 00:00:00", "sign": "x"}, "8"),
        ({"timestamp": "1764561605000"}, "8"),
        ({"sign": None}, "11"),
        ({"sign": "0" * 32}, "12"),
        ({"sign": "é" * 32}, "12"),
        ({"access_token": "expired"}, "19"),
    ],
)
async def test_gateway_codes_in_their_order(
    jd: Rig, changes: dict[str, str | None], expected: str
) -> None:
    answer = await jd.call(INFO, {"skuIds": SKU}, changes)
    error = answer["error_response"]
    assert error["code"] == expected
    assert error["zh_desc"]
    assert error["en_desc"]


async def test_the_clock_may_be_six_minutes_off(jd: Rig) -> None:
    for seconds, good in ((-350, True), (350, True), (-370, False), (370, False)):
        at = beijing_text(jd.world.now() + timedelta(seconds=seconds))
        answer = await jd.call(INFO, {"skuIds": SKU}, {"timestamp": at})
        assert ("error_response" not in answer) is good
    precise = f"{beijing_text(jd.world.now())}.683+0800"
    assert "error_response" not in await jd.call(INFO, {"skuIds": SKU}, {"timestamp": precise})


async def test_exactly_the_received_fields_are_signed(jd: Rig) -> None:
    extra = await jd.call(INFO, {"skuIds": SKU}, {"sign_method": "md5", "extra": "a+b &=%"})
    assert "error_response" not in extra
    text = json.dumps(
        {"goodsReqDTO": {"keyword": "咖啡 + 茶 & 50%", "pageSize": 2}}, ensure_ascii=False
    )
    assert "error_response" not in await jd.call(GOODS, text)


async def test_a_field_that_stands_twice_is_never_signed_right(jd: Rig) -> None:
    settings = JdMock.client_settings(jd.base)
    url = f"{jd.base}/routerjson?method={INFO}&v=1.0"
    form = {
        "method": INFO,
        "v": "1.0",
        "app_key": str(settings["app_key"]),
        "timestamp": beijing_text(jd.world.now()),
        "sign": "x",
    }
    async with jd.session.post(url, data=form) as response:
        assert (await response.json())["error_response"]["code"] == "12"


async def test_arguments_that_are_no_object(jd: Rig) -> None:
    assert await code(jd, INFO, "not json") == 401
    assert await code(jd, INFO, "[1]") == 401


async def test_the_envelope_is_misspelt_and_nested(jd: Rig) -> None:
    answer = await jd.call(INFO, {"skuIds": SKU})
    (root,) = answer
    assert root == "jd_union_open_goods_promotiongoodsinfo_query_responce"
    assert answer[root]["code"] == "0"
    assert isinstance(answer[root]["queryResult"], str)
    assert json.loads(answer[root]["queryResult"])["code"] == 200


async def test_the_old_gateway_answers_in_its_own_form(jd: Rig) -> None:
    answer = await jd.call(INFO, {"skuIds": SKU}, legacy=True)
    outer = answer["jd_union_open_goods_promotiongoodsinfo_query_response"]
    assert outer["code"] == "200"
    assert json.loads(outer["result"])["data"][0]["skuId"] == int(SKU)


async def test_an_ordinary_account_lacks_what_must_be_applied_for(jd: Rig) -> None:
    jd.strict()
    for method in (BY_SUB, GOODS, POSITIONS):
        assert await code(jd, method, {}) == 403
    for method in (INFO, COMMON, COUPONS, ROWS):
        assert await code(jd, method, {}) != 403


# Goods and coupons


@pytest.mark.parametrize(
    ("method", "arguments", "expected"),
    [
        (INFO, {}, 401),
        (INFO, {"skuIds": "abc"}, 401),
        (INFO, {"skuIds": ",".join(["1"] * 101)}, 401),
        (GOODS, {}, 401),
        (GOODS, {"goodsReqDTO": {}}, 401),
        (GOODS, {"goodsReqDTO": {"skuIds": [1] * 21}}, 401),
        (GOODS, {"goodsReqDTO": {"skuIds": [1], "pageSize": 31}}, 202),
        (COUPONS, {}, 2006400),
        (COUPONS, {"couponUrls": []}, 2006400),
        (POSITIONS, {}, 2004400),
    ],
)
async def test_arguments_are_checked(
    jd: Rig, method: str, arguments: dict[str, object], expected: int
) -> None:
    assert await code(jd, method, arguments) == expected


async def test_what_is_not_found_has_no_data(jd: Rig) -> None:
    missing = SCENARIO["not_promotable"]
    found = await jd.result(GOODS, {"goodsReqDTO": {"skuIds": [int(missing)]}})
    assert (found["code"], found["totalCount"], "data" in found) == (200, 0, False)
    both = await jd.result(INFO, {"skuIds": f"{missing},{SKU}"})
    assert [entry["skuId"] for entry in both["data"]] == [int(SKU)]


async def test_goods_agree_with_the_world(jd: Rig) -> None:
    sku = SCENARIO["coupon_replaced"]
    truth = jd.world.item("jd", sku)
    assert truth.coupon is not None
    goods = (await jd.result(GOODS, {"goodsReqDTO": {"skuIds": [int(sku)]}}))["data"][0]
    assert goods["priceInfo"]["price"] * 100 == pytest.approx(truth.price)
    assert goods["priceInfo"]["lowestCouponPrice"] < goods["priceInfo"]["price"]
    assert goods["commissionInfo"]["commissionShare"] == truth.rate_bp / 100
    assert goods["couponInfo"]["couponList"][0]["discount"] * 100 == truth.coupon.amount
    by_item = await jd.result(GOODS, {"goodsReqDTO": {"itemIds": [truth.canonical_id]}})
    assert by_item["data"] == [goods]
    for scenario in ("no_coupon", "coupon_exhausted", "threshold_above_price"):
        asked = {"goodsReqDTO": {"skuIds": [int(SCENARIO[scenario])]}}
        bare = (await jd.result(GOODS, asked))["data"][0]
        assert bare["priceInfo"]["lowestCouponPrice"] == bare["priceInfo"]["price"]
        assert bool(bare["couponInfo"]["couponList"]) == (scenario == "threshold_above_price")


async def test_coupon_links_name_their_item(jd: Rig) -> None:
    sku = SCENARIO["coupon_exhausted"]
    page = "https://coupon.m.jd.com/coupons/show.action"
    links = [
        f"{page}?key=a&roleId={sku}",
        f"{page}?key=a&to=item.jd.com/{sku}.html",
        f"{page}?key=a",
        f"{page}?roleId={sku}",
        f"{page}?key=a&roleId={SCENARIO['no_coupon']}",
        "https://item.jd.com/1.html",
        "no link",
    ]
    found = await jd.result(COUPONS, {"couponUrls": links})
    assert [entry["link"] for entry in found["data"]] == links[:2]
    assert found["data"][0]["remainNum"] == 0
    assert jd.server.mocks[0].whose(links[0]) is None


# Links


def asked(**values: object) -> dict[str, object]:
    return {"promotionCodeReq": {"materialId": ITEM_URL, "siteId": SITE_ID, **values}}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"siteId": ""}, 1002024),
        ({"siteId": "1"}, 2001501),
        ({"subUnionId": "a", "pid": "1_2_3"}, 2001214),
        ({"subUnionId": "a b"}, 2001208),
        ({"subUnionId": "a" * 81}, 2001208),
        ({"positionId": 1}, 2001213),
        ({"pid": "1_2_3"}, 2001213),
        ({"materialId": SKU}, 2001101),
        ({"materialId": "http://[::1"}, 2001101),
        ({"materialId": "https://www.jd.com/"}, 2001105),
        ({"materialId": "https://www.taobao.com/"}, 2001102),
        ({"materialId": "https://u.jd.com/"}, 2001102),
        ({"materialId": f"https://item.jd.com/{SCENARIO['not_promotable']}.html"}, 2001104),
        ({"couponUrl": "https://item.jd.com/1.html"}, 2001901),
        ({"couponUrl": "https://["}, 2001901),
        ({"couponUrl": "https://coupon.m.jd.com/x?roleId=1"}, 2001905),
        ({"couponUrl": "https://coupon.m.jd.com/x?key=a&roleId=1"}, 2001909),
    ],
)
async def test_convert_arguments_are_checked(
    jd: Rig, values: dict[str, object], expected: int
) -> None:
    assert await code(jd, COMMON, asked(**values)) == expected


async def test_convert_calls_need_their_request(jd: Rig) -> None:
    assert await code(jd, COMMON, {}) == 2001212
    assert await code(jd, BY_SUB, asked(chainType=9)) == 2001212


async def test_coupons_and_sub_ids_need_their_rights(jd: Rig) -> None:
    def with_coupon(sku: str) -> dict[str, object]:
        return asked(
            materialId=f"https://item.jd.com/{sku}.html",
            couponUrl=f"https://coupon.m.jd.com/x?key=a&roleId={sku}",
        )

    assert await code(jd, COMMON, with_coupon(SCENARIO["coupon_replaced"])) == 200
    assert await code(jd, COMMON, with_coupon(SCENARIO["coupon_exhausted"])) == 2001914
    assert await code(jd, COMMON, with_coupon(SCENARIO["no_coupon"])) == 2001906
    jd.world.set_right("jd", "couponUrl", False)
    assert await code(jd, COMMON, with_coupon(SCENARIO["coupon_replaced"])) == 2001701
    jd.world.set_right("jd", "subUnionId", False)
    assert await code(jd, COMMON, asked(subUnionId="a")) == 2001403


async def made(jd: Rig, **values: object) -> dict[str, Any]:
    data: dict[str, Any] = (await jd.result(BY_SUB, asked(**values)))["data"]
    return data


async def test_chain_types(jd: Rig) -> None:
    long, short, both = [await made(jd, chainType=kind) for kind in (1, 2, 3)]
    assert (long["shortURL"], bool(long["clickURL"])) == ("", True)
    assert (bool(short["shortURL"]), short["clickURL"]) == (True, "")
    whose = jd.server.mocks[0].whose
    assert whose(both["shortURL"]) == whose(both["clickURL"]) is not None


@pytest.mark.parametrize(
    "material",
    [
        f"https://item.m.jd.com/product/{SKU}.html",
        f"https://wqitem.jd.com/item/view?sku={SKU}",
        "https://u.jd.com/sMq3xVb",
        "https://3.cn/2Q-mW4xT",
        "https://union-click.jd.com/jdc?d=k4sAaK",
    ],
)
async def test_every_link_of_an_item_is_converted(jd: Rig, material: str) -> None:
    first = jd.server.mocks[0].whose((await made(jd, materialId=material))["shortURL"])
    assert first is not None
    again = jd.server.mocks[0].whose((await made(jd, materialId=material))["shortURL"])
    assert again == first


async def test_our_own_link_leads_to_its_own_item(jd: Rig) -> None:
    link = (await made(jd))["shortURL"]
    whose = jd.server.mocks[0].whose((await made(jd, materialId=link))["shortURL"])
    assert whose is not None
    assert (whose.item_id, whose.pid) == (SKU, "")


async def test_only_what_was_sent_stands_on_the_link(jd: Rig) -> None:
    sent = {"siteId": "", "positionId": int(LEASED), "subUnionId": "Ab3dE7x"}
    token = (await made(jd, **sent))["shortURL"].rsplit("/", 1)[-1]
    link = jd.world.link("jd", token)
    assert link is not None
    assert link.attribution == {
        "unionId": UNION_ID, "positionId": LEASED, "subUnionId": "Ab3dE7x",
    }  # fmt: skip
    whose = jd.server.mocks[0].whose(f"{jd.base}/u.jd.com/{token}")
    assert whose is not None
    assert (whose.pid, whose.sub_id) == (LEASED, "Ab3dE7x")


async def test_a_link_goes_over_the_click_counter_to_the_shop(jd: Rig) -> None:
    data = await made(jd, chainType=3, subUnionId="Ab3dE7x", positionId=int(POSITION_ID))
    token = data["shortURL"].rsplit("/", 1)[-1]
    status, location, _ = await jd.get(f"/u.jd.com/{token}")
    assert (status, location) == (302, data["clickURL"])
    assert token not in data["clickURL"]
    status, location, body = await jd.get(data["clickURL"].removeprefix(jd.base))
    assert (status, location) == (200, None)
    hop = body.split("var hrl='")[1].split("'")[0]
    status, landing, _ = await jd.get(hop.removeprefix(jd.base))
    assert landing is not None
    assert landing.startswith(f"{jd.base}/item.m.jd.com/product/{SKU}.html?")
    query = parse_qs(urlsplit(landing).query)
    assert query["utm_campaign"] == [f"t_{UNION_ID}_Ab3dE7x"]
    assert POSITION_ID not in landing
    status, shop, _ = await jd.get(landing.removeprefix(jd.base))
    assert shop is not None
    assert f"click={token}." in shop
    assert jd.server.mocks[0].whose(landing) is not None


async def test_a_link_dies_after_sixty_days(jd: Rig) -> None:
    link = jd.world.make_link("jd", SKU, {"unionId": UNION_ID}, expires_at=jd.world.now())
    status, location, body = await jd.get(f"/u.jd.com/{link.token}")
    assert (status, location) == (410, None)
    assert "失效" in body


@pytest.mark.parametrize(
    ("path", "status", "leads_to"),
    [
        ("/3.cn/2Q-mW4xT", 302, "/item.m.jd.com/product/"),
        ("/3.cn/-Q2mW4xT", 302, "/cfe.m.jd.com/"),
        ("/3.cn/s/10001", 200, ""),
        ("/3.cn/", 200, ""),
        ("/u.jd.com/lOItP06", 302, "/union-click.jd.com/jdc?"),
        ("/union-click.jd.com/jdc", 404, ""),
        ("/union-click.jd.com/jda", 404, ""),
        ("/union-click.jd.com/jda?p=%25%25", 302, "/item.m.jd.com/product/"),
        ("/union-click.jd.com/jda?p=AAAAA", 302, "/item.m.jd.com/product/"),
        ("/union-click.jd.com/jdc?d=longer-than-any-code-%E4%BA%AC", 200, ""),
        (f"/item.jd.com/{SKU}.html", 302, f"/_shop/jd/{SKU}"),
        (f"/item.jd.com/{SKU}.html?utm_term=CopyURL", 302, f"/_shop/jd/{SKU}"),
        (f"/item.m.jd.com/ware/view.action?wareId={SKU}", 302, f"/_shop/jd/{SKU}"),
        ("/item.jd.com/help", 404, ""),
        (f"/coupon.m.jd.com/coupons/show.action?key=a&to=item.jd.com/{SKU}.html", 302, f"/_shop/jd/{SKU}"),
        (f"/coupon.m.jd.com/coupons/show.action?key=a&roleId={SKU}", 302, f"/_shop/jd/{SKU}"),
        ("/cfe.m.jd.com/x/?returnurl=https%3A%2F%2Fevil.example%2F", 404, ""),
        (f"/cfe.m.jd.com/x/?returnurl=https%3A%2F%2Fitem.jd.com%2F{SKU}.html", 302, "/item.jd.com/"),
    ],
)  # fmt: skip
async def test_pages_lead_on(jd: Rig, path: str, status: int, leads_to: str) -> None:
    found, location, _ = await jd.get(path)
    assert found == status
    assert (location or "").startswith(jd.base + leads_to if leads_to else "")
    assert bool(location) == bool(leads_to)


def test_codes_are_sealed_and_opened() -> None:
    for code_ in ("AbCdEfG", "a", "0123456789"):
        assert unseal(seal(code_)) == code_
        assert code_.encode() not in seal(code_)
    assert unseal(b"short") is None
    assert unseal(bytes(16)) is None


@pytest.mark.parametrize(
    "url", ["", "http://[", "https://www.jd.com/", "https://item.jd.com/1.html?utm_term=zz"]
)
async def test_whose_knows_only_its_own(jd: Rig, url: str) -> None:
    assert jd.server.mocks[0].whose(url) is None


# Orders


STARTED = datetime.now(UTC).replace(microsecond=0)


def at(minutes: float) -> str:
    """Beijing text of a moment seen from the start of the tests."""
    return beijing_text(STARTED + timedelta(minutes=minutes))


def rows(**values: object) -> dict[str, object]:
    window = {"startTime": at(-60), "endTime": at(0)}
    return {"orderReq": {"type": 3, "pageIndex": 1, "pageSize": 10, **window, **values}}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, 2002400),
        (rows(pageIndex=0), 2002400),
        (rows(pageSize="10"), 2002400),
        (rows(pageSize=501), 2002400),
        (rows(startTime="yesterday"), 2002400),
        (rows(endTime=at(0.1)), 2002453),
        (rows(endTime=at(-61)), 2002453),
        (rows(startTime="2020-01-01 00:00:00", endTime="2020-01-01 01:00:00"), 2002400),
        (rows(type=9), 2002400),
    ],
)
async def test_order_arguments_are_checked(
    jd: Rig, arguments: dict[str, object], expected: int
) -> None:
    assert await code(jd, ROWS, arguments) == expected


async def test_rows_by_each_kind_of_time_and_page_by_page(jd: Rig) -> None:
    link = jd.world.make_link("jd", SKU, {"unionId": UNION_ID})
    stranger = jd.world.make_link("jd", SKU, {"unionId": "1"})
    for _ in range(3):
        jd.world.buy("jd", SKU, link)
    jd.world.buy("jd", SKU, stranger)
    now = jd.world.now()
    window = {
        "startTime": beijing_text(now - timedelta(minutes=5)),
        "endTime": beijing_text(now + timedelta(seconds=2)),
    }
    seen = []
    for page in (1, 2, 3):
        found = await jd.result(ROWS, rows(**window, pageIndex=page, pageSize=2))
        seen += [row["id"] for row in found.get("data", [])]
        assert found["hasMore"] == (page == 1)
    assert len(seen) == len(set(seen)) == 3
    created = await jd.result(ROWS, rows(**window, type=1))
    assert len(created["data"]) == 3
    assert "subUnionId" not in created["data"][0]
    assert created["data"][0]["positionId"] == 0
    assert "data" not in await jd.result(ROWS, rows(**window, type=2))


async def test_finished_orders_are_found_by_their_finish(jd: Rig) -> None:
    link = jd.world.make_link("jd", SKU, {"unionId": UNION_ID})
    order = jd.world.buy("jd", SKU, link)
    now = jd.world.now()
    received = STEPS["receive"](order, now, {}, jd.world.item("jd", SKU))
    jd.world.change_order(received)
    window = {
        "startTime": beijing_text(now - timedelta(minutes=5)),
        "endTime": beijing_text(now + timedelta(seconds=2)),
    }
    row = (await jd.result(ROWS, rows(**window, type=2)))["data"][0]
    assert (row["validCode"], row["finishTime"]) == (17, beijing_text(now))
    assert row["payMonth"].endswith("20")
    assert row["payMonth"] > f"{now:%Y%m%d}"


class Busy(World):
    """A world in which one order was bought ten thousand times and once more."""

    def orders(
        self, platform: str, since: datetime, until: datetime, by: str = "updated_at"
    ) -> Sequence[MockOrder]:
        return list(super().orders(platform, since, until, by)) * 10_001


def test_more_rows_than_jd_gives() -> None:
    world = Busy(None, lambda: STARTED - timedelta(minutes=1), "http://127.0.0.1:1")
    world.buy("jd", SKU, world.make_link("jd", SKU, {"unionId": UNION_ID}))
    with pytest.raises(BusinessError) as caught:
        JdOrders(world).rows(rows(), None)
    assert caught.value.code == 2002452
    world.close()


# Placements


async def test_new_placements_are_the_accounts(jd: Rig) -> None:
    wanted = {
        "unionId": int(UNION_ID), "key": AUTH_KEY, "unionType": 3, "type": 4, "spaceNameList": ["a", "b"],
    }  # fmt: skip
    made_ = (await jd.result(POSITIONS, {"positionReq": wanted}))["data"]["resultList"]
    assert set(made_) == {"a", "b"}
    assert await code(jd, COMMON, asked(positionId=int(made_["a"]))) == 200
    changes: tuple[dict[str, object], ...] = (
        {"unionId": 1},
        {"key": "x"},
        {"unionType": 1},
        {"type": 9},
        {"spaceNameList": "a"},
        {"spaceNameList": []},
        {"spaceNameList": ["a"] * 51},
    )
    for change in changes:
        assert await code(jd, POSITIONS, {"positionReq": {**wanted, **change}}) == 2004400


# Faults


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("quota", "2"), ("expired_auth", "19"), ("bad_signature", "12"), ("clock_skew", "8")],
)
async def test_faults_speak_as_the_gateway(jd: Rig, kind: str, expected: str) -> None:
    jd.fault(kind, INFO)
    assert (await jd.call(INFO, {"skuIds": SKU}))["error_response"]["code"] == expected
    assert "error_response" not in await jd.call(INFO, {"skuIds": SKU})


@pytest.mark.parametrize(("kind", "expected"), [("throttled", 429), ("missing_right", 403)])
async def test_faults_speak_as_the_method(jd: Rig, kind: str, expected: int) -> None:
    jd.fault(kind, INFO)
    assert await code(jd, INFO, {"skuIds": SKU}) == expected


async def test_jd_has_no_authorisation_of_persons(jd: Rig) -> None:
    jd.fault("needs_authorisation", INFO)
    assert await code(jd, INFO, {"skuIds": SKU}) == 200


async def test_a_foreign_order_is_not_shown_to_us(jd: Rig) -> None:
    jd.fault("foreign_pid", BY_SUB, variant="hidden")
    link = (await made(jd))["shortURL"]
    whose = jd.server.mocks[0].whose(link)
    assert whose is not None
    assert whose.pid not in (POSITION_ID, LEASED)
    assert whose.sub_id == whose.pid
