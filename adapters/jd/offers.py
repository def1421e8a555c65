"""From JD's goods and coupons to an offer: best coupon, price after it, commission. Pure.

Commission is rate times the price after the coupon, floored: JD pays on what is really paid.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from adapters.contract import Coupon, ItemRef, Offer
from adapters.errors import ItemNotPromotable
from adapters.jd.pages import item_url
from adapters.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from adapters.jd.schema import Goods, ListedCoupon, PromotionGoods, QueriedCoupon
    from adapters.money import Rate

__all__ = [
    "COUPON_URL",
    "LinkedCoupon",
    "best",
    "found",
    "from_goods",
    "from_promotion_goods",
    "linked",
    "without_coupon",
]

COUPON_URL: Final = "coupon_url"
"""Key in `Offer.opaque`: the coupon's link, so that coupon and promotion become one link."""
_PLATFORM: Final = "jd"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedCoupon:
    """A coupon and the link that the convert call takes."""

    coupon: Coupon
    link: str


def linked(raw: ListedCoupon | QueriedCoupon, link: str = "") -> LinkedCoupon | None:
    """A raw coupon; None if it names no amount. It must be taken and used within both windows."""
    if raw.discount is None or raw.discount <= Money(0):
        return None
    starts = [at for at in (raw.get_from, raw.use_from) if at is not None]
    ends = [at for at in (raw.get_until, raw.use_until) if at is not None]
    coupon = Coupon(
        amount=raw.discount,
        threshold=raw.quota or Money(0),
        starts_at=max(starts, default=None),
        ends_at=min(ends, default=None),
        remaining=getattr(raw, "remaining", None),
    )
    return LinkedCoupon(coupon=coupon, link=link or raw.link)


def best(
    coupons: Iterable[LinkedCoupon | None], price: Money, now: datetime
) -> LinkedCoupon | None:
    """The one that saves most on one piece; failing that, the largest that several pieces reach."""
    current = [each for each in coupons if each is not None and each.coupon.current(now)]
    return max(
        current,
        key=lambda each: (each.coupon.usable(price, now), each.coupon.amount),
        default=None,
    )


def from_goods(ref: ItemRef, goods: Goods, pasted: LinkedCoupon | None, now: datetime) -> Offer:
    """An offer from `goods.query`. ItemNotPromotable without a price."""
    price = goods.price.price or goods.price.lowest
    if price is None:
        raise ItemNotPromotable("jd: the item has no price")
    coupons = [linked(coupon) for coupon in goods.coupons.coupons]
    return _offer(
        ref=ref,
        title=goods.name,
        price=price,
        rate=goods.commission.share,
        chosen=best([pasted, *coupons], price, now),
        shop=goods.shop.name,
        image=goods.images.images[0].url if goods.images.images else "",
        orders=goods.orders,
        now=now,
    )


def from_promotion_goods(
    ref: ItemRef, goods: PromotionGoods, pasted: LinkedCoupon | None, now: datetime
) -> Offer:
    """An offer from `goods.promotiongoodsinfo.query`: the mobile price and rate, else the desktop's.

    ItemNotPromotable without a price.
    """
    price = goods.mobile_price or goods.price
    if price is None:
        raise ItemNotPromotable("jd: the item has no price")
    return _offer(
        ref=ref,
        title=goods.name,
        price=price,
        rate=goods.mobile_rate if goods.mobile_rate is not None else goods.rate,
        chosen=best([pasted], price, now),
        shop="",
        image=goods.image,
        orders=goods.orders,
        now=now,
    )


def found(goods: Goods, now: datetime) -> Offer | None:
    """An offer from a search result; None for one without id or price."""
    item = goods.sku_id or goods.item_id
    if not item or (goods.price.price or goods.price.lowest) is None:
        return None
    ref = ItemRef(platform=_PLATFORM, item_id=item, source=item_url(item))
    return from_goods(ref, goods, None, now)


def _offer(
    *,
    ref: ItemRef,
    title: str,
    price: Money,
    rate: Rate | None,
    chosen: LinkedCoupon | None,
    shop: str,
    image: str,
    orders: int | None,
    now: datetime,
) -> Offer:
    coupon = chosen.coupon if chosen else None
    final = price
    if coupon is not None and coupon.usable(price, now):
        final = max(price - coupon.amount, Money(0))
    return Offer(
        ref=ref,
        title=title,
        price=price,
        final_price=final,
        seen_at=now,
        commission_rate=rate,
        commission=rate.of(final) if rate is not None else None,
        coupon=coupon,
        shop=shop,
        image_url=_https(image),
        sales=str(orders) if orders else "",
        opaque={COUPON_URL: chosen.link} if chosen and chosen.link else {},
    )


def without_coupon(offer: Offer) -> Offer:
    """The same offer when the link cannot carry its coupon: the plain price and its commission."""
    rate = offer.commission_rate
    return replace(
        offer,
        final_price=offer.price,
        commission=rate.of(offer.price) if rate is not None else None,
        coupon=None,
        opaque={key: value for key, value in offer.opaque.items() if key != COUPON_URL},
    )


def _https(url: str) -> str:
    """JD writes some image addresses without a scheme."""
    return f"https:{url}" if url.startswith("//") else url
