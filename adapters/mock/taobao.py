"""The mock of Taobao: the gateway of the Taobao Open Platform and the pages behind its links.

One account with a house placement and twenty more. Profile `lenient`: everything granted; `strict`:
a plain publisher without general.link.*, tpwd.convert, tpwd.parse and the scene for copied links
(plain numeric ids are then refused, code 35). Checks in this order: method, app key, time,
signature, format, session, right, arguments, business.

Faults are set for a method's name, or for a host for its pages. `foreign_pid` makes a link of
another account, its PID readable, or with `{"hidden": "1"}` not; `torn_page` and `duplicate_page`
are for the order methods.
"""

from __future__ import annotations

import html
import itertools
from typing import TYPE_CHECKING, ClassVar

from aiohttp import web

from adapters.mock.contract import MockPlatform, Whose
from adapters.mock.faults import apply_transport_fault
from adapters.mock.taobao_account import APP_KEY, APP_SECRET, HOUSE_PID, POOL, Account
from adapters.mock.taobao_call import Call
from adapters.mock.taobao_converts import CONVERT_METHODS
from adapters.mock.taobao_items import ITEM_METHODS
from adapters.mock.taobao_links import ITEM_HOSTS, SHORT_HOSTS, TaobaoLinks
from adapters.mock.taobao_orders import ORDER_METHODS
from adapters.mock.taobao_wire import Refusal, answer_of, check_request, error_body

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adapters.mock.taobao_links import Target
    from adapters.mock.values import Fault
    from adapters.mock.world import World

__all__ = ["MOCK", "TaobaoMock"]

_METHODS = ITEM_METHODS | CONVERT_METHODS | ORDER_METHODS
_PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title></head><body>
<script>
var url = '{url}';
location.replace(url);
</script></body></html>"""
_FAULTS = {
    "quota": (
        7,
        "accesscontrol.limited-by-app-access-count",
        "This ban will last for 36000 more seconds",
    ),
    "expired_auth": (27, "invalid-sessionkey", "SessionKey非法"),
    "needs_authorisation": (27, "invalid-sessionkey", "SessionKey非法"),
    "bad_signature": (25, "", ""),
    "clock_skew": (31, "", ""),
    "missing_right": (11, "isv.permission-api-package-limit", "scope ids is 11655 381"),
}


def _check_fault(fault: Fault | None) -> None:
    """Faults that the gateway itself answers."""
    if fault is None:
        return
    if fault.kind == "throttled":
        seconds = fault.args.get("seconds", "1")
        raise Refusal(
            7,
            "accesscontrol.limited-by-app-api-access-count",
            f"This ban will last for {seconds} more seconds",
        )
    if fault.kind in _FAULTS:
        raise Refusal(*_FAULTS[fault.kind])


class TaobaoMock(MockPlatform):
    """See the module's docstring."""

    id: ClassVar[str] = "taobao"

    def __init__(self, world: World, base_url: str) -> None:
        super().__init__(world, base_url)
        self.account = Account(world)
        self.links = TaobaoLinks(world, self.base_url)
        self._numbers = itertools.count(1)

    @classmethod
    def client_settings(cls, base_url: str) -> Mapping[str, object]:
        """The account's keys and placements."""
        base = base_url.rstrip("/")
        return {
            "gateway_url": f"{base}/router/rest",
            "link_base": base,
            "app_key": APP_KEY,
            "app_secret": APP_SECRET,
            "pid": HOUSE_PID,
            "pool": POOL,
        }

    def routes(self) -> Sequence[web.RouteDef]:
        """The gateway, and the pages of the shop's hosts."""
        hosts = (*SHORT_HOSTS, *ITEM_HOSTS, "a.m.taobao.com")
        return [
            web.post("/router/rest", self._gateway),
            web.get("/router/rest", self._gateway),
            *(web.get(f"/{host}/{{tail:.*}}", self._page) for host in hosts),
            web.get("/s.click.taobao.com/{tail:.*}", self._page),
            web.get("/uland.taobao.com/{tail:.*}", self._page),
        ]

    def whose(self, url: str) -> Whose | None:
        """Whose a promotion link is; None for what is no promotion link of a known account."""
        return self.links.whose(url)

    async def _gateway(self, request: web.Request) -> web.StreamResponse:
        form = await request.post() if request.method == "POST" else {}
        params = {**request.query, **{name: str(value) for name, value in form.items()}}
        method = params.get("method", "")
        fault = self.world.fault(self.id, method)
        broken = await apply_transport_fault(request, fault)
        if broken is not None:
            return broken
        try:
            _check_fault(fault)
            body = self._answer(method, params, fault)
        except Refusal as refusal:
            body = error_body(refusal, f"{next(self._numbers):016x}")
        return web.Response(text=body, content_type="text/javascript", charset="UTF-8")

    def _answer(self, method: str, params: Mapping[str, str], fault: Fault | None) -> str:
        handler = _METHODS.get(method)
        if handler is None:
            raise Refusal(22 if method else 21)
        now = self.world.now()
        check_request(params, now)
        if not self.account.granted(method):
            raise Refusal(11, "isv.permission-api-package-limit", "scope ids is 11655 381")
        call = Call(
            params=params,
            world=self.world,
            account=self.account,
            links=self.links,
            now=now,
            fault=fault,
        )
        content = {**handler(call), "request_id": f"{next(self._numbers):016x}"}
        return answer_of(method, content, simplify=params.get("simplify") == "true")

    async def _page(self, request: web.Request) -> web.StreamResponse:
        url = f"{self.base_url}{request.raw_path}"
        host = request.path.split("/", 2)[1]
        broken = await apply_transport_fault(request, self.world.fault(self.id, host))
        if broken is not None:
            return broken
        target = self.links.target(url)
        if target.item is None:
            return self._elsewhere(host, target)
        parts = self.links.parts(url)
        link = self.links.made(*parts) if parts is not None else None
        if host in SHORT_HOSTS:
            following = self.links.coupon_page(link.token) if link else ""
            return self._script(target.item.title, following or self.links.item_page(target.item))
        page = self.world.shop_url(self.id, target.item.item_id, link)
        return web.Response(status=302, headers={"Location": page, "Cache-Control": "no-store"})

    def _elsewhere(self, host: str, target: Target) -> web.Response:
        if host in SHORT_HOSTS and target.elsewhere:
            return self._script("淘宝", target.elsewhere)
        return web.Response(status=404, text="<html><body>页面不存在</body></html>")

    @staticmethod
    def _script(title: str, url: str) -> web.Response:
        page = _PAGE.format(title=html.escape(title), url=url.replace("'", "%27"))
        return web.Response(text=page, content_type="text/html", charset="utf-8")


MOCK = TaobaoMock
