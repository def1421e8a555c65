"""The mock's side of the wire: signature check, envelope and error forms, written for itself.

TOP docs: MD5 over secret, all parameters sorted by name as `name + value`, secret; upper-case hex.
Errors are HTTP 200. Lists stand in a one-key object unless `simplify=true`. Slashes are escaped.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from datetime import timedelta
from hashlib import md5, sha256
from typing import TYPE_CHECKING

from adapters.mock.taobao_account import APP_KEY, APP_SECRET
from adapters.times import from_beijing_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

__all__ = ["Refusal", "Rows", "answer_of", "check_request", "expected_sign", "refused"]

_TOLERANCE = timedelta(minutes=10)
_WORDS = {
    7: "App Call Limited",
    11: "Insufficient isv permissions",
    15: "Remote service error",
    21: "Missing method",
    22: "Invalid method",
    23: "Invalid format",
    24: "Missing signature",
    25: "Invalid signature",
    27: "Invalid session",
    28: "Missing app key",
    29: "Invalid app Key",
    30: "Missing timestamp",
    31: "Invalid timestamp",
    40: "Missing required arguments",
    41: "Invalid arguments",
}


class Refusal(Exception):
    """An `error_response`: code and, where the platform gives them, sub_code and sub_msg."""

    def __init__(self, code: int, sub_code: str = "", sub_msg: str = "") -> None:
        super().__init__(f"{code} {sub_code}")
        self.code = code
        self.sub_code = sub_code
        self.sub_msg = sub_msg


def refused(sub_code: str, sub_msg: str) -> Refusal:
    """A business error: code 15 and what the method itself says."""
    return Refusal(15, sub_code, sub_msg)


@dataclass(frozen=True, slots=True)
class Rows:
    """A list, and the key of its elements' type that wraps it."""

    key: str
    rows: Sequence[object]


def _plain(value: object, *, simplify: bool) -> object:
    match value:
        case Rows(key=key, rows=rows):
            inner = [_plain(row, simplify=simplify) for row in rows]
            return inner if simplify else {key: inner}
        case dict():
            return {name: _plain(inner, simplify=simplify) for name, inner in value.items()}
        case _:
            return value


def _body(answer: object) -> str:
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return text.replace("/", "\\/")


def answer_of(method: str, content: Mapping[str, object], *, simplify: bool) -> str:
    """The body of a success; an empty list is left out altogether."""
    root = method.removeprefix("taobao.").replace(".", "_") + "_response"
    inner = _plain(dict(content), simplify=simplify)
    return _body({root: inner})


def error_body(refusal: Refusal, request_id: str) -> str:
    """The body of a refusal."""
    error: dict[str, object] = {"code": refusal.code, "msg": _WORDS[refusal.code]}
    if refusal.sub_code:
        error |= {"sub_code": refusal.sub_code, "sub_msg": refusal.sub_msg}
    return _body({"error_response": error | {"request_id": request_id}})


def expected_sign(params: Mapping[str, str], secret: str) -> str:
    """The signature that these parameters must carry, by their `sign_method`."""
    joined = "".join(f"{name}{params[name]}" for name in sorted(params) if name != "sign")
    match params.get("sign_method", "md5"):
        case "hmac":
            return hmac.new(secret.encode(), joined.encode(), md5).hexdigest().upper()
        case "hmac-sha256":
            return hmac.new(secret.encode(), joined.encode(), sha256).hexdigest().upper()
        case _:
            whole = f"{secret}{joined}{secret}".encode()
            return md5(whole, usedforsecurity=False).hexdigest().upper()


def _check_time(text: str, now: datetime) -> None:
    if not text:
        raise Refusal(30)
    try:
        at = from_beijing_text(text)
    except ValueError:
        raise Refusal(31) from None
    if abs(at - now) > _TOLERANCE:
        raise Refusal(31)


def check_request(params: Mapping[str, str], now: datetime) -> None:
    """App key, time, signature, format, in this order; raises the Refusal."""
    if not params.get("app_key"):
        raise Refusal(28)
    if params["app_key"] != APP_KEY:
        raise Refusal(29)
    _check_time(params.get("timestamp", ""), now)
    if not params.get("sign"):
        raise Refusal(24)
    if not hmac.compare_digest(params["sign"].encode(), expected_sign(params, APP_SECRET).encode()):
        raise Refusal(25)
    if params.get("format") != "json":
        raise Refusal(23)
    if "session" in params:
        raise Refusal(27, "invalid-sessionkey", "SessionKey非法")
