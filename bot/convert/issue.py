"""From an offer to a tracked link: code, placement, promotion, own-PID proof, store.

The code is reserved first because it is the sub-id that the platform gives back on the order. If
anything after that fails the code is freed. One live code per earner, chat and item: who asks
again gets the same link, and while offer and promotion stand it costs no call to the platform.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from adapters.contract import Attribution, OfferSnapshot, Placement
from bot.convert.proof import looked_up, prove
from bot.links.models import ShortLink, Targets

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from adapters.contract import Offer, Ownership, Promotion
    from bot.clock import Clock
    from bot.convert.items import Found, ItemService
    from bot.convert.outcome import Earner
    from bot.convert.platform import Platform
    from bot.links.placements import PlacementLeases
    from bot.links.store import LinkStore

__all__ = ["Issued", "Issuer", "snapshot"]

TOKEN_CODE = re.compile(r"[A-Za-z0-9]{8,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A stored link and the offer as the convert answer corrected it."""

    link: ShortLink
    offer: Offer
    ownership: Ownership


def snapshot(offer: Offer) -> OfferSnapshot:
    """What a card of this offer shows."""
    return OfferSnapshot(
        title=offer.title,
        price=offer.price,
        final_price=offer.final_price,
        coupon=offer.coupon,
        seen_at=offer.seen_at,
    )


class Issuer:
    """Makes and finds tracked links; see the module's docstring."""

    def __init__(
        self,
        *,
        links: LinkStore,
        leases: PlacementLeases,
        items: ItemService,
        clock: Clock,
        account: str,
        pool_empty: Callable[[Platform], None],
        look_up_owner: bool = True,
    ) -> None:
        self._links = links
        self._leases = leases
        self._items = items
        self._clock = clock
        self._account = account
        self._pool_empty = pool_empty
        self._look_up_owner = look_up_owner

    async def by_code(self, code: str) -> ShortLink | None:
        """A link of ours that is still alive."""
        link = await self._links.get(code)
        if link is None or not self._links.alive(link, self._clock.now()):
            return None
        return link

    async def by_target(self, url: str) -> ShortLink | None:
        """The live link whose promotion link this is."""
        code = await self._links.code_of_target(url)
        return await self.by_code(code) if code is not None else None

    async def used(self, link: ShortLink) -> None:
        """Handed out again: the link lives on, and its placement stays with its promoter."""
        now = self._clock.now()
        await self._links.mark_used(link.code, now=now)
        await self._leases.touch(link.ref.platform, link.account, link.placement.pid, now)

    async def issue(self, platform: Platform, found: Found, earner: Earner) -> Issued:
        """A tracked link of `earner` for this offer. Raises the adapter's errors."""
        now = self._clock.now()
        offer = found.offer
        reservation = await self._links.reserve(earner.promoter_id, earner.chat, offer.ref, now)
        existing = reservation.existing
        ours = platform.adapter.settings.own_pids()
        if existing is not None and still_good(existing, offer, now, ours, stale=found.stale):
            await self.used(existing)
            return Issued(link=existing, offer=offer, ownership=existing.ownership)
        try:
            promotion, placement = await self.promote(
                platform, offer, earner.promoter_id, reservation.code
            )
            if found.stale:  # the answer knows no newer price: the card says how old this one is
                seen = replace(promotion.offer, seen_at=offer.seen_at)
                promotion = replace(promotion, offer=seen)
            link = self._link(reservation.code, promotion, placement, earner, existing)
            link = await self._links.save(link)
            if (code := token_code(link.targets.tpwd)) is not None:
                await self._links.index_target(code, link.code)
        except BaseException:
            if existing is None:
                await self._links.free(reservation.code)
            raise
        if promotion.offer != offer and not found.stale:
            await self._items.remember(promotion.offer)
        return Issued(link=link, offer=promotion.offer, ownership=promotion.link.ownership)

    async def promote(
        self, platform: Platform, offer: Offer, promoter_id: str, code: str
    ) -> tuple[Promotion, Placement]:
        """A proven promotion for this promoter and code, at the finest attribution there is."""
        adapter = platform.adapter
        pooled = adapter.info.pooled and promoter_id != ""
        pid = adapter.settings.house_pid()
        if pooled and adapter.attribution < Attribution.LINK:
            pid = await self._lease(platform, promoter_id) or pid
        placement = Placement(account=self._account, pid=pid, promoter_tag=promoter_id, sub_id=code)
        promotion = await adapter.promote(offer, placement)
        if (
            promotion.link.level is Attribution.NONE
            and pooled
            and pid == adapter.settings.house_pid()
        ):
            leased = await self._lease(platform, promoter_id)
            if leased is not None:
                placement = replace(placement, pid=leased)
                promotion = await adapter.promote(offer, placement)
        prove(adapter, promotion.link, placement)
        if self._look_up_owner:
            promotion = replace(promotion, link=await looked_up(adapter, promotion.link))
            prove(adapter, promotion.link, placement)
        return promotion, placement

    async def _lease(self, platform: Platform, promoter_id: str) -> str | None:
        """A placement of the pool for this promoter; None (and told) when the pool is used up."""
        pool = platform.adapter.settings.pool
        if not pool:
            return None
        pid = await self._leases.lease(
            platform.id, self._account, pool, promoter_id, self._clock.now()
        )
        if pid is None:
            self._pool_empty(platform)
        return pid

    def _link(
        self,
        code: str,
        promotion: Promotion,
        placement: Placement,
        earner: Earner,
        existing: ShortLink | None,
    ) -> ShortLink:
        now = self._clock.now()
        made = promotion.link
        return ShortLink(
            code=code,
            account=self._account,
            ref=promotion.offer.ref,
            placement=placement,
            targets=Targets(web=made.web, app=made.app, tpwd=made.tpwd),
            level=made.level,
            ownership=made.ownership,
            promoter_id=earner.promoter_id,
            chat=earner.chat,
            channel=earner.channel,
            shown=snapshot(promotion.offer),
            created_at=existing.created_at if existing is not None else now,
            used_at=now,
            refreshed_at=now,
            link_expires_at=made.expires_at,
        )


def token_code(tpwd: str | None) -> str | None:
    """The bare code of a 口令 without its fences, as a pasted one is recognised."""
    found = TOKEN_CODE.search(tpwd or "")
    return found[0] if found is not None else None


def still_good(
    link: ShortLink, offer: Offer, now: datetime, ours: frozenset[str], *, stale: bool
) -> bool:
    """Whether a stored promotion may be handed out again for this offer without asking anew.

    Never one whose placement is not `ours` any more. With the platform silent the stored promotion
    is what there is.
    """
    if link.placement.pid not in ours:
        return False
    if link.link_expires_at is not None and link.link_expires_at <= now:
        return False
    if stale:
        return True
    renew_at = link.renew_at()
    renew = renew_at is not None and renew_at <= now
    same = (
        link.shown.price == offer.price
        and link.shown.final_price == offer.final_price
        and link.shown.coupon == offer.coupon
    )
    return same and link.ended is None and not renew
