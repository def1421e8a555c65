"""Which item a link or 口令 leads to.

| pasted                        | asked                                                              |
|-------------------------------|--------------------------------------------------------------------|
| a link that shows the id      | nobody                                                             |
| m.tb.cn and its sisters       | the page, hop by hop: its script names the target                  |
| 口令, s.click and uland links | general.link.parse, tpwd.convert, tpwd.parse: the first one granted|
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from adapters.contract import ItemRef, LinkKind
from adapters.errors import LinkNotSupported, MissingRight
from adapters.linkbase import LinkBase
from adapters.taobao import methods
from adapters.taobao.codes import business_error
from adapters.taobao.ids import AFFILIATE_HOSTS, adzone_of, clean_link, is_numeric, item_id_in
from adapters.taobao.schema import ConvertAnswer, TpwdAnswer, TpwdConvertAnswer

if TYPE_CHECKING:
    from adapters.contract import LinkMatch
    from adapters.http import ApiClient, Hop
    from adapters.taobao.wire import Gateway

__all__ = ["Resolver"]

_TARGET = re.compile(r"""\bvar\s+url\s*=\s*(['"])(?P<url>[^'"\s]{1,4000})\1""")
_REAL = LinkBase()
_NO_ITEM = "the link leads to no item"


class Resolver:
    """Finds the item behind a link."""

    def __init__(
        self,
        gateway: Gateway,
        client: ApiClient,
        link_base: LinkBase,
        *,
        platform: str,
        house_pid: str,
    ) -> None:
        self.gateway = gateway
        self.client = client
        self._link_base = link_base
        self._platform = platform
        self._adzone = adzone_of(house_pid)

    def _ref(self, item_id: str) -> ItemRef:
        return ItemRef(platform=self._platform, item_id=item_id, source=clean_link(item_id))

    async def resolve(self, link: LinkMatch) -> ItemRef:
        """The item; LinkNotSupported for shops, live rooms, Xianyu and what cannot be read.

        MissingRight where only a call that this account lacks could tell.
        """
        if link.kind is LinkKind.TOKEN:
            if not link.id:
                raise LinkNotSupported("a 口令 without its code")
            return await self._asked(f"￥{link.id}￥", token=True)
        if link.id:
            return self._ref(link.id)
        url = link.url
        if url is None:
            raise LinkNotSupported("neither link nor id")
        if link.kind is LinkKind.SHORT and not _is_affiliate(url):
            url = await self.client.follow(
                _with_tk(url, link.groups.get("tk")), done=_known, read=self._script_target
            )
        if item_id := item_id_in(url):
            return self._ref(item_id)
        if not _is_affiliate(url):
            raise LinkNotSupported(_NO_ITEM)
        return await self._asked(url, token=False)

    def _script_target(self, hop: Hop) -> str | None:
        """Where the page of a short link sends the app: `var url = '...'` in its script."""
        found = _TARGET.search(hop.body)
        if found is None:
            return None
        url = found["url"].replace("\\/", "/").replace("&amp;", "&")
        url = f"https:{url}" if url.startswith("//") else url
        real = self._link_base.to_real(url) or _REAL.to_real(url)
        return None if real is None else real.url

    async def _asked(self, text: str, *, token: bool) -> ItemRef:
        ways = [(methods.LINK_PARSE, self._by_parse), (methods.TPWD_CONVERT, self._by_convert)]
        if token:
            ways.append((methods.TPWD_PARSE, self._by_tpwd))
        for right, way in ways:
            if not self.gateway.rights.has(right):
                continue
            try:
                return await way(text)
            except MissingRight as error:
                self.gateway.rights.refused(error.right)
        raise MissingRight("no call that reads 口令 or promotion links", ways[0][0])

    async def _by_parse(self, text: str) -> ItemRef:
        params = {
            "material_dto": json.dumps(
                {"material_url": text}, ensure_ascii=False, separators=(",", ":")
            ),
            "adzone_id": self._adzone,
        }
        answer = await self.gateway.call(methods.LINK_PARSE, params, ConvertAnswer)
        if not answer.data.material_url_list:
            raise LinkNotSupported(_NO_ITEM)
        row = answer.data.material_url_list[0]
        if not row.fine:
            raise business_error(methods.LINK_PARSE, row.code, row.msg)
        link = row.link_info_dto
        item_id = link.material_id if link.material_type == "1" else ""
        return self._chosen(item_id, link.tpwd_origin_url)

    async def _by_convert(self, text: str) -> ItemRef:
        params = {"password_content": text, "adzone_id": self._adzone}
        answer = await self.gateway.call(methods.TPWD_CONVERT, params, TpwdConvertAnswer)
        return self._chosen(answer.data.num_iid, answer.data.origin_url)

    async def _by_tpwd(self, text: str) -> ItemRef:
        params = {"password_content": text}
        answer = await self.gateway.call(methods.TPWD_PARSE, params, TpwdAnswer)
        return self._chosen("", answer.data.origin_url)

    def _chosen(self, item_id: str, origin_url: str) -> ItemRef:
        """The plain id of the original link where the account can convert it (one item pasted in
        two forms is then one item), else the new id that the platform gave."""
        real = self._link_base.to_real(origin_url) or _REAL.to_real(origin_url)
        plain = item_id_in(real.url) if real is not None else None
        rights = self.gateway.rights
        convertible = rights.has(methods.LINK_CONVERT) and rights.has(methods.SCENE_COPIED)
        if plain is not None and (not item_id or (convertible and is_numeric(plain))):
            return self._ref(plain)
        if not item_id:
            raise LinkNotSupported(_NO_ITEM)
        return self._ref(item_id)


def _with_tk(url: str, tk: str | None) -> str:
    """The short link as it was shared. Its `tk` is no part of the cleaned link, so that one link with
    and without it is one entry; its page may be told by it all the same."""
    return f"{url}?tk={tk}" if tk and "?" not in url else url


def _is_affiliate(url: str) -> bool:
    real = _REAL.to_real(url)
    return real is not None and real.host in AFFILIATE_HOSTS


def _known(url: str) -> bool:
    """Far enough: the id is readable, or only the platform's own call can go on."""
    return item_id_in(url) is not None or _is_affiliate(url)
