"""What the Pinduoduo tests share: an adapter before the mock, and before a scripted gateway."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from adapters.contract import AdapterContext, Placement
from adapters.links import LinkKind, LinkMatch
from adapters.mock.pinduoduo import MOCK
from adapters.mock.server import start_mock_server
from adapters.pinduoduo import ADAPTER
from adapters.pinduoduo.settings import PinduoduoSettings
from adapters.quota import NoQuota

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from adapters.mock.server import MockServer
    from adapters.mock.world import World
    from adapters.pinduoduo.adapter import PinduoduoAdapter

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
SIGN = "E9P2etntzfpt8cPhwvbA0GdzxyE-wk86_JGVpx2jv5"
HOUSE = "1949211_49329093"
LEASED = "1949211_49329094"


def settings(**values: object) -> PinduoduoSettings:
    """Settings with keys, and `values` on top."""
    keys = {"client_id": "id", "client_secret": "secret", "pid": HOUSE, "pool": [LEASED]}
    return PinduoduoSettings.model_validate(keys | values)


def pasted(url: str | None, item_id: str | None = None) -> LinkMatch:
    """A recognised link."""
    groups = {"url": url, "id": item_id}
    return LinkMatch(
        platform="pinduoduo",
        kind=LinkKind.ITEM if item_id else LinkKind.SHORT,
        text=url or "",
        start=0,
        end=len(url or ""),
        groups={key: value for key, value in groups.items() if value},
    )


def placed(pid: str = HOUSE, tag: str = "p42", code: str = "Ab3dE6g") -> Placement:
    """A placement."""
    return Placement(account="main", pid=pid, promoter_tag=tag, sub_id=code)


def goods(**values: object) -> dict[str, object]:
    """One entry of a search answer."""
    return {
        "goods_id": 531222333444,
        "goods_sign": SIGN,
        "goods_name": "家庭抽纸囤货装",
        "min_group_price": 5990,
        "promotion_rate": 55,
    } | values


def landing(pid: str = HOUSE, **values: str) -> str:
    """A long promotion link."""
    query = {"goods_id": "531222333444", "pid": pid, "goods_sign": SIGN} | values
    return f"https://mobile.yangkeduo.com/duo_coupon_landing.html?{urlencode(query)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """The mock server and an adapter for it."""

    server: MockServer
    adapter: PinduoduoAdapter
    quota: NoQuota

    @property
    def world(self) -> World:
        """The mock's world."""
        return self.server.world

    @property
    def mock(self) -> MOCK:
        """The mock platform itself."""
        (mock,) = self.server.mocks
        assert isinstance(mock, MOCK)
        return mock

    async def later(self, by: str) -> None:
        """Move the mock's clock on, which is the adapter's too."""
        await post(f"{self.server.base_url}/_control/clock", {"advance": by}, as_json=True)

    def placement(self, tag: str = "p42", code: str = "Ab3dE6g", pid: str = "") -> Placement:
        """A placement of the mock's account."""
        return placed(pid or self.adapter.settings.house_pid(), tag, code)


@asynccontextmanager
async def mocked(**values: object) -> AsyncIterator[Rig]:
    """An adapter before the mock platform on loopback; `values` change its settings."""
    server = await start_mock_server(None, platforms=[MOCK])
    quota = NoQuota()
    made = PinduoduoSettings.model_validate({**MOCK.client_settings(server.base_url), **values})
    context = AdapterContext(account="main", now=server.world.now, quota=quota)
    adapter = ADAPTER(made, context)
    await adapter.start()
    try:
        yield Rig(server=server, adapter=adapter, quota=quota)
    finally:
        await adapter.close()
        await server.close()


class Script:
    """A gateway that answers what it was told, in order, and keeps what it was asked."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, str]] = []
        self.pages: dict[str, str] = {}
        """Redirects of link hosts: path to Location."""

    async def gateway(self, request: web.Request) -> web.Response:
        """POST /api/router"""
        form = await request.post()
        self.asked.append({key: str(value) for key, value in form.items()})
        answer = self.answers.pop(0)
        text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
        return web.Response(text=text, content_type="application/json")

    async def page(self, request: web.Request) -> web.Response:
        """Anything else."""
        location = self.pages.get(request.path)
        if location is None:
            return web.Response(text="<html>open the app</html>", content_type="text/html")
        return web.Response(status=302, headers={"Location": location})


def error(code: int, sub_code: str | None = None, sub_msg: str = "") -> dict[str, object]:
    """An error answer."""
    return {"error_response": {"error_code": code, "sub_code": sub_code, "sub_msg": sub_msg}}


def promoted(**urls: object) -> dict[str, object]:
    """A convert answer."""
    return {"goods_promotion_url_generate_response": {"goods_promotion_url_list": [urls]}}


def found(*entries: Mapping[str, object], **body: object) -> dict[str, object]:
    """A search answer."""
    return {"goods_search_response": {"goods_list": list(entries), **body}}


@asynccontextmanager
async def scripted(script: Script, **values: object) -> AsyncIterator[PinduoduoAdapter]:
    """An adapter before a scripted gateway; real links, unless `link_base` is among `values`."""
    app = web.Application()
    app.add_routes([web.post("/api/router", script.gateway), web.get("/{tail:.*}", script.page)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    base = f"http://{host}:{port}"
    if values.pop("below", False):
        values["link_base"] = base
    made = settings(gateway_url=f"{base}/api/router", **values)
    context = AdapterContext(account="main", now=lambda: NOW, quota=NoQuota())
    adapter = ADAPTER(made, context)
    await adapter.start()
    try:
        yield adapter
    finally:
        await adapter.close()
        await runner.cleanup()


async def post(url: str, fields: Mapping[str, object], *, as_json: bool = False) -> Any:
    """One raw call to a gateway."""
    async with aiohttp.ClientSession() as session:
        sent = session.post(url, json=fields) if as_json else session.post(url, data=fields)
        async with sent as response:
            assert response.status == 200
            return await response.json()
