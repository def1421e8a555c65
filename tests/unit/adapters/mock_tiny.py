"""A tiny mock platform and a clock for the tests of the mock world."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

import aiohttp
from aiohttp import web

from adapters.mock.contract import MockPlatform, Whose
from adapters.mock.faults import apply_transport_fault
from adapters.mock.server import MockServer, start_mock_server
from adapters.mock.world import Fault, World

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # noon in Beijing
BASE = "http://127.0.0.1:1"


class Moment:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, **span: float) -> None:
        self.at += timedelta(**span)


def world(moment: Moment | None = None, path: Path | None = None) -> World:
    return World(path, moment or Moment(), BASE)


class Tiny(MockPlatform):
    """One API method, one link host, and a few pages that lead nowhere."""

    id: ClassVar[str] = "tiny"

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.post("/tiny/api", self.api),
            web.get("/t.example/{token}", self.go),
            web.get("/loop.example/", self.loop),
            web.get("/away.example/", self.away),
            web.get("/page.example/", self.page),
            web.get("/broken.example/", self.broken),
        ]

    async def api(self, request: web.Request) -> web.StreamResponse:
        fault = self.world.fault("tiny", "convert")
        if (answer := await apply_transport_fault(request, fault)) is not None:
            return answer
        if fault is not None and fault.kind != "slow":
            return web.json_response({"error": fault.kind, **fault.args})
        form = await request.post()
        attribution = {"pid": "p_1", "sub_id": str(form["sub_id"])}
        link = self.world.make_link("tiny", str(form["item_id"]), attribution)
        return web.json_response({"url": f"{self.base_url}/t.example/{link.token}"})

    async def go(self, request: web.Request) -> web.Response:
        link = self.world.link("tiny", request.match_info["token"])
        if link is None:
            return web.Response(status=404)
        location = self.world.shop_url("tiny", link.item_id, link)
        return web.Response(status=302, headers={"Location": location})

    async def loop(self, _request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/loop.example/"})

    async def away(self, _request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "https://elsewhere.example/"})

    async def page(self, _request: web.Request) -> web.Response:
        return web.Response(text="no redirect")

    async def broken(self, request: web.Request) -> web.StreamResponse:
        return await apply_transport_fault(request, Fault(kind="reset")) or web.Response()

    @classmethod
    def client_settings(cls, base_url: str) -> Mapping[str, object]:
        return {"gateway_url": f"{base_url}/tiny/api", "link_base": base_url}

    def whose(self, url: str) -> Whose | None:
        prefix = f"{self.base_url}/t.example/"
        link = self.world.link("tiny", url.removeprefix(prefix)) if url.startswith(prefix) else None
        if link is None:
            return None
        return Whose(
            pid=link.attribution["pid"], sub_id=link.attribution["sub_id"], item_id=link.item_id
        )


class Client:
    """A buyer and an operator in front of a running mock."""

    def __init__(self, server: MockServer, session: aiohttp.ClientSession) -> None:
        self.server = server
        self.base_url = server.base_url
        self._session = session

    async def text(self, method: str, path: str, **kwargs: object) -> tuple[int, str]:
        url = path if path.startswith("http") else self.base_url + path
        async with self._session.request(method, url, **kwargs) as response:  # type: ignore[arg-type] # handed on
            return response.status, await response.text()

    async def json(self, method: str, path: str, **kwargs: object) -> tuple[int, dict[str, object]]:
        url = self.base_url + path
        async with self._session.request(method, url, **kwargs) as response:  # type: ignore[arg-type] # handed on
            answer = await response.json()
            assert isinstance(answer, dict)
            return response.status, answer

    async def promotion_link(self, item_id: str = "123456", sub_id: str = "AbCdEf1") -> str:
        form = {"item_id": item_id, "sub_id": sub_id}
        return str((await self.json("POST", "/tiny/api", data=form))[1]["url"])

    async def buy(self, url: str, **body: object) -> dict[str, object]:
        status, order = await self.json("POST", "/_control/buy", json={"url": url, **body})
        assert status == 200, order
        return order

    async def close(self) -> None:
        await self._session.close()
        await self.server.close()


async def running(data_dir: Path | None = None) -> Client:
    server = await start_mock_server(data_dir, platforms=[Tiny])
    return Client(server, aiohttp.ClientSession())
