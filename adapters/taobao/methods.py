"""Names of the methods this adapter calls, and of what an account may lack."""

from __future__ import annotations

__all__ = [
    "COUPON_CONVERT",
    "COUPON_GET",
    "ITEM_INFO",
    "LINK_CONVERT",
    "LINK_PARSE",
    "ORDERS",
    "REFUNDS",
    "SCENE_COPIED",
    "SEARCH",
    "TPWD_CONVERT",
    "TPWD_CREATE",
    "TPWD_PARSE",
]

LINK_CONVERT = "taobao.tbk.dg.general.link.convert"
LINK_PARSE = "taobao.tbk.dg.general.link.parse"
TPWD_CONVERT = "taobao.tbk.tpwd.convert"
TPWD_PARSE = "taobao.tbk.tpwd.parse"
TPWD_CREATE = "taobao.tbk.tpwd.create"
COUPON_CONVERT = "taobao.tbk.coupon.convert"
COUPON_GET = "taobao.tbk.coupon.get"
ITEM_INFO = "taobao.tbk.item.info.upgrade.get"
SEARCH = "taobao.tbk.dg.material.optional.upgrade"
ORDERS = "taobao.tbk.order.details.get"
REFUNDS = "taobao.tbk.order.refund.get"

SCENE_COPIED = "biz_scene_id=2"
"""The scene in which a link copied from the shop (with a plain numeric id) may be converted."""
