"""Offers, cached for everybody: an offer belongs to (account, platform, item), a promotion to one
placement and is never here."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from adapters.contract import ItemRef, Money, Offer, Rate
from adapters.errors import (
    ItemNotPromotable,
    ItemOffShelf,
    LinkNotSupported,
    NeedsAuthorisation,
    PersonError,
)
from bot.links.records import (
    BadRecord,
    coupon_from,
    coupon_to,
    dump,
    from_us,
    load,
    needed,
    nested,
    optional,
    put,
    to_us,
)
from bot.redis.connection import Script

if TYPE_CHECKING:
    from bot.redis.connection import Store

__all__ = ["SCHEMA", "CachedOffer", "Failure", "OfferStore"]

SCHEMA = 1
"""Raised when the record changes: offers stored before are then not seen any more."""
FAILURE_KEPT = timedelta(seconds=60)

_log = logging.getLogger(__name__)

_ERRORS: dict[str, type[PersonError]] = {
    kind.code: kind
    for kind in (PersonError, LinkNotSupported, ItemNotPromotable, ItemOffShelf, NeedsAuthorisation)
}

# KEYS good, failed. ARGV record, ms.
_PUT = Script("""
redis.call('DEL', KEYS[2])
return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why there is no offer, as the person is told."""

    code: str
    message: str
    url: str | None = None

    def error(self) -> PersonError:
        """The error again."""
        kind = _ERRORS.get(self.code, PersonError)
        if issubclass(kind, NeedsAuthorisation):
            return kind(self.message, self.url)
        return kind(self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedOffer:
    """What is known of an item: the last good offer, and a failure if that came after it."""

    offer: Offer | None = None
    failure: Failure | None = None
    fresh_until: datetime | None = None

    def is_fresh(self, now: datetime) -> bool:
        """Whether it may be used without asking the platform."""
        return self.failure is not None or (self.fresh_until is not None and now < self.fresh_until)


class OfferStore:
    """Offers by account and item. Raises `bot.redis.errors`; a record that cannot be read is none."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, account: str, ref: ItemRef) -> CachedOffer | None:
        """What is known of the item; None if nothing."""
        good, failed = await self._store.run("MGET", *self._names(account, ref))
        if good is None and failed is None:
            return None
        try:
            offer, until = load(good, _offer_from) if good else (None, None)
            failure = load(failed, _failure_from) if failed else None
        except BadRecord:
            _log.exception("a cached offer cannot be read")
            return None
        return CachedOffer(offer=offer, failure=failure, fresh_until=until)

    async def put(
        self, account: str, offer: Offer, *, fresh_until: datetime, keep_for: timedelta
    ) -> None:
        """Keep an offer; `fresh_until` is business time, `keep_for` (real time) how long it may
        still serve after that while the platform is down. A stored failure is forgotten."""
        record = dump(_offer_to(offer, fresh_until))
        await self._store.call(_PUT, self._names(account, offer.ref), [record, _ms(keep_for)])

    async def put_failure(
        self, account: str, ref: ItemRef, error: PersonError, *, keep_for: timedelta = FAILURE_KEPT
    ) -> None:
        """Keep why there is no offer, for a short (real) time; the last good offer stays."""
        record: dict[str, Any] = {"code": error.code, "message": str(error)}
        if isinstance(error, NeedsAuthorisation):
            put(record, "url", error.url)
        failed = self._names(account, ref)[1]
        await self._store.run("SET", failed, dump(record), "PX", _ms(keep_for))

    def _names(self, account: str, ref: ItemRef) -> list[str]:
        keys = self._store.keys
        item = (account, ref.platform, ref.item_id, SCHEMA)
        return [keys.offer_good(*item), keys.offer_failed(*item)]


def _ms(span: timedelta) -> int:
    return max(1, span // timedelta(milliseconds=1))


def _offer_to(offer: Offer, fresh_until: datetime) -> dict[str, Any]:
    record: dict[str, Any] = {
        "until": to_us(fresh_until),
        "platform": offer.ref.platform,
        "item": offer.ref.item_id,
        "title": offer.title,
        "price": offer.price.fen,
        "final": offer.final_price.fen,
        "seen": to_us(offer.seen_at),
    }
    put(record, "source", offer.ref.source)
    put(record, "rate", None if offer.commission_rate is None else offer.commission_rate.bp)
    put(record, "commission", _fen(offer.commission))
    put(record, "compared", _fen(offer.commission_if_compared))
    put(record, "shop", offer.shop)
    put(record, "image", offer.image_url)
    put(record, "sales", offer.sales)
    if offer.coupon:
        record["coupon"] = coupon_to(offer.coupon)
    if offer.opaque:
        record["opaque"] = dict(offer.opaque)
    return record


def _offer_from(record: dict[str, Any]) -> tuple[Offer, datetime]:
    rate = optional(record, "rate", int)
    opaque = optional(record, "opaque", dict) or {}
    if not all(isinstance(value, str) for value in opaque.values()):
        raise TypeError("opaque holds what is not text")
    offer = Offer(
        ref=ItemRef(
            platform=needed(record, "platform", str),
            item_id=needed(record, "item", str),
            source=optional(record, "source", str) or "",
        ),
        title=needed(record, "title", str),
        price=Money(needed(record, "price", int)),
        final_price=Money(needed(record, "final", int)),
        seen_at=from_us(needed(record, "seen", int)),
        commission_rate=None if rate is None else Rate(rate),
        commission=_money(record, "commission"),
        commission_if_compared=_money(record, "compared"),
        coupon=nested(record, "coupon", coupon_from),
        shop=optional(record, "shop", str) or "",
        image_url=optional(record, "image", str) or "",
        sales=optional(record, "sales", str) or "",
        opaque=opaque,
    )
    return offer, from_us(needed(record, "until", int))


def _failure_from(record: dict[str, Any]) -> Failure:
    return Failure(
        code=needed(record, "code", str),
        message=needed(record, "message", str),
        url=optional(record, "url", str),
    )


def _fen(money: Money | None) -> int | None:
    return None if money is None else money.fen


def _money(record: dict[str, Any], name: str) -> Money | None:
    fen = optional(record, name, int)
    return None if fen is None else Money(fen)
