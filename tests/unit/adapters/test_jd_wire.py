"""Signing, requests, envelopes and codes of JD's wire."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest
from pydantic import ValidationError

from adapters.errors import (
    AdapterError,
    AuthFailed,
    ItemNotPromotable,
    LinkNotSupported,
    MissingRight,
    PlatformUnavailable,
    ProtocolError,
    RateLimited,
    WindowTooWide,
)
from adapters.jd.codes import SUB_UNION_ID, CouponRefused, business_error, gateway_error
from adapters.jd.schema import ConvertAnswer, GoodsAnswer
from adapters.jd.settings import JdSettings
from adapters.jd.wire import read, request, sign
from adapters.mock.jd_wire import signature

METHOD = "jd.union.open.goods.query"
NOON = datetime(2026, 12, 1, 4, 0, 5, tzinfo=UTC)

# JD open platform, signing rules: the published example.
VECTOR = {
    "360buy_param_json": '{"end_date":null,"optional_fields":null,"order_state":"WAIT_SELLER_STOCK_OUT",'
    '"page":"1","page_size":"200","start_date":null}',
    "access_token": "yourtoken",
    "app_key": "yourappkey",
    "method": "jingdong.pop.order.search",
    "timestamp": "2021-05-07 09:20:39.683+0800",
    "v": "2.0",
}
VECTOR_SIGN = "D70825340F4084360B9362B60DFD7930"


@pytest.mark.parametrize("signs", [sign, signature], ids=["adapter", "mock"])
def test_the_published_vector(signs: object) -> None:
    assert callable(signs)
    assert signs(VECTOR, "yourappSecret") == VECTOR_SIGN


@pytest.mark.parametrize(
    "value", ["手冲咖啡 挂耳包", "a+b & c=d % 100%", '{"url":"https://u.jd.com/x?a=1&b=%E4"}']
)
def test_values_are_signed_raw(value: str) -> None:
    changed = {**VECTOR, "360buy_param_json": value}
    assert sign(changed, "s") == signature(changed, "s")
    assert sign(changed, "s") != sign({**changed, "360buy_param_json": value + " "}, "s")


def settings(**changes: object) -> JdSettings:
    return JdSettings.model_validate({"app_key": "k", "app_secret": "s", **changes})


def test_a_request_carries_what_is_signed() -> None:
    made = request(METHOD, {"goodsReqDTO": {"keyword": "咖啡 & 茶"}}, settings(), NOON)
    assert made.url == "https://api.jd.com/routerjson"
    form = dict(made.form)
    assert form["360buy_param_json"] == '{"goodsReqDTO":{"keyword":"咖啡 & 茶"}}'
    assert form["timestamp"] == "2026-12-01 12:00:05"
    assert (form["method"], form["app_key"], form["v"], form["format"]) == (
        METHOD,
        "k",
        "1.0",
        "json",
    )
    assert "access_token" not in form
    signed = form.pop("sign")
    assert signed == signature(form, "s")
    body, _ = made.encoded()
    assert parse_qs(body.decode())["360buy_param_json"] == [form["360buy_param_json"]]


def test_an_access_token_is_sent_and_signed() -> None:
    form = dict(request(METHOD, {}, settings(access_token="t"), NOON).form)
    assert form["access_token"] == "t"
    assert form["sign"] == signature(form, "s")


def test_the_old_gateway_takes_its_old_parameter() -> None:
    made = request(METHOD, {"a": 1}, settings(gateway_url="https://router.jd.com/api"), NOON)
    assert made.form["param_json"] == '{"a":1}'
    assert "360buy_param_json" not in made.form


def wrapped(
    result: object, *, root: str = "_responce", key: str = "queryResult", code: object = "0"
) -> bytes:
    text = result if isinstance(result, str) else json.dumps(result)
    return json.dumps({METHOD.replace(".", "_") + root: {"code": code, key: text}}).encode()


GOOD = {"code": 200, "message": "success", "data": [{"skuId": 1, "priceInfo": {"price": 39.9}}]}


@pytest.mark.parametrize(
    "body",
    [
        wrapped(GOOD),
        wrapped(GOOD, root="_response"),
        wrapped(GOOD, root="_response", key="result", code="200"),
        wrapped({**GOOD, "code": "200"}),
        wrapped({**GOOD, "code": "0"}, code=0),
        json.dumps({"jd_union_open_goods_query_responce": {"queryResult": GOOD}}).encode(),
    ],
    ids=["misspelt", "as in the docs", "old gateway", "code as text", "code zero", "not nested"],
)
def test_every_envelope_is_opened(body: bytes) -> None:
    answer = read(METHOD, body, GoodsAnswer)
    assert answer.data[0].sku_id == "1"
    assert answer.data[0].price.price is not None
    assert answer.data[0].price.price.fen == 3990


@pytest.mark.parametrize("data", [{}, {"data": None}, {"data": ""}, {"data": []}])
def test_nothing_found_is_an_empty_answer(data: dict[str, object]) -> None:
    assert read(METHOD, wrapped({"code": 201, "message": "无商品", **data}), GoodsAnswer).data == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html>busy</html>", PlatformUnavailable),
        (b'{"jd_union', PlatformUnavailable),
        (wrapped('{"code":200,"da'), PlatformUnavailable),
        (b"[]", ProtocolError),
        (b"{}", ProtocolError),
        (wrapped("[]"), ProtocolError),
        (json.dumps({"jd_union_open_goods_query_responce": {"code": "0"}}).encode(), ProtocolError),
        (json.dumps({"jd_union_open_goods_query_responce": "text"}).encode(), ProtocolError),
        (wrapped({"message": "no code"}), ProtocolError),
        (wrapped({"code": 403}), MissingRight),
        (wrapped(GOOD, code="67"), PlatformUnavailable),
        (b'{"error_response":{"code":"12","zh_desc":"\xe6\x97\xa0"}}', AuthFailed),
        (b'{"error_response":{"code":12}}', AuthFailed),
        (b'{"error_response":"text"}', ProtocolError),
    ],
)
def test_what_is_no_answer_is_its_error(body: bytes, kind: type[AdapterError]) -> None:
    with pytest.raises(kind) as caught:
        read(METHOD, body, GoodsAnswer)
    assert type(caught.value) is kind


def test_another_form_of_data_is_left_to_the_client() -> None:
    with pytest.raises(ValidationError):
        read(METHOD, wrapped({"code": 200, "data": {"clickURL": {}}}), GoodsAnswer)


def test_the_answer_of_a_convert_call() -> None:
    text = '{"code":200,"data":{"shortURL":"https://u.jd.com/AbC","clickURL":null,"jCommand":"x"}}'
    data = read(METHOD, wrapped(text), ConvertAnswer).data
    assert (data.short_url, data.click_url, data.command, data.short_command) == (
        "https://u.jd.com/AbC", "", "x", "",
    )  # fmt: skip


GATEWAY = {
    **dict.fromkeys(["7", "8", "11", "12", "14", "15", "18", "19", "20", "21"], AuthFailed),
    **dict.fromkeys(["43", "65", "66", "67", "500"], PlatformUnavailable),
    **dict.fromkeys(["24", "64", "403"], MissingRight),
    **dict.fromkeys(["2", "429"], RateLimited),
    "4": ProtocolError,
    "None": ProtocolError,
}


@pytest.mark.parametrize(("code", "kind"), GATEWAY.items())
def test_gateway_codes(code: str, kind: type[AdapterError]) -> None:
    error = gateway_error(METHOD, code)
    assert type(error) is kind
    assert METHOD in str(error)
    assert f"code {code}" in str(error)


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        *((code, "clock") for code in ("7", "8")),
        *((code, "expired") for code in ("18", "19", "2002401")),
        *((code, "keys") for code in ("11", "12", "20", "21", "2001201")),
    ],
)
def test_what_to_mend_after_a_refusal(code: str, cause: str) -> None:
    error = gateway_error(METHOD, code)
    assert isinstance(error, AuthFailed)
    assert error.cause == cause


def test_the_clock_is_named_where_it_is_at_fault() -> None:
    assert "clock" in str(gateway_error(METHOD, "8"))
    assert "clock" not in str(gateway_error(METHOD, "21"))


BUSINESS = {
    "429": RateLimited,
    **dict.fromkeys(
        ["500", "2001504", "2001609", "2001904", "2001910", "2001912"], PlatformUnavailable
    ),
    **dict.fromkeys(["2002408", "2002499", "2002500"], PlatformUnavailable),
    **dict.fromkeys(["403", "2002403"], MissingRight),
    **dict.fromkeys(["2001208", "2001214", "2001403"], MissingRight),
    "2001104": ItemNotPromotable,
    **dict.fromkeys(["2001101", "2001102", "2001105", "2001107"], LinkNotSupported),
    **dict.fromkeys(["202", "2002452", "2002453"], WindowTooWide),
    **dict.fromkeys(["2001701", "2001901", "2001906", "2001909", "2001914"], CouponRefused),
    **dict.fromkeys(["1002024", "2001213", "2001201", "2001602", "2002401"], AuthFailed),
    **dict.fromkeys(["401", "2002400", "7777777"], ProtocolError),
}


@pytest.mark.parametrize(("code", "kind"), BUSINESS.items())
def test_business_codes(code: str, kind: type[AdapterError]) -> None:
    error = business_error(METHOD, code)
    assert type(error) is kind
    assert f"code {code}" in str(error)


def test_what_was_refused_is_named() -> None:
    sub_id, method = business_error(METHOD, "2001208"), business_error(METHOD, "403")
    assert isinstance(sub_id, MissingRight)
    assert isinstance(method, MissingRight)
    assert (sub_id.right, method.right) == (SUB_UNION_ID, METHOD)
    single, account = business_error(METHOD, "2001914"), business_error(METHOD, "2001701")
    assert isinstance(single, CouponRefused)
    assert isinstance(account, CouponRefused)
    assert (single.right, account.right) == (False, True)


def test_numbers_never_become_floats() -> None:
    raw = {
        "code": 200,
        "data": [{"priceInfo": {"price": 0.07}, "commissionInfo": {"commissionShare": 5.5}}],
    }
    goods = read(METHOD, wrapped(raw), GoodsAnswer).data[0]
    assert goods.price.price is not None
    assert goods.commission.share is not None
    assert (goods.price.price.fen, goods.commission.share.bp) == (7, 550)
