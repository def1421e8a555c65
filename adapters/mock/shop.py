"""The mock shop: the pages that a buyer opens, with a Buy button that needs no JavaScript.

The first line of every page is 【演示数据】: a mock never passes as a real shop.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from adapters.mock.buyer import read_click
from adapters.mock.ids import keyed, plain_id
from adapters.mock.local import local_only
from adapters.mock.orders import amount_due
from adapters.times import beijing_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adapters.mock.contract import MockPlatform
    from adapters.mock.world import World

__all__ = ["not_found_page", "shop_app"]

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: browsers would then send `Origin: null` with the form.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_PICTURE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}
_NAMES = {"taobao": "淘宝", "jd": "京东", "pinduoduo": "拼多多"}
_STATUS = {
    "unpaid": "待付款",
    "paid": "已付款",
    "received": "已收货",
    "settled": "已结算",
    "void": "已失效",
}
# How the platforms name the two on the wire; the first that an order carries is shown as such.
_PID_FIELDS = ("pid", "p_id", "positionId", "adzone_id")
_SUB_ID_FIELDS = ("sub_id", "subUnionId", "custom_parameters", "relation_id", "special_id")

_PAGE = "/{platform:[a-z0-9_]{1,32}}/{item_id:[A-Za-z0-9_-]{1,64}}"


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


_TEMPLATES = Environment(
    loader=PackageLoader("adapters.mock"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["yuan"] = _yuan
_TEMPLATES.filters["beijing"] = beijing_text


def _page(template: str, status: int = 200, **values: object) -> web.Response:
    text = _TEMPLATES.get_template(template).render(**values)
    return web.Response(text=text, status=status, content_type="text/html", headers=_HEADERS)


def not_found_page(what: str, known: Sequence[str]) -> web.Response:
    """404 with what there is instead."""
    return _page("not_found.html", 404, what=what, known=known)


def _first(attribution: Mapping[str, str], names: Sequence[str]) -> str:
    return next((attribution[name] for name in names if attribution.get(name)), "")


def _sub_id(attribution: Mapping[str, str]) -> str:
    """The sub-id; of Pinduoduo's `{"uid": promoter, "sid": code}` the finer one."""
    sent = _first(attribution, _SUB_ID_FIELDS)
    try:
        custom = json.loads(sent)
    except ValueError:
        return sent
    return str(custom.get("sid") or custom.get("uid") or sent) if isinstance(custom, dict) else sent


class _Shop:
    def __init__(self, world: World, mocks: Sequence[MockPlatform]) -> None:
        self.world = world
        self.ids = tuple(mock.id for mock in mocks)

    def _where(self, request: web.Request) -> tuple[str, str]:
        platform = request.match_info["platform"]
        if platform not in self.ids:
            raise web.HTTPNotFound(text=f"there is no mock platform {platform}")
        return platform, request.match_info["item_id"]

    async def show(self, request: web.Request) -> web.Response:
        platform, item_id = self._where(request)
        item = self.world.item(platform, item_id)
        link, _ = read_click(self.world, platform, request.query.get("click"))
        now = self.world.now()
        due = amount_due(item, 1, now)
        return _page(
            "item.html",
            item=item,
            picture=item.image_url.removeprefix(self.world.base_url),
            coupon=item.coupon if item.coupon and item.coupon.remaining else None,
            due=due,
            reached=due < item.price,
            action=request.path + "/buy",
            click=request.query["click"] if link else "",
            platform=_NAMES.get(platform, platform),
        )

    async def buy(self, request: web.Request) -> web.Response:
        platform, item_id = self._where(request)
        form = await request.post()
        link, clicked_at = read_click(self.world, platform, str(form.get("click", "")))
        try:
            quantity = int(str(form.get("quantity", "1")))
            order = self.world.buy(platform, item_id, link, quantity, clicked_at=clicked_at)
        except ValueError:
            return _page("refused.html", 400, back=request.path.removesuffix("/buy"))
        location = f"/_shop/order/{order.order_id}"
        return web.Response(status=303, headers={**_HEADERS, "Location": location})

    async def order(self, request: web.Request) -> web.Response:
        order = self.world.order(request.match_info["order_id"])
        if order is None:
            return not_found_page("没有这个订单", ())
        return _page(
            "order.html",
            order=order,
            state=_STATUS[order.status],
            platform=_NAMES.get(order.platform, order.platform),
            pid=_first(order.attribution, _PID_FIELDS) or "无",
            sub_id=_sub_id(order.attribution) or "无",
        )

    async def picture(self, request: web.Request) -> web.Response:
        platform, item_id = self._where(request)
        item = self.world.item(platform, item_id)
        hue = keyed(platform, plain_id(platform, item_id), "hue") % 360
        text = _TEMPLATES.get_template("picture.svg").render(title=item.title[:12], hue=hue)
        return web.Response(text=text, content_type="image/svg+xml", headers=_PICTURE_HEADERS)

    async def style(self, _request: web.Request) -> web.Response:
        text = _TEMPLATES.get_template("style.css").render()
        return web.Response(text=text, content_type="text/css", headers=_PICTURE_HEADERS)


def shop_app(world: World, mocks: Sequence[MockPlatform]) -> web.Application:
    """The application below `/_shop`."""
    shop = _Shop(world, mocks)
    app = web.Application(middlewares=[local_only], client_max_size=16 * 1024)
    app.add_routes(
        [
            web.get("/style.css", shop.style),
            web.get("/order/{order_id:[0-9-]{1,40}}", shop.order),
            web.get("/picture" + _PAGE + ".svg", shop.picture),
            web.get(_PAGE, shop.show),
            web.post(_PAGE + "/buy", shop.buy),
        ]
    )
    return app
