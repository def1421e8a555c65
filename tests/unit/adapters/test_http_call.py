"""ApiClient.call over real sockets: attempts, deadlines, bounds, and what errors tell."""

from __future__ import annotations

import asyncio
import gzip
import traceback
import tracemalloc
import zlib
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from pydantic import BaseModel

from adapters.errors import (
    AdapterError,
    AuthFailed,
    ItemNotPromotable,
    LinkNotSupported,
    PlatformUnavailable,
    ProtocolError,
    RateLimited,
)
from adapters.http import ApiClient, ApiRequest, NoQuota, load_json
from adapters.linkbase import LinkBase
from tests.unit.adapters.scripted_gateway import api, gateway, just, refuse, silence, trickle

if TYPE_CHECKING:
    from tests.unit.adapters.scripted_gateway import Step

OK = just({"ok": True})
BAD = just({}, status=502)


async def test_a_call_returns_what_parse_makes_of_the_body() -> None:
    async with gateway() as server, api(server) as shop:
        assert await shop.call() == {"ok": True}
        assert server.bodies == ["attempt=1"]
        assert server.headers[0]["Content-Type"] == "application/x-www-form-urlencoded"


async def test_a_form_is_encoded_as_utf8_and_a_body_is_sent_as_it_is() -> None:
    async with gateway() as server, api(server) as shop:
        form = ApiRequest(url=shop.url, form={"q": "保温杯 +&="})
        await shop.client.call("search", lambda: form, load_json)
        raw = ApiRequest(url=shop.url, body=b"{}", headers={"Content-Type": "application/json"})
        await shop.client.call("search", lambda: raw, load_json)
        assert server.bodies == ["q=%E4%BF%9D%E6%B8%A9%E6%9D%AF+%2B%26%3D", "{}"]
        assert server.headers[1]["Content-Type"] == "application/json"


async def test_every_attempt_is_built_anew() -> None:
    async with gateway() as server, api(server) as shop:
        server.script(BAD, just({}, status=503), OK)
        assert await shop.call() == {"ok": True}
        assert server.bodies == ["attempt=1", "attempt=2", "attempt=3"]


@pytest.mark.parametrize(("retry", "attempts"), [(True, 3), (False, 1)])
async def test_attempts_are_bounded(retry: bool, attempts: int) -> None:
    async with gateway() as server, api(server) as shop:
        server.script(BAD)
        with pytest.raises(PlatformUnavailable, match=r"^shop item.get: HTTP 502$"):
            await shop.call(retry=retry)
        assert server.count == attempts


@pytest.mark.parametrize("step", [refuse, just("no object")])
async def test_a_broken_answer_is_asked_for_again(step: Step) -> None:
    def parse(body: bytes) -> object:
        if body == b'"no object"':
            raise PlatformUnavailable("half an answer")
        return load_json(body)

    async with gateway() as server, api(server) as shop:
        server.script(step, OK)
        assert await shop.call(parse) == {"ok": True}


@pytest.mark.parametrize("error", [ItemNotPromotable("x"), AuthFailed("x"), ProtocolError("x")])
async def test_what_no_retry_can_mend_is_asked_once(error: AdapterError) -> None:
    def parse(_body: bytes) -> None:
        raise error

    async with gateway() as server, api(server) as shop:
        with pytest.raises(type(error)):
            await shop.call(parse)
        assert server.count == 1


@pytest.mark.parametrize("step", [silence, trickle])
async def test_the_deadline_bounds_the_whole_call(step: Step) -> None:
    async with gateway() as server, api(server, timeout=0.1) as shop:
        server.script(step)
        clock = asyncio.get_running_loop().time
        start = clock()
        with pytest.raises(PlatformUnavailable, match=r"^shop item.get: no answer in time$"):
            await shop.call()
        assert 0.09 < clock() - start < 1


async def test_the_deadline_holds_for_attempts_together() -> None:
    async def later(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.08)
        return web.Response(status=502)

    async with gateway() as server, api(server, timeout=0.12) as shop:
        server.script(later)
        clock = asyncio.get_running_loop().time
        start = clock()
        # The first attempt's answer tells more than that the second got none.
        with pytest.raises(PlatformUnavailable, match="HTTP 502"):
            await shop.call()
        assert clock() - start < 1
        assert server.count <= 2


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (429, RateLimited),
        (500, PlatformUnavailable),
        (504, PlatformUnavailable),
        (403, ProtocolError),
        (204, ProtocolError),
    ],
)
async def test_a_status_that_is_not_200_is_a_proxys_word(
    status: int, expected: type[AdapterError]
) -> None:
    async with gateway() as server, api(server) as shop:
        server.script(just({"ok": True}, status=status))
        with pytest.raises(expected, match=f"HTTP {status}"):
            await shop.call(retry=False)


async def test_a_gateways_redirect_is_not_followed() -> None:
    async with gateway() as server, api(server) as shop:
        server.script(just({}, status=302, Location=f"{server.base_url}/elsewhere"))
        with pytest.raises(ProtocolError, match="HTTP 302"):
            await shop.call()
        assert server.paths == ["/router"]


