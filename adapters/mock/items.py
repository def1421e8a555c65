"""Items from a hash: any id is one, the same in every run, and its coupon changes with the week.

A coupon's window is seven Beijing days long and begins on a weekday that belongs to the item, so a
coupon stays what it is within these days, has always begun at `now`, and ends when the clock is
moved past it. The next window may bring another one, or none (about 30 % of them).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from adapters.mock import scenarios
from adapters.mock.ids import canonical_id, keyed
from adapters.mock.values import MockCoupon, MockItem
from adapters.mock.words import shop_name, title_of
from adapters.times import BEIJING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ItemBase", "beijing_day", "coupon_at", "item_base"]

_WEEK = 7
_SECOND = timedelta(seconds=1)
_SOON = timedelta(minutes=10)
GONE_FOR = 30
"""Days without a coupon in the scenario `coupon_gone`; then it begins anew."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemBase:
    """What does not change with time. One object for one item, so caches may go by identity."""

    platform: str
    item_id: str
    canonical_id: str
    title: str
    price: int
    rate_bp: int
    compared_rate_bp: int | None
    shop: str
    sales: int
    picture: str
    scenario: str | None

    def item(self, *, base_url: str, coupon: MockCoupon | None) -> MockItem:
        """The item as it is at a moment."""
        return MockItem(
            platform=self.platform,
            item_id=self.item_id,
            canonical_id=self.canonical_id,
            title=self.title,
            price=self.price,
            rate_bp=self.rate_bp,
            compared_rate_bp=self.compared_rate_bp,
            coupon=coupon,
            image_url=base_url + self.picture,
            shop=self.shop,
            sales=self.sales,
            on_shelf=self.scenario != scenarios.OFF_SHELF,
            promotable=self.scenario not in (scenarios.OFF_SHELF, scenarios.NOT_PROMOTABLE),
            scenario=self.scenario,
        )


def beijing_day(now: datetime) -> int:
    """The number of the Beijing day (proleptic ordinal)."""
    return now.astimezone(BEIJING).toordinal()


@lru_cache(maxsize=4096)
def item_base(platform: str, plain: str, searched: str = "") -> ItemBase:
    """The item with this plain id; its title holds the words by which a search found it."""
    pick = partial(keyed, platform, plain)
    scenario = scenarios.BY_ID.get(plain)
    return ItemBase(
        platform=platform,
        item_id=plain,
        canonical_id=canonical_id(platform, plain),
        title=title_of(pick, searched),
        price=_price(pick),
        rate_bp=_rate(pick),
        compared_rate_bp=_compared_rate(pick, scenario),
        shop=shop_name(pick),
        sales=int(10 ** (1 + pick("sales") % 4001 / 1000)),
        picture=f"/_shop/picture/{quote(platform, safe='')}/{plain}.svg",
        scenario=scenario,
    )


def _price(pick: Callable[[str], int]) -> int:
    """9.90 to about 300 yuan with the endings that shops like; cheap things are more frequent."""
    yuan = 9 + (pick("price") % 18) ** 2
    return yuan * 100 + (90, 80, 0, 50)[pick("price ending") % 4]


def _rate(pick: Callable[[str], int]) -> int:
    """1 to 30 percent in whole permille: Pinduoduo can say no finer rate."""
    return 100 + pick("rate") % 291 * 10


def _compared_rate(pick: Callable[[str], int], scenario: str | None) -> int | None:
    """For one item in four the platform predicts what is left if an order is judged compared: a
    quarter of the rate."""
    if scenario != scenarios.PRICE_COMPARE and pick("compared") % 4:
        return None
    return _rate(pick) // 40 * 10


def coupon_at(base: ItemBase, now: datetime, anchor: int | None = None) -> MockCoupon | None:
    """The coupon that the platform shows at `now`, or None.

    `anchor` is the Beijing day on which the scenario `coupon_gone` began.
    """
    day = beijing_day(now)
    match base.scenario:
        case scenarios.NO_COUPON:
            return None
        case scenarios.COUPON_ENDING_SOON:
            return _soon(base, now)
        case scenarios.COUPON_REPLACED:
            return _coupon(base, str(day), _midnight(day - 1), _midnight(day + 2) - _SECOND)
        case scenarios.COUPON_GONE:
            first = day if anchor is None else anchor
            coupon = _coupon(base, str(first), _midnight(first - 1), _midnight(first + 2) - _SECOND)
            return coupon if now < coupon.ends_at else None
    return _of_the_week(base, day)


@lru_cache(maxsize=4096)
def _of_the_week(base: ItemBase, day: int) -> MockCoupon | None:
    """The coupon of the window that `day` lies in; seven windows in ten have one."""
    phase = keyed(base.platform, base.item_id, "phase") % _WEEK
    start = day - (day - phase) % _WEEK
    chance = keyed(base.platform, base.item_id, "coupon", str(start)) % 10
    if base.scenario is None and chance >= 7:
        return None
    return _coupon(base, str(start), _midnight(start), _midnight(start + _WEEK) - _SECOND)


def _soon(base: ItemBase, now: datetime) -> MockCoupon:
    """Ends between 5 and 15 minutes from now; stable within ten minutes."""
    beginning = now - (now - datetime.min.replace(tzinfo=UTC)) % _SOON
    return _coupon(base, beginning.isoformat(), beginning - _SOON, beginning + 1.5 * _SOON)


def _midnight(day: int) -> datetime:
    """The first moment of a Beijing day, in UTC."""
    return datetime.fromordinal(day).replace(tzinfo=BEIJING).astimezone(UTC)


def _coupon(base: ItemBase, period: str, starts_at: datetime, ends_at: datetime) -> MockCoupon:
    # The scenarios promise an equal coupon after the first, so theirs does not vary with time.
    pick = partial(keyed, base.platform, base.item_id, period if base.scenario is None else "")
    amount = max(100, base.price * (5 + pick("amount") % 36) // 10_000 * 100)
    threshold = _threshold(base.price, amount, pick)
    if base.scenario == scenarios.THRESHOLD_ABOVE_PRICE:
        threshold = (base.price // 1000 + 1) * 2000
    total = (1_000, 5_000, 20_000, 100_000)[pick("total") % 4]
    remaining = 1 + pick("remaining") % total
    return MockCoupon(
        id=f"{keyed(base.platform, base.item_id, 'coupon id', period):016x}{pick('id'):016x}",
        amount=amount,
        threshold=threshold,
        starts_at=starts_at,
        ends_at=ends_at,
        remaining=0 if base.scenario == scenarios.COUPON_EXHAUSTED else remaining,
        total=total,
    )


def _threshold(price: int, amount: int, pick: Callable[[str], int]) -> int:
    """At least the amount, and reached by one piece."""
    wanted = (amount + 100, price // 100 * 100, price // 1000 * 1000)[pick("threshold") % 3]
    return wanted if amount <= wanted <= price else price // 100 * 100
