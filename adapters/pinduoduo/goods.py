"""Goods of a search answer as offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.contract import Coupon, ItemRef, Money, Offer, Rate
from adapters.pinduoduo.addresses import item_link, sign_link
from adapters.times import from_unix

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from adapters.pinduoduo.schema import RawGoods, SearchBody

__all__ = ["GOODS_SIGN", "PLATFORM", "SEARCH_ID", "is_goods_id", "offer_of", "pick", "ref_of"]

PLATFORM = "pinduoduo"
GOODS_SIGN = "goods_sign"
SEARCH_ID = "search_id"


def is_goods_id(item_id: str) -> bool:
    """Whether an item is known by its goods_id; else by its goods_sign."""
    return item_id.isascii() and item_id.isdigit()


def _goods_id(goods: RawGoods) -> str | None:
    return goods.goods_id if goods.goods_id and goods.goods_id != "0" else None


def ref_of(goods: RawGoods) -> ItemRef | None:
    """The item, by its goods_id where the answer tells it; None if it is named in neither way."""
    if goods_id := _goods_id(goods):
        return ItemRef(platform=PLATFORM, item_id=goods_id, source=item_link(goods_id))
    if goods.goods_sign:
        return ItemRef(
            platform=PLATFORM, item_id=goods.goods_sign, source=sign_link(goods.goods_sign)
        )
    return None


def pick(found: Sequence[RawGoods], goods_id: str | None) -> RawGoods | None:
    """The one item that was meant.

    A link as keyword finds one item. Were it ever read as words, others would come back: one of
    another id, or one of several without a known id, is never taken for the item that was asked for.
    """
    if goods_id is not None:
        for goods in found:
            if _goods_id(goods) == goods_id:
                return goods
        found = [goods for goods in found if _goods_id(goods) is None]
    return found[0] if len(found) == 1 else None


def _time(seconds: int | None) -> datetime | None:
    return from_unix(seconds) if seconds else None


def _coupon(goods: RawGoods, now: datetime) -> Coupon | None:
    if not goods.coupon_discount:
        return None
    coupon = Coupon(
        amount=Money(goods.coupon_discount),
        threshold=Money(goods.coupon_min_order_amount or 0),
        starts_at=_time(goods.coupon_start_time),
        ends_at=_time(goods.coupon_end_time),
        remaining=goods.coupon_remain_quantity,
    )
    return coupon if coupon.current(now) else None


def offer_of(goods: RawGoods, ref: ItemRef, body: SearchBody, now: datetime) -> Offer:
    """The offer for one piece in a group order (`min_group_price`), commission after the coupon.

    `predict_promotion_rate` is the rate that remains if the order is judged a price comparison.
    """
    price = Money(goods.min_group_price)
    coupon = _coupon(goods, now)
    final = price
    if coupon is not None and coupon.usable(price, now):
        final = max(price - coupon.amount, Money(0))
    rate = None if goods.promotion_rate is None else Rate.from_permille(goods.promotion_rate)
    compared = goods.predict_promotion_rate
    opaque = {GOODS_SIGN: goods.goods_sign, SEARCH_ID: goods.search_id or body.search_id or ""}
    return Offer(
        ref=ref,
        title=goods.goods_name,
        price=price,
        final_price=final,
        seen_at=now,
        commission_rate=rate,
        commission=None if rate is None else rate.of(final),
        commission_if_compared=None if compared is None else Rate.from_permille(compared).of(final),
        coupon=coupon,
        shop=goods.mall_name or "",
        image_url=goods.goods_image_url or goods.goods_thumbnail_url or "",
        sales=goods.sales_tip or "",
        opaque={key: value for key, value in opaque.items() if value},
    )
