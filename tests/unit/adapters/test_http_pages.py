"""ApiClient.hop and follow: allow-listed hosts only, hop by hop, over real sockets."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from adapters.errors import (
    AdapterError,
    LinkNotSupported,
    PlatformUnavailable,
    RateLimited,
)
from tests.unit.adapters.scripted_gateway import api, gateway, just, refuse, silence

if TYPE_CHECKING:
    from adapters.http import Hop
    from tests.unit.adapters.scripted_gateway import Step

HOSTS = frozenset({"u.shop.example", "item.shop.example"})
SHORT = "https://u.shop.example/AbC?x=1"
ITEM = "https://item.shop.example/100.html"


def to(address: str, status: int = 302) -> Step:
    return just({}, status=status, Location=address)


def page(text: str) -> Step:
    async def step(_request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type="text/html")

    return step


async def test_a_page_is_fetched_below_the_mocks_base() -> None:
    async with gateway() as server, api(server, hosts=HOSTS) as shop:
        server.script(page("你好"))
        hop = await shop.client.hop(SHORT)
        assert (hop.url, hop.status, hop.location, hop.body) == (SHORT, 200, None, "你好")
        assert server.paths == ["/u.shop.example/AbC?x=1"]
        assert "Android" in server.headers[0]["User-Agent"]


async def test_a_redirect_is_told_and_not_followed() -> None:
    async with gateway() as server, api(server, hosts=HOSTS) as shop:
        server.script(to(f"{server.base_url}/item.shop.example/100.html?a=1"))
        hop = await shop.client.hop(SHORT)
        assert hop.location == "https://item.shop.example/100.html?a=1"
        assert hop.body == ""
        assert server.count == 1


async def test_a_relative_redirect_is_made_absolute() -> None:
    async with gateway() as server, api(server, hosts=HOSTS) as shop:
        server.script(to("next?b=2", 301))
        assert (await shop.client.hop(SHORT)).location == "https://u.shop.example/next?b=2"


@pytest.mark.parametrize(
    "address",
    [
        "https://item.shop.example/100.html",  # the real shop, seen from behind a mock
        "https://evil.example/",
        "javascript:alert(1)",
        "http://[::1",
        "//evil.example/",
    ],
)
async def test_a_redirect_out_of_the_mocks_world_is_refused(address: str) -> None:
    async with gateway() as server, api(server, hosts=HOSTS) as shop:
        server.script(to(address))
        with pytest.raises(LinkNotSupported):
            await shop.client.hop(SHORT)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "garbage",
        "ftp://u.shop.example/x",
        "javascript:alert(1)",
        "https://u.shop.example:8443/x",
        "https://u.shop.example:443/x",
        "https://me@u.shop.example/x",
        "https://u.shop.example@evil.example/x",
        "https://u.shop.example.evil.example/x",
        "https://evil.example/u.shop.example",
        "https://evil.example#@u.shop.example/",
        "https://evil.example\\@u.shop.example/",
        "https://u.shop.example./x",
        "https://ü.shop.example/x",
        "https://u.shop.example/\nx",
        "https://u.shop.example/\ud83d",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://xn--tobao-4ve.example/",
    ],
)
async def test_nothing_else_is_fetched(address: str) -> None:
    async with gateway() as server, api(server, hosts=HOSTS) as shop:
        with pytest.raises(LinkNotSupported):
            await shop.client.hop(address)
        with pytest.raises(LinkNotSupported):
            await shop.client.follow(address, done=lambda _url: False)
        assert server.count == 0
        assert shop.client.pages.breaker.failures == 0


async def test_raw_characters_of_a_redirect_become_escapes_and_escapes_stay() -> None:
    async with gateway() as server, api(server, hosts=HOSTS) as shop:
        server.script(to(f"{server.base_url}/u.shop.example/%2F%e4?q=杯 子"), page("there"))
        first = await shop.client.hop(SHORT)
        assert first.location == "https://u.shop.example/%2F%e4?q=杯 子"
        await shop.client.hop(first.location)
        assert server.paths[-1] == "/u.shop.example/%2F%e4?q=%E6%9D%AF%20%E5%AD%90"


async def test_a_short_link_is_followed_to_its_item_which_is_not_fetched() -> None:
    async with gateway() as server, api(server, hosts=HOSTS) as shop:
        base = f"{server.base_url}/u.shop.example"
        server.script(
            just({}, status=302, Location=f"{base}/2", Set_Cookie="a=1; Path=/"),
            page("<script>next()</script>"),
            to(f"{server.base_url}/item.shop.example/100.html"),
        )

        def read(hop: Hop) -> str | None:
            return "https://u.shop.example/3" if "next()" in hop.body else None

        found = await shop.client.follow(SHORT, done=lambda url: "item." in url, read=read)
        assert found == ITEM
        assert [path.split("?")[0] for path in server.paths] == [
            "/u.shop.example/AbC",
            "/u.shop.example/2",
            "/u.shop.example/3",
        ]
        assert not any("Cookie" in headers for headers in server.headers)


async def test_what_is_already_there_needs_no_hop() -> None:
    async with gateway() as server, api(server, hosts=HOSTS) as shop:
        assert await shop.client.follow(ITEM, done=lambda url: url == ITEM) == ITEM
        assert server.count == 0


async def test_five_hops_are_followed_and_no_more() -> None:
    async with gateway() as server, api(server, hosts=HOSTS) as shop:
        onward = to(f"{server.base_url}/u.shop.example/x")
        server.script(*[onward] * 4, to(f"{server.base_url}/item.shop.example/1.html"), onward)
        assert await shop.client.follow(SHORT, done=lambda url: "item." in url)
        assert server.count == 5
        with pytest.raises(LinkNotSupported, match="too many"):
            await shop.client.follow(SHORT, done=lambda _url: False)
        assert server.count == 10


async def test_a_hop_away_from_the_shop_is_refused_before_it_is_made() -> None:
    async with gateway() as server, api(server, hosts=HOSTS) as shop:
        server.script(to(f"{server.base_url}/evil.example/"))
        with pytest.raises(LinkNotSupported, match="away"):
            await shop.client.follow(SHORT, done=lambda _url: False)
        assert server.count == 1


async def test_a_page_that_leads_nowhere_is_refused() -> None:
    async with gateway() as server, api(server, hosts=HOSTS) as shop:
        server.script(page("nothing here"))
        with pytest.raises(LinkNotSupported, match="no item"):
            await shop.client.follow(SHORT, done=lambda _url: False)


async def test_a_refused_page_is_read_like_any_other() -> None:
    async with gateway() as server, api(server, hosts=HOSTS) as shop:
        server.script(just({"risk": 1}, status=404, Location="https://evil.example/"))
        hop = await shop.client.hop(SHORT)
        assert (hop.status, hop.location, hop.body) == (404, None, '{"risk": 1}')


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (just({}, status=503), PlatformUnavailable),
        (just({}, status=429), RateLimited),
        (refuse, PlatformUnavailable),
    ],
)
async def test_a_broken_page_is_an_error_that_names_the_host(
    step: Step, expected: type[AdapterError]
) -> None:
    async with gateway() as server, api(server, hosts=HOSTS) as shop:
        server.script(step)
        with pytest.raises(expected, match=r"^shop u\.shop\.example: ") as caught:
            await shop.client.hop(SHORT)
        assert "AbC" not in str(caught.value)


async def test_pages_that_fail_leave_the_gateways_circuit_alone() -> None:
    async with gateway() as server, api(server, hosts=HOSTS) as shop:
        server.script(just({}, status=500))
        for _ in range(5):
            with pytest.raises(PlatformUnavailable, match="500"):
                await shop.client.hop(SHORT)
        with pytest.raises(PlatformUnavailable, match="circuit"):
            await shop.client.hop(SHORT)
        server.script(just({"ok": True}))
        assert await shop.call() == {"ok": True}


async def test_one_deadline_holds_for_all_hops() -> None:
    async with gateway() as server, api(server, hosts=HOSTS, timeout=0.15) as shop:
        onward = to(f"{server.base_url}/u.shop.example/x")

        async def later(request: web.Request) -> web.StreamResponse:
            await asyncio.sleep(0.06)
            return await onward(request)

        server.script(later)
        with pytest.raises(PlatformUnavailable, match="no answer in time"):
            await shop.client.follow(SHORT, done=lambda _url: False)
        assert server.count <= 3
        server.script(silence)
        with pytest.raises(PlatformUnavailable, match="no answer in time"):
            await shop.client.hop(SHORT)
        assert shop.client.pages.breaker.failures == 2


async def test_only_the_beginning_of_a_long_page_is_read() -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65536)
            sent += 65536

    async with gateway() as server, api(server, hosts=HOSTS) as shop:
        server.script(endless)
        assert len((await shop.client.hop(SHORT)).body) == 512 * 1024
