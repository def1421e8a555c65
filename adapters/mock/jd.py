"""A mock of JD Union: the gateway at `/routerjson` (and the old `/api`), and the pages behind links.

Profiles: `lenient` grants everything; `strict` is an ordinary site account: promotion.common.get
without subUnionId, no goods.query, no position.create. Single rights are set by method name, or
`subUnionId`, `couponUrl`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import urlencode

from aiohttp import web

from adapters.mock.contract import MockPlatform, Whose
from adapters.mock.faults import apply_transport_fault
from adapters.mock.jd_goods import JdGoods
from adapters.mock.jd_links import ITEM_HOSTS, SHORT_HOSTS, JdLinks
from adapters.mock.jd_orders import JdOrders
from adapters.mock.jd_promotion import JdPromotion
from adapters.mock.jd_wire import (
    APP_KEY,
    APP_SECRET,
    AUTH_KEY,
    POOL,
    POSITION_ID,
    SITE_ID,
    UNION_ID,
    BusinessError,
    GatewayError,
    Received,
    answer,
    check_request,
    error_answer,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from adapters.mock.values import Fault
    from adapters.mock.world import World

    Method = Callable[[Mapping[str, Any], Fault | None], Mapping[str, object]]

__all__ = ["MOCK", "JdMock"]

_BY_APPLICATION: Final = frozenset(
    {
        "jd.union.open.promotion.bysubunionid.get",
        "jd.union.open.goods.query",
        "jd.union.open.position.create",
    }
)
_PAGE: Final = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title></head>
<body>{body}</body></html>"""


