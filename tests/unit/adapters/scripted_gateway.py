"""A server on loopback whose answers a test writes down, and a client that speaks to it."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

from adapters.http import ApiClient, ApiRequest, CircuitBreaker, NoQuota, load_json
from adapters.linkbase import LinkBase

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from adapters.contract import Quota

    Step = Callable[[web.Request], Awaitable[web.StreamResponse]]

__all__ = ["Gateway", "api", "gateway", "just", "refuse", "silence", "trickle"]


@dataclass(kw_only=True)
class Gateway:
    """`steps` answer the requests in turn; the last one answers all that follow."""

    base_url: str = ""
    steps: list[Step] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    peers: set[object] = field(default_factory=set)
    """One entry for each connection that carried a request."""
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by the first request."""

    def script(self, *steps: Step) -> None:
        """Answer so from now on."""
        self.steps = list(steps)

    @property
    def count(self) -> int:
        """Requests so far."""
        return len(self.bodies)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.text())
        self.asked.set()
        self.headers.append(request.headers)
        self.paths.append(request.path_qs)
        assert request.transport is not None
        self.peers.add(request.transport.get_extra_info("peername"))
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        return await step(request)


@asynccontextmanager
async def gateway() -> AsyncIterator[Gateway]:
    """A running server; it answers `{"ok": true}` until it is told otherwise."""
    serving = Gateway(steps=[just({"ok": True})])
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", serving.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    serving.base_url = f"http://{host}:{port}"
    try:
        yield serving
    finally:
        await runner.cleanup()


@dataclass(kw_only=True)
class Api:
    """A client of the scripted server."""

    client: ApiClient
    url: str
    built: int = 0

    def build(self) -> ApiRequest:
        """A request that shows which attempt it is."""
        self.built += 1
        return ApiRequest(url=self.url, form={"attempt": str(self.built)})

    async def call(
        self, parse: Callable[[bytes], object] = load_json, *, retry: bool = True
    ) -> object:
        return await self.client.call("item.get", self.build, parse, retry=retry)


@asynccontextmanager
async def api(
    server: Gateway,
    *,
    quota: Quota | None = None,
    timeout: float = 5.0,  # noqa: ASYNC109 - handed on, as the client wants it
    breaker: CircuitBreaker | None = None,
    hosts: frozenset[str] = frozenset(),
) -> AsyncIterator[Api]:
    """A started client whose own waits are short."""
    client = ApiClient(
        platform="shop",
        hosts=hosts,
        quota=quota or NoQuota(),
        link_base=LinkBase(server.base_url),
        timeout=timeout,
        breaker=breaker,
        backoff=0.001,
    )
    await client.start()
    try:
        yield Api(client=client, url=f"{server.base_url}/router")
    finally:
        await client.close()


def just(value: object, *, status: int = 200, **headers: str) -> Step:
    """Answer with a JSON value."""

    async def step(_request: web.Request) -> web.Response:
        return web.Response(
            body=json.dumps(value).encode(),
            status=status,
            content_type="application/json",
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )

    return step


async def silence(_request: web.Request) -> web.StreamResponse:
    """Never answer."""
    await asyncio.Event().wait()
    raise AssertionError("nobody ends the silence")


async def refuse(request: web.Request) -> web.StreamResponse:
    """Break the connection."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def trickle(request: web.Request) -> web.StreamResponse:
    """Send a byte now and then, for ever."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.01)
