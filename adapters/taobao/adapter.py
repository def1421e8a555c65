"""Taobao and Tmall by the Taobao Open Platform's TBK methods, for a publisher's own app.

Calls of one conversion, by the rights of the account (see `resolve.py` and `convert.py`):

| step    | with general.link.convert          | without (new item ids only)            |
|---------|------------------------------------|----------------------------------------|
| resolve | none, one page, or one parse call  | the same                               |
| offer   | general.link.convert, item.info    | coupon.convert, item.info              |
| promote | general.link.convert               | coupon.convert, tpwd.create if granted |
| proof   | none where a PID is readable, else general.link.parse if granted          ||

Attribution is by placement: a promoter's leased adzone, or the house PID for nobody in particular.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from adapters.contract import (
    AdapterInfo,
    Attribution,
    ItemRef,
    Offer,
    OrderRow,
    Ownership,
    Page,
    Placement,
    PlatformAdapter,
    PromoLink,
    Promotion,
    RefundRow,
    Rights,
)
from adapters.errors import AdapterError, ProtocolError
from adapters.http import ApiClient
from adapters.taobao import methods
from adapters.taobao.codes import PidRefused
from adapters.taobao.convert import Converted, LinkConverter
from adapters.taobao.info import INFO
from adapters.taobao.offers import Offers, corrected
from adapters.taobao.orders import Orders
from adapters.taobao.ownership import Owner
from adapters.taobao.resolve import Resolver
from adapters.taobao.rights import GrantedRights, find_rights
from adapters.taobao.schema import TpwdCreateAnswer
from adapters.taobao.settings import TaobaoSettings
from adapters.taobao.together import pair
from adapters.taobao.wire import Gateway

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from adapters.contract import AdapterContext, AdapterSettings, LinkMatch

__all__ = ["TaobaoAdapter"]


class TaobaoAdapter(PlatformAdapter):
    """See the module's docstring."""

    info: ClassVar[AdapterInfo] = INFO

    def __init__(self, settings: AdapterSettings, context: AdapterContext) -> None:
        if not isinstance(settings, TaobaoSettings):
            raise TypeError("TaobaoAdapter needs TaobaoSettings")
        super().__init__(settings, context)
        self._house = settings.house_pid()
        self._taobao = settings
        self._client = ApiClient(
            platform=INFO.id,
            hosts=INFO.hosts,
            quota=context.quota,
            link_base=self.link_base,
            timeout=settings.timeout,
        )
        self._rights = GrantedRights(settings.rights)
        self._gateway = Gateway(
            settings=settings, now=context.now, client=self._client, rights=self._rights
        )
        self._resolver = Resolver(
            self._gateway, self._client, self.link_base, platform=INFO.id, house_pid=self._house
        )
        self._converter = LinkConverter(self._gateway)
        self._offers = Offers(
            self._gateway,
            self._converter,
            platform=INFO.id,
            house_pid=self._house,
            now=context.now,
        )
        self._owner = Owner(self._gateway, settings, self.link_base)
        self._orders = Orders(self._gateway, settings, platform=INFO.id, account=context.account)

    @property
    def attribution(self) -> Attribution:
        """PROMOTER as long as there are placements to lease."""
        return Attribution.PROMOTER if self.settings.pool else Attribution.NONE

    async def start(self) -> None:
        """Open the session; no request is made."""
        await self._client.start()

    async def close(self) -> None:
        """Close the session; twice is fine."""
        await self._client.close()

    async def check(self) -> Rights:
        """One harmless call for each right, side by side. AuthFailed for wrong keys or PID."""
        return await find_rights(self._gateway, self._taobao, self.context.now())

    async def resolve(self, link: LinkMatch) -> ItemRef:
        """The item behind a link; see `resolve.py` for what is asked."""
        return await self._resolver.resolve(link)

    async def offer(self, ref: ItemRef) -> Offer:
        """Price, coupon and commission for the house placement: two calls."""
        return await self._offers.offer(ref)

    async def promote(self, offer: Offer, placement: Placement) -> Promotion:
        """A link for this placement, and the offer as that very answer has it.

        A leased placement that the platform refuses steps down to the house placement, which gives
        the level NONE.
        """
        pid = placement.pid
        try:
            converted = await self._converter.convert(offer.ref, pid)
        except PidRefused:
            if pid == self._house:
                raise
            pid = self._house
            converted = await self._converter.convert(offer.ref, pid)
        if not self.on_promotion_host(converted.web):
            raise ProtocolError("the convert answer's link stands on a host we do not know")
        ownership, tpwd = await pair(self._owner.proof(converted, pid), self._tpwd(converted))
        link = PromoLink(
            web=converted.web,
            tpwd=tpwd,
            level=Attribution.NONE if pid == self._house else Attribution.PROMOTER,
            ownership=ownership,
        )
        return Promotion(link=link, offer=corrected(offer, converted, self.context.now()))

    async def _tpwd(self, converted: Converted) -> str | None:
        """The 口令 of the link: the answer's own, or one made for it where that is granted."""
        if converted.tpwd or not self._rights.has(methods.TPWD_CREATE):
            return converted.tpwd
        try:
            answer = await self._gateway.call(
                methods.TPWD_CREATE, {"url": converted.web}, TpwdCreateAnswer
            )
        except AdapterError:
            # A card without a 口令 is worth more than no card.
            return None
        return answer.data.password_simple or answer.data.model or None

    async def owns(self, url: str) -> Ownership:
        """By a PID that decides, else by general.link.parse where granted, else UNKNOWN."""
        return await self._owner.of_url(url)

    async def search(self, words: str, limit: int) -> Sequence[Offer]:
        """Items of the programme that match the words, at most 100."""
        return await self._offers.search(words, limit)

    async def orders(
        self, since: datetime, until: datetime, cursor: str | None = None
    ) -> Page[OrderRow]:
        """Rows changed in [since, until), at most three hours."""
        return await self._orders.orders(since, until, cursor)

    async def refunds(
        self, since: datetime, until: datetime, cursor: str | None = None
    ) -> Page[RefundRow]:
        """Refunds after settlement, changed in [since, until)."""
        return await self._orders.refunds(since, until, cursor)
