"""Pinduoduo's error codes as errors of the tree.

Source: the code table of open.pinduoduo.com and the retry sets of public SDKs. 50001 is "business
error": its `sub_code` and `sub_msg` say which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from adapters.times import next_beijing_midnight

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.pinduoduo.schema import ErrorBody

__all__ = ["FIELD_RIGHT", "failure"]

FIELD_RIGHT = "custom_parameters"
"""The field whose refusal is told apart from that of a whole method."""

BUSINESS = 50001
RISK_PAUSE = 60.0
"""Seconds of silence after a risk-control answer; going on would make it worse."""

PUBLIC_PARAMETER = 10001
"""Its sentence names the one that was refused."""
EXPIRED = 10019

_KEYS = {
    PUBLIC_PARAMETER: "a public parameter was refused: check the server's clock and client_id",
    10016: "client_id is unknown",
    EXPIRED: "access_token has expired: authorise again",
    20004: "the signature was refused: check client_secret",
    20005: "this server's address is not on the application's list",
    20032: "access_token belongs to another client_id",
}
_RIGHTS = frozenset({20031, 20034, 70032})
_BUSY = frozenset({52101, 52102, 52103, 70031})
_DOWN = frozenset({50000, 50002, 52001, 52002, 52004, 70033})
_RISK = frozenset({70034, 70035})
_TEST_LIMIT = 70036
_PARAMETER = 10000


def failure(method: str, error: ErrorBody, now: datetime) -> AdapterError:
    """The error that `error` is; its text names method and codes only, never the sent values."""
    code = error.error_code
    text = f"pinduoduo {method}: {code}" + (f"/{error.sub_code}" if error.sub_code else "")
    said = f"{error.error_msg or ''} {error.sub_msg or ''}"
    if code == BUSINESS:
        return _business(text, error.sub_code, said)
    if code == PUBLIC_PARAMETER and ("timestamp" in said or "时间" in said):
        return AuthFailed(f"{text} (the timestamp was refused: check the server's clock)", "clock")
    if code in _KEYS:
        return AuthFailed(f"{text} ({_KEYS[code]})", "expired" if code == EXPIRED else "keys")
    if code in _RIGHTS or (code == _PARAMETER and FIELD_RIGHT in said):
        return MissingRight(text, f"{method} {FIELD_RIGHT}" if FIELD_RIGHT in said else method)
    return _pressure(text, code, now) or ProtocolError(text)


def _pressure(text: str, code: int, now: datetime) -> AdapterError | None:
    """The codes that ask for another time."""
    if code in _BUSY:
        return RateLimited(text)
    if code in _DOWN:
        return PlatformUnavailable(text)
    if code in _RISK:
        return RateLimited(f"{text} (risk control)", RISK_PAUSE)
    if code == _TEST_LIMIT:
        until = next_beijing_midnight(now)
        return QuotaUsedUp(f"{text} (the application is in test state)", until)
    return None


def _business(text: str, sub_code: str | None, said: str) -> AdapterError:
    if sub_code == "60001" or (sub_code == "20001" and ("备案" in said or "授权" in said)):
        return NeedsAuthorisation(f"{text} (pid and custom_parameters are not authorised)")
    if sub_code == "20001":
        return AuthFailed(f"{text} (client_id is not bound to the account at jinbao.pinduoduo.com)")
    if sub_code == "10002":
        return ItemNotPromotable(f"{text} (goods_sign is not read)")
    if "时间跨度" in said:
        return WindowTooWide(text)
    return ProtocolError(text)
