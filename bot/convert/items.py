"""From a recognised link to its item and offer: resolved once, cached for everybody.

An offer is shared for some minutes (never past its coupon's end), a failure for one; while a
platform is down or its quota used up the last good offer is served, saying its time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from adapters.errors import (
    AdapterError,
    NeedsAuthorisation,
    PersonError,
    QuotaUsedUp,
    TemporaryError,
)
from bot.convert.single_flight import SingleFlight

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from adapters.contract import ItemRef, Offer
    from adapters.links import LinkMatch
    from bot.clock import Clock
    from bot.convert.platform import Platform
    from bot.convert.store import OfferStore

__all__ = ["Found", "ItemService"]

RESOLVED_LIMIT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An offer; `stale` where the platform was silent and this is the last good one."""

    offer: Offer
    stale: bool = False


class ItemService:
    """Items and offers of all platforms; see the module's docstring."""

    def __init__(
        self,
        *,
        store: OfferStore,
        clock: Clock,
        account: str,
        fresh_for: timedelta,
        stale_for: timedelta,
    ) -> None:
        self._store = store
        self._clock = clock
        self._account = account
        self._fresh_for = fresh_for
        self._stale_for = stale_for
        self._resolving: SingleFlight[ItemRef] = SingleFlight()
        self._offering: SingleFlight[Found] = SingleFlight()
        self._resolved: dict[tuple[str, str], ItemRef] = {}

    async def close(self) -> None:
        """Stop what still runs."""
        await self._resolving.close()
        await self._offering.close()

    async def resolve(self, platform: Platform, match: LinkMatch) -> ItemRef:
        """The item behind a link. What a short link or token leads to does not change: remembered."""
        key = (platform.id, match.url or match.id or match.text)
        known = self._resolved.get(key)
        if known is not None:
            return known
        ref = await self._resolving.run(key, lambda: platform.adapter.resolve(match))
        if len(self._resolved) >= RESOLVED_LIMIT:
            self._resolved.pop(next(iter(self._resolved)))
        self._resolved[key] = ref
        return ref

    async def offer(self, platform: Platform, ref: ItemRef, *, fresh: bool = False) -> Found:
        """The offer, cached; `fresh` asks the platform again whatever is cached."""
        if not fresh:
            cached = await self._store.get(self._account, ref)
            if cached is not None and cached.is_fresh(self._clock.now()):
                if cached.failure is not None:
                    raise cached.failure.error()
                if cached.offer is not None:
                    return Found(offer=cached.offer)
        # The source too: a pasted coupon link asks for more than the plain item does.
        key = (platform.id, ref.item_id, ref.source)
        return await self._offering.run(key, lambda: self._ask(platform, ref))

    async def known(self, ref: ItemRef) -> Offer | None:
        """The last good offer, without asking the platform."""
        cached = await self._store.get(self._account, ref)
        return cached.offer if cached is not None else None

    async def _ask(self, platform: Platform, ref: ItemRef) -> Found:
        try:
            offer = await platform.adapter.offer(ref)
        except NeedsAuthorisation:
            raise  # not remembered: who has just agreed sends the link again at once
        except PersonError as error:
            await self._store.put_failure(self._account, ref, error)
            raise
        except (TemporaryError, QuotaUsedUp) as error:
            return await self._last_good(ref, error)
        await self.remember(offer)
        return Found(offer=offer)

    async def _last_good(self, ref: ItemRef, error: AdapterError) -> Found:
        cached = await self._store.get(self._account, ref)
        now = self._clock.now()
        if cached is None or cached.offer is None or now - cached.offer.seen_at > self._stale_for:
            raise error
        return Found(offer=without_ended_coupon(cached.offer, now), stale=True)

    async def remember(self, offer: Offer) -> None:
        """Cache an offer, as seen or as corrected by a convert answer, until its coupon ends."""
        now = self._clock.now()
        until: datetime = now + self._fresh_for
        if offer.coupon is not None and offer.coupon.ends_at is not None:
            until = min(until, max(offer.coupon.ends_at, now))
        await self._store.put(self._account, offer, fresh_until=until, keep_for=self._stale_for)


def without_ended_coupon(offer: Offer, now: datetime) -> Offer:
    """An old offer without a coupon that has ended since: no price after coupon is claimed."""
    if offer.coupon is None or offer.coupon.current(now):
        return offer
    rate = offer.commission_rate
    return replace(
        offer,
        coupon=None,
        final_price=offer.price,
        commission=rate.of(offer.price) if rate is not None else None,
        commission_if_compared=None,
    )
