"""When a coupon or the platform's own link ends: the same code gets a new promotion.

Offer and promotion are fetched again under the same code, promoter and sub-id, own-PID proof
included, and never inside a redirect. If no coupon as good replaces the one on the card, the link
is marked `ended` with the current price, and its page says so before leading on.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from adapters.errors import AdapterError, PersonError
from bot.convert.issue import snapshot
from bot.links.models import Targets

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from adapters.contract import Offer, Placement, Promotion
    from bot.clock import Clock
    from bot.convert.issue import Issuer
    from bot.convert.items import ItemService
    from bot.convert.platform import Platform
    from bot.links.models import ShortLink
    from bot.links.store import LinkStore

__all__ = ["Refresher"]

RETRY_AFTER = timedelta(minutes=5)
GONE_RETRY = timedelta(days=1)

_log = logging.getLogger(__name__)


class Refresher:
    """Fetches offer and promotion of a stored link again; see the module's docstring."""

    def __init__(
        self,
        *,
        platforms: Mapping[str, Platform],
        links: LinkStore,
        items: ItemService,
        issuer: Issuer,
        clock: Clock,
    ) -> None:
        self._platforms = platforms
        self._links = links
        self._items = items
        self._issuer = issuer
        self._clock = clock

    async def refresh(self, code: str) -> ShortLink | None:
        """The link after its refresh, or the stored one if there was none (it is put off, or newer
        than what was read here); None if it is gone or past its life (it is not due again)."""
        now = self._clock.now()
        link = await self._links.get(code)
        if link is None or now >= link.life_ends_at(self._links.life):
            await self._links.unschedule(code)
            return None
        platform = self._platforms.get(link.ref.platform)
        if platform is None or link.disabled:
            # Both can be switched on again.
            await self._links.schedule(code, now + GONE_RETRY)
            return link
        return await self._fetch(platform, link, now)

    async def _fetch(self, platform: Platform, link: ShortLink, now: datetime) -> ShortLink:
        code = link.code
        try:
            found = await self._items.offer(platform, link.ref, fresh=True)
            if found.stale:
                await self._links.schedule(code, now + RETRY_AFTER)
                return link
            promotion, placement = await self._issuer.promote(
                platform, found.offer, link.promoter_id, code
            )
        except PersonError as error:
            # Off the shelf or out of the programme, perhaps for ever: the page says that the coupon
            # ended and leads on, without a price, and the platform is asked again tomorrow.
            _log.info("a link's item cannot be promoted now: %s", error.code)
            await self._links.schedule(code, now + GONE_RETRY)
            return link
        except AdapterError as error:
            _log.info("refresh of a link failed: %s", error.code)
            await self._links.schedule(code, now + RETRY_AFTER)
            return link
        fresh = renewed(link, promotion, placement, now)
        saved = await self._links.save(fresh, read=link)
        refresh_at = fresh.refresh_at()
        if saved is fresh and refresh_at is not None and refresh_at <= now:
            # The platform answers with what has ended already: no reason to ask without pause.
            await self._links.schedule(code, now + RETRY_AFTER)
        return saved


def renewed(
    link: ShortLink, promotion: Promotion, placement: Placement, now: datetime
) -> ShortLink:
    """The link with new targets; what the card showed changes only for an offer as good."""
    made = promotion.link
    good = as_good(link, promotion.offer, now)
    seen = snapshot(promotion.offer)
    return replace(
        link,
        placement=placement,
        targets=Targets(web=made.web, app=made.app, tpwd=made.tpwd),
        level=made.level,
        ownership=made.ownership,
        link_expires_at=made.expires_at,
        refreshed_at=now,
        shown=seen if good else link.shown,
        ended=None if good else seen,
    )


def as_good(link: ShortLink, offer: Offer, now: datetime) -> bool:
    """Whether the price on the card can still be had."""
    shown = link.shown
    had_coupon = shown.coupon is not None and shown.final_price < shown.price
    if not had_coupon:
        return True
    usable = offer.coupon is None or offer.coupon.current(now)
    return usable and offer.final_price <= shown.final_price
