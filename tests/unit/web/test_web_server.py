"""Health, headers, ports, and clients that misbehave on the wire."""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from bot.web.app import make_app, serve
from bot.web.idle import IdleWatch
from tests.unit.web.web_fakes import CODE, Answers, Browser, World, browsing, demo_services

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def browser(world: World) -> AsyncIterator[Browser]:
    async with browsing(world.services()) as browser:
        yield browser


async def raw(browser: Browser, data: bytes) -> bytes:
    """What the server answers to these bytes, until it closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", browser.server.port)
    try:
        writer.write(data)
        return await asyncio.wait_for(reader.read(), 20)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def test_alive_and_ready(world: World, browser: Browser) -> None:
    assert (await browser.get("/healthz")).status == 200
    answer = await browser.get("/readyz")
    assert answer.status == 200
    assert json.loads(answer.text) == {"ready": True, "checks": {"store": True}}


async def test_not_ready_names_the_part(world: World, browser: Browser) -> None:
    world.checks = {"store": False, "jd": True}
    answer = await browser.get("/readyz")
    assert answer.status == 503
    assert json.loads(answer.text)["checks"] == {"store": False, "jd": True}
    assert (await browser.get("/healthz")).status == 200


async def test_not_ready_when_that_cannot_be_told(world: World, browser: Browser) -> None:
    world.checks = RuntimeError("secret")
    answer = await browser.get("/readyz")
    assert answer.status == 503
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("name", "kind"),
    [("page.css", "text/css"), ("chat.js", "text/javascript"), ("icon.svg", "image/svg+xml")],
)
async def test_the_files_of_pages_are_served(browser: Browser, name: str, kind: str) -> None:
    answer = await browser.get(f"/static/{name}")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith(kind)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "max-age" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/", "/healthz", "/nothing", f"/s/{CODE}"])
async def test_every_answer_carries_the_headers(browser: Browser, path: str) -> None:
    answer = await browser.get(path)
    headers = answer.headers
    assert headers["Cache-Control"] == "no-store"
    assert "noindex" in headers["X-Robots-Tag"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    # A redirect shows nothing that a policy could guard.
    policy = "" if answer.status == 302 else "default-src 'none'"
    assert headers.get("Content-Security-Policy", "").startswith(policy)
    assert ("Content-Security-Policy" in headers) is (answer.status != 302)
    assert headers["Server"] == "taoke"


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /s/AbCdEfG%0d%0aX-Evil:1 HTTP/1.1",
        b"GET /static/../ports.py HTTP/1.1",
        b"GET /static/%2e%2e/ports.py HTTP/1.1",
        b"GET //evil.example/%2f.. HTTP/1.1",
        b"GET http://evil.example/ HTTP/1.1",
        b"GET /s/\xff\xfe HTTP/1.1",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1",
        b"BREW /s/AbCdEfG HTTP/1.1",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
async def test_strange_requests_get_no_redirect_and_no_trace(
    world: World, browser: Browser, request_line: bytes
) -> None:
    answer = await raw(browser, request_line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert b"\r\nlocation:" not in head
    assert b"\r\nx-evil" not in head
    assert b"traceback" not in answer.lower()
    assert b"import" not in answer
    assert world.clicks == []


async def test_a_host_header_does_not_lead_anywhere(browser: Browser) -> None:
    data = b"GET /nothing HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    assert b"evil.example" not in await raw(browser, data)


async def test_a_body_on_a_share_link_is_passed_over(world: World, browser: Browser) -> None:
    answer = await browser.ask("GET", f"/s/{CODE}", data=b"x" * 200_000)
    assert answer.status == 302
    assert world.clicks == [CODE]


async def test_a_head_that_trickles_in_is_cut_off(world: World) -> None:
    async with browsing(world.services(), idle_seconds=0.1) as browser:
        assert await raw(browser, b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ") == b""


async def test_a_connection_that_says_nothing_is_cut_off(world: World) -> None:
    async with browsing(world.services(), idle_seconds=0.1) as browser:
        assert await raw(browser, b"") == b""


async def test_a_connection_that_is_already_gone_is_no_trouble() -> None:
    async def handle(_request: web.BaseRequest) -> web.Response:
        return web.Response()

    gone = web.Server(handle)()
    assert IdleWatch(0).sweep([gone]) == 1


async def test_a_request_that_is_being_answered_is_not_cut_off(world: World) -> None:
    answers = Answers()
    released = asyncio.Event()

    async def slow(message: object) -> None:
        for _ in range(10):
            await asyncio.sleep(0.03)
        released.set()

    services = demo_services(world, answers)
    assert services.demo is not None
    services = replace(services, demo=replace(services.demo, handle=slow))
    async with browsing(services, idle_seconds=0.1) as browser:
        answer = await browser.ask("POST", "/demo/messages", data={"text": "x"})
        assert answer.status == 200
        assert released.is_set()


async def test_the_next_free_port_is_taken(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = await serve(make_app(world.services()), "127.0.0.1", port, tries=20)
        try:
            assert port < server.port <= port + 20
            assert server.url == f"http://127.0.0.1:{server.port}/"
        finally:
            await server.close()


async def test_a_named_port_that_is_taken_is_an_error(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="use") as caught:
            await serve(make_app(world.services()), "127.0.0.1", port)
        assert caught.value.errno == errno.EADDRINUSE


async def test_an_address_that_is_not_ours_is_an_error(world: World) -> None:
    with pytest.raises(OSError, match="assign"):
        await serve(make_app(world.services()), "203.0.113.1", 0, tries=3)


async def test_a_server_that_cannot_start_gives_its_port_back(world: World) -> None:
    app = make_app(world.services())

    async def broken(_app: object) -> None:
        raise RuntimeError("no")

    app.on_startup.append(broken)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(RuntimeError, match="no"):
        await serve(app, "127.0.0.1", port)
    with socket.create_server(("127.0.0.1", port)):
        pass


@pytest.mark.parametrize(
    ("host", "shown"), [("0.0.0.0", "127.0.0.1"), ("::1", "[::1]"), ("::", "[::1]")]
)
async def test_the_address_that_is_told_can_be_opened(world: World, host: str, shown: str) -> None:
    server = await serve(make_app(world.services()), host, 0)
    try:
        assert server.url == f"http://{shown}:{server.port}/"
    finally:
        await server.close()
        await server.close()


async def test_a_line_too_long_is_refused_and_no_trace_is_logged(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await raw(browser, b"GET /s/" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.0 400")
    assert not caplog.records


async def test_an_error_of_the_server_itself_is_still_logged(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await browser.get("/healthz")).status == 200
    server = logging.getLogger("aiohttp.server")
    server.error("without an error")
    server.error("with one", exc_info=RuntimeError("broken"))
    assert [record.message for record in caplog.records] == ["without an error", "with one"]
