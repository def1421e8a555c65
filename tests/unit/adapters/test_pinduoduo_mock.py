"""The mock gateway from outside: what it refuses, how it answers, where its links lead."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import aiohttp
import pytest

from adapters.mock.faults import FaultRule
from adapters.mock.pinduoduo import HOUSE_PID, MOCK, POOL
from adapters.mock.pinduoduo_links import uid_and_sid
from adapters.mock.pinduoduo_wire import CLIENT_ID, CLIENT_SECRET, signature
from adapters.pinduoduo.settings import PinduoduoSettings
from tests.unit.adapters.pinduoduo_rig import Rig, mocked, post

ITEM = "648213907516"
SEARCH = "pdd.ddk.goods.search"
PROMOTE = "pdd.ddk.goods.promotion.url.generate"
UNIT = "pdd.ddk.goods.zs.unit.url.gen"
AUTHORITY = "pdd.ddk.member.authority.query"
RED_PACKET = "pdd.ddk.rp.prom.url.generate"
ORDERS = "pdd.ddk.order.list.increment.get"
LINK = f"https://mobile.yangkeduo.com/goods.html?goods_id={ITEM}"


async def ask(rig: Rig, method: str, **fields: str) -> Any:
    """One signed call; `fields` may replace the public ones (and the signature)."""
    public = {
        "type": method,
        "client_id": CLIENT_ID,
        "timestamp": str(int(rig.world.now().timestamp())),
        "data_type": "JSON",
    }
    form = public | fields
    form.setdefault("sign", signature(form, CLIENT_SECRET))
    return await post(f"{rig.server.base_url}/api/router", form)


async def refused(rig: Rig, method: str, **fields: str) -> tuple[int, str | None]:
    answer = await ask(rig, method, **fields)
    assert set(answer) == {"error_response"}, answer
    error = answer["error_response"]
    assert set(error) == {"error_msg", "sub_msg", "sub_code", "error_code", "request_id"}
    return error["error_code"], error["sub_code"]


def sign_of(rig: Rig) -> str:
    return rig.world.item("pinduoduo", ITEM).canonical_id


async def promoted(rig: Rig, **fields: str) -> dict[str, Any]:
    signs = json.dumps([sign_of(rig)])
    fields = {"p_id": HOUSE_PID, "goods_sign_list": signs, "generate_short_url": "true"} | fields
    answer = await ask(rig, PROMOTE, **fields)
    (urls,) = answer["goods_promotion_url_generate_response"]["goods_promotion_url_list"]
    assert isinstance(urls, dict)
    return urls


async def lands(url: str) -> str:
    """Where one hop leads."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, allow_redirects=False) as response,
    ):
        assert response.status == 302
        assert response.headers["Cache-Control"] == "no-store"
        return response.headers["Location"]


async def test_public_parameters_are_checked_in_order() -> None:
    async with mocked() as rig:
        wrong = {"client_id": "x", "timestamp": "1", "sign": "x"}
        assert await refused(rig, "pdd.ddk.nothing", **wrong) == (10017, None)
        assert await refused(rig, SEARCH, **wrong) == (10016, None)
        late = {"timestamp": "1", "sign": "x"}
        assert await refused(rig, SEARCH, **late) == (10001, None)
        assert await refused(rig, SEARCH, timestamp="now") == (10001, None)
        rig.world.set_right("pinduoduo", SEARCH, granted=False)
        assert await refused(rig, SEARCH, sign="x") == (20004, None)
        assert await refused(rig, SEARCH) == (20031, None)
        rig.world.set_right("pinduoduo", SEARCH, granted=True)
        assert await refused(rig, SEARCH) == (10000, None)
        assert await refused(rig, SEARCH, data_type="XML", keyword="a") == (10000, None)


async def test_the_clock_may_be_ten_minutes_off() -> None:
    async with mocked() as rig:
        for seconds, code in ((595, 0), (-595, 0), (605, 10001), (-605, 10001)):
            at = str(int(rig.world.now().timestamp()) + seconds)
            answer = await ask(rig, SEARCH, keyword="纸巾", timestamp=at)
            assert answer.get("error_response", {}).get("error_code", 0) == code


async def test_a_changed_value_breaks_the_signature() -> None:
    async with mocked() as rig:
        form = {"type": SEARCH, "client_id": CLIENT_ID, "keyword": "a+b&c=d%"}
        form |= {"timestamp": str(int(rig.world.now().timestamp())), "data_type": "JSON"}
        form["sign"] = signature(form, CLIENT_SECRET)
        url = f"{rig.server.base_url}/api/router"
        assert "goods_search_response" in await post(url, form)
        for change in ({"keyword": "a b&c=d%"}, {"page": "1"}):
            assert (await post(url, form | change))["error_response"]["error_code"] == 20004


