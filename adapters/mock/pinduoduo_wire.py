"""How the mock Pinduoduo gateway reads a request and refuses it.

Written from the documents alone: what a client signs is computed here anew. Order of the checks:
method, client, clock, signature, right, arguments, business.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from adapters.mock.values import Fault

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "Call", "Refused", "check", "refusal_of", "signature"]

CLIENT_ID = "mock000000000000000000000000pdd1"
CLIENT_SECRET = "mock-secret-of-nobody-0123456789abcdef01"
MAX_SKEW = 600
"""Seconds that a timestamp may be off."""

_MESSAGES = {
    10000: "参数错误",
    10001: "公共参数错误",
    10016: "client下线或者clientId不正确",
    10017: "type不正确",
    10019: "access_token已过期",
    20004: "签名sign校验失败",
    20031: "用户没有授权访问此接口",
    50001: "业务服务错误",
    70031: "调用过于频繁，请调整调用频率",
    70036: "测试状态应用调用次数超限",
}
_request_ids = itertools.count(15_440_104_776_643_887)


class Refused(Exception):
    """An error answer: HTTP 200, as all of this gateway's."""

    def __init__(self, code: int, sub_msg: str = "", sub_code: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.sub_msg = sub_msg
        self.sub_code = sub_code

    def response(self) -> web.Response:
        """The documented envelope; `sub_code` is text or null."""
        message = _MESSAGES[self.code]
        body = {
            "error_msg": message,
            "sub_msg": self.sub_msg or message,
            "sub_code": self.sub_code,
            "error_code": self.code,
            "request_id": str(next(_request_ids)),
        }
        return web.json_response({"error_response": body})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request's fields as they came, and the fault that was set for it."""

    fields: Mapping[str, str]
    fault: Fault | None = field(default=None)

    @property
    def method(self) -> str:
        """The method's name."""
        return self.fields.get("type", "")

    def has_fault(self, kind: str) -> bool:
        """Whether this fault was set."""
        return self.fault is not None and self.fault.kind == kind

    def text(self, name: str) -> str:
        """A required field."""
        if not (value := self.fields.get(name, "")):
            raise Refused(10000, f"{name}不能为空")
        return value

    def number(self, name: str, low: int, high: int, default: int | None = None) -> int:
        """An integer field within its documented bounds."""
        value = self.fields.get(name)
        if value is None and default is not None:
            return default
        if value is None or not value.lstrip("-").isdecimal() or not low <= int(value) <= high:
            raise Refused(10000, f"{name}应在{low}到{high}之间")
        return int(value)

    def flag(self, name: str) -> bool:
        """A boolean, written as true or false."""
        value = self.fields.get(name, "false")
        if value not in ("true", "false"):
            raise Refused(10000, f"{name}应为true或false")
        return value == "true"

    def texts(self, name: str) -> list[str] | None:
        """A list of texts, written as JSON; None if it was not sent."""
        if (value := self.fields.get(name)) is None:
            return None
        try:
            found = json.loads(value)
        except ValueError:
            found = None
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise Refused(10000, f"{name}应为JSON数组")
        return found


async def read_fields(request: web.Request) -> dict[str, str]:
    """The fields of a form, or of a JSON object whose values are text."""
    if request.content_type == "application/json":
        try:
            values = json.loads(await request.read())
        except ValueError:
            raise Refused(10000, "请求体不是JSON") from None
        if not isinstance(values, dict):
            raise Refused(10000, "请求体不是JSON对象")
        return {name: value for name, value in values.items() if isinstance(value, str)}
    form = await request.post()
    return {name: value for name, value in form.items() if isinstance(value, str)}


def signature(fields: Mapping[str, str], secret: str) -> str:
    """secret, then each name with its raw value in the order of names, then secret; MD5, capitals."""
    digest = hashlib.md5(secret.encode("utf-8"), usedforsecurity=False)
    for name, value in sorted(fields.items()):
        if name != "sign":
            digest.update((name + value).encode("utf-8"))
    digest.update(secret.encode("utf-8"))
    return digest.hexdigest().upper()


def check(fields: Mapping[str, str], known: frozenset[str], now: datetime) -> None:
    """The public parameters."""
    if fields.get("type") not in known:
        raise Refused(10017)
    if fields.get("client_id") != CLIENT_ID:
        raise Refused(10016)
    stamp = fields.get("timestamp", "")
    if not stamp.isdecimal() or abs(int(stamp) - now.timestamp()) > MAX_SKEW:
        raise Refused(10001, "timestamp与服务器时间相差超过10分钟")
    if fields.get("sign") != signature(fields, CLIENT_SECRET):
        raise Refused(20004)
    if fields.get("data_type", "JSON") != "JSON":
        raise Refused(10000, "data_type只支持JSON")


_FAULTS = {
    "throttled": (70031, "", None),
    "quota": (70036, "", None),
    "expired_auth": (10019, "", None),
    "bad_signature": (20004, "", None),
    "clock_skew": (10001, "timestamp与服务器时间相差超过10分钟", None),
    "needs_authorisation": (50001, "pid和custom_parameters尚未备案", "60001"),
}


def refusal_of(call: Call) -> Refused | None:
    """The error answer of the gateway's own faults. `missing_right` refuses the method, or with
    `right=custom_parameters` calls that send this field."""
    if call.fault is None:
        return None
    if call.fault.kind == "missing_right":
        right = call.fault.args.get("right", "")
        if right != "custom_parameters":
            return Refused(20031)
        sent = "custom_parameters" in call.fields
        return Refused(20031, "没有custom_parameters权限") if sent else None
    known = _FAULTS.get(call.fault.kind)
    return Refused(known[0], known[1], known[2]) if known else None
