"""The world behind the mock platforms: items, links, buyers, orders, faults and the clock.

Any id is an item: title, price, coupon, rate and picture are derived from a hash of platform and
id, so a pasted link of one's own works. Links and orders are kept in SQLite in the data folder.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from adapters.mock.faults import FaultQueue
from adapters.mock.ids import plain_id
from adapters.mock.items import GONE_FOR, ItemBase, beijing_day, coupon_at, item_base
from adapters.mock.orders import new_order
from adapters.mock.scenarios import COUPON_GONE
from adapters.mock.store import Store
from adapters.mock.values import Fault, MockCoupon, MockItem, MockLink, MockOrder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

__all__ = ["Fault", "MockCoupon", "MockItem", "MockLink", "MockOrder", "World"]

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_PROFILES = ("lenient", "strict")
_MAX_WORDS = 30
_SEPARATOR = "|"


class World:
    """See the module's docstring. `path` is the SQLite file; None keeps all in memory."""

    def __init__(self, path: Path | None, now: Callable[[], datetime], base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self.faults = FaultQueue()
        self._now = now
        self._store = Store(path)
        self._random = random.Random()
        self._recall()

    def _recall(self) -> None:
        self._rights = self._store.facts("right")
        self._profiles = self._store.facts("profile")
        self._words = self._store.facts("words")
        self._anchors = self._store.facts("anchor")

    def close(self) -> None:
        """Write what is waiting; twice is fine."""
        self._store.close()

    def flush(self) -> None:
        """Write the links that wait for their batch."""
        self._store.flush()

    def reset(self) -> None:
        """Forget links, orders, rights, profiles, faults and searches; items and clock stay."""
        self._store.clear()
        self.faults.clear()
        self._recall()

    def now(self) -> datetime:
        """Business time, aware UTC."""
        return self._now()

    # Items

    def item(self, platform: str, any_id: str) -> MockItem:
        """The item with this plain or canonical id; every id is one (scenario ids give edge cases).

        An opaque id that this world never made is kept as the item's `canonical_id`.
        """
        plain = plain_id(platform, any_id)
        base = item_base(platform, plain, self._words.get(platform + _SEPARATOR + plain, ""))
        if any_id not in (base.item_id, base.canonical_id):
            base = replace(base, canonical_id=any_id)
        return base.item(base_url=self.base_url, coupon=self._coupon(base))

    def _coupon(self, base: ItemBase) -> MockCoupon | None:
        now = self.now()
        if base.scenario != COUPON_GONE:
            return coupon_at(base, now)
        today = beijing_day(now)
        anchor = int(self._anchors.get(base.platform, "0"))
        if today > anchor + GONE_FOR:
            anchor = today
            self._anchors[base.platform] = str(anchor)
            self._store.put_fact("anchor", base.platform, str(anchor))
        return coupon_at(base, now, anchor)

    def item_behind(self, platform: str, short_code: str) -> MockItem:
        """The item behind a short code or 口令 that this world did not make; from a hash."""
        return self.item(platform, plain_id(platform, f"behind {short_code}"))

    def search(self, platform: str, words: str, limit: int) -> Sequence[MockItem]:
        """Items whose titles hold the words; stable for the same words. Words that hold 无结果 (and
        none at all) find nothing."""
        # Half a character (a lone surrogate) cannot be stored.
        words = words.encode("utf-8", "ignore").decode()
        words = " ".join(words.split())[:_MAX_WORDS]
        if not words or "无结果" in words:
            return ()
        return tuple(self._found(platform, words, index) for index in range(max(0, limit)))

    def _found(self, platform: str, words: str, index: int) -> MockItem:
        number = plain_id(platform, f"found {words} {index}")
        key = platform + _SEPARATOR + number
        if key not in self._words:
            self._words[key] = words
            self._store.put_fact("words", key, words)
        return self.item(platform, number)

    # Links and buyers

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
        token = "".join(self._random.choices(_LETTERS, k=token_length))
        while self._store.has_link(platform, token):
            token = "".join(self._random.choices(_LETTERS, k=token_length))
        link = MockLink(
            platform=platform,
            token=token,
            item_id=item_id,
            attribution=dict(attribution),
            created_at=self.now(),
            expires_at=expires_at,
        )
        self._store.put_link(link)
        return link

    def link(self, platform: str, token: str) -> MockLink | None:
        """A link made here."""
        return self._store.link(platform, token)

    def shop_url(self, platform: str, item_id: str, link: MockLink | None) -> str:
        """Where a buyer lands: the mock shop's page for this item; the click is remembered.

        A link past its `expires_at` still leads to the item, but the click is nobody's.
        """
        page = f"{self.base_url}/_shop/{quote(platform, safe='')}/{quote(item_id, safe='')}"
        now = self.now()
        if link is None or (link.expires_at is not None and link.expires_at <= now):
            return page
        # The click needs no store: the page carries link and second.
        return f"{page}?click={link.token}.{int(now.timestamp())}"

    def buy(
        self,
        platform: str,
        item_id: str,
        link: MockLink | None,
        quantity: int = 1,
        *,
        clicked_at: datetime | None = None,
        pay: bool = True,
    ) -> MockOrder:
        """A paid order that carries the link's attribution (unpaid with `pay=False`).

        `clicked_at` is now unless the click was remembered. ValueError for an item off the shelf or
        a quantity outside 1 to 999.
        """
        order = new_order(
            self.item(platform, item_id),
            link,
            quantity,
            now=self.now().replace(microsecond=0),
            clicked_at=clicked_at,
            pay=pay,
            serial=self._random.getrandbits(62),
        )
        self._store.put_order(order, promoted=link is not None)
        return order

    def orders(
        self, platform: str, since: datetime, until: datetime, by: str = "updated_at"
    ) -> Sequence[MockOrder]:
        """Orders with `by` (created_at, paid_at, settled_at, updated_at) in [since, until), in order.

        Only orders that came by a promotion link: a platform shows a publisher no others.
        """
        return self._store.orders(platform, since, until, by)

    def all_orders(self, platform: str | None = None) -> Sequence[MockOrder]:
        """Every order, also those without a promotion link, the oldest first."""
        return self._store.all_orders(platform)

    def order(self, order_id: str) -> MockOrder | None:
        """An order by its number."""
        return self._store.order(order_id)

    def change_order(self, order: MockOrder) -> None:
        """Store an order's next state (see `adapters.mock.orders`)."""
        self._store.put_order(order)

    # Faults and rights

    def fault(self, platform: str, method: str) -> Fault | None:
        """The next fault that was set for this call, used up by being read."""
        return self.faults.take(platform, method)

    def granted(self, platform: str, right: str, default: bool) -> bool:
        """Whether the account holds this right; control end-points change it.

        What was never set is `default`, which a gateway makes depend on `profile`.
        """
        value = self._rights.get(platform + _SEPARATOR + right)
        return default if value is None else value == "yes"

    def set_right(self, platform: str, right: str, granted: bool | None) -> None:
        """Grant or take away; None goes back to the gateway's default."""
        key = platform + _SEPARATOR + right
        if granted is None:
            self._rights.pop(key, None)
        else:
            self._rights[key] = "yes" if granted else "no"
        self._store.put_fact("right", key, self._rights.get(key))

    def profile(self, platform: str) -> str:
        """`lenient` (the account holds the attribution rights) or `strict`; lenient unless set."""
        return self._profiles.get(platform, "lenient")

    def set_profile(self, platform: str, profile: str) -> None:
        """ValueError for anything but lenient and strict."""
        if profile not in _PROFILES:
            raise ValueError("profile is lenient or strict")
        self._store.put_fact("profile", platform, profile)
        self._profiles[platform] = profile
