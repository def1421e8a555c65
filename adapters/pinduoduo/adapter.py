"""Pinduoduo behind the contract: the goods search finds, the convert call promotes.

A conversion costs two calls (search, convert), three for a share link without a readable id: its
code changes with every share, so it is turned into the item's id first and the offer is found in
the cache. 备案 may be asked for at any moment; the answer is then a link to grant it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from adapters.contract import (
    AdapterContext,
    AdapterInfo,
    AdapterSettings,
    Attribution,
    ItemRef,
    LinkMatch,
    Offer,
    OrderRow,
    Ownership,
    OwnershipKind,
    Page,
    Placement,
    PlatformAdapter,
    PromoLink,
    Promotion,
    Rights,
)
from adapters.errors import (
    ItemNotPromotable,
    LinkNotSupported,
    MissingRight,
    NeedsAuthorisation,
    PersonError,
    ProtocolError,
    TemporaryError,
)
from adapters.pinduoduo.addresses import SHORT_HOST, Pointer, item_link, owners, point, sign_link
from adapters.pinduoduo.attribution import Detail, account_level, level_of
from adapters.pinduoduo.convert import Converter
from adapters.pinduoduo.failures import FIELD_RIGHT
from adapters.pinduoduo.gateway import Gateway
from adapters.pinduoduo.goods import PLATFORM, is_goods_id, offer_of, pick, ref_of
from adapters.pinduoduo.info import INFO
from adapters.pinduoduo.orders import PAGE_SIZE, last_page, order_row, page_number, window
from adapters.pinduoduo.promotion import HIDDEN, best_web, pids_shown, proven, verdict
from adapters.pinduoduo.rights import find_rights
from adapters.pinduoduo.settings import PinduoduoSettings
from adapters.pinduoduo.wire import ORDERS, PROMOTE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from adapters.pinduoduo.schema import OrdersBody, RawUrls

__all__ = ["PinduoduoAdapter"]

MAX_SEARCH = 100


class PinduoduoAdapter(PlatformAdapter):
    """See `PlatformAdapter`; `settings` is a `PinduoduoSettings`."""

    info: ClassVar[AdapterInfo] = INFO

    def __init__(self, settings: AdapterSettings, context: AdapterContext) -> None:
        if not isinstance(settings, PinduoduoSettings):
            raise TypeError("the settings are not Pinduoduo's")
        super().__init__(settings, context)
        self._keys = settings
        self._gateway = Gateway(
            self._keys,
            context,
            self.link_base,
            hosts=self.info.hosts,
            trusted=self.on_promotion_host,
        )
        self._converter = Converter(self._gateway, context.now)

    @property
    def attribution(self) -> Attribution:
        """LINK unless the platform refused `custom_parameters` in the last hour."""
        return account_level(self._converter.detail, self.settings)

    async def start(self) -> None:
        """Open the session; no request is made."""
        await self._gateway.client.start()

    async def close(self) -> None:
        """Close the session; twice is fine."""
        await self._gateway.client.close()

    async def check(self) -> Rights:
        """Three calls: 备案, search, orders. What was refused before is tried again afterwards."""
        refused = FIELD_RIGHT if self._converter.detail is Detail.NOTHING else None
        rights = await find_rights(
            self._gateway, self._keys, self.context.now(), field_refused=refused
        )
        self._converter.forget()
        return rights

    async def resolve(self, link: LinkMatch) -> ItemRef:
        """No call where the id is readable, else the search knows the link (or the convert call)."""
        pointer = self._pointer(link)
        if pointer is None:
            raise LinkNotSupported("pinduoduo: the link names no item")
        if pointer.lookup is not None:
            return await self._look_up(pointer.lookup)
        return _named(pointer)

    def _pointer(self, link: LinkMatch) -> Pointer | None:
        if link.id is not None and is_goods_id(link.id):
            return Pointer(goods_id=link.id)
        real = self.link_base.to_real(link.url) if link.url else None
        return point(real.url if real else link.url or "")

    async def _look_up(self, source: str) -> ItemRef:
        """The item behind an opaque link. Pages are never read: they show no item to machines."""
        body = await self._gateway.search(keyword=source)
        goods = pick(body.goods_list or (), None)
        if goods is not None and (ref := ref_of(goods)) is not None:
            return ref
        urls = await self._second_try(source)
        for address in (urls.url, urls.mobile_url, urls.schema_url):
            pointer = point(address) if address else None
            if pointer is not None and pointer.lookup is None:
                return _named(pointer)
        raise LinkNotSupported("pinduoduo: the link leads to no item of the programme")

    async def _second_try(self, source: str) -> RawUrls:
        """The convert call knows more links than the search. Whatever it has against this one, the
        search did not have it."""
        pid = self.settings.house_pid()
        try:
            return await self._gateway.unit(source, pid)
        except NeedsAuthorisation as error:
            raise await self._gateway.authorisation(error, pid) from None
        except (PersonError, MissingRight, ProtocolError):
            raise ItemNotPromotable("pinduoduo: the search does not have the item") from None

    async def offer(self, ref: ItemRef) -> Offer:
        """One search by the item's plain link (or its goods_sign) for the house placement."""
        goods_id = ref.item_id if is_goods_id(ref.item_id) else None
        if goods_id is not None:
            body = await self._gateway.search(keyword=item_link(goods_id))
        else:
            body = await self._gateway.search(goods_sign=ref.item_id)
        goods = pick(body.goods_list or (), goods_id)
        if goods is None:
            raise ItemNotPromotable("pinduoduo: the search does not have the item")
        return offer_of(goods, ref, body, self.context.now())

    async def search(self, words: str, limit: int) -> Sequence[Offer]:
        """The platform's own order; goods that are named in no way are left out."""
        if limit < 1:
            return ()
        body = await self._gateway.search(keyword=words, size=min(limit, MAX_SEARCH))
        now = self.context.now()
        offers = [
            offer_of(goods, ref, body, now)
            for goods in body.goods_list or ()
            if (ref := ref_of(goods)) is not None
        ]
        return offers[:limit]

    async def promote(self, offer: Offer, placement: Placement) -> Promotion:
        """Long and short link in one call; the long one proves whose it is."""
        urls, sent = await self._converter.convert(offer, placement)
        own = self.settings.own_pids() | {placement.pid}
        ownership = proven(verdict(pids_shown(urls), own), PROMOTE.name)
        web = best_web(urls)
        if web is None or not self.on_promotion_host(web):
            raise ProtocolError(f"pinduoduo {PROMOTE.name}: no link on the promotion hosts")
        link = PromoLink(
            web=web,
            app=urls.schema_url or None,
            level=level_of(sent, placement, self.settings.house_pid()),
            ownership=ownership,
        )
        return Promotion(link=link, offer=offer)

    async def owns(self, url: str) -> Ownership:
        """By the p_id that a long link shows. A short one is followed towards the long one, where
        the shop redirects machines at all; else it is unknown."""
        real = self.link_base.to_real(url)
        if real is None or real.host not in self.info.promotion_hosts:
            return Ownership(kind=OwnershipKind.UNKNOWN, reason="不是拼多多的推广链接")
        end = real.url
        if real.host == SHORT_HOST:
            try:
                end = await self._gateway.client.follow(
                    real.url, done=lambda address: bool(owners(address))
                )
            except (LinkNotSupported, TemporaryError, ProtocolError):
                return HIDDEN
        return verdict(owners(end), self.settings.own_pids())

    async def orders(
        self, since: datetime, until: datetime, cursor: str | None = None
    ) -> Page[OrderRow]:
        """Rows updated in the window, the last page first (see `adapters.pinduoduo.orders`). Without
        a cursor the count is asked for first, which costs one more call if there are more pages."""
        span = window(since, until)
        if span is None:
            return Page(items=())
        if cursor is not None:
            page = page_number(cursor)
        else:
            body = await self._orders(span, 1, count=True)
            page = last_page(body.total_count or 0)
            if page == 1:
                return self._page(body, 1)
        return self._page(await self._orders(span, page, count=False), page)

    async def _orders(self, span: tuple[int, int], page: int, *, count: bool) -> OrdersBody:
        params = {
            "start_update_time": span[0],
            "end_update_time": span[1],
            "page": page,
            "page_size": PAGE_SIZE,
            "return_count": count,
        }
        return await self._gateway.ask(ORDERS, params)

    def _page(self, body: OrdersBody, page: int) -> Page[OrderRow]:
        rows = tuple(order_row(raw, self.context.account) for raw in body.order_list or ())
        return Page(items=rows, next_cursor=str(page - 1) if page > 1 else None)


def _named(pointer: Pointer) -> ItemRef:
    """The item by its goods_id where that is known, else by its goods_sign."""
    if pointer.goods_id is not None:
        return ItemRef(
            platform=PLATFORM, item_id=pointer.goods_id, source=item_link(pointer.goods_id)
        )
    sign = pointer.goods_sign or ""
    return ItemRef(platform=PLATFORM, item_id=sign, source=sign_link(sign))
