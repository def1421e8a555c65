"""What the codes of the Taobao Open Platform mean, as errors of the tree.

Sources: the TOP error table (platform codes) and the error tables of the TBK methods (business
codes, which stand in `sub_code` of a code 15, or beside one item of a successful answer). Business
numbers depend on the method: 25 means "try again" for a conversion, and at the platform's level a
wrong signature.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

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
from adapters.taobao import methods
from adapters.times import next_beijing_midnight

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

__all__ = [
    "CouponGone",
    "NoResult",
    "NumericIdRefused",
    "PidRefused",
    "TimeSpanRefused",
    "business_error",
    "error_of",
]


class NumericIdRefused(MissingRight):
    """Code 35 ("请使用新商品id"): the plain numeric id may not be used, which says nothing about the
    item's commission; the scene for copied links is what would allow it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, methods.SCENE_COPIED)


class CouponGone(ItemNotPromotable):
    """The coupon that was asked for is exhausted, over, or not for this item."""


class NoResult(ItemNotPromotable):
    """Code 50001: nothing found; an empty list, not a fault."""


class TimeSpanRefused(ProtocolError):
    """The window of orders is too wide; the documents name no code, only the sentence tells."""


class PidRefused(AuthFailed):
    """The PID or adzone is not this account's."""


_ACCESS = "accesscontrol.limited-by-"
_DAILY = _ACCESS + "app-access-count"
_BAN = re.compile(r"ban will last for ([0-9]+)")
_OPAQUE_PID = re.compile(r"pid|adzone|rebate-id|relation-id|special-id|site_id")
"""`isp.` codes with these names are a wrong configuration, whatever their prefix says."""

_CONVERTING = frozenset({methods.COUPON_CONVERT, methods.LINK_CONVERT, methods.LINK_PARSE})
_TOKENS = frozenset({methods.TPWD_CONVERT, methods.TPWD_PARSE})
_LISTS = frozenset({methods.ITEM_INFO, methods.SEARCH, methods.COUPON_GET})

_TIMED = frozenset({methods.ORDERS, methods.REFUNDS})

_Factory = type[AdapterError]

_SHARED: dict[str, _Factory] = {
    "10000": ItemNotPromotable,
    "isv.item-not-exist": ItemNotPromotable,
    "isv.pid-not-correct": PidRefused,
    "isv.coupon_not_exist": CouponGone,
    "isv.me_param_not_correct": CouponGone,
    "isv.parse-result-invalid": LinkNotSupported,
    "isv.not-support-param-type": LinkNotSupported,
    "33": ItemNotPromotable,
    "35": NumericIdRefused,
    "36": ItemNotPromotable,
    "1912": ItemNotPromotable,
    "50001": NoResult,
    "50002": RateLimited,
    "40001": PlatformUnavailable,
    "1201": PlatformUnavailable,
    "719": PlatformUnavailable,
}
_OF_CONVERTING: dict[str, _Factory] = {
    "11": CouponGone,
    "25": PlatformUnavailable,
    "4": PidRefused,
    "2": PidRefused,
}
_OF_TOKENS: dict[str, _Factory] = {
    **dict.fromkeys(("20008", "20010", "20011", "20012", "20015", "6"), LinkNotSupported),
    **dict.fromkeys(("20013", "4", "2"), PidRefused),
    **dict.fromkeys(("0", "1"), PlatformUnavailable),
}
_OF_LISTS: dict[str, _Factory] = {
    **dict.fromkeys(("4", "2", "5"), PidRefused),
    **dict.fromkeys(("10", "11", "12", "13", "14", "15", "16", "17"), CouponGone),
}
_OF_CREATING: dict[str, _Factory] = {"25": PlatformUnavailable}


def _table(method: str) -> dict[str, _Factory]:
    if method in _CONVERTING:
        return _OF_CONVERTING
    if method in _TOKENS:
        return _OF_TOKENS
    if method in _LISTS:
        return _OF_LISTS
    return _OF_CREATING


def _kind_of(method: str, code: str, text: str) -> _Factory:
    if code.startswith("isp."):
        return PidRefused if _OPAQUE_PID.search(code) else PlatformUnavailable
    kind = _table(method).get(code) or _SHARED.get(code)
    if kind is ItemNotPromotable and "下架" in text and "非淘" not in text:
        # The usual sentence says "已下架或非淘客宝贝": then nobody can know which of the two it is.
        return ItemOffShelf
    if kind is not None:
        return kind
    if code.startswith("isv.") and _OPAQUE_PID.search(code):
        return PidRefused
    if method in _TIMED and ("time" in code or "时间" in text):
        return TimeSpanRefused
    return ProtocolError


def business_error(method: str, code: str, text: str) -> AdapterError:
    """The error of a TBK business code; `text` is the platform's own sentence, used for two hints."""
    told = f"{method}: {code}"
    if code == "1001" or code.startswith("isv.permission"):
        return MissingRight(told, method)
    if code == "1911":
        return MissingRight(told, methods.SCENE_COPIED)
    return _kind_of(method, code, text)(told)


def _limited(method: str, sub_code: str, sub_msg: str, now: datetime) -> AdapterError:
    """Code 7: a short ban with its length, or the day's calls are used up."""
    told = f"{method}: 7 {sub_code}"
    if sub_code == _DAILY:
        return QuotaUsedUp(told, next_beijing_midnight(now))
    ban = _BAN.search(sub_msg)
    return RateLimited(told, int(ban[1]) + 1 if ban else None)


_PLATFORM: dict[int, Callable[[str, str], AdapterError]] = {
    6: lambda told, _: RateLimited(told),
    8: lambda told, _: RateLimited(told),
    10: lambda told, _: PlatformUnavailable(told),
    11: MissingRight,
    12: MissingRight,
    42: MissingRight,
    25: lambda told, _: AuthFailed(f"{told} invalid signature: is the app secret right?"),
    26: lambda told, _: AuthFailed(f"{told} this call needs a session: authorise again", "expired"),
    27: lambda told, _: AuthFailed(f"{told} the session is over: authorise again", "expired"),
    28: lambda told, _: AuthFailed(f"{told} the app key is missing"),
    29: lambda told, _: AuthFailed(f"{told} the app key is unknown"),
    30: lambda told, _: AuthFailed(f"{told} the timestamp is missing", "clock"),
    31: lambda told, _: AuthFailed(
        f"{told} the timestamp is refused: is this clock right?", "clock"
    ),
}
_LOOK_AT_SUB_CODE = frozenset({3, 15, 40, 41, 43, 50})


def error_of(method: str, code: int, sub_code: str, sub_msg: str, now: datetime) -> AdapterError:
    """The error behind an `error_response`; `now` is business time, for the quota's midnight."""
    if code == 7:
        return _limited(method, sub_code, sub_msg, now)
    if (known := _PLATFORM.get(code)) is not None:
        return known(f"{method}: {code} {sub_code}".rstrip(), method)
    if sub_code and (code in _LOOK_AT_SUB_CODE or sub_code.startswith("isp.")):
        return business_error(method, sub_code, sub_msg)
    return ProtocolError(f"{method}: {code} {sub_code}".rstrip())
