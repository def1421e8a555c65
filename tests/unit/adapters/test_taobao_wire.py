"""Signature, common parameters, envelope, and what the codes mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import (
    AdapterError,
    AuthFailed,
    ItemNotPromotable,
    ItemOffShelf,
    LinkNotSupported,
    MissingRight,
    PlatformUnavailable,
    ProtocolError,
    QuotaUsedUp,
    RateLimited,
)
from adapters.mock.taobao_wire import expected_sign
from adapters.taobao.codes import (
    CouponGone,
    NoResult,
    NumericIdRefused,
    PidRefused,
    TimeSpanRefused,
    business_error,
    error_of,
)
from adapters.taobao.schema import TpwdAnswer
from adapters.taobao.wire import read_envelope, root_of, sign
from tests.unit.adapters.taobao_rig import (
    CONVERT,
    COUPON_CONVERT,
    COUPON_GET,
    INFO,
    ORDERS,
    PARSE,
    SEARCH,
    TPWD_CONVERT,
    TPWD_CREATE,
    TPWD_PARSE,
    Script,
    error,
    root,
    scripted,
)

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)

PUBLISHED = {
    "method": "taobao.item.seller.get",
    "app_key": "12345678",
    "session": "test",
    "timestamp": "2016-01-01 12:00:00",
    "format": "json",
    "v": "2.0",
    "fields": "num_iid,title,nick,price,num",
    "num_iid": "11223344",
}
VECTORS = [
    ("md5", "66987CB115214E59E6EC978214934FB8"),  # TOP docs, "API调用方法详解"
    ("hmac", "D56D7858309C31B6251083A874D48273"),  # computed, guards against a change
    ("hmac-sha256", "04DB15AD0774D5CFCE2C837DE43E3FCEA9011ED74F3038FB6AB5F3C4CEA119E8"),
]


@pytest.mark.parametrize(("method", "expected"), VECTORS)
def test_the_published_vector(method: str, expected: str) -> None:
    params = {**PUBLISHED, "sign_method": method}
    assert sign(params, "helloworld", method) == expected
    assert expected_sign({**params, "sign": "ignored"}, "helloworld") == expected


def test_values_are_signed_raw_and_in_utf8() -> None:
    params = {"b": "a+b & c=d%20", "a": "桑蚕丝枕套"}
    # MD5 of "sa桑蚕丝枕套ba+b & c=d%20s", computed apart.
    assert sign(params, "s") == "B4856D2076B1BFB0EBE5DB54C08A39B8"


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=6), st.text(max_size=9))
def test_both_sides_sign_alike(params: dict[str, str], secret: str) -> None:
    sendable = {k: v for k, v in params.items() if k != "sign"} | {"sign_method": "md5"}
    try:
        (secret + "".join(k + v for k, v in sendable.items())).encode()
    except UnicodeEncodeError:
        return
    assert sign(sendable, secret) == expected_sign(sendable, secret)


def test_the_root_of_an_answer() -> None:
    assert root_of("taobao.tbk.tpwd.create") == "tbk_tpwd_create_response"
    assert root_of("alibaba.alsc.x") == "alibaba_alsc_x_response"


async def test_a_request_carries_the_common_parameters_in_beijing_time() -> None:
    script = Script().on(SEARCH, root(SEARCH, {"result_list": {"map_data": []}}))
    async with scripted(script, session="authorised") as adapter:
        assert await adapter.search("a & b=c+%", 5) == ()
    (form,) = script.asked
    given_sign = form.pop("sign")
    assert given_sign == sign(form, "helloworld")
    assert form == {
        "method": SEARCH,
        "app_key": "12345678",
        "session": "authorised",
        "timestamp": "2026-11-22 17:30:00",
        "format": "json",
        "v": "2.0",
        "sign_method": "md5",
        "q": "a & b=c+%",
        "adzone_id": "330",
        "page_no": "1",
        "page_size": "5",
    }


async def test_empty_parameters_are_not_sent() -> None:
    script = Script().on(TPWD_PARSE, root(TPWD_PARSE, {"data": {}}))
    async with scripted(script) as adapter:
        await adapter._gateway.call(TPWD_PARSE, {"password_content": "", "x": "1"}, TpwdAnswer)
    assert "password_content" not in script.asked[0]
    assert script.asked[0]["x"] == "1"


def raised(body: object, method: str = INFO) -> AdapterError:
    """The error that an answer means."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(AdapterError) as caught:
        read_envelope(method, root_of(method), raw, NOW)
    return caught.value


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html>busy</html>", PlatformUnavailable),
        (b'{"tbk_item_info_upgrade_get_response":{"results"', PlatformUnavailable),
        ([1], ProtocolError),
        ({"other_response": {}}, ProtocolError),
        ({"error_response": {"msg": "no code"}}, ProtocolError),
        ({"error_response": "text"}, ProtocolError),
        (error(10), PlatformUnavailable),
        (error(6), RateLimited),
        (error(8), RateLimited),
        (error(11), MissingRight),
        (error(12), MissingRight),
        (error(42), MissingRight),
        (error(25), AuthFailed),
        (error(26), AuthFailed),
        (error(27, "invalid-sessionkey"), AuthFailed),
        (error(28), AuthFailed),
        (error(29), AuthFailed),
        (error(30), AuthFailed),
        (error(31), AuthFailed),
        (error(21), ProtocolError),
        (error(22), ProtocolError),
        (error(40, "isv.missing-parameter"), ProtocolError),
        (error(41, "isv.invalid-parameter:adzone_id"), PidRefused),
        (error(50, "isv.invalid-parameter"), ProtocolError),
        (error(15), ProtocolError),
        (error(15, "isv.item-not-exist", "该item_id对应宝贝已下架或非淘客宝贝"), ItemNotPromotable),
        (error(999, "isp.top-remote-connection-timeout"), PlatformUnavailable),
    ],
)
def test_what_an_answer_means(body: object, kind: type[AdapterError]) -> None:
    assert type(raised(body)) is kind


