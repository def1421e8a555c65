"""What an item costs and earns: offers from an item's data and a convert answer, and by search."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from adapters.contract import ItemRef, Money, Offer
from adapters.errors import ItemNotPromotable, ProtocolError
from adapters.taobao import methods
from adapters.taobao.codes import NoResult
from adapters.taobao.convert import https
from adapters.taobao.coupons import best_in_path, price_after
from adapters.taobao.ids import adzone_of, clean_link, is_numeric
from adapters.taobao.schema import ItemAnswer, SearchAnswer
from adapters.taobao.together import pair

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from adapters.contract import Coupon, Rate
    from adapters.taobao.convert import Converted, LinkConverter
    from adapters.taobao.schema import ItemRow
    from adapters.taobao.wire import Gateway

__all__ = ["Offers", "corrected"]

_IN_HAND = "in_hand"
"""Price in hand in fen at the time of the offer, to notice that the price moved since."""
MAX_PAGE = 100


def _priced(
    offer: Offer, *, price: Money, coupon: Coupon | None, rate: Rate | None, now: datetime
) -> Offer:
    """The offer with these terms; a coupon that is over or used up is none."""
    coupon = coupon if coupon is not None and coupon.current(now) else None
    final = price_after(price, coupon, now)
    return replace(
        offer,
        price=price,
        final_price=final,
        coupon=coupon,
        commission_rate=rate,
        commission=rate.of(final) if rate is not None else None,
    )


def _opaque(in_hand: Money | None) -> dict[str, str]:
    return {} if in_hand is None else {_IN_HAND: str(in_hand.fen)}


def corrected(offer: Offer, converted: Converted, now: datetime) -> Offer:
    """The offer as the convert answer for this very link has it: coupon, rate and price.

    The answer's price in hand (到手价) already holds the coupon and perhaps more, so it cannot be
    shown as the price; but where the coupon is the same as before, its change is the price's change.
    """
    price, before = offer.price, offer.opaque.get(_IN_HAND)
    amount = offer.coupon.amount if offer.coupon else None
    same_coupon = amount == (converted.coupon.amount if converted.coupon else None)
    if before is not None and converted.in_hand is not None and same_coupon:
        moved = price + converted.in_hand - Money(int(before))
        price = moved if moved > Money(0) else price
    offer = _priced(
        offer,
        price=price,
        coupon=converted.coupon,
        rate=converted.rate or offer.commission_rate,
        now=now,
    )
    return replace(offer, seen_at=now, opaque={**offer.opaque, **_opaque(converted.in_hand)})


class Offers:
    """Reads items and searches for the house placement."""

    def __init__(
        self,
        gateway: Gateway,
        converter: LinkConverter,
        *,
        platform: str,
        house_pid: str,
        now: Callable[[], datetime],
    ) -> None:
        self.gateway = gateway
        self.converter = converter
        self._platform = platform
        self._house = house_pid
        self._now = now

    async def offer(self, ref: ItemRef) -> Offer:
        """Title, price and picture from the item's data; coupon and rate from a conversion for the
        house placement, which alone knows what is best for this account."""
        if is_numeric(ref.item_id):
            converted = await self.converter.convert(ref, self._house)
            row = await self._item(converted.item_id or ref.item_id)
        else:
            converted, row = await pair(
                self.converter.convert(ref, self._house), self._item(ref.item_id)
            )
        return _priced(
            self._described(ref, row, in_hand=converted.in_hand),
            price=_price(row),
            coupon=converted.coupon,
            rate=converted.rate or row.publish_info.income_rate,
            now=self._now(),
        )

    async def _item(self, item_id: str) -> ItemRow:
        params = {"item_id": item_id, "biz_scene_id": "2" if is_numeric(item_id) else "1"}
        answer = await self.gateway.call(methods.ITEM_INFO, params, ItemAnswer)
        if not answer.results:
            raise ItemNotPromotable(f"{methods.ITEM_INFO}: no such item")
        return answer.results[0]

    async def search(self, words: str, limit: int) -> Sequence[Offer]:
        """Items of the programme that match the words, in the platform's order."""
        if limit < 1 or not words.strip():
            return ()
        params = {
            "q": words.strip(),
            "adzone_id": adzone_of(self._house),
            "page_no": "1",
            "page_size": str(min(limit, MAX_PAGE)),
        }
        try:
            answer = await self.gateway.call(methods.SEARCH, params, SearchAnswer)
        except NoResult:
            return ()
        rows = [row for row in answer.result_list if row.item_id]
        return tuple(self._found(row) for row in rows[:limit])

    def _found(self, row: ItemRow) -> Offer:
        ref = ItemRef(platform=self._platform, item_id=row.item_id, source=clean_link(row.item_id))
        price, now = _price(row), self._now()
        return _priced(
            self._described(ref, row, in_hand=None),
            price=price,
            coupon=best_in_path(row.price_promotion_info.final_promotion_path_list, price, now),
            rate=row.publish_info.income_rate,
            now=now,
        )

    def _described(self, ref: ItemRef, row: ItemRow, *, in_hand: Money | None) -> Offer:
        basic, price = row.item_basic_info, _price(row)
        return Offer(
            ref=ref,
            title=basic.title,
            price=price,
            final_price=price,
            seen_at=self._now(),
            shop=basic.shop_title,
            image_url=https(basic.pict_url),
            sales=basic.volume,
            opaque=_opaque(in_hand),
        )


def _price(row: ItemRow) -> Money:
    """The selling price (折扣价) before any coupon."""
    prices = row.price_promotion_info
    price = prices.zk_final_price or prices.reserve_price or prices.final_promotion_price
    if not price:
        raise ProtocolError("an item without a price")
    return price
