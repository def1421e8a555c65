"""JD's wire from the gateway's side: keys, the signature check, envelopes and codes.

Written from the platform's documents alone; the adapter has its own signing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from adapters.times import BEIJING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "APP_KEY",
    "APP_SECRET",
    "AUTH_KEY",
    "POOL",
    "POSITION_ID",
    "SITE_ID",
    "UNION_ID",
    "BusinessError",
    "GatewayError",
    "Received",
    "answer",
    "check_request",
    "error_answer",
    "signature",
]

# Published on purpose: they open nothing but this mock.
APP_KEY: Final = "5d1c7e94b2a84f0e9c63a1f7d8e20b46"
APP_SECRET: Final = "b9e04c27d1f3485aa6f29c7150d83be4"
AUTH_KEY: Final = "0f6b1e7c93d24a58bf0e6a2d71c4983e58a7d20c46b1f39e"
UNION_ID: Final = "1003481276"
SITE_ID: Final = "4101337729"
POSITION_ID: Final = "3100500000"
POOL: Final = tuple(str(3_100_500_001 + index) for index in range(20))

_TOLERANCE: Final = timedelta(minutes=6)
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d{3}\+0800)?", re.ASCII)
_GATEWAY_TEXT: Final = {
    "2": ("Invocation limited", "限制时间内调用失败次数"),
    "4": ("Missing version", "缺少版本参数"),
    "5": ("Unsupported version", "不支持的版本号"),
    "7": ("Missing timestamp", "缺少时间戳参数"),
    "8": ("Invalid timestamp", "非法的时间戳参数"),
    "11": ("Missing signature", "缺少签名参数"),
    "12": ("Invalid signature", "无效签名"),
    "14": ("Missing method", "缺少方法名参数"),
    "15": ("Invalid method", "不存在的方法名"),
    "19": ("Invalid access_token", "无效access_token"),
    "20": ("Missing app_key", "缺少app_key参数"),
    "21": ("Invalid app_key", "无效app_key"),
    "67": ("Service unknown error", "平台连接后端服务处理过程中出现未知异常信息"),
}


class GatewayError(Exception):
    """Refused before the method runs: `error_response`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class BusinessError(Exception):
    """Refused by the method: a code inside its result."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Received:
    """A request as it arrived: query and form fields, of which each may stand once only."""

    def __init__(self, pairs: Iterable[tuple[str, str]], *, legacy: bool) -> None:
        pairs = list(pairs)
        self.repeated = any(count > 1 for count in Counter(name for name, _ in pairs).values())
        self.fields = dict(pairs)
        self.legacy = legacy

    @property
    def method(self) -> str:
        """The method's name, "" if missing."""
        return self.fields.get("method", "")

    def arguments(self) -> dict[str, Any]:
        """The decoded business arguments. BusinessError 401 if they are no JSON object."""
        name = "param_json" if self.legacy else "360buy_param_json"
        try:
            found = json.loads(self.fields.get(name, "{}"))
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise BusinessError(401, "参数错误")
        return found


def signature(fields: Mapping[str, str], secret: str) -> str:
    """Secret, then every received field but `sign` as name and raw value by name, then the secret."""
    digest = hashlib.md5(secret.encode(), usedforsecurity=False)
    for name in sorted(fields.keys() - {"sign"}):
        digest.update(name.encode())
        digest.update(fields[name].encode())
    digest.update(secret.encode())
    return digest.hexdigest().upper()


def check_request(received: Received, methods: Iterable[str], now: datetime) -> None:
    """The gateway's checks in its order: method, app key, version, time, signature, token."""
    fields = received.fields
    if not received.method:
        raise GatewayError("14")
    if received.method not in methods:
        raise GatewayError("15")
    for name, missing, wrong, fits in (
        ("app_key", "20", "21", fields.get("app_key") == APP_KEY),
        ("v", "4", "5", fields.get("v") in ("1.0", "2.0")),
        ("timestamp", "7", "8", _in_time(fields.get("timestamp", ""), now)),
        ("sign", "11", "12", _signed(received)),
    ):
        if not fields.get(name):
            raise GatewayError(missing)
        if not fits:
            raise GatewayError(wrong)
    if "access_token" in fields:
        raise GatewayError("19")


def _signed(received: Received) -> bool:
    expected = signature(received.fields, APP_SECRET)
    return not received.repeated and compare_digest(
        expected.encode(), received.fields.get("sign", "").encode()
    )


def _in_time(text: str, now: datetime) -> bool:
    match = _TIME.fullmatch(text)
    if match is None:
        return False
    try:
        sent = datetime.strptime(match[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
    except ValueError:
        return False
    return abs(sent.astimezone(UTC) - now) <= _TOLERANCE


def answer(received: Received, result: Mapping[str, object], *, torn: bool = False) -> web.Response:
    """The method's result as JSON text inside JSON, under the misspelt root key."""
    text = json.dumps({**result, "requestId": "o_0b63a1f7_m2d8e20b_46912"}, ensure_ascii=False)
    if torn:
        text = text[: len(text) // 2]
    root = received.method.replace(".", "_")
    if received.legacy:
        return _json({f"{root}_response": {"code": "200", "result": text}})
    inner = f"{received.method.rsplit('.', 1)[-1]}Result"
    return _json({f"{root}_responce": {"code": "0", inner: text}})


def error_answer(received: Received, error: GatewayError | BusinessError) -> web.Response:
    """Either kind of error, with HTTP status 200 as the gateway has it."""
    if isinstance(error, BusinessError):
        return answer(received, {"code": error.code, "message": error.message})
    english, chinese = _GATEWAY_TEXT[error.code]
    return _json({"error_response": {"code": error.code, "en_desc": english, "zh_desc": chinese}})


def _json(value: object) -> web.Response:
    return web.Response(
        body=json.dumps(value, ensure_ascii=False).encode(),
        content_type="application/json",
        charset="UTF-8",
    )
