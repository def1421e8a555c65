"""The account's calls to the gateway: keys, rights and placement filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from adapters.errors import AdapterError, MissingRight, NeedsAuthorisation
from adapters.http import ApiClient
from adapters.pinduoduo.goods import PLATFORM
from adapters.pinduoduo.wire import RED_PACKET, SEARCH, UNIT, Keys, Method, encoded, read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from adapters.contract import AdapterContext
    from adapters.linkbase import LinkBase
    from adapters.pinduoduo.schema import RawUrls, SearchBody
    from adapters.pinduoduo.settings import PinduoduoSettings

__all__ = ["Gateway"]

BodyT = TypeVar("BodyT", bound=BaseModel)

AUTHORISE = 10
"""`channel_type` of the page where 备案 is granted."""
MIN_PAGE = 10


class Gateway:
    """`trusted` says whether an address may be shown to a person."""

    def __init__(
        self,
        settings: PinduoduoSettings,
        context: AdapterContext,
        link_base: LinkBase,
        *,
        hosts: frozenset[str],
        trusted: Callable[[str], bool],
    ) -> None:
        self._settings = settings
        self._now = context.now
        self._trusted = trusted
        self._keys = Keys(
            gateway_url=str(settings.gateway_url),
            client_id=settings.client_id,
            secret=settings.client_secret.get_secret_value(),
        )
        self.client = ApiClient(
            platform=PLATFORM,
            hosts=hosts,
            quota=context.quota,
            link_base=link_base,
            timeout=settings.timeout,
        )

    async def ask(self, method: Method[BodyT], params: Mapping[str, object]) -> BodyT:
        """The body of the answer. MissingRight without a call where the settings do not list it."""
        rights = self._settings.rights
        if rights is not None and method.name not in rights:
            raise MissingRight(f"pinduoduo {method.name}: not in the setting RIGHTS", method.name)
        texts = encoded(params)
        return await self.client.call(
            method.name,
            lambda: self._keys.request(method.name, texts, self._now()),
            lambda body: read(method, body, self._now()),
        )

    async def search(
        self, *, keyword: str | None = None, goods_sign: str | None = None, size: int = MIN_PAGE
    ) -> SearchBody:
        """Goods by words or link, or by sign, for the house placement. NeedsAuthorisation with the
        address where it can be granted."""
        params = {
            "keyword": keyword,
            "goods_sign_list": [goods_sign] if goods_sign else None,
            "pid": self._settings.pid,
            "page": 1,
            "page_size": max(size, MIN_PAGE),
        }
        try:
            return await self.ask(SEARCH, params)
        except NeedsAuthorisation as error:
            raise await self.authorisation(error, self._settings.pid) from None

    async def unit(self, source: str, pid: str, custom: str | None = None) -> RawUrls:
        """Our links for a pasted one, whatever form it has. The field here is `pid`, not `p_id`."""
        params = {
            "pid": pid,
            "source_url": source,
            "custom_parameters": custom,
            "generate_schema_url": True,
        }
        return await self.ask(UNIT, params)

    async def authorisation(
        self, error: NeedsAuthorisation, pid: str, custom: str | None = None
    ) -> NeedsAuthorisation:
        """The same error with the address where a person with an account agrees (备案), if the
        platform gives one."""
        params = {"channel_type": AUTHORISE, "p_id_list": [pid], "custom_parameters": custom}
        try:
            body = await self.ask(RED_PACKET, params)
        except AdapterError:
            return error
        for urls in body.url_list or ():
            url = urls.mobile_url or urls.url
            if url and self._trusted(url):
                return NeedsAuthorisation(str(error), url)
        return error
