"""What the conversions are measured against: the same gateway calls, made with bare aiohttp.

A recorder stands once between the application and the mock gateways and keeps the signed forms;
afterwards they are sent again as they are, by a plain session, straight to the mock.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from bot.demo.mocks import MockPlatforms

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence

__all__ = ["CallCounter", "Recorder", "RecordingMocks", "SignedCall", "in_flight", "send_bare"]

COUNTED = 1_000_000


class SignedCall(NamedTuple):
    """A gateway call as it was sent once."""

    url: str
    form: Mapping[str, str]


class Recorder:
    """A gateway that hands every call on to the mock, and keeps it under its path."""

    def __init__(self) -> None:
        self.mock_url = ""
        self.base_url = ""
        self.calls: dict[str, list[SignedCall]] = defaultdict(list)

    def take(self) -> list[SignedCall]:
        """What was kept since the last time, the platforms in turn as they were asked."""
        taken = [call for calls in self.calls.values() for call in calls]
        self.calls.clear()
        return taken

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Recorder]:
        """Serve on a free port of loopback."""
        async with aiohttp.ClientSession() as session:

            async def hand_on(request: web.Request) -> web.Response:
                form = {name: str(value) for name, value in (await request.post()).items()}
                call = SignedCall(self.mock_url + request.path, form)
                self.calls[request.path].append(call)
                async with session.post(call.url, data=form) as answer:
                    body = await answer.read()
                return web.Response(
                    body=body, status=answer.status, content_type=answer.content_type
                )

            application = web.Application()
            application.router.add_post("/{path:.*}", hand_on)
            runner = web.AppRunner(application, access_log=None)
            await runner.setup()
            try:
                await web.TCPSite(runner, "127.0.0.1", 0).start()
                port = runner.addresses[0][1]
                self.base_url = f"http://127.0.0.1:{port}"
                yield self
            finally:
                await runner.cleanup()


class RecordingMocks(MockPlatforms):
    """The mock platforms with the recorder before their gateways; links stay the mock's."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def values(self, platform: str, base_url: str) -> Mapping[str, object]:
        """The mock's own settings but for the gateway's address."""
        values = dict(super().values(platform, base_url))
        self._recorder.mock_url = base_url
        path = urlsplit(str(values["gateway_url"])).path
        return {**values, "gateway_url": self._recorder.base_url + path}


class CallCounter:
    """Counts gateway calls where they arrive: each takes one from a fault rule that does nothing."""

    def __init__(self, session: aiohttp.ClientSession, mock_url: str) -> None:
        self._session = session
        self._url = f"{mock_url}/_control/faults"

    async def start(self) -> None:
        """Count from now on."""
        rule = {"platform": "*", "kind": "slow", "count": COUNTED, "args": {"seconds": "0"}}
        async with self._session.delete(self._url) as answer:
            answer.raise_for_status()
        async with self._session.post(self._url, json=rule) as answer:
            answer.raise_for_status()

    async def calls(self) -> int:
        """Calls since `start`."""
        async with self._session.get(self._url) as answer:
            answer.raise_for_status()
            left: int = (await answer.json())["faults"][0]["count"]
        return COUNTED - left


async def in_flight(limit: int, work: Sequence[Callable[[], Coroutine[None, None, None]]]) -> None:
    """Run all of it, `limit` at a time."""
    waiting = iter(work)

    async def worker() -> None:
        for one in waiting:
            await one()

    await asyncio.gather(*(worker() for _ in range(limit)))


async def send_bare(session: aiohttp.ClientSession, call: SignedCall) -> Any:  # noqa: ANN401 - a raw answer
    """One call as a plain user of aiohttp writes it."""
    async with session.post(call.url, data=call.form) as response:
        return await response.json(content_type=None)
