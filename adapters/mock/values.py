"""The values of the mock world: items, coupons, links, orders and faults.

Amounts are integer fen, rates integer basis points, times aware UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = ["Fault", "MockCoupon", "MockItem", "MockLink", "MockOrder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MockCoupon:
    """Amounts in fen. `ends_at` is the coupon's last second (23:59:59 Beijing time for most)."""

    id: str
    amount: int
    threshold: int
    starts_at: datetime
    ends_at: datetime
    remaining: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MockItem:
    """Prices in fen, rates in basis points. `canonical_id` is the platform's newer opaque id
    (Taobao new item id, JD itemId, Pinduoduo goods_sign), `item_id` the plain one; either finds it.

    `scenario` is a name of `adapters.mock.scenarios`, None for an ordinary item.
    """

    platform: str
    item_id: str
    canonical_id: str
    title: str
    price: int
    rate_bp: int
    compared_rate_bp: int | None
    coupon: MockCoupon | None
    image_url: str
    shop: str
    sales: int
    on_shelf: bool
    promotable: bool
    scenario: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MockLink:
    """A promotion link made by a gateway: opaque token -> item and attribution (platform's own
    field names, e.g. {"adzone_id": ..., "relation_id": ...})."""

    platform: str
    token: str
    item_id: str
    attribution: Mapping[str, str]
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MockOrder:
    """Amounts in fen. `status` is unpaid, paid, received, settled or void; a gateway translates.

    Times are whole seconds, as the platforms report them.
    """

    platform: str
    order_id: str
    item_id: str
    title: str
    quantity: int
    paid: int
    rate_bp: int
    commission: int
    status: str
    reason: str
    taken_back: int
    compared: bool
    attribution: Mapping[str, str]
    clicked_at: datetime | None
    created_at: datetime
    paid_at: datetime | None
    received_at: datetime | None
    settled_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`kind`: slow, reset, http_5xx, html, torn, throttled, quota, expired_auth, bad_signature,
    clock_skew, missing_right, needs_authorisation, foreign_pid, torn_page, duplicate_page.
    `args` as the kind needs (seconds, status, right)."""

    kind: str
    args: Mapping[str, str] = field(default_factory=dict)
