"""The mock gateway of Taobao, asked by a bare client: checks, envelopes, arguments, pages."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from adapters.mock.buyer import walk
from adapters.mock.scenarios import BY_ID
from adapters.mock.taobao_account import FOREIGN_PID, HOUSE_PID, POOL
from adapters.times import beijing_text
from tests.unit.adapters.taobao_rig import (
    CONVERT,
    COUPON_CONVERT,
    COUPON_GET,
    INFO,
    ORDERS,
    PARSE,
    PLAIN,
    REFUNDS,
    SCENE,
    SEARCH,
    TPWD_CONVERT,
    TPWD_CREATE,
    TPWD_PARSE,
    Rig,
    mocked,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SCENARIO = {name: item_id for item_id, name in BY_ID.items()}
ADZONE = HOUSE_PID.rsplit("_", 1)[-1]


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with mocked() as made:
        yield made


def dto(url: str) -> str:
    return json.dumps({"material_url": url}, ensure_ascii=False)


async def row_of(rig: Rig, method: str, url: str, **changes: str) -> Any:
    """The one row of a general.link.* answer."""
    content = await rig.content(method, adzone_id=ADZONE, material_dto=dto(url), **changes)
    return content["data"]["material_url_list"]["material_url_list"][0]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"method": ""}, 21),
        ({"method": "taobao.unheard.of"}, 22),
        ({"app_key": None}, 28),
        ({"app_key": "1"}, 29),
        ({"timestamp": None}, 30),
        ({"timestamp": "now"}, 31),
        ({"sign": None}, 24),
        ({"sign": "0" * 32}, 25),
        ({"sign": "签名"}, 25),
        ({"format": "xml"}, 23),
        ({"format": None}, 23),
        ({"session": "made up"}, 27),
    ],
)
async def test_what_is_checked_before_the_method(
    rig: Rig, changes: dict[str, str | None], code: int
) -> None:
    asked: dict[str, str | None] = {"item_id": "1", **changes}
    answer = (await rig.raw(asked.pop("method", INFO) or "", **asked))["error_response"]
    assert answer["code"] == code
    assert answer["msg"]


async def test_the_order_of_the_checks(rig: Rig) -> None:
    rig.world.set_right("taobao", INFO, granted=False)
    wrong = {"app_key": "1", "timestamp": "x", "sign": "y"}
    assert await rig.refusal("taobao.unheard.of", **wrong) == (22, "")
    assert await rig.refusal(INFO, **wrong) == (29, "")
    assert await rig.refusal(INFO, timestamp="x", sign="y") == (31, "")
    assert await rig.refusal(INFO, sign="y") == (25, "")
    assert (await rig.refusal(INFO))[0] == 11
    rig.world.set_right("taobao", INFO, granted=None)
    assert await rig.refusal(INFO) == (40, "isv.missing-parameter")


@pytest.mark.parametrize("minutes", [-11, 11])
async def test_ten_minutes_of_tolerance(rig: Rig, minutes: int) -> None:
    now = rig.world.now()
    off = beijing_text(now + timedelta(minutes=minutes))
    near = beijing_text(now + timedelta(minutes=minutes * 9 / 11))
    assert await rig.refusal(INFO, item_id="1", timestamp=off) == (31, "")
    assert await rig.refusal(INFO, item_id="1", timestamp=near) == (15, "35")


async def test_get_works_as_post_does(rig: Rig) -> None:
    url = f"{rig.server.base_url}/router/rest"
    async with rig.session.get(url, params={"method": INFO, "app_key": "1"}) as response:
        assert json.loads(await response.text())["error_response"]["code"] == 29


async def test_lists_are_wrapped_unless_simplified_and_slashes_escaped(rig: Rig) -> None:
    asked = {"q": "枕套", "adzone_id": ADZONE, "page_size": "2"}
    wrapped = await rig.content(SEARCH, **asked)
    assert len(wrapped["result_list"]["map_data"]) == 2
    bare = await rig.content(SEARCH, **asked, simplify="true")
    assert [row["item_id"] for row in bare["result_list"]] == [
        row["item_id"] for row in wrapped["result_list"]["map_data"]
    ]
    images = bare["result_list"][0]["item_basic_info"]["small_images"]
    assert isinstance(images, list)
    async with rig.session.post(f"{rig.server.base_url}/router/rest") as response:
        assert response.content_type == "text/javascript"
    keys = rig.mock.client_settings(rig.server.base_url)
    assert keys["pool"] == POOL
    assert len(POOL) == 20


async def test_item_data(rig: Rig) -> None:
    one = rig.world.item("taobao", PLAIN)
    gone = rig.world.item("taobao", SCENARIO["off_shelf"])
    ids = f"{one.canonical_id}, {gone.canonical_id}"
    content = await rig.content(INFO, item_id=ids)
    (row,) = content["results"]["tbk_item_detail"]
    assert row["input_item_iid"] == row["item_id"] == one.canonical_id
    assert row["price_promotion_info"]["zk_final_price"] == f"{one.price / 100:.2f}"
    assert "results" not in await rig.content(INFO, item_id=gone.canonical_id)
    assert await rig.refusal(INFO, item_id=PLAIN) == (15, "35")
    plain = await rig.content(INFO, item_id=PLAIN, biz_scene_id="2")
    assert plain["results"]["tbk_item_detail"][0]["item_id"] == one.canonical_id
    many = ",".join(["1"] * 21)
    assert (await rig.refusal(INFO, item_id=many))[0] == 41
    refused = SCENARIO["numeric_refused"]
    assert await rig.refusal(INFO, item_id=refused, biz_scene_id="2") == (15, "35")
    rig.world.set_right("taobao", SCENE, granted=False)
    assert await rig.refusal(INFO, item_id=PLAIN, biz_scene_id="2") == (15, "35")


async def test_search(rig: Rig) -> None:
    asked = {"q": "枕套", "adzone_id": ADZONE}
    first = await rig.content(SEARCH, **asked, page_size="3")
    second = await rig.content(SEARCH, **asked, page_size="3", page_no="2")
    ids = [row["item_id"] for page in (first, second) for row in page["result_list"]["map_data"]]
    assert len(set(ids)) == 6
    link = first["result_list"]["map_data"][0]["publish_info"]["click_url"]
    assert link.startswith("//")
    assert await rig.refusal(SEARCH, adzone_id=ADZONE) == (15, "30002")
    assert await rig.refusal(SEARCH, adzone_id=ADZONE, q="无结果") == (15, "50001")
    assert await rig.refusal(SEARCH, q="枕套") == (40, "isv.missing-parameter")
    assert await rig.refusal(SEARCH, q="枕套", adzone_id="1") == (15, "isv.pid-not-correct")
    for wrong in ("0", "101", "many"):
        assert (await rig.refusal(SEARCH, **asked, page_size=wrong))[0] == 41


async def test_a_coupon_by_its_id(rig: Rig) -> None:
    item = rig.world.item("taobao", SCENARIO["coupon_replaced"])
    assert item.coupon is not None
    data = (await rig.content(COUPON_GET, item_id=item.item_id, activity_id=item.coupon.id))["data"]
    assert data["coupon_start_fee"] == f"{item.coupon.threshold / 100:.2f}"
    assert await rig.refusal(COUPON_GET, item_id=item.item_id, activity_id="x") == (15, "10")
    none = SCENARIO["no_coupon"]
    assert await rig.refusal(COUPON_GET, item_id=none, activity_id="x") == (15, "10")


async def test_general_convert_by_link(rig: Rig) -> None:
    url = f"https://item.taobao.com/item.htm?id={PLAIN}"
    row = await row_of(rig, CONVERT, url, biz_scene_id="2")
    item = rig.world.item("taobao", PLAIN)
    assert "code" not in row
    assert row["link_info_dto"]["item_id"] == item.canonical_id
    assert isinstance(row["promotion_info_dto"]["promotion_price"], int)
    assert (await row_of(rig, CONVERT, url))["code"] == 1001
    for name, code in (("numeric_refused", 35), ("off_shelf", 10000), ("not_promotable", 10000)):
        link = f"https://detail.tmall.com/item.htm?id={SCENARIO[name]}"
        assert (await row_of(rig, CONVERT, link, biz_scene_id="2"))["code"] == code
    assert (await row_of(rig, CONVERT, "https://www.taobao.com/"))["code"] == 20008
    bare = await row_of(
        rig,
        CONVERT,
        f"https://item.taobao.com/item.htm?id={SCENARIO['no_coupon']}",
        biz_scene_id="2",
    )
    assert bare["coupon_info_dto"] == {}
    assert "coupon_long_url" not in bare["link_info_dto"]


async def test_general_convert_by_id_and_its_arguments(rig: Rig) -> None:
    canonical = rig.world.item("taobao", PLAIN).canonical_id
    content = await rig.content(CONVERT, adzone_id=ADZONE, item_id_list=f"{canonical},{PLAIN}")
    fine, refused = content["data"]["item_url_list"]["item_url_list"]
    assert fine["link_info_dto"]["item_id"] == canonical
    assert refused["code"] == 35
    assert (await rig.refusal(CONVERT, adzone_id=ADZONE))[0] == 40
    for wrong in ("not json", "[1]"):
        assert (await rig.refusal(CONVERT, adzone_id=ADZONE, material_dto=wrong))[0] == 41


async def test_parse_names_only_our_own_pid(rig: Rig) -> None:
    item = rig.world.item("taobao", PLAIN)
    own, foreign = rig.mock.links.make(item, POOL[0]), rig.mock.links.make(item, FOREIGN_PID)
    asked = {"fields": "origin_pid"}
    assert (await row_of(rig, PARSE, own.click, **asked))["link_info_dto"]["origin_pid"] == POOL[0]
    assert "origin_pid" not in (await row_of(rig, PARSE, own.click))["link_info_dto"]
    assert "origin_pid" not in (await row_of(rig, PARSE, foreign.coupon, **asked))["link_info_dto"]
    made = (await row_of(rig, PARSE, own.tpwd))["link_info_dto"]
    assert (made["tk_biz_type"], made["material_id"]) == (1, item.canonical_id)
    assert made["tpwd_origin_url"].endswith(f"id={PLAIN}")
    assert (await row_of(rig, PARSE, "￥Hq4WnZ8dKxT￥"))["link_info_dto"]["tk_biz_type"] == 2
    assert (await row_of(rig, PARSE, "￥Shop4WnZ8dK￥"))["link_info_dto"]["material_type"] == 2
    assert (await row_of(rig, PARSE, "hello there"))["code"] == 20008


async def test_tokens(rig: Rig) -> None:
    item = rig.world.item("taobao", PLAIN)
    made = rig.mock.links.make(item, HOUSE_PID)
    data = (await rig.content(TPWD_CREATE, url=made.coupon))["data"]
    assert data["password_simple"] in data["model"].replace("CZ3457 ", "CZ3457 ￥")
    parsed = await rig.content(TPWD_PARSE, password_content=data["password_simple"])
    assert parsed["data"]["origin_url"].endswith(f"id={PLAIN}")
    converted = await rig.content(
        TPWD_CONVERT, password_content=data["password_simple"], adzone_id=ADZONE
    )
    assert converted["data"]["num_iid"] == item.canonical_id
    assert converted["data"]["origin_pid"] == "0"
    for url in ("https://www.taobao.com/", rig.mock.links.item_page(item)):
        assert await rig.refusal(TPWD_CREATE, url=url) == (15, "20000")
    assert await rig.refusal(TPWD_PARSE, password_content="￥Shop4WnZ8dK￥") == (15, "20015")
    assert await rig.refusal(TPWD_PARSE, password_content="nothing") == (15, "20008")
    gone = f"https://item.taobao.com/item.htm?id={SCENARIO['off_shelf']}"
    asked = {"password_content": gone, "adzone_id": ADZONE}
    assert await rig.refusal(TPWD_CONVERT, **asked) == (15, "10000")


async def test_a_new_placement(rig: Rig) -> None:
    site = HOUSE_PID.split("_")[2]
    create = "taobao.tbk.adzone.create"
    pid = (await rig.content(create, site_id=site, adzone_name="群一"))["data"]["model"]
    assert pid.startswith(f"mm_{HOUSE_PID.split('_')[1]}_{site}_")
    canonical = rig.world.item("taobao", PLAIN).canonical_id
    asked = {"item_id": canonical, "adzone_id": pid.rsplit("_", 1)[-1]}
    made = await rig.content(COUPON_CONVERT, **asked)
    whose = rig.mock.whose(made["result"]["data"]["coupon_click_url"])
    assert whose is not None
    assert whose.pid == pid
    assert (await rig.refusal(create, site_id="1", adzone_name="x"))[0] == 15
    assert (await rig.refusal(create, site_id=site))[0] == 40


async def test_orders_have_their_limits(rig: Rig) -> None:
    now = rig.world.now()
    window = {"start_time": beijing_text(now), "end_time": beijing_text(now)}
    assert (await rig.refusal(ORDERS))[0] == 40
    late = beijing_text(now + timedelta(hours=3, seconds=1))
    assert await rig.refusal(ORDERS, **{**window, "end_time": late}) == (
        15,
        "isv.invalid-parameter",
    )
    assert (await rig.refusal(ORDERS, **{**window, "start_time": late}))[0] == 15
    assert (await rig.refusal(ORDERS, **{**window, "start_time": "soon"}))[0] == 41
    for name, wrong in (("query_type", "9"), ("page_no", "101"), ("page_size", "0")):
        assert (await rig.refusal(ORDERS, **window, **{name: wrong}))[0] == 41
    assert (await rig.content(ORDERS, **window))["data"]["has_next"] is False
    option = json.dumps({**window, "page_size": 1, "query_type": 5})
    assert (
        "result"
        not in (await rig.content(REFUNDS, publisher_refund_order_query_option=option))["data"]
    )


async def test_orders_by_status_and_without_position(rig: Rig) -> None:
    made = rig.mock.links.make(rig.world.item("taobao", PLAIN), POOL[0])
    link = rig.world.link("taobao", made.click_short.rsplit("/", 1)[-1])
    order = rig.world.buy("taobao", PLAIN, link)
    rig.world.buy("taobao", PLAIN, link, pay=False)
    now = rig.world.now()
    window = {
        "start_time": beijing_text(now - timedelta(hours=1)),
        "end_time": beijing_text(now + timedelta(hours=1)),
    }
    for query_type, found in (("1", 1), ("2", 1), ("3", 0), ("4", 1)):
        data = (await rig.content(ORDERS, **window, query_type=query_type))["data"]
        assert len(data.get("results", {}).get("publisher_order_dto", [])) == found
    data = (await rig.content(ORDERS, **window, tk_status="12", position_index="x|y_z"))["data"]
    (row,) = data["results"]["publisher_order_dto"]
    assert row["trade_id"] == order.order_id
    assert row["adzone_id"] == POOL[0].rsplit("_", 1)[-1]
    assert "results" not in (await rig.content(ORDERS, **window, tk_status="3"))["data"]


async def test_a_promotion_link_leads_to_the_shop_in_all_its_forms(rig: Rig) -> None:
    made = rig.mock.links.make(rig.world.item("taobao", PLAIN), POOL[1])
    for url in (made.click, made.click_short, made.coupon, made.coupon_short):
        visit = await walk(rig.world, url)
        assert visit.item_id == PLAIN
        assert visit.link is not None
        assert visit.link.attribution["pid"] == POOL[1]
        whose = rig.mock.whose(url)
        assert whose is not None
        assert (whose.pid, whose.sub_id, whose.item_id) == (POOL[1], POOL[1], PLAIN)
        for secret in (PLAIN, POOL[1].rsplit("_", 1)[-1]):
            assert secret not in url


async def test_other_pages(rig: Rig) -> None:
    base = rig.server.base_url
    item = await rig.get(f"{base}/item.taobao.com/item.htm?id={PLAIN}")
    assert (item[0], item[1]) == (302, rig.world.shop_url("taobao", PLAIN, None))
    old = await rig.get(f"{base}/a.m.taobao.com/i{PLAIN}.htm")
    assert old[1] == item[1]
    short = await rig.get(f"{base}/e.tb.cn/h.7kQmZx4LrT9vWb2?tk=x")
    behind = rig.world.item_behind("taobao", "7kQmZx4LrT9vWb2")
    assert f"var url = '{base}/item.taobao.com/item.htm?id={behind.item_id}';" in short[2]
    assert "goofish" in (await rig.get(f"{base}/m.tb.cn/h.XianyuA"))[2]
    for nothing in ("/m.tb.cn/x", "/item.taobao.com/item.htm", "/uland.taobao.com/x"):
        assert (await rig.get(base + nothing))[0] == 404
    unknown = await rig.get(f"{base}/s.click.taobao.com/AbCdEf1")
    assert unknown[0] == 302
    assert unknown[1] is not None
    assert "click=" not in unknown[1]
    rig.fault("http_5xx", "m.tb.cn")
    assert (await rig.get(f"{base}/m.tb.cn/h.AbCdEf1"))[0] == 502


async def test_the_tk_of_a_short_link_is_the_item_s_token(rig: Rig) -> None:
    base, links = rig.server.base_url, rig.mock.links
    behind = links.target("￥Rk7pXw3Lm2Q￥").item
    assert behind is not None
    page = await rig.get(f"{base}/m.tb.cn/h.AbCd3fG?tk=Rk7pXw3Lm2Q")
    assert f"var url = '{base}/item.taobao.com/item.htm?id={behind.item_id}';" in page[2]
    without = links.target("https://m.tb.cn/h.AbCd3fG").item
    assert without is not None
    assert without.item_id != behind.item_id
    made = links.make(rig.world.item("taobao", PLAIN), POOL[1])
    by_token = f"{base}/m.tb.cn/h.AbCd3fG?tk={made.tpwd.strip('￥')}"
    whose = rig.mock.whose(by_token)
    assert whose is not None
    assert (whose.pid, whose.item_id) == (POOL[1], PLAIN)
    assert (await walk(rig.world, by_token)).item_id == PLAIN
    assert (await walk(rig.world, f"{made.coupon_short}?tk=Rk7pXw3Lm2Q")).item_id == PLAIN
    assert "goofish" in (await rig.get(f"{base}/m.tb.cn/h.XianyuA?tk=Rk7pXw3Lm2Q"))[2]
    assert "goofish" in (await rig.get(f"{base}/m.tb.cn/h.AbCd3fG?tk=XianyuAbCdE"))[2]


async def test_whose_knows_only_promotion_links(rig: Rig) -> None:
    item = rig.world.item("taobao", PLAIN)
    assert rig.mock.whose("https://s.click.taobao.com/AbCdEf1") is None
    base = rig.server.base_url
    assert rig.mock.whose(f"{base}/s.click.taobao.com/AbCdEf1") is None
    assert rig.mock.whose(rig.mock.links.item_page(item)) is None
    assert rig.mock.whose(f"{base}/[") is None
    foreign = rig.mock.whose(rig.mock.links.readable(item, FOREIGN_PID).click)
    assert foreign is not None
    assert (foreign.pid, foreign.sub_id) == (FOREIGN_PID, "")


async def test_what_is_pasted_from_elsewhere(rig: Rig) -> None:
    links = rig.mock.links
    assert links.target("javascript:alert(1)").item is None
    assert links.target("https://item.taobao.com/item.htm?id=1&itemId=2").item is None
    coupon = links.target(
        f"https://uland.taobao.com/coupon/edetail?itemId={PLAIN}&pid={FOREIGN_PID}"
    )
    assert coupon.item is not None
    assert (coupon.item.item_id, coupon.pid) == (PLAIN, FOREIGN_PID)
    assert links.target("http://[broken").item is None


@pytest.mark.parametrize(
    ("kind", "code", "sub_code"),
    [
        ("throttled", 7, "accesscontrol.limited-by-app-api-access-count"),
        ("quota", 7, "accesscontrol.limited-by-app-access-count"),
        ("expired_auth", 27, "invalid-sessionkey"),
        ("bad_signature", 25, ""),
        ("clock_skew", 31, ""),
        ("missing_right", 11, "isv.permission-api-package-limit"),
    ],
)
async def test_faults_of_the_gateway(rig: Rig, kind: str, code: int, sub_code: str) -> None:
    rig.fault(kind, INFO, seconds="3")
    answer = (await rig.raw(INFO, item_id="1"))["error_response"]
    assert (answer["code"], answer.get("sub_code", "")) == (code, sub_code)
    if kind == "throttled":
        assert answer["sub_msg"] == "This ban will last for 3 more seconds"


async def test_a_broken_connection(rig: Rig) -> None:
    rig.fault("reset", INFO)
    with pytest.raises(aiohttp.ClientError):
        await rig.raw(INFO)
