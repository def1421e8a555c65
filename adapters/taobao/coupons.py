"""Coupons as the different answers write them, and the price that follows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from adapters.contract import Coupon, Money
from adapters.times import from_beijing_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from adapters.taobao.schema import PathRow

__all__ = ["amounts_in", "best_in_path", "price_after"]

_TERMS = re.compile(r"满\s*([0-9]+(?:\.[0-9]+)?)\s*元?\s*减\s*([0-9]+(?:\.[0-9]+)?)")
_NO_THRESHOLD = "无门槛"


def amounts_in(terms: str) -> tuple[Money | None, Money | None]:
    """Threshold and amount that `满99元减10元` names; a 无门槛 coupon has the threshold 0."""
    if found := _TERMS.search(terms):
        return Money.from_yuan(found[1]), Money.from_yuan(found[2])
    return (Money(0) if _NO_THRESHOLD in terms else None), None


def price_after(price: Money, coupon: Coupon | None, now: datetime) -> Money:
    """What one piece costs with the coupon, or the price where it does not apply to one piece."""
    if coupon is None or not coupon.usable(price, now):
        return price
    return max(Money(0), price - coupon.amount)


def _moment(text: str, *, end: bool) -> datetime | None:
    """Search results write some of these times in other forms; they are then not known."""
    try:
        return from_beijing_text(text, end_of_day=end)
    except ValueError:
        return None


def _from_path(row: PathRow) -> Coupon | None:
    if "券" not in row.promotion_title:
        return None
    threshold, amount = amounts_in(row.promotion_desc)
    amount = row.promotion_fee or amount
    if threshold is None or not amount:
        return None
    return Coupon(
        amount=amount,
        threshold=threshold,
        starts_at=_moment(row.promotion_start_time, end=False),
        ends_at=_moment(row.promotion_end_time, end=True),
    )


def best_in_path(rows: Iterable[PathRow], price: Money, now: datetime) -> Coupon | None:
    """The best coupon among an item's promotions: one that a single piece can use comes first."""
    coupons = [coupon for row in rows if (coupon := _from_path(row)) and coupon.current(now)]
    return max(coupons, key=lambda coupon: (coupon.usable(price, now), coupon.amount), default=None)
