"""Offers from JD's goods and coupon queries; which one is asked depends on the account's rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from adapters.errors import ItemNotPromotable, MissingRight, OperatorError
from adapters.jd.offers import found, from_goods, from_promotion_goods, linked
from adapters.jd.pages import coupon_link
from adapters.jd.rights import COUPON_QUERY, GOODS_INFO, GOODS_QUERY
from adapters.jd.schema import CouponAnswer, GoodsAnswer, PromotionGoodsAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.contract import ItemRef, Offer
    from adapters.jd.gateway import Gateway
    from adapters.jd.offers import LinkedCoupon

__all__ = ["coupon_arguments", "goods_arguments", "info_arguments", "offer", "search"]

MAX_FOUND: Final = 30
"""JD docs: goods.query gives at most 30 a page."""


def goods_arguments(item: str) -> dict[str, object]:
    """`goods.query` for one item, by sku or by opaque itemId."""
    ids: dict[str, object] = {"skuIds": [int(item)]} if item.isdecimal() else {"itemIds": [item]}
    return {"goodsReqDTO": {**ids, "pageIndex": 1, "pageSize": 1}}


def info_arguments(sku: str) -> dict[str, object]:
    """`goods.promotiongoodsinfo.query`: a top-level comma list."""
    return {"skuIds": sku}


def coupon_arguments(link: str) -> dict[str, object]:
    """`coupon.query`: a top-level list of links."""
    return {"couponUrls": [link]}


async def offer(gateway: Gateway, ref: ItemRef) -> Offer:
    """One call, and one more where the person pasted a coupon link.

    ItemNotPromotable if JD names no such item: it does not say whether it is off the shelf.
    MissingRight for an opaque itemId without `goods.query`.
    """
    goods = await gateway.ask_if_granted(GOODS_QUERY, goods_arguments(ref.item_id), GoodsAnswer)
    now = gateway.context.now()
    if goods is not None:
        if not goods.data:
            raise ItemNotPromotable(f"jd {GOODS_QUERY}: no such item in the programme")
        return from_goods(ref, goods.data[0], await _pasted(gateway, ref), now)
    if not ref.item_id.isdecimal():
        raise MissingRight(f"jd: an itemId needs {GOODS_QUERY}", GOODS_QUERY)
    info = await gateway.ask(GOODS_INFO, info_arguments(ref.item_id), PromotionGoodsAnswer)
    if not info.data:
        raise ItemNotPromotable(f"jd {GOODS_INFO}: no such item in the programme")
    return from_promotion_goods(ref, info.data[0], await _pasted(gateway, ref), now)


async def _pasted(gateway: Gateway, ref: ItemRef) -> LinkedCoupon | None:
    """The coupon whose link was pasted; None where JD does not say what it is worth."""
    link = coupon_link(ref.source)
    if link is None:
        return None
    try:
        answer = await gateway.ask_if_granted(COUPON_QUERY, coupon_arguments(link), CouponAnswer)
    except OperatorError:
        # The offer stands without it, and goods.query's own coupons with it.
        return None
    if answer is None or not answer.data or answer.data[0].valid == "0":
        return None
    return linked(answer.data[0], link)


async def search(gateway: Gateway, words: str, limit: int) -> Sequence[Offer]:
    """Offers in JD's own order, at most `limit` and 30. MissingRight without `goods.query`."""
    size = min(limit, MAX_FOUND)
    if not words.strip() or size < 1:
        return []
    asked = {"goodsReqDTO": {"keyword": words.strip(), "pageIndex": 1, "pageSize": size}}
    answer = await gateway.ask_if_granted(GOODS_QUERY, asked, GoodsAnswer)
    if answer is None:
        raise MissingRight(f"jd: search needs {GOODS_QUERY}", GOODS_QUERY)
    now = gateway.context.now()
    offers = (found(goods, now) for goods in answer.data)
    return [each for each in offers if each is not None][:size]
