"""The world behind the mock platforms: items, links, buyers, orders, faults and the clock.

Any id is an item: title, price, coupon, rate and picture are derived from a hash of platform and
id, so a pasted link of one's own works. Links and orders are kept in SQLite in the data folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

__all__ = ["Fault", "MockCoupon", "MockItem", "MockLink", "MockOrder", "World"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MockCoupon:
    """Amounts in fen."""

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
    (Taobao new item id, JD itemId, Pinduoduo goods_sign), `item_id` the plain one; either finds it."""

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
    """Amounts in fen. `status` is unpaid, paid, received, settled or void; a gateway translates."""

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
    args: Mapping[str, str]


class World:
    """See the module's docstring. `path` None keeps all in memory."""

    def __init__(self, path: Path | None, now: Callable[[], datetime], base_url: str) -> None:
        raise NotImplementedError

    def now(self) -> datetime:
        """Business time, aware UTC."""
        raise NotImplementedError

    def item(self, platform: str, any_id: str) -> MockItem:
        """The item with this plain or canonical id; every id is one (scenario ids give edge cases)."""
        raise NotImplementedError

    def item_behind(self, platform: str, short_code: str) -> MockItem:
        """The item behind a short code or 口令 that this world did not make; from a hash."""
        raise NotImplementedError

    def search(self, platform: str, words: str, limit: int) -> Sequence[MockItem]:
        """Items whose titles hold the words; stable for the same words."""
        raise NotImplementedError

    def make_link(
        self,
        platform: str,
        item_id: str,
        attribution: Mapping[str, str],
        *,
        token_length: int = 7,
        expires_at: datetime | None = None,
    ) -> MockLink:
        """Store a promotion link under a new opaque token."""
        raise NotImplementedError

    def link(self, platform: str, token: str) -> MockLink | None:
        """A link made here."""
        raise NotImplementedError

    def shop_url(self, platform: str, item_id: str, link: MockLink | None) -> str:
        """Where a buyer lands: the mock shop's page for this item; the click is remembered."""
        raise NotImplementedError

    def buy(self, platform: str, item_id: str, link: MockLink | None, quantity: int = 1) -> MockOrder:
        """A paid order that carries the link's attribution."""
        raise NotImplementedError

    def orders(
        self, platform: str, since: datetime, until: datetime, by: str = "updated_at"
    ) -> Sequence[MockOrder]:
        """Orders with `by` (created_at, paid_at, settled_at, updated_at) in [since, until), in order."""
        raise NotImplementedError

    def fault(self, platform: str, method: str) -> Fault | None:
        """The next fault that was set for this call, used up by being read."""
        raise NotImplementedError

    def granted(self, platform: str, right: str, default: bool) -> bool:
        """Whether the account holds this right; control end-points change it."""
        raise NotImplementedError
