"""Promotion links, at the finest attribution that this account has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.errors import (
    ItemNotPromotable,
    LinkNotSupported,
    MissingRight,
    NeedsAuthorisation,
    ProtocolError,
)
from adapters.pinduoduo.attribution import Detail, custom_parameters, uid_only
from adapters.pinduoduo.goods import GOODS_SIGN, SEARCH_ID
from adapters.pinduoduo.wire import PROMOTE
from adapters.refusals import Refusals

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from adapters.contract import Offer, Placement
    from adapters.pinduoduo.gateway import Gateway
    from adapters.pinduoduo.schema import RawUrls

__all__ = ["Converter"]


class Converter:
    """`detail` goes down for an hour when the platform refuses `custom_parameters`."""

    def __init__(self, gateway: Gateway, now: Callable[[], datetime]) -> None:
        self._gateway = gateway
        self._refused = Refusals(now)

    @property
    def detail(self) -> Detail:
        """The most that was not refused in the last hour."""
        return self._below(Detail.UID_AND_SID + 1)

    def _below(self, limit: int) -> Detail:
        details = (Detail.UID_AND_SID, Detail.UID)
        usable = (one for one in details if one < limit and one.name not in self._refused)
        return next(usable, Detail.NOTHING)

    def forget(self) -> None:
        """Try all again: it may have been granted since."""
        self._refused.clear()

    async def convert(self, offer: Offer, placement: Placement) -> tuple[RawUrls, str | None]:
        """The links, and the `custom_parameters` that were accepted with them.

        A refusal is only remembered when the call succeeds with less: a method that was not granted
        at all is refused in the same way.
        """
        detail = self.detail
        refused: list[Detail] = []
        while True:
            custom = custom_parameters(placement, detail)
            try:
                urls = await self._once(offer, placement, custom)
            except MissingRight:
                if custom is None:
                    raise
                refused.append(detail)
                detail = self._below(detail)
            except NeedsAuthorisation as error:
                agreed = uid_only(custom)
                raise await self._gateway.authorisation(error, placement.pid, agreed) from None
            else:
                for one in refused:
                    self._refused.add(one.name)
                return urls, custom

    async def _once(self, offer: Offer, placement: Placement, custom: str | None) -> RawUrls:
        goods_sign = offer.opaque.get(GOODS_SIGN)
        if goods_sign:
            try:
                return await self._by_sign(goods_sign, offer, placement, custom)
            except ItemNotPromotable:
                # The sign of an older search is not read any more; the link itself may be.
                if not offer.ref.source:
                    raise
        if not offer.ref.source:
            raise LinkNotSupported("pinduoduo: neither goods_sign nor link to convert")
        return await self._gateway.unit(offer.ref.source, placement.pid, custom)

    async def _by_sign(
        self, goods_sign: str, offer: Offer, placement: Placement, custom: str | None
    ) -> RawUrls:
        params = {
            "p_id": placement.pid,
            "goods_sign_list": [goods_sign],
            "custom_parameters": custom,
            "search_id": offer.opaque.get(SEARCH_ID),
            "generate_short_url": True,
            "generate_schema_url": True,
        }
        body = await self._gateway.ask(PROMOTE, params)
        if not body.goods_promotion_url_list:
            raise ProtocolError(f"pinduoduo {PROMOTE.name}: no link in the answer")
        return body.goods_promotion_url_list[0]
