"""What JD's codes mean for the caller: one table per kind of answer, each row an error of the tree.

Gateway codes (`error_response`, strings) are from the gateway's published table; business codes
(inside the method's own result) from the union's documents of each method.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from adapters.errors import (
    AuthFailed,
    ItemNotPromotable,
    LinkNotSupported,
    MissingRight,
    PlatformUnavailable,
    ProtocolError,
    RateLimited,
    WindowTooWide,
)

if TYPE_CHECKING:
    from adapters.errors import AdapterError, AuthCause

__all__ = ["NO_GOODS", "SUB_UNION_ID", "CouponRefused", "business_error", "gateway_error"]

SUB_UNION_ID: Final = "subUnionId"
NO_GOODS: Final = "201"
"""Nothing found; an empty answer, not an error."""


class CouponRefused(ProtocolError):
    """The link cannot carry the coupon; `right` says that no link of this account can.

    Never leaves this folder: the link is asked for again without the coupon.
    """

    def __init__(self, message: str, *, right: bool) -> None:
        super().__init__(message)
        self.right = right


_KEYS: Final = "check app_key and app_secret"
_CLOCK: Final = "check this machine's clock: JD allows 6 minutes"
_TOKEN: Final = "access_token expired or wrong"
_IDS: Final = "check union_id, site_id and position_id"

_GATEWAY_AUTH: Final = {
    "7": f"timestamp missing; {_CLOCK}",
    "8": f"timestamp refused; {_CLOCK}",
    "11": f"signature missing; {_KEYS}",
    "12": f"signature refused; {_KEYS}",
    "14": "method missing; check gateway_url",
    "15": "method unknown to this gateway; check gateway_url",
    "18": "access_token missing; ask JD for one",
    "19": _TOKEN,
    "20": f"app_key missing; {_KEYS}",
    "21": f"app_key unknown; {_KEYS}",
}
_EXPIRED: Final = frozenset({"18", "19", "2002401"})
_CLOCK_CODES: Final = frozenset({"7", "8"})
_GATEWAY_RIGHT: Final = frozenset({"24", "64"})
_GATEWAY_RETRY: Final = frozenset({"43", "65", "66", "67"})

_RETRY: Final = frozenset(
    {"500", "2001504", "2001609", "2001904", "2001910", "2001912"}
    | {"2002408", "2002499", "2002500", "2006408", "2004408"}
)
_NO_RIGHT: Final = frozenset({"403", "2002403"})
# 2001403 (no permission) stands for the sub-id first: the same call without it may be granted.
_SUB_ID: Final = frozenset({"2001208", "2001214", "2001403"})
_LINK: Final = frozenset({"2001101", "2001102", "2001105", "2001107"})
_WINDOW: Final = frozenset({"202", "2002452", "2002453"})
_COUPON: Final = frozenset({"2001901", "2001905", "2001906", "2001909", "2001914"})
_NO_TWO_IN_ONE: Final = "2001701"
_ACCOUNT: Final = {
    "408": _IDS,
    "2001201": _IDS,
    "2001213": _IDS,
    "2001501": _IDS,
    "2001605": _IDS,
    "2001606": _IDS,
    "2001607": _IDS,
    "2001608": _IDS,
    "2001610": _IDS,
    "2001931": _IDS,
    "1002024": _IDS,
    "2001602": "sign the agreement in the union console",
    "2001603": "sign the agreement in the union console",
    "2002401": _TOKEN,
    "2002410": _IDS,
}


def _cause(code: str) -> AuthCause:
    if code in _CLOCK_CODES:
        return "clock"
    return "expired" if code in _EXPIRED else "keys"


def gateway_error(method: str, code: str) -> AdapterError:
    """The error for an `error_response`; codes of the business table count here too."""
    if hint := _GATEWAY_AUTH.get(code):
        return AuthFailed(f"jd {method}: code {code}, {hint}", _cause(code))
    if code == "2":
        return RateLimited(f"jd {method}: code 2, calls limited")
    if code in _GATEWAY_RETRY:
        return PlatformUnavailable(f"jd {method}: code {code}")
    if code in _GATEWAY_RIGHT:
        return MissingRight(f"jd {method}: code {code}, not granted", method)
    return business_error(method, code)


def business_error(method: str, code: str) -> AdapterError:  # noqa: PLR0911 - one row per class
    """The error for a code inside a method's result."""
    where = f"jd {method}: code {code}"
    if code == "429":
        return RateLimited(where)
    if code in _RETRY:
        return PlatformUnavailable(where)
    if code in _NO_RIGHT:
        return MissingRight(f"{where}, not granted", method)
    if code in _SUB_ID:
        return MissingRight(f"{where}, {SUB_UNION_ID} refused", SUB_UNION_ID)
    if code == "2001104":
        return ItemNotPromotable(where)
    if code in _LINK:
        return LinkNotSupported(where)
    if code in _WINDOW:
        return WindowTooWide(where)
    if code in _COUPON or code == _NO_TWO_IN_ONE:
        return CouponRefused(where, right=code == _NO_TWO_IN_ONE)
    if hint := _ACCOUNT.get(code):
        return AuthFailed(f"{where}, {hint}", _cause(code))
    return ProtocolError(f"{where}, not in the documents")
