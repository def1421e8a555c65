"""Items of the mock Taobao: what they are, what they cost, which coupon they have.

Amounts are decimal yuan as text, rates percent as text, as in the documents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.mock.taobao_call import percent, yuan
from adapters.mock.taobao_wire import Refusal, Rows, refused
from adapters.times import beijing_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from adapters.mock.taobao_call import Call
    from adapters.mock.values import MockCoupon, MockItem

__all__ = ["ITEM_METHODS", "coupon_info", "in_hand", "seller", "terms"]

_MAX_IDS = 20


def live(item: MockItem, now: datetime) -> MockCoupon | None:
    """The coupon that one piece can use now."""
    coupon = item.coupon
    if coupon is None or coupon.remaining < 1 or not coupon.starts_at <= now < coupon.ends_at:
        return None
    return coupon if item.price >= coupon.threshold else None


def in_hand(item: MockItem, now: datetime) -> int:
    coupon = live(item, now)
    return item.price - (coupon.amount if coupon else 0)


def terms(coupon: MockCoupon) -> str:
    return f"满{coupon.threshold / 100:g}元减{coupon.amount / 100:g}元"


def seller(item: MockItem) -> int:
    return 2_200_000_000 + int(item.item_id) % 900_000_000


def _prices(item: MockItem, now: datetime) -> dict[str, object]:
    prices: dict[str, object] = {
        "reserve_price": yuan(item.price * 13 // 10),
        "zk_final_price": yuan(item.price),
        "final_promotion_price": yuan(in_hand(item, now)),
    }
    if (coupon := live(item, now)) is not None:
        step = {
            "promotion_title": "商品券",
            "promotion_desc": terms(coupon).replace("元", ""),
            "promotion_fee": yuan(coupon.amount),
            "promotion_id": coupon.id,
            "promotion_start_time": beijing_text(coupon.starts_at),
            "promotion_end_time": beijing_text(coupon.ends_at),
        }
        prices["final_promotion_path_list"] = Rows("final_promotion_path_map_data", [step])
    return prices


def _described(item: MockItem, now: datetime) -> dict[str, object]:
    return {
        "item_id": item.canonical_id,
        "item_basic_info": {
            "title": item.title,
            "pict_url": item.image_url,
            "shop_title": item.shop,
            "seller_id": seller(item),
            "user_type": int(item.item_id) % 2,
            "volume": item.sales,
            "annual_vol": f"{item.sales}+",
            "small_images": Rows("string", [item.image_url]),
        },
        "price_promotion_info": _prices(item, now),
        "publish_info": {"income_rate": percent(item.rate_bp)},
    }


def _item_info(call: Call) -> dict[str, object]:
    ids = [text.strip() for text in call.need("item_id").split(",")]
    if len(ids) > _MAX_IDS:
        raise Refusal(41, "isv.invalid-parameter:item_id", "最多20个商品")
    rows = []
    for item_id in ids:
        item = call.item(item_id)
        if item.promotable:
            rows.append({**_described(item, call.now), "input_item_iid": item_id})
    return {"results": Rows("tbk_item_detail", rows)} if rows else {}


def _search(call: Call) -> dict[str, object]:
    pid = call.pid()
    words = call.params.get("q", "") or call.params.get("cat", "")
    if not words:
        raise refused("30002", "查询词和类目不能同时为空")
    page, size = call.number("page_no", 1, 100), call.number("page_size", 20, 100)
    found = call.world.search("taobao", words, page * size)[(page - 1) * size :]
    if not found:
        raise refused("50001", "无结果")
    rows = []
    for item in found:
        made = call.links.make(item, pid)
        row = _described(item, call.now)
        row["publish_info"] = {
            "income_rate": percent(item.rate_bp),
            "click_url": made.click.removeprefix("http:"),
            "coupon_share_url": made.coupon.removeprefix("http:"),
        }
        rows.append(row)
    return {"total_results": 400, "result_list": Rows("map_data", rows)}


def coupon_info(coupon: MockCoupon | None) -> dict[str, object]:
    if coupon is None:
        return {}
    return {
        "activity_id": coupon.id,
        "coupon_amount": yuan(coupon.amount),
        "coupon_desc": terms(coupon),
        "coupon_start_time": beijing_text(coupon.starts_at),
        "coupon_end_time": beijing_text(coupon.ends_at),
        "coupon_remain_count": coupon.remaining,
        "coupon_type": 1,
    }


def _coupon_get(call: Call) -> dict[str, object]:
    item = call.world.item("taobao", call.need("item_id"))
    coupon = item.coupon
    if coupon is None or call.need("activity_id") != coupon.id:
        raise refused("10", "优惠券不存在")
    info = coupon_info(coupon)
    info["coupon_start_fee"] = yuan(coupon.threshold)
    info["coupon_total_count"] = coupon.total
    return {"data": info}


ITEM_METHODS: dict[str, Callable[[Call], dict[str, object]]] = {
    "taobao.tbk.item.info.upgrade.get": _item_info,
    "taobao.tbk.dg.material.optional.upgrade": _search,
    "taobao.tbk.coupon.get": _coupon_get,
}
