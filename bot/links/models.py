"""A short link: what stands behind a code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.contract import Attribution, ItemRef, OfferSnapshot, Ownership, Placement

__all__ = ["LINK_LIFE", "REFRESH_LEAD", "ShortLink", "Targets"]

LINK_LIFE = timedelta(days=90)
"""A link lives this long from its last use (a click, or being handed out again)."""
REFRESH_LEAD = timedelta(days=3)
"""The platform's own link is made anew this long before its end (or in the last tenth of its life,
whichever is shorter), so that no click finds it dead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Where a link leads: web address, app address, 口令."""

    web: str
    app: str | None = None
    tpwd: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortLink:
    """The record behind a code; it outlives the redirect by two years for late orders.

    `chat` is `channel:account:chat`. `shown` is what the card said; `ended` is set once the coupon
    on it is over and no coupon as good replaced it, and is then the current price.
    """

    code: str
    account: str
    ref: ItemRef
    placement: Placement
    targets: Targets
    level: Attribution
    ownership: Ownership
    promoter_id: str
    chat: str
    channel: str
    shown: OfferSnapshot
    created_at: datetime
    used_at: datetime
    link_expires_at: datetime | None = None
    """The end of the platform's own link."""
    refreshed_at: datetime | None = None
    ended: OfferSnapshot | None = None
    disabled: bool = False

    def life_ends_at(self, life: timedelta = LINK_LIFE) -> datetime:
        """When the redirect stops, unless it is used again."""
        return self.used_at + life

    def is_live(self, now: datetime, life: timedelta = LINK_LIFE) -> bool:
        """Whether it redirects: not switched off and within its life."""
        return not self.disabled and now < self.life_ends_at(life)

    def renew_at(self) -> datetime | None:
        """From when on the platform's own link is made anew: shortly before its end. None: it has
        none that is known."""
        if self.link_expires_at is None:
            return None
        made_at = self.refreshed_at or self.created_at
        return self.link_expires_at - min(REFRESH_LEAD, (self.link_expires_at - made_at) / 10)

    def refresh_at(self) -> datetime | None:
        """When offer and promotion must be fetched again: the end of the coupon that was shown
        (once), or `renew_at`. None: never by itself."""
        coupon = self.shown.coupon
        coupon_ends = coupon.ends_at if coupon is not None and self.ended is None else None
        return min((at for at in (coupon_ends, self.renew_at()) if at is not None), default=None)