async def test_a_json_body_is_understood_too() -> None:
    async with mocked() as rig:
        url = f"{rig.server.base_url}/api/router"
        form = {"type": SEARCH, "client_id": CLIENT_ID, "keyword": "纸巾"}
        form["timestamp"] = str(int(rig.world.now().timestamp()))
        form["sign"] = signature(form, CLIENT_SECRET)
        assert "goods_search_response" in await post(url, form, as_json=True)
        for body in (b"{", b"[]"):
            headers = {"Content-Type": "application/json"}
            async with (
                aiohttp.ClientSession() as session,
                session.post(url, data=body, headers=headers) as response,
            ):
                assert (await response.json())["error_response"]["error_code"] == 10000


@pytest.mark.parametrize(
    ("method", "fields", "code"),
    [
        (SEARCH, {"keyword": "纸巾", "page_size": "9"}, (10000, None)),
        (SEARCH, {"keyword": "纸巾", "page_size": "x"}, (10000, None)),
        (SEARCH, {"keyword": "纸巾", "goods_id_list": "[1]"}, (10000, None)),
        (SEARCH, {"keyword": "纸巾", "pid": "1_2"}, (50001, None)),
        (SEARCH, {"goods_sign_list": "x"}, (10000, None)),
        (SEARCH, {"goods_sign_list": "[1]"}, (10000, None)),
        (PROMOTE, {"goods_sign_list": '["x"]'}, (10000, None)),
        (PROMOTE, {"p_id": "1_2", "goods_sign_list": '["x"]'}, (50001, None)),
        (PROMOTE, {"p_id": HOUSE_PID}, (10000, None)),
        (PROMOTE, {"p_id": HOUSE_PID, "goods_id_list": "[1]"}, (10000, None)),
        (PROMOTE, {"p_id": HOUSE_PID, "goods_sign_list": f'["{ITEM}"]'}, (50001, "10002")),
        (PROMOTE, {"p_id": HOUSE_PID, "goods_sign_list": '["x"]'}, (50001, "10002")),
        (UNIT, {"p_id": HOUSE_PID, "source_url": LINK}, (10000, None)),
        (UNIT, {"pid": HOUSE_PID}, (10000, None)),
        (UNIT, {"pid": HOUSE_PID, "source_url": "https://u.jd.com/abc"}, (50001, "10002")),
        (
            UNIT,
            {"pid": HOUSE_PID, "source_url": LINK.replace(ITEM, "900000000007")},
            (50001, "10002"),
        ),
        (AUTHORITY, {}, (10000, None)),
        (RED_PACKET, {"channel_type": "2", "p_id_list": f'["{HOUSE_PID}"]'}, (10000, None)),
        (RED_PACKET, {"channel_type": "10"}, (10000, None)),
        (RED_PACKET, {"channel_type": "10", "p_id_list": '["1_2"]'}, (50001, None)),
        (ORDERS, {"end_update_time": "5"}, (10000, None)),
        (ORDERS, {"start_update_time": "9", "end_update_time": "5"}, (10000, None)),
        (ORDERS, {"start_update_time": "1", "end_update_time": "86402"}, (50001, None)),
        (ORDERS, {"start_update_time": "1", "end_update_time": "5"}, (50001, None)),
        (ORDERS, {"start_update_time": "1", "end_update_time": "5", "page": "0"}, (10000, None)),
    ],
)
async def test_arguments_are_checked(
    method: str, fields: dict[str, str], code: tuple[int, str | None]
) -> None:
    async with mocked() as rig:
        assert await refused(rig, method, **fields) == code


async def test_booleans_are_words() -> None:
    async with mocked() as rig:
        signs = json.dumps([sign_of(rig)])
        fields = {"p_id": HOUSE_PID, "goods_sign_list": signs, "generate_short_url": "1"}
        assert await refused(rig, PROMOTE, **fields) == (10000, None)
        assert (await promoted(rig, generate_short_url="false"))["short_url"] is None


@pytest.mark.parametrize(
    "custom", ["{", "[]", '{"sid":"a"}', '{"uid":""}', json.dumps({"uid": "x" * 60})]
)
async def test_custom_parameters_are_checked(custom: str) -> None:
    async with mocked() as rig:
        fields = {"keyword": "纸巾", "custom_parameters": custom}
        assert await refused(rig, SEARCH, **fields) == (10000, None)


def test_what_stands_in_custom_parameters() -> None:
    assert uid_and_sid('{"uid":"a","sid":"b"}') == ("a", "b")
    for text in ("", "{", "[]", "{}"):
        assert uid_and_sid(text) == ("", "")


