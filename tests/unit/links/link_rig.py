"""Short links and clocks for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from adapters.contract import (
    Attribution,
    Coupon,
    ItemRef,
    Money,
    OfferSnapshot,
    Ownership,
    OwnershipKind,
    Placement,
)
from bot.links.models import ShortLink, Targets

if TYPE_CHECKING:
    from bot.links.store import LinkStore

NOW = datetime(2026, 11, 20, 4, 0, 0, 123456, tzinfo=UTC)
DAY = timedelta(days=1)
REF = ItemRef(platform="jd", item_id="100012043978", source="https://item.jd.com/100012043978.html")


class SetClock:
    """A clock that stands until it is set."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def snapshot(coupon_ends: datetime | None = None, price: int = 5990) -> OfferSnapshot:
    coupon = None
    if coupon_ends is not None:
        coupon = Coupon(amount=Money(2000), threshold=Money(5000), ends_at=coupon_ends, remaining=7)
    return OfferSnapshot(
        title="洁柔抽纸 24包",
        price=Money(price),
        final_price=Money(price - 2000 if coupon else price),
        coupon=coupon,
        seen_at=NOW,
    )


def link(code: str, **changes: Any) -> ShortLink:
    """A link of promoter `p1` in one chat."""
    values: dict[str, Any] = {
        "code": code,
        "account": "main",
        "ref": REF,
        "placement": Placement(account="main", pid="3001", promoter_tag="p1", sub_id=code),
        "targets": Targets(web=f"https://u.jd.com/{code}"),
        "level": Attribution.LINK,
        "ownership": Ownership(kind=OwnershipKind.OURS, pid="3001"),
        "promoter_id": "p1",
        "chat": "telegram:main:-100",
        "channel": "telegram",
        "shown": snapshot(),
        "created_at": NOW,
        "used_at": NOW,
    }
    return ShortLink(**{**values, **changes})


async def saved(links: LinkStore, **changes: Any) -> ShortLink:
    """A link as a conversion makes it: reserved, then saved."""
    made = link("1111111", **changes)
    reservation = await links.reserve(made.promoter_id, made.chat, made.ref, made.used_at)
    return await links.save(link(reservation.code, **changes))