async def test_connections_are_kept_and_cookies_are_not() -> None:
    async with gateway() as server, api(server) as shop:
        server.script(just({"ok": True}, Set_Cookie="session=1; Path=/"))
        for _ in range(20):
            await shop.call()
        assert len(server.peers) == 1
        assert not any("Cookie" in headers for headers in server.headers)
        await asyncio.gather(*(shop.call() for _ in range(30)))
        busy = len(server.peers)
        await asyncio.gather(*(shop.call() for _ in range(30)))
        assert len(server.peers) == busy <= 30


async def endless(request: web.Request) -> web.StreamResponse:
    """A body in chunks, without a length, without an end."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b" " * 65536)


async def declared(_request: web.Request) -> web.StreamResponse:
    """A long body that says so."""
    return web.Response(body=b" " * 3_000_000)


@pytest.mark.parametrize("step", [endless, declared])
async def test_a_long_answer_is_cut_off(step: Step) -> None:
    async with gateway() as server, api(server) as shop:
        server.script(step)
        with pytest.raises(ProtocolError, match="too long"):
            await shop.call()
        assert server.count == 1


def packed(megabytes: int) -> bytes:
    """So many megabytes of nothing, in a thousandth of that."""
    packer = zlib.compressobj(wbits=31)
    zeros = bytes(1_000_000)
    return b"".join(packer.compress(zeros) for _ in range(megabytes)) + packer.flush()


async def test_a_bomb_is_not_unpacked() -> None:
    body = packed(300)

    async def bomb(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    async with gateway() as server, api(server) as shop:
        server.script(bomb)
        tracemalloc.start()
        try:
            with pytest.raises(ProtocolError, match="too long"):
                await shop.call()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 10_000_000


async def test_gzip_is_understood() -> None:
    async def small(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=gzip.compress(b'{"ok": 1}'), headers={"Content-Encoding": "gzip"})

    async with gateway() as server, api(server) as shop:
        server.script(small)
        assert await shop.call() == {"ok": 1}


class Raw(BaseModel):
    title: str
    price: int


async def test_an_undocumented_answer_names_the_place_and_quotes_nothing() -> None:
    def parse(body: bytes) -> Raw:
        return Raw.model_validate(load_json(body))

    async with gateway() as server, api(server) as shop:
        server.script(just({"price": "a person's words"}))
        with pytest.raises(ProtocolError) as caught:
            await shop.call(parse)
        assert str(caught.value) == "shop item.get: not as documented: title, price"
        assert "person" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "parse",
    [
        lambda body: load_json(body)["missing"],
        lambda body: load_json(body)["ok"]["deeper"],
        lambda _body: int("a person's words"),
        lambda body: load_json(body).title,
    ],
)
async def test_a_parser_that_stumbles_is_a_protocol_error(parse: object) -> None:
    async with gateway() as server, api(server) as shop:
        with pytest.raises(ProtocolError, match=r"not as documented: [A-Za-z]+Error$") as caught:
            await shop.call(parse)  # type: ignore[arg-type]  # lambdas of any kind
        assert "person" not in "".join(traceback.format_exception(caught.value))
        assert shop.client.breaker.failures == 0


async def test_half_characters_are_the_persons() -> None:
    async with gateway() as server, api(server) as shop:
        request = ApiRequest(url=shop.url, form={"q": "\ud83d"})
        with pytest.raises(LinkNotSupported):
            await shop.client.call("search", lambda: request, load_json)
        assert server.count == 0


async def test_no_error_tells_an_address_or_a_parameter() -> None:
    async def garbage(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-hello\r\n\r\n")
        writer.close()

    listening = await asyncio.start_server(garbage, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with gateway() as server, api(server) as shop:
        for address in (f"http://127.0.0.1:{port}/", "http://127.0.0.1:1/", "nothing://x/"):
            request = ApiRequest(url=f"{address}?sign=SECRET", form={"session": "SECRET"})
            assert "SECRET" not in repr(request).replace(request.url, "")
            with pytest.raises(PlatformUnavailable) as caught:
                await shop.client.call("item.get", partial(replace, request), load_json)
            assert "SECRET" not in "".join(traceback.format_exception(caught.value))
    listening.close()
    await listening.wait_closed()


async def test_before_start_and_after_close_nothing_is_sent() -> None:
    async with gateway() as server, api(server) as shop:
        await shop.client.start()  # a second start changes nothing
        await shop.client.close()
        await shop.client.close()
        with pytest.raises(PlatformUnavailable, match="not started"):
            await shop.call()
        with pytest.raises(PlatformUnavailable, match="not started"):
            await shop.client.hop("https://shop.example/")
        assert shop.client.breaker.failures == 0
        assert server.count == 0


async def test_closing_while_a_call_waits_ends_it_with_an_error_of_the_tree() -> None:
    async with gateway() as server, api(server) as shop:
        server.script(silence)
        call = asyncio.create_task(shop.call(retry=False))
        await server.asked.wait()
        await shop.client.close()
        with pytest.raises(AdapterError):
            await call


async def test_the_defaults_are_those_of_production() -> None:
    client = ApiClient(
        platform="shop", hosts=frozenset(), quota=NoQuota(), link_base=LinkBase(None)
    )
    assert (client.timeout, client.backoff) == (5.0, 0.2)
    assert (client.breaker.threshold, client.breaker.pause) == (5, 10.0)