async def test_goods_are_in_fen_and_permille() -> None:
    async with mocked() as rig:
        answer = await ask(rig, SEARCH, keyword=LINK)
        body = answer["goods_search_response"]
        (goods,) = body["goods_list"]
        item = rig.world.item("pinduoduo", ITEM)
        assert goods["goods_id"] == int(ITEM)
        assert goods["goods_sign"] == item.canonical_id != ITEM
        assert (goods["min_group_price"], goods["promotion_rate"]) == (
            item.price,
            item.rate_bp / 10,
        )
        assert body["total_count"] == 1
        assert body["search_id"] == goods["search_id"]
        by_sign = await ask(rig, SEARCH, goods_sign_list=json.dumps([item.canonical_id]))
        assert by_sign["goods_search_response"]["goods_list"] == [goods]


@pytest.mark.parametrize(
    "keyword",
    [
        "https://u.jd.com/abc",
        "https://[",
        "https://mobile.yangkeduo.com/mall_page.html?mall_id=1",
        "https://p.pinduoduo.com/",
        "无结果",
    ],
)
async def test_what_is_no_item_finds_nothing(keyword: str) -> None:
    async with mocked() as rig:
        body = (await ask(rig, SEARCH, keyword=keyword))["goods_search_response"]
        assert (body["goods_list"], body["total_count"]) == ([], 0)


async def test_a_plain_id_is_no_sign_and_the_second_page_is_empty() -> None:
    async with mocked() as rig:
        plain = await ask(rig, SEARCH, goods_sign_list=json.dumps([ITEM]))
        assert plain["goods_search_response"]["goods_list"] == []
        second = await ask(rig, SEARCH, keyword="纸巾", page="2")
        assert second["goods_search_response"]["goods_list"] == []


async def test_links_are_opaque_and_lead_to_the_shop() -> None:
    async with mocked() as rig:
        urls = await promoted(rig, custom_parameters='{"uid":"p42","sid":"Ab3dE6g"}')
        assert urls["schema_url"] is None
        query = parse_qs(urlsplit(urls["url"]).query)
        assert query["pid"] == [HOUSE_PID]
        assert query["goods_id"] == [ITEM]
        assert ITEM not in urls["short_url"]
        shop = {await lands(urls[name]) for name in ("url", "mobile_url", "short_url")}
        assert len(shop) == 1
        assert shop.pop().startswith(f"{rig.server.base_url}/_shop/pinduoduo/{ITEM}?click=")
        for name in ("url", "mobile_url", "short_url"):
            whose = rig.mock.whose(urls[name])
            assert whose is not None
            assert (whose.pid, whose.sub_id, whose.item_id) == (HOUSE_PID, "Ab3dE6g", ITEM)


async def test_whose_falls_back_to_what_was_sent() -> None:
    async with mocked() as rig:
        by_uid = rig.mock.whose((await promoted(rig, custom_parameters='{"uid":"p42"}'))["url"])
        bare = rig.mock.whose((await promoted(rig, p_id=POOL[3]))["url"])
        assert by_uid is not None
        assert by_uid.sub_id == "p42"
        assert bare is not None
        assert (bare.pid, bare.sub_id) == (POOL[3], "")


async def test_links_that_were_not_made_here_are_nobodys() -> None:
    async with mocked() as rig:
        base = rig.server.base_url
        url = (await promoted(rig))["url"]
        seal = parse_qs(urlsplit(url).query)["cpsSign"][0]
        strange = f"CC_260101_1_2_{'ab' * 16}"
        for changed in (url.replace(seal, seal[:-1] + "x"), url.replace(seal, strange)):
            assert rig.mock.whose(changed) is None
            assert await lands(changed) == f"{base}/_shop/pinduoduo/{ITEM}"
        last = "0" if seal[-1] != "0" else "1"
        assert rig.mock.whose(url.replace(seal, seal[:-1] + last)) is None
        assert rig.mock.whose(f"{base}/p.pinduoduo.com/unknown1") is None
        assert rig.mock.whose("https://u.jd.com/abc") is None


async def test_pasted_links_lead_to_the_shop_without_attribution() -> None:
    async with mocked() as rig:
        base = rig.server.base_url
        behind = rig.world.item_behind("pinduoduo", "Hq7ZtB2mXe").item_id
        launch = quote(f"/goods.html?goods_id={ITEM}", safe="")
        expected = {
            f"mobile.yangkeduo.com/goods.html?goods_id={ITEM}": ITEM,
            f"www.yangkeduo.com/x.html?goods_sign={sign_of(rig)}": ITEM,
            f"mobile.yangkeduo.com/app.html?launch_url={launch}": ITEM,
            "yangkeduo.com/goods2.html?ps=Hq7ZtB2mXe": behind,
            "p.pinduoduo.com/Hq7ZtB2mXe": behind,
        }
        for path, item_id in expected.items():
            assert await lands(f"{base}/{path}") == f"{base}/_shop/pinduoduo/{item_id}"
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{base}/mobile.yangkeduo.com/order.html") as response,
        ):
            assert response.status == 404