class JdMock(MockPlatform):
    """See the module's docstring."""

    id: ClassVar[str] = "jd"

    def __init__(self, world: World, base_url: str) -> None:
        super().__init__(world, base_url)
        self.links = JdLinks(world, self.base_url)
        goods = JdGoods(world, self.links)
        promotion = JdPromotion(world, self.links, goods)
        self.methods: Mapping[str, Method] = {
            "jd.union.open.goods.promotiongoodsinfo.query": lambda a, _: goods.promotion_goods(a),
            "jd.union.open.goods.query": lambda a, _: goods.query(a),
            "jd.union.open.coupon.query": lambda a, _: goods.coupons(a),
            "jd.union.open.promotion.common.get": promotion.common,
            "jd.union.open.promotion.bysubunionid.get": promotion.by_sub_union_id,
            "jd.union.open.position.create": lambda a, _: promotion.create_positions(a),
            "jd.union.open.order.row.query": JdOrders(world).rows,
        }

    def routes(self) -> Sequence[web.RouteDef]:
        """Gateways, link hosts and item hosts."""
        pages = [web.get(f"/{host}/{{tail:.*}}", self.item_page) for host in ITEM_HOSTS]
        shorts = [web.get(f"/{host}/{{tail:.*}}", self.short_page) for host in SHORT_HOSTS]
        return [
            web.post("/routerjson", self.gateway),
            web.post("/api", self.gateway),
            web.get("/u.jd.com/{code:[A-Za-z0-9]{1,10}}", self.promotion_page),
            web.get("/union-click.jd.com/jdc", self.script_page),
            web.get("/union-click.jd.com/jda", self.click_page),
            web.get("/cfe.m.jd.com/{tail:.*}", self.risk_page),
            web.get("/coupon.m.jd.com/{tail:.*}", self.coupon_page),
            *shorts,
            *pages,
        ]

    @classmethod
    def client_settings(cls, base_url: str) -> Mapping[str, object]:
        """The mock's only account."""
        base = base_url.rstrip("/")
        return {
            "gateway_url": f"{base}/routerjson",
            "link_base": base,
            "app_key": APP_KEY,
            "app_secret": APP_SECRET,
            "union_id": UNION_ID,
            "site_id": SITE_ID,
            "position_id": POSITION_ID,
            "auth_key": AUTH_KEY,
            "pool": POOL,
        }

    def whose(self, url: str) -> Whose | None:
        """The placement and the sub-id of a link made here; a leased placement tells by itself."""
        code = self.links.code(url)
        link = self.world.link("jd", code) if code else None
        if link is None:
            return None
        pid = link.attribution.get("positionId", "")
        return Whose(
            pid=pid,
            sub_id=link.attribution.get("subUnionId") or (pid if pid != POSITION_ID else ""),
            item_id=link.item_id,
        )

    # The gateway

    async def gateway(self, request: web.Request) -> web.StreamResponse:
        """One call: transport faults, the gateway's checks, rights, arguments, business."""
        form = await request.post()
        pairs = [(name, value) for name, value in form.items() if isinstance(value, str)]
        received = Received([*request.query.items(), *pairs], legacy=request.path == "/api")
        fault = self.world.fault("jd", received.method)
        broken = await apply_transport_fault(request, fault)
        if broken is not None:
            return broken
        try:
            check_request(received, self.methods, self.world.now())
            self._raise_fault(fault)
            self._check_right(received.method)
            result = self.methods[received.method](received.arguments(), fault)
        except (GatewayError, BusinessError) as error:
            return error_answer(received, error)
        return answer(received, result, torn=fault is not None and fault.kind == "torn_page")

    @staticmethod
    def _raise_fault(fault: Fault | None) -> None:
        """The platform's own words for a fault; JD has no public code for a used-up day."""
        match fault.kind if fault else "":
            case "throttled":
                raise BusinessError(429, "访问过于频繁")
            case "quota":
                raise GatewayError("2")
            case "expired_auth":
                raise GatewayError("19")
            case "bad_signature":
                raise GatewayError("12")
            case "clock_skew":
                raise GatewayError("8")
            case "missing_right":
                raise BusinessError(403, "无访问权限")

    def _check_right(self, method: str) -> None:
        lenient = self.world.profile("jd") == "lenient"
        if not self.world.granted("jd", method, lenient or method not in _BY_APPLICATION):
            raise BusinessError(403, "无访问权限")

    # Pages

    async def promotion_page(self, request: web.Request) -> web.StreamResponse:
        """`u.jd.com/X`: on to the click counter; after its 60 days a page that says so."""
        code = request.match_info["code"]
        link = self.world.link("jd", code)
        if link is not None and link.expires_at is not None and link.expires_at <= self.world.now():
            text = _PAGE.format(title="链接已失效", body="抱歉，您访问的推广链接已失效")
            return web.Response(status=410, text=text, content_type="text/html")
        raise web.HTTPFound(self.links.click(code))

    async def script_page(self, request: web.Request) -> web.StreamResponse:
        """`union-click.jd.com/jdc`: a page whose script leads on."""
        code = self.links.clicked(dict(request.query))
        if code is None:
            raise web.HTTPNotFound
        following = f"{self.links.click(code, 'jda')}&{urlencode({'refer': 'norefer', 'd': code})}"
        script = f"<script>var hrl='{following}';location.replace(hrl);</script>"
        return web.Response(
            text=_PAGE.format(title="京东网上商城", body=script), content_type="text/html"
        )

    async def click_page(self, request: web.Request) -> web.StreamResponse:
        """`union-click.jd.com/jda`: to the landing page."""
        code = self.links.clicked(dict(request.query))
        if code is None:
            raise web.HTTPNotFound
        raise web.HTTPFound(self.links.landing(code))

    async def short_page(self, request: web.Request) -> web.StreamResponse:
        """`3.cn/X`: to an item; `3.cn/s/...` is a live room, which is none."""
        code = request.match_info["tail"].strip("/")
        if not code or "/" in code:
            text = _PAGE.format(title="京东直播", body="直播间")
            return web.Response(text=text, content_type="text/html")
        raise web.HTTPFound(self.links.behind_short(code))

    async def risk_page(self, request: web.Request) -> web.StreamResponse:
        """A person passes the check at once and goes on to the page in `returnurl`."""
        target = request.query.get("returnurl", "")
        if self.links.item(target) is None:
            raise web.HTTPNotFound
        raise web.HTTPFound(f"{self.base_url}/{target.removeprefix('https://')}")

    async def item_page(self, request: web.Request) -> web.StreamResponse:
        """An item's page is the mock shop's; one reached by a promotion link remembers it."""
        url = f"{self.base_url}{request.path_qs}"
        item = self.links.item(url)
        if item is None:
            raise web.HTTPNotFound
        code = self.links.sealed_term(request.query.get("utm_term", ""))
        link = self.world.link("jd", code) if code else None
        plain = self.world.item("jd", item).item_id
        raise web.HTTPFound(self.world.shop_url("jd", plain, link))

    async def coupon_page(self, request: web.Request) -> web.StreamResponse:
        """A coupon's page is the page of its item."""
        item = self.links.item(f"https://{request.query.get('to', '')}")
        plain = self.world.item("jd", item or request.query.get("roleId", "0")).item_id
        raise web.HTTPFound(self.world.shop_url("jd", plain, None))


MOCK = JdMock
