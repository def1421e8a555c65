"""Which rights an account has: each method is asked once, cheaply, and nothing is created.

The convert calls make a link for an item that everybody may promote; nobody sees it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel

from adapters.contract import Rights
from adapters.errors import AuthFailed, MissingRight, OperatorError, PersonError, QuotaUsedUp
from adapters.jd.goods import coupon_arguments, goods_arguments, info_arguments
from adapters.jd.orders import order_arguments
from adapters.jd.promotions import convert_arguments
from adapters.jd.rights import (
    BY_SUB_UNION_ID,
    COMMON_GET,
    COUPON_QUERY,
    GOODS_INFO,
    GOODS_QUERY,
    ORDER_ROWS,
    RIGHTS,
    SUB_UNION_ID,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.jd.gateway import Gateway

__all__ = ["probe_rights"]

_SKU: Final = "100012043978"
_COUPON: Final = "https://coupon.m.jd.com/coupons/show.action?key=0&roleId=0"
_SUB_ID: Final = "check"

Verdicts = dict[str, bool]


class _Anything(BaseModel):
    """The probe looks at the code only."""


async def probe_rights(gateway: Gateway) -> Rights:
    """Ask for each right. AuthFailed for wrong keys; TemporaryError and QuotaUsedUp as they come."""
    now = gateway.context.now()
    verdicts: Verdicts = {}
    for method, arguments in (
        (GOODS_INFO, info_arguments(_SKU)),
        (GOODS_QUERY, goods_arguments(_SKU)),
        (COUPON_QUERY, coupon_arguments(_COUPON)),
        (ORDER_ROWS, order_arguments(now - timedelta(minutes=1), now, 1)),
    ):
        verdicts[method] = await _ask(gateway, method, arguments) is None
    await _convert(gateway, BY_SUB_UNION_ID, verdicts)
    if gateway.settings.site_id:
        await _convert(gateway, COMMON_GET, verdicts)
    for right, granted in verdicts.items():
        gateway.rights.learn(right, granted=granted)
    ids = [right.id for right in RIGHTS]
    return Rights(
        granted=frozenset(right for right in ids if verdicts.get(right) is True),
        missing=frozenset(right for right in ids if verdicts.get(right) is False),
        unknown=frozenset(right for right in ids if verdicts.get(right) is None),
    )


async def _convert(gateway: Gateway, method: str, verdicts: Verdicts) -> None:
    """The method, and with it the sub-id unless that was refused before."""
    if verdicts.get(SUB_UNION_ID) is not False:
        refused = await _ask(gateway, method, _link(gateway, method, _SUB_ID))
        if refused is None:
            verdicts[method] = verdicts[SUB_UNION_ID] = True
            return
        if refused != SUB_UNION_ID:
            verdicts[method] = False
            return
        verdicts[SUB_UNION_ID] = False
    verdicts[method] = await _ask(gateway, method, _link(gateway, method, "")) is None


def _link(gateway: Gateway, method: str, sub_id: str) -> Mapping[str, object]:
    return convert_arguments(
        method,
        item=_SKU,
        position=gateway.settings.house_pid(),
        site=gateway.settings.site_id,
        sub_id=sub_id,
        coupon="",
    )


async def _ask(gateway: Gateway, method: str, arguments: Mapping[str, object]) -> str | None:
    """The right that was refused, or None: any other answer of the method shows that it is granted."""
    try:
        await gateway.ask(method, arguments, _Anything)
    except MissingRight as error:
        return error.right
    except (AuthFailed, QuotaUsedUp):
        raise
    except (PersonError, OperatorError):
        return None
    return None