async def test_the_second_convert_call_takes_links() -> None:
    async with mocked() as rig:
        answer = await ask(rig, UNIT, pid=HOUSE_PID, source_url=LINK)
        urls = answer["goods_zs_unit_generate_response"]
        assert rig.mock.whose(urls["url"]) == rig.mock.whose(urls["short_url"])
        rig.world.set_profile("pinduoduo", "strict")
        fields = {"pid": HOUSE_PID, "source_url": LINK}
        assert await refused(rig, UNIT, **fields) == (50001, "60001")


async def test_authorisation_is_kept_for_p_id_and_uid() -> None:
    async with mocked() as rig:
        rig.world.set_profile("pinduoduo", "strict")
        custom = '{"uid":"p42"}'

        async def bound(**fields: str) -> int:
            answer = await ask(rig, AUTHORITY, pid=HOUSE_PID, **fields)
            return int(answer["authority_query_response"]["bind"])

        assert await bound(custom_parameters=custom) == 0
        answer = await ask(
            rig,
            RED_PACKET,
            channel_type="10",
            p_id_list=json.dumps([HOUSE_PID]),
            custom_parameters=custom,
        )
        url = answer["rp_promotion_url_generate_response"]["url_list"][0]["url"]
        async with aiohttp.ClientSession() as session:
            async with session.get(url.replace("p42", "p43")) as response:
                assert response.status == 404
            assert await bound(custom_parameters='{"uid":"p43"}') == 0
            async with session.get(url) as response:
                assert "【演示数据】" in await response.text()
        assert await bound(custom_parameters=custom) == 1
        assert await bound(custom_parameters='{"uid":"p42","sid":"any"}') == 1
        assert await bound() == 0
        rig.world.set_right("pinduoduo", "authority", granted=True)
        assert await bound() == 1


async def test_a_refused_field_as_a_fault() -> None:
    async with mocked() as rig:
        args = {"right": "custom_parameters"}
        for _ in range(2):
            rig.world.faults.add(
                FaultRule(platform="pinduoduo", method=SEARCH, kind="missing_right", args=args)
            )
        fields = {"keyword": "纸巾", "custom_parameters": '{"uid":"p42"}'}
        assert await refused(rig, SEARCH, **fields) == (20031, None)
        assert "goods_search_response" in await ask(rig, SEARCH, keyword="纸巾")


async def test_the_life_of_an_order() -> None:
    async with mocked() as rig:
        url = (await promoted(rig, custom_parameters='{"uid":"p42"}'))["url"]
        order = rig.world.buy("pinduoduo", ITEM, rig.mock.addresses.link(url))
        at = int(order.updated_at.timestamp())
        window = {"start_update_time": str(at), "end_update_time": str(at)}
        answer = await ask(rig, ORDERS, **window, return_count="true")
        body = answer["order_list_get_response"]
        (row,) = body["order_list"]
        assert body["total_count"] == 1
        assert (row["order_sn"], row["order_status"]) == (order.order_id, 1)
        assert (row["p_id"], row["custom_parameters"]) == (HOUSE_PID, '{"uid":"p42"}')
        assert (row["order_amount"], row["promotion_amount"]) == (order.paid, order.commission)
        assert row["order_settle_time"] is None
        earlier = {"start_update_time": str(at - 9), "end_update_time": str(at - 1)}
        answer = await ask(rig, ORDERS, **earlier)
        assert answer["order_list_get_response"]["order_list"] == []
        assert "total_count" not in answer["order_list_get_response"]


def test_settings_fit_the_adapter() -> None:
    made = PinduoduoSettings.model_validate(MOCK.client_settings("http://127.0.0.1:9/"))
    assert not made.missing_keys()
    assert str(made.gateway_url) == "http://127.0.0.1:9/api/router"
    assert len(made.pool) == 20
    assert made.house_pid() not in made.pool


async def test_a_window_ends_with_the_last_second() -> None:
    async with mocked() as rig:
        now = rig.world.now()
        start, end = now - timedelta(hours=24), now
        window = {
            "start_update_time": str(int(start.timestamp())),
            "end_update_time": str(int(end.timestamp())),
        }
        assert "order_list_get_response" in await ask(rig, ORDERS, **window)
