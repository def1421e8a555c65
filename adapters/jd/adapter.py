"""The JD adapter: what is asked for each step, and what it costs.

| step | account with goods.query | open account |
|---|---|---|
| resolve, item link | no call | no call |
| resolve, short link | up to 4 pages, no call | the same |
| offer | goods.query | promotiongoodsinfo.query |
| offer, from a coupon link | ... then coupon.query | ... then coupon.query |
| promote | bysubunionid.get | common.get |
| search | goods.query | not possible |
| owns | up to 4 pages, no call | the same |

Which column applies is declared by the operator (`rights`), else tried and remembered for an hour.
No public method decodes somebody's 京口令; the person is asked for the link.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from adapters.contract import (
    AdapterContext,
    AdapterInfo,
    AdapterSettings,
    Attribution,
    ItemRef,
    LinkKind,
    Offer,
    OrderRow,
    Ownership,
    Page,
    PlatformAdapter,
    Promotion,
    Rights,
)
from adapters.errors import LinkNotSupported, ProtocolError, WindowTooWide
from adapters.http import ApiClient
from adapters.jd import goods, placements
from adapters.jd.check import probe_rights
from adapters.jd.gateway import Gateway
from adapters.jd.info import INFO, ORDER_SPAN
from adapters.jd.landing import LinkReader
from adapters.jd.orders import order_arguments, order_row
from adapters.jd.pages import coupon_link, item_url
from adapters.jd.promotions import Promoter
from adapters.jd.rights import ORDER_ROWS
from adapters.jd.schema import OrderAnswer
from adapters.jd.settings import JdSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from adapters.contract import LinkMatch, Placement

__all__ = ["JdAdapter"]


class JdAdapter(PlatformAdapter):
    """See the module's docstring."""

    info: ClassVar[AdapterInfo] = INFO

    def __init__(self, settings: AdapterSettings, context: AdapterContext) -> None:
        super().__init__(settings, context)
        if not isinstance(settings, JdSettings):
            raise TypeError("JD needs its own settings")
        client = ApiClient(
            platform=self.info.id,
            hosts=self.info.hosts,
            quota=context.quota,
            link_base=self.link_base,
            timeout=settings.timeout,
        )
        self._client = client
        self._gateway = Gateway(settings, context, client)
        self._links = LinkReader(client, self.link_base, settings)
        self._promoter = Promoter(self._gateway, self.link_base)

    @property
    def attribution(self) -> Attribution:
        """LINK; PROMOTER (with a pool) or NONE for an hour after subUnionId was refused."""
        return self._promoter.attribution

    async def start(self) -> None:
        """Open the session; no request is made."""
        await self._client.start()

    async def close(self) -> None:
        """Close the session; twice is fine."""
        await self._client.close()

    async def check(self) -> Rights:
        """Ask each method once and remember what was found; a right granted since counts again."""
        return await probe_rights(self._gateway)

    async def resolve(self, link: LinkMatch) -> ItemRef:
        """Item links need no call; short links are followed. A pasted coupon's link is kept."""
        if link.kind is LinkKind.TOKEN or link.url is None:
            raise LinkNotSupported("jd: nobody can decode a 京口令 but the app; ask for the link")
        if link.id is not None:
            return self._ref(link.id, coupon_link(link.url))
        if link.kind is LinkKind.COUPON:
            raise LinkNotSupported("jd: a coupon page that names no item")
        return self._ref(await self._links.item(link.url))

    def _ref(self, item: str, source: str | None = None) -> ItemRef:
        return ItemRef(platform=self.info.id, item_id=item, source=source or item_url(item))

    async def offer(self, ref: ItemRef) -> Offer:
        """See `adapters.jd.goods.offer`."""
        return await goods.offer(self._gateway, ref)

    async def promote(self, offer: Offer, placement: Placement) -> Promotion:
        """See `adapters.jd.promotions`; a coupon that JD refuses is taken out of the offer."""
        return await self._promoter.promote(offer, placement)

    async def owns(self, url: str) -> Ownership:
        """Follows the link to its landing page's address, which names the union account."""
        return await self._links.owns(url)

    async def search(self, words: str, limit: int) -> Sequence[Offer]:
        """JD's own order; MissingRight without goods.query."""
        return await goods.search(self._gateway, words, limit)

    async def orders(
        self, since: datetime, until: datetime, cursor: str | None = None
    ) -> Page[OrderRow]:
        """One page of rows by update time; the cursor is JD's page number."""
        if until - since > ORDER_SPAN:
            raise WindowTooWide("jd: orders are asked for by the hour")
        page = self._page(cursor)
        answer = await self._gateway.ask(
            ORDER_ROWS, order_arguments(since, until, page), OrderAnswer
        )
        now = self.context.now()
        return Page(
            items=[order_row(row, self.context.account, now) for row in answer.data],
            next_cursor=str(page + 1) if answer.has_more else None,
        )

    @staticmethod
    def _page(cursor: str | None) -> int:
        if cursor is None:
            return 1
        if not cursor.isdecimal():
            raise ProtocolError("jd: not a cursor of order pages")
        return int(cursor)

    async def create_placements(self, names: Sequence[str]) -> Mapping[str, str]:
        """New placements for the pool, name -> positionId; see `adapters.jd.placements.create`."""
        return await placements.create(self._gateway, names)
