"""What the Taobao tests share: an adapter before the mock, and before a scripted gateway."""

from __future__ import annotations

import hashlib
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web
from yarl import URL

from adapters.contract import AdapterContext, LinkKind, LinkMatch, Placement
from adapters.mock.faults import FaultRule
from adapters.mock.server import start_mock_server
from adapters.mock.taobao import TaobaoMock
from adapters.quota import NoQuota
from adapters.taobao.adapter import TaobaoAdapter
from adapters.taobao.settings import TaobaoSettings
from adapters.times import beijing_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from adapters.mock.server import MockServer
    from adapters.mock.world import World

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
PLAIN = "718293645012"
OPAQUE = "AbCdEfGhJkLmNpQrStUvWx12-YzAbCdEfGhJkLmNpQr"
HOUSE = "mm_11_22_330"
LEASED = "mm_11_22_331"
FOREIGN = "mm_99_88_77"

INFO = "taobao.tbk.item.info.upgrade.get"
CONVERT = "taobao.tbk.dg.general.link.convert"
PARSE = "taobao.tbk.dg.general.link.parse"
COUPON_CONVERT = "taobao.tbk.coupon.convert"
COUPON_GET = "taobao.tbk.coupon.get"
SEARCH = "taobao.tbk.dg.material.optional.upgrade"
TPWD_CONVERT = "taobao.tbk.tpwd.convert"
TPWD_PARSE = "taobao.tbk.tpwd.parse"
TPWD_CREATE = "taobao.tbk.tpwd.create"
ORDERS = "taobao.tbk.order.details.get"
REFUNDS = "taobao.tbk.order.refund.get"
SCENE = "biz_scene_id=2"


def settings(**values: object) -> TaobaoSettings:
    """Settings with keys, and `values` on top."""
    keys = {"app_key": "12345678", "app_secret": "helloworld", "pid": HOUSE, "pool": [LEASED]}
    return TaobaoSettings.model_validate(keys | values)


def pasted(url: str | None = None, item_id: str | None = None, kind: str = "") -> LinkMatch:
    """A recognised link."""
    groups = {"url": url, "id": item_id}
    guessed = LinkKind.ITEM if item_id else LinkKind.SHORT
    return LinkMatch(
        platform="taobao",
        kind=LinkKind(kind) if kind else guessed,
        text=url or item_id or "",
        start=0,
        end=0,
        groups={key: value for key, value in groups.items() if value},
    )


def token(code: str) -> LinkMatch:
    """A recognised 口令."""
    return pasted(item_id=code, kind="token")


def placed(pid: str) -> Placement:
    """A placement."""
    return Placement(account="main", pid=pid, promoter_tag="p1", sub_id="Ab3dE7x")


def root(method: str, content: object) -> dict[str, object]:
    """A successful answer."""
    return {method.removeprefix("taobao.").replace(".", "_") + "_response": content}


def error(code: int, sub_code: str = "", sub_msg: str = "") -> dict[str, object]:
    """An error answer."""
    inner: dict[str, object] = {"code": code, "msg": "msg", "request_id": "r"}
    if sub_code:
        inner |= {"sub_code": sub_code, "sub_msg": sub_msg}
    return {"error_response": inner}


def item_row(**prices: object) -> dict[str, object]:
    """An item.info answer's row: 59.90 yuan at 5.5 %."""
    return {
        "item_id": OPAQUE,
        "item_basic_info": {
            "title": "桑蚕丝枕套",
            "pict_url": "//img.alicdn.com/a.jpg",
            "shop_title": "晚风家居",
            "volume": 1200,
        },
        "price_promotion_info": {"zk_final_price": "59.90", **prices},
        "publish_info": {"income_rate": "5.5"},
    }


def item_answer(**prices: object) -> dict[str, object]:
    """A whole item.info answer."""
    return root(INFO, {"results": {"tbk_item_detail": [item_row(**prices)]}})


CLICK = "https://s.click.taobao.com/t?e=m%3D2%26s%3DAAAA"
COUPON_PAGE = "https://uland.taobao.com/coupon/edetail?e=BBBB"
COUPON = {
    "activity_id": "act1",
    "coupon_amount": "20",
    "coupon_desc": "满50元减20元",
    "coupon_start_time": "2026-11-20 00:00:00",
    "coupon_end_time": "2026-12-01 23:59:59",
    "coupon_remain_count": 7,
}


def convert_row(
    link: dict[str, object] | None = None,
    promotion: dict[str, object] | None = None,
    coupon: dict[str, object] | None = None,
) -> dict[str, object]:
    """A row of general.link.convert: a coupon of 20 yuan, 6 %, 39.90 in hand."""
    return {
        "link_info_dto": {
            "cps_long_url": CLICK,
            "cps_short_tpwd": "￥zRmVdesjTCu￥",
            "coupon_long_url": COUPON_PAGE,
            "coupon_short_tpwd": "￥aRmVdesjTCu￥",
            "material_type": 1,
            "item_id": OPAQUE,
            **(link or {}),
        },
        "promotion_info_dto": {
            "commission_rate": "6.00",
            "promotion_price": 3990,
            **(promotion or {}),
        },
        "coupon_info_dto": COUPON if coupon is None else coupon,
    }


def convert_answer(row: dict[str, object] | None = None) -> dict[str, object]:
    """A general.link.convert answer by link."""
    rows = [row or convert_row()]
    return root(CONVERT, {"data": {"material_url_list": {"material_url_list": rows}}})


