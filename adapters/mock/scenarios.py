"""Item ids with a fixed edge case. The same twelve digits work on every platform."""

from __future__ import annotations

__all__ = [
    "BY_ID",
    "COUPON_ENDING_SOON",
    "COUPON_EXHAUSTED",
    "COUPON_GONE",
    "COUPON_REPLACED",
    "NEEDS_AUTHORISATION",
    "NOT_PROMOTABLE",
    "NO_COUPON",
    "NUMERIC_REFUSED",
    "OFF_SHELF",
    "PRICE_COMPARE",
    "THRESHOLD_ABOVE_PRICE",
]

NO_COUPON = "no_coupon"
"""There is never a coupon."""
COUPON_EXHAUSTED = "coupon_exhausted"
"""The coupon's remaining number is 0."""
COUPON_ENDING_SOON = "coupon_ending_soon"
"""The coupon ends within 5 to 15 minutes; then the same one starts anew."""
COUPON_REPLACED = "coupon_replaced"
"""The coupon ends tomorrow at 23:59:59 Beijing time; each day brings an equal one."""
COUPON_GONE = "coupon_gone"
"""The coupon ends on the day after the item was first asked for, and no other follows for 30 days."""
THRESHOLD_ABOVE_PRICE = "threshold_above_price"
"""One piece does not reach the coupon's threshold."""
NOT_PROMOTABLE = "not_promotable"
"""Sold, but not in the programme."""
OFF_SHELF = "off_shelf"
"""Not sold any more."""
NUMERIC_REFUSED = "numeric_refused"
"""Taobao: the plain numeric id is refused wherever it is sent; the new id works."""
NEEDS_AUTHORISATION = "needs_authorisation"
"""Pinduoduo: 备案 is missing for this item's convert call until it is granted."""
PRICE_COMPARE = "price_compare"
"""Orders of this item are judged price comparisons."""

BY_ID = {
    f"{900_000_000_001 + index}": name
    for index, name in enumerate(
        (
            NO_COUPON,
            COUPON_EXHAUSTED,
            COUPON_ENDING_SOON,
            COUPON_REPLACED,
            COUPON_GONE,
            THRESHOLD_ABOVE_PRICE,
            NOT_PROMOTABLE,
            OFF_SHELF,
            NUMERIC_REFUSED,
            NEEDS_AUTHORISATION,
            PRICE_COMPARE,
        )
    )
}
"""900000000001 is `no_coupon`, ... 900000000011 is `price_compare`."""
