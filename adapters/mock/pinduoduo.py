"""The mock Pinduoduo (多多进宝): gateway, link hosts, and the page where 备案 is granted.

Rights that the control end-points may set: a method's name, `custom_parameters`,
`custom_parameters.sid`, `authority` (备案 for all; granted unless the profile is strict) and
`authority_by_pid` (备案 of a p_id counts for every uid).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

from aiohttp import web

from adapters.mock.contract import MockPlatform, Whose
from adapters.mock.faults import apply_transport_fault
from adapters.mock.pinduoduo_links import (
    PLATFORM,
    SHOP_HOSTS,
    SHORT_HOST,
    Addresses,
    uid_and_sid,
)
from adapters.mock.pinduoduo_methods import Methods
from adapters.mock.pinduoduo_wire import (
    CLIENT_ID,
    CLIENT_SECRET,
    Call,
    Refused,
    check,
    read_fields,
    refusal_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adapters.mock.world import World

__all__ = ["MOCK", "PinduoduoMock"]

MEMBER = "8800001"
HOUSE_PID = f"{MEMBER}_100000000"
POOL = tuple(f"{MEMBER}_{100000001 + number}" for number in range(20))

_AGREED = """<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>备案</title></head>
<body><h1>【演示数据】</h1><p>备案完成：推广位已经授权，可以回去再发一遍链接了。</p></body></html>"""


class PinduoduoMock(MockPlatform):
    """See the module's docstring."""

    id: ClassVar[str] = PLATFORM

    def __init__(self, world: World, base_url: str) -> None:
        super().__init__(world, base_url)
        self.addresses = Addresses(world, self.base_url)
        self.methods = Methods(world, self.addresses, frozenset({HOUSE_PID, *POOL}))

    def routes(self) -> Sequence[web.RouteDef]:
        """The gateway, the short host and the shop's hosts."""
        pages = [web.get(f"/{host}/{{tail:.*}}", self._page) for host in (SHORT_HOST, *SHOP_HOSTS)]
        return [web.post("/api/router", self._gateway), *pages]

    @classmethod
    def client_settings(cls, base_url: str) -> Mapping[str, object]:
        """Keys that open nothing but this mock."""
        return {
            "gateway_url": f"{base_url.rstrip('/')}/api/router",
            "link_base": base_url.rstrip("/"),
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "pid": HOUSE_PID,
            "pool": list(POOL),
        }

    def whose(self, url: str) -> Whose | None:
        """`sub_id` is the code where one was sent, else the promoter's tag."""
        link = self.addresses.link(url)
        if link is None:
            return None
        uid, sid = uid_and_sid(link.attribution.get("custom_parameters", ""))
        return Whose(pid=link.attribution["p_id"], sub_id=sid or uid, item_id=link.item_id)

    async def _gateway(self, request: web.Request) -> web.StreamResponse:
        try:
            fields = await read_fields(request)
            call = Call(fields=fields, fault=self.world.fault(self.id, fields.get("type", "")))
            if (broken := await apply_transport_fault(request, call.fault)) is not None:
                return broken
            check(fields, self.methods.names, self.world.now())
            if (refused := refusal_of(call)) is not None:
                raise refused
            text = json.dumps(self.methods.answer(call), ensure_ascii=False)
        except Refused as refused:
            return refused.response()
        if call.has_fault("torn_page"):
            text = text[: len(text) // 2]
        return web.Response(text=text, content_type="application/json")

    async def _page(self, request: web.Request) -> web.Response:
        """Every link leads to the mock shop; opening the authorisation link grants 备案."""
        url = f"{self.base_url}{request.rel_url}"
        if (agreed := self.addresses.agreed(url)) is not None:
            self.methods.agree(*agreed)
            return web.Response(text=_AGREED, content_type="text/html")
        item = self.addresses.item(url)
        if item is None:
            raise web.HTTPNotFound(text="拼多多演示平台没有这个页面")
        target = self.world.shop_url(self.id, item.item_id, self.addresses.link(url))
        return web.Response(status=302, headers={"Location": target, "Cache-Control": "no-store"})


MOCK = PinduoduoMock
