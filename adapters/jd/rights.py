"""What a JD union account may do: the methods by name, what works without each, and what was learnt.

A right that the settings do not declare is tried; a refusal is remembered for an hour, so that not
every conversion pays for it, and what is granted meanwhile is found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from adapters.contract import Right
from adapters.jd.codes import SUB_UNION_ID
from adapters.refusals import Refusals

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

__all__ = [
    "BY_SUB_UNION_ID",
    "COMMON_GET",
    "COUPON_LINK",
    "COUPON_QUERY",
    "GOODS_INFO",
    "GOODS_QUERY",
    "ORDER_ROWS",
    "POSITION_CREATE",
    "RIGHTS",
    "SUB_UNION_ID",
    "KnownRights",
]

_PREFIX: Final = "jd.union.open."
BY_SUB_UNION_ID: Final = "jd.union.open.promotion.bysubunionid.get"
COMMON_GET: Final = "jd.union.open.promotion.common.get"
GOODS_INFO: Final = "jd.union.open.goods.promotiongoodsinfo.query"
GOODS_QUERY: Final = "jd.union.open.goods.query"
COUPON_QUERY: Final = "jd.union.open.coupon.query"
ORDER_ROWS: Final = "jd.union.open.order.row.query"
POSITION_CREATE: Final = "jd.union.open.position.create"
COUPON_LINK: Final = "couponUrl"

RIGHTS: Final = (
    Right(
        id=GOODS_INFO,
        required=True,
        without_zh="查不到价格和佣金，无法出卡片；该接口对所有账号开放，请检查应用状态",
        without_en="No price and no commission, so no cards; open to every account: check the app",
    ),
    Right(
        id=COMMON_GET,
        without_zh="网站或APP媒体的转链不可用；已有 promotion.bysubunionid.get 时不需要",
        without_en="No links for site or app media; not needed with promotion.bysubunionid.get",
    ),
    Right(
        id=BY_SUB_UNION_ID,
        without_zh="改用 promotion.common.get 转链，需要 SITE_ID，没有长链接",
        without_en="Links come from promotion.common.get, which needs SITE_ID and has no long link",
    ),
    Right(
        id=SUB_UNION_ID,
        without_zh="订单只能归到推广者（每人一个推广位），没有推广位池时需凭订单号认领",
        without_en="Orders reach the promoter by a placement each, or by order number without a pool",
    ),
    Right(
        id=GOODS_QUERY,
        without_zh="没有搜索，不显示商品优惠券和店铺，京粉链接无法识别；价格和佣金照常",
        without_en="No search, coupon, shop or jingfen links; price and commission still work",
    ),
    Right(
        id=COUPON_QUERY,
        without_zh="不显示所粘贴优惠券的门槛、期限和剩余数量",
        without_en="No threshold, window and remaining number of a pasted coupon",
    ),
    Right(
        id=COUPON_LINK,
        without_zh="链接不带券（券和商品分开），卡片不显示券后价",
        without_en="Links do not carry the coupon, and cards claim no price after coupon",
    ),
    Right(
        id=ORDER_ROWS,
        without_zh="订单和佣金不能同步",
        without_en="Orders and commission cannot be fetched",
    ),
    Right(
        id=POSITION_CREATE,
        without_zh="推广位需在联盟后台手工创建",
        without_en="Placements have to be made by hand in the union console",
    ),
)


class KnownRights:
    """`declared` are the methods named in the settings, None to try each; short names count too."""

    def __init__(self, declared: Sequence[str] | None, now: Callable[[], datetime]) -> None:
        self._declared = None if declared is None else frozenset(map(_full, declared))
        self._refused = Refusals(now)

    def may(self, right: str) -> bool:
        """Whether it is worth trying: declared (if anything is), not refused in the last hour."""
        return right not in self._refused and (self._declared is None or right in self._declared)

    def learn(self, right: str, *, granted: bool) -> None:
        """Remember what the platform's answer showed."""
        if granted:
            self._refused.discard(right)
        else:
            self._refused.add(right)


def _full(name: str) -> str:
    if name in (SUB_UNION_ID, COUPON_LINK) or name.startswith(_PREFIX):
        return name
    return _PREFIX + name