def test_an_error_code_may_be_text() -> None:
    assert (
        type(raised({"error_response": {"code": "25", "msg": "Invalid signature"}})) is AuthFailed
    )


def test_a_missing_right_names_the_method() -> None:
    found = raised(error(11), CONVERT)
    assert isinstance(found, MissingRight)
    assert found.right == CONVERT


def test_a_wrong_clock_is_hinted_at() -> None:
    assert "clock" in str(raised(error(31)))


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (25, "keys"),
        (26, "expired"),
        (27, "expired"),
        (28, "keys"),
        (29, "keys"),
        (30, "clock"),
        (31, "clock"),
    ],
)
def test_what_to_mend_after_a_refusal(code: int, cause: str) -> None:
    found = raised(error(code))
    assert isinstance(found, AuthFailed)
    assert found.cause == cause


def test_a_refused_numeric_id_is_the_scene_that_is_missing() -> None:
    found = business_error(CONVERT, "35", "请使用新商品id")
    assert isinstance(found, MissingRight)
    assert found.right == "biz_scene_id=2"


def test_a_short_ban_names_its_wait() -> None:
    sub_code = "accesscontrol.limited-by-app-api-access-count"
    found = raised(error(7, sub_code, "This ban will last for 2 more seconds"))
    assert isinstance(found, RateLimited)
    assert found.retry_after == 3
    silent = raised(error(7, sub_code, ""))
    assert isinstance(silent, RateLimited)
    assert silent.retry_after is None


def test_the_day_s_calls_are_used_up_until_beijing_midnight() -> None:
    sub_code = "accesscontrol.limited-by-app-access-count"
    found = raised(error(7, sub_code, "This ban will last for 30000 more seconds"))
    assert isinstance(found, QuotaUsedUp)
    assert found.until == datetime(2026, 11, 22, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "sub_code",
    [
        "isp.rebate-id-not-match",
        "isp.relation-id-not-corrent",
        "isp.special-id-not-corrent",
        "isp.pid-check-error",
    ],
)
def test_server_side_codes_that_are_wrong_settings(sub_code: str) -> None:
    assert type(error_of(CONVERT, 15, sub_code, "", NOW)) is PidRefused


@pytest.mark.parametrize(
    ("method", "code", "text", "kind"),
    [
        (CONVERT, "1001", "无权限", MissingRight),
        (COUPON_CONVERT, "1911", "", MissingRight),
        (COUPON_CONVERT, "isv.permission-denied", "", MissingRight),
        (COUPON_CONVERT, "11", "", CouponGone),
        (COUPON_CONVERT, "25", "", PlatformUnavailable),
        (COUPON_CONVERT, "33", "", ItemNotPromotable),
        (COUPON_CONVERT, "35", "", NumericIdRefused),
        (COUPON_CONVERT, "36", "", ItemNotPromotable),
        (COUPON_CONVERT, "isv.pid-not-correct", "", PidRefused),
        (COUPON_CONVERT, "isv.coupon_not_exist", "", CouponGone),
        (COUPON_CONVERT, "isp.special-campaign-error", "", PlatformUnavailable),
        (CONVERT, "10000", "宝贝已下架", ItemOffShelf),
        (CONVERT, "10000", "宝贝已下架或非淘客宝贝", ItemNotPromotable),
        (PARSE, "4", "", PidRefused),
        (TPWD_CONVERT, "20008", "", LinkNotSupported),
        (TPWD_CONVERT, "20013", "", PidRefused),
        (TPWD_CONVERT, "isv.parse-result-invalid", "", LinkNotSupported),
        (TPWD_PARSE, "6", "", LinkNotSupported),
        (TPWD_PARSE, "0", "", PlatformUnavailable),
        (TPWD_CREATE, "25", "", PlatformUnavailable),
        (TPWD_CREATE, "20000", "", ProtocolError),
        (SEARCH, "50001", "无结果", NoResult),
        (SEARCH, "50002", "", RateLimited),
        (SEARCH, "40001", "", PlatformUnavailable),
        (SEARCH, "5", "", PidRefused),
        (COUPON_GET, "12", "", CouponGone),
        (COUPON_GET, "1912", "", ItemNotPromotable),
        (ORDERS, "isv.invalid-parameter", "查询时间间隔不能超过20分钟", TimeSpanRefused),
        (ORDERS, "isv.unheard-of", "", ProtocolError),
        (INFO, "isv.unheard-of", "时间", ProtocolError),
    ],
)
def test_business_codes(method: str, code: str, text: str, kind: type[AdapterError]) -> None:
    assert type(business_error(method, code, text)) is kind


def test_a_missing_scene_is_its_own_right() -> None:
    found = business_error(COUPON_CONVERT, "1911", "")
    assert isinstance(found, MissingRight)
    assert found.right == "biz_scene_id=2"


def test_errors_quote_no_text_of_the_answer() -> None:
    found = raised(error(15, "isv.item-not-exist", "张三的私信"))
    assert "张三" not in str(found)