def parse_answer(**info: object) -> dict[str, object]:
    """A general.link.parse answer."""
    rows = [{"input_material_url": "x", "link_info_dto": info}]
    return root(PARSE, {"data": {"material_url_list": {"material_url_list": rows}}})


class Script:
    """A gateway that answers by method (the last answer stays) and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, list[object]] = {}
        self.asked: list[dict[str, str]] = []
        self.pages: dict[str, str] = {}

    def on(self, method: str, *answers: object) -> Script:
        """What this method answers, one after the other."""
        self.answers[method] = list(answers)
        return self

    def methods(self) -> list[str]:
        """The methods that were called, in order."""
        return [form["method"] for form in self.asked]

    async def gateway(self, request: web.Request) -> web.Response:
        """POST /router/rest"""
        form = await request.post()
        self.asked.append({key: str(value) for key, value in form.items()})
        queue = self.answers.get(self.asked[-1]["method"], [error(11)])
        answer = queue.pop(0) if len(queue) > 1 else queue[0]
        text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
        return web.Response(text=text, content_type="text/javascript")

    async def page(self, request: web.Request) -> web.Response:
        """Anything else."""
        return web.Response(text=self.pages.get(request.path, ""), content_type="text/html")


@asynccontextmanager
async def scripted(script: Script, **values: object) -> AsyncIterator[TaobaoAdapter]:
    """An adapter before a scripted gateway; links are real ones unless `below` is set."""
    app = web.Application()
    app.add_routes([web.post("/router/rest", script.gateway), web.get("/{tail:.*}", script.page)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    base = f"http://{host}:{port}"
    if values.pop("below", False):
        values["link_base"] = base
    made = settings(gateway_url=f"{base}/router/rest", **values)
    context = AdapterContext(account="main", now=lambda: NOW, quota=NoQuota())
    adapter = TaobaoAdapter(made, context)
    await adapter.start()
    try:
        yield adapter
    finally:
        await adapter.close()
        await runner.cleanup()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """The mock server, an adapter for it, and a bare client that signs by itself."""

    server: MockServer
    adapter: TaobaoAdapter
    quota: NoQuota
    session: aiohttp.ClientSession

    @property
    def world(self) -> World:
        """The mock's world."""
        return self.server.world

    @property
    def mock(self) -> TaobaoMock:
        """The mock platform itself."""
        (mock,) = self.server.mocks
        assert isinstance(mock, TaobaoMock)
        return mock

    @property
    def house(self) -> str:
        """The house placement."""
        return self.adapter.settings.house_pid()

    def calls(self) -> int:
        """Gateway calls since the last time this was asked."""
        calls, self.quota.calls = self.quota.calls, 0
        return calls

    def fault(self, kind: str, method: str = "*", count: int | None = 1, **args: str) -> None:
        """Set a fault."""
        self.world.faults.add(
            FaultRule(platform="taobao", method=method, kind=kind, count=count, args=args)
        )

    async def raw(self, method: str, **changes: str | None) -> Any:
        """The raw answer of a call signed here; None drops a field, `sign` replaces the signature."""
        keys = TaobaoMock.client_settings(self.server.base_url)
        fields: dict[str, str | None] = {
            "method": method,
            "app_key": str(keys["app_key"]),
            "timestamp": beijing_text(self.world.now()),
            "format": "json",
            "v": "2.0",
            "sign_method": "md5",
            **changes,
        }
        form = {key: value for key, value in fields.items() if value is not None and key != "sign"}
        body = "".join(key + form[key] for key in sorted(form))
        secret = str(keys["app_secret"])
        signed = hashlib.md5((secret + body + secret).encode(), usedforsecurity=False).hexdigest()
        sign = fields.get("sign", signed.upper())
        if sign is not None:
            form["sign"] = sign
        url = f"{self.server.base_url}/router/rest"
        async with self.session.post(url, data=form) as response:
            assert response.status == 200
            return json.loads(await response.text())

    async def refusal(self, method: str, **changes: str | None) -> tuple[int, str]:
        """Code and sub_code of a refused call."""
        answer = (await self.raw(method, **changes))["error_response"]
        return answer["code"], answer.get("sub_code", "")

    async def content(self, method: str, **changes: str | None) -> Any:
        """What stands under the root of a successful call."""
        answer = await self.raw(method, **changes)
        return answer[method.removeprefix("taobao.").replace(".", "_") + "_response"]

    async def get(self, url: str) -> tuple[int, str | None, str]:
        """Status, Location and body of a page, not followed."""
        address = URL(url, encoded=True)
        async with self.session.get(address, allow_redirects=False) as response:
            return response.status, response.headers.get("Location"), await response.text()


@asynccontextmanager
async def mocked(profile: str = "lenient", **values: object) -> AsyncIterator[Rig]:
    """An adapter before the mock platform on loopback; `values` change its settings."""
    server = await start_mock_server(None, platforms=[TaobaoMock])
    server.world.set_profile("taobao", profile)
    quota = NoQuota()
    made = TaobaoSettings.model_validate({**TaobaoMock.client_settings(server.base_url), **values})
    adapter = TaobaoAdapter(made, AdapterContext(account="main", now=server.world.now, quota=quota))
    await adapter.start()
    async with aiohttp.ClientSession() as session:
        try:
            yield Rig(server=server, adapter=adapter, quota=quota, session=session)
        finally:
            await adapter.close()
            await server.close()
