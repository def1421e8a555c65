"""The mock Pinduoduo's order list: windows of 24 hours, 90 days back, pages by update time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from adapters.mock.pinduoduo_links import PLATFORM
from adapters.mock.pinduoduo_wire import Call, Refused
from adapters.times import from_unix

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from adapters.mock.values import MockOrder
    from adapters.mock.world import World

__all__ = ["order_list"]

DAY = 24 * 3600
DEPTH = timedelta(days=90)
_LATEST = 32_503_680_000
_STATUS = {"unpaid": -1, "paid": 1, "received": 2, "settled": 5, "void": 4}
_STATUS_TEXT = {
    "unpaid": "未支付",
    "paid": "已成团",
    "received": "确认收货",
    "settled": "已经结算",
    "void": "审核失败",
}


def order_list(world: World, call: Call) -> Mapping[str, object]:
    """The body of pdd.ddk.order.list.increment.get; both ends of the window are included."""
    start = call.number("start_update_time", 1, _LATEST)
    end = call.number("end_update_time", 1, _LATEST)
    size = call.number("page_size", 10, 100, 10)
    page = call.number("page", 1, 10_000, 1)
    if start > end:
        raise Refused(10000, "开始时间不能大于结束时间")
    if end - start > DAY:
        raise Refused(50001, "时间跨度不能超过24小时")
    if from_unix(start) < world.now() - DEPTH:
        raise Refused(50001, "只能查询90天内的订单")
    orders = world.orders(PLATFORM, from_unix(start), from_unix(end + 1))
    rows = [order_row(world, order) for order in orders[(page - 1) * size : page * size]]
    if call.has_fault("duplicate_page"):
        rows += rows
    counted = {"total_count": len(orders)} if call.flag("return_count") else {}
    return {"order_list": rows, **counted}


def _seconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())


def order_row(world: World, order: MockOrder) -> Mapping[str, object]:
    """One order; what the link carried comes back as it was sent."""
    item = world.item(PLATFORM, order.item_id)
    return {
        "order_sn": order.order_id,
        "order_status": _STATUS[order.status],
        "order_status_desc": _STATUS_TEXT[order.status],
        "goods_id": int(order.item_id),
        "goods_sign": item.canonical_id,
        "goods_name": order.title,
        "goods_thumbnail_url": item.image_url,
        "goods_price": item.price,
        "goods_quantity": order.quantity,
        "order_amount": order.paid,
        "promotion_rate": order.rate_bp // 10,
        "promotion_amount": order.commission - order.taken_back,
        "p_id": order.attribution.get("p_id", ""),
        "custom_parameters": order.attribution.get("custom_parameters", ""),
        "order_create_time": _seconds(order.created_at),
        "order_pay_time": _seconds(order.paid_at),
        "order_group_success_time": _seconds(order.paid_at),
        "order_receive_time": _seconds(order.received_at),
        "order_verify_time": _seconds(order.settled_at),
        "order_settle_time": _seconds(order.settled_at),
        "order_modify_at": _seconds(order.updated_at),
        "price_compare_status": int(order.compared),
        "fail_reason": order.reason,
        "return_status": 2 if order.status == "void" else 0,
        "type": 0,
    }
