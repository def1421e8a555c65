"""Signing, encoding, reading, and the table of error codes."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import (
    AdapterError,
    AuthFailed,
    ItemNotPromotable,
    MissingRight,
    NeedsAuthorisation,
    PlatformUnavailable,
    ProtocolError,
    QuotaUsedUp,
    RateLimited,
    WindowTooWide,
)
from adapters.mock.pinduoduo_wire import signature
from adapters.pinduoduo.wire import AUTHORITY, ORDERS, SEARCH, Keys, encoded, read, sign
from tests.unit.adapters.pinduoduo_rig import NOW, error, found, goods

VECTOR = {
    "access_token": "asd78172s8ds9a921j9qqwda12312w1w21211",
    "client_id": "1",
    "data_type": "XML",
    "order_status": "1",
    "page": "1",
    "page_size": "10",
    "timestamp": "1480411125",
    "type": "pdd.order.number.list.get",
}


def test_the_published_vector_is_reproduced_by_both_sides() -> None:
    assert sign(VECTOR, "testSecret") == "E4DE3ED21002510DED352819E7AE6775"
    assert signature(VECTOR, "testSecret") == "E4DE3ED21002510DED352819E7AE6775"


@pytest.mark.parametrize("value", ["家庭抽纸 囤货装", "a+b&c=d%20e", ""])
def test_values_are_signed_raw(value: str) -> None:
    body = "skeyword" + value + "typets"
    expected = hashlib.md5(body.encode(), usedforsecurity=False).hexdigest().upper()
    assert sign({"type": "t", "keyword": value}, "s") == expected


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=6), st.text(max_size=9))
def test_the_mock_computes_the_same_on_its_own(params: dict[str, str], secret: str) -> None:
    params.pop("sign", None)
    assert signature(params | {"sign": "X"}, secret) == sign(params, secret)


def test_values_become_the_texts_that_the_gateway_wants() -> None:
    values = {
        "generate_short_url": True,
        "multi_group": False,
        "page": 2,
        "p_id_list": ["1_2"],
        "range": {"名": 1},
        "keyword": "纸巾",
        "list_id": None,
    }
    assert encoded(values) == {
        "generate_short_url": "true",
        "multi_group": "false",
        "page": "2",
        "p_id_list": '["1_2"]',
        "range": '{"名":1}',
        "keyword": "纸巾",
    }


def test_a_request_is_signed_with_the_business_clock() -> None:
    keys = Keys(gateway_url="https://gateway.test/api/router", client_id="id", secret="s")
    request = keys.request("pdd.x", {"keyword": "纸巾"}, datetime(2026, 1, 1, tzinfo=UTC))
    form = dict(request.form)
    signed = form.pop("sign")
    assert request.url == "https://gateway.test/api/router"
    assert form == {
        "type": "pdd.x",
        "client_id": "id",
        "timestamp": "1767225600",
        "data_type": "JSON",
        "version": "V1",
        "keyword": "纸巾",
    }
    assert signed == sign(form, "s")


def _read(answer: object) -> object:
    return read(SEARCH, json.dumps(answer).encode(), NOW)


def test_an_answer_is_read_by_its_own_root() -> None:
    body = read(SEARCH, json.dumps(found(goods(new_field={"x": 1}))).encode(), NOW)
    assert body.goods_list is not None
    assert body.goods_list[0].goods_id == "531222333444"
    authority = b'{"authority_query_response": {"bind": 1, "request_id": "1"}}'
    assert read(AUTHORITY, authority, NOW).bind == 1
    orders = b'{"order_list_get_response": {"total_count": 3}}'
    assert read(ORDERS, orders, NOW).total_count == 3


@pytest.mark.parametrize(
    "body", [b"", b"<html>502</html>", b'{"goods_search_response": {"goods_l', b"\xff\xfe"]
)
def test_what_is_no_json_may_be_better_the_next_time(body: bytes) -> None:
    with pytest.raises(PlatformUnavailable, match="not JSON"):
        read(SEARCH, body, NOW)


@pytest.mark.parametrize(
    "answer",
    [
        [],
        None,
        {},
        {"pdd_ddk_goods_search_response": {"goods_list": []}},
        found({"goods_name": "no price"}),
        found(goods(min_group_price=-1)),
        found(goods(min_group_price="12.5")),
        found(goods(coupon_end_time=10**15)),
        {"error_response": {"error_msg": "no code"}},
    ],
)
def test_another_form_is_told_without_its_content(answer: object) -> None:
    with pytest.raises(ProtocolError) as caught:
        _read(answer)
    assert "12.5" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (error(10001), AuthFailed),
        (error(10016), AuthFailed),
        (error(10019), AuthFailed),
        (error(20004), AuthFailed),
        (error(20005), AuthFailed),
        (error(20032), AuthFailed),
        (error(20031), MissingRight),
        (error(20034), MissingRight),
        (error(70032), MissingRight),
        (error(10000, sub_msg="custom_parameters不合法"), MissingRight),
        (error(52101), RateLimited),
        (error(52102), RateLimited),
        (error(52103), RateLimited),
        (error(70031), RateLimited),
        (error(70034), RateLimited),
        (error(70035), RateLimited),
        (error(50000), PlatformUnavailable),
        (error(50002), PlatformUnavailable),
        (error(52001), PlatformUnavailable),
        (error(52002), PlatformUnavailable),
        (error(52004), PlatformUnavailable),
        (error(70033), PlatformUnavailable),
        (error(70036), QuotaUsedUp),
        (error(50001, "60001", "尚未备案"), NeedsAuthorisation),
        (error(50001, "20001", "pid和custom_parameters没有备案"), NeedsAuthorisation),
        (error(50001, "20001", "请先授权"), NeedsAuthorisation),
        (error(50001, "20001", "不是多多客"), AuthFailed),
        (error(50001, "10002", "goods_sign解析异常"), ItemNotPromotable),
        (error(50001, None, "时间跨度不能超过24小时"), WindowTooWide),
        (error(50001, None, "别的"), ProtocolError),
        (error(10000, sub_msg="page_size"), ProtocolError),
        (error(10017), ProtocolError),
        (error(20035), ProtocolError),
        (error(99999), ProtocolError),
    ],
)
def test_codes_become_errors_of_the_tree(answer: object, kind: type[AdapterError]) -> None:
    with pytest.raises(AdapterError) as caught:
        _read(answer)
    assert type(caught.value) is kind
    assert "pdd.ddk.goods.search" in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (error(10001, sub_msg="timestamp与服务器时间相差超过10分钟"), "clock"),
        (error(10001, sub_msg="client_id"), "keys"),
        (error(10019), "expired"),
        (error(20004), "keys"),
        (error(50001, "20001", "不是多多客"), "keys"),
    ],
)
def test_what_to_mend_after_a_refusal(answer: object, cause: str) -> None:
    with pytest.raises(AuthFailed) as caught:
        _read(answer)
    assert caught.value.cause == cause
    assert ("check the server's clock)" in str(caught.value)) is (cause == "clock")


def test_errors_say_what_their_reader_needs() -> None:
    with pytest.raises(AuthFailed, match="clock"):
        _read(error(10001))
    with pytest.raises(AuthFailed, match="client_secret"):
        _read(error(20004))
    with pytest.raises(NeedsAuthorisation, match="50001/60001") as needed:
        _read(error(50001, "60001"))
    assert needed.value.url is None
    with pytest.raises(MissingRight) as method:
        _read(error(20031))
    assert method.value.right == "pdd.ddk.goods.search"
    with pytest.raises(MissingRight) as field:
        _read(error(20031, sub_msg="没有custom_parameters权限"))
    assert field.value.right == "pdd.ddk.goods.search custom_parameters"
    with pytest.raises(QuotaUsedUp) as quota:
        _read(error(70036))
    assert quota.value.until == datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    with pytest.raises(RateLimited) as risk:
        _read(error(70034))
    assert risk.value.retry_after == 60
    with pytest.raises(RateLimited) as busy:
        _read(error(52101))
    assert busy.value.retry_after is None


def test_texts_of_the_platform_stay_out_of_errors() -> None:
    with pytest.raises(ProtocolError) as caught:
        _read(error(50001, None, "keyword=某人的话"))
    assert "某人的话" not in str(caught.value)
