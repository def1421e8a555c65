"""What a visitor of a share link gets, by the business clock. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.contract import OfferSnapshot
    from bot.links.models import ShortLink

__all__ = ["State", "Verdict", "judge"]

PRICE_KEPT = timedelta(hours=6)
"""A current price that is older is asked for again."""


class State(StrEnum):
    """What becomes of the visit."""

    OPEN = "open"
    """Straight on to the shop."""
    COUPON_ENDED = "coupon_ended"
    """A page says so first; its button leads on by the same tracked target."""
    RENEWING = "renewing"
    """The platform's own link has ended: nothing leads on until it is made anew."""
    GONE = "gone"
    """Switched off, or not used for its whole life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The state; whether a refresh is wanted; and when the coupon ended and the price since, where
    they are known."""

    state: State
    refresh: bool = False
    ended_at: datetime | None = None
    price: OfferSnapshot | None = None


def judge(link: ShortLink, now: datetime, life: timedelta) -> Verdict:
    """What a visit at `now` gets.

    A coupon's end is not the link's end. A refresh that found a coupon as good has replaced the one
    in `shown`; one that found none has set `ended`; without either the refresh is still to come.
    """
    if not link.is_live(now, life):
        return Verdict(state=State.GONE)
    if link.link_expires_at is not None and link.link_expires_at <= now:
        return Verdict(state=State.RENEWING, refresh=True)
    coupon = link.shown.coupon
    if coupon is None:
        return Verdict(state=State.OPEN)
    over = coupon.ends_at is not None and coupon.ends_at <= now
    if link.ended is None and not over:
        return Verdict(state=State.OPEN)
    return Verdict(
        state=State.COUPON_ENDED,
        refresh=link.ended is None or link.ended.seen_at + PRICE_KEPT <= now,
        ended_at=coupon.ends_at if over else None,
        price=_still_true(link.ended, now),
    )


def _still_true(snapshot: OfferSnapshot | None, now: datetime) -> OfferSnapshot | None:
    """The snapshot, unless a coupon in its price has ended since."""
    if snapshot is None or snapshot.coupon is None or snapshot.coupon.ends_at is None:
        return snapshot
    return snapshot if now < snapshot.coupon.ends_at else None
