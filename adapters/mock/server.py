"""All mock platforms in one process on loopback.

The gateways answer at their real paths, links at `{base_url}/{real host}/{real path and query}`, the
shop below `/_shop`, the control end-points below `/_control`.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import pkgutil
import socket
import sqlite3
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from aiohttp import web

import adapters.mock
from adapters.mock.clock import MovableClock
from adapters.mock.contract import MockPlatform
from adapters.mock.control import control_app
from adapters.mock.local import is_loopback
from adapters.mock.shop import not_found_page, shop_app
from adapters.mock.world import World

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

logger = logging.getLogger(__name__)

__all__ = ["MockServer", "find_mocks", "start_mock_server"]

ENTRY_POINT_GROUP = "taoke.mocks"
WORLD_FILE = "mock-world-1.db"
"""The number is that of the tables: another one begins a new world."""
_FLUSH_EVERY = 0.2
_SHUTDOWN = 1.0


def find_mocks() -> tuple[type[MockPlatform], ...]:
    """The mock platforms of this folder (modules with `MOCK`) and of installed packages (entry points
    of the group `taoke.mocks`, naming the class). ValueError if two have one id."""
    found: dict[str, type[MockPlatform]] = {}
    for mock in (*_in_folder(), *_installed()):
        if found.setdefault(mock.id, mock) is not mock:
            raise ValueError(f"two mock platforms are called {mock.id}")
    return tuple(found.values())


def _in_folder() -> Iterable[type[MockPlatform]]:
    for module in pkgutil.iter_modules(adapters.mock.__path__):
        if not module.name.startswith("_"):
            mock = getattr(importlib.import_module(f"adapters.mock.{module.name}"), "MOCK", None)
            if mock is not None:
                yield mock


def _installed() -> Iterable[type[MockPlatform]]:
    for point in entry_points(group=ENTRY_POINT_GROUP):
        mock = point.load()
        if not (isinstance(mock, type) and issubclass(mock, MockPlatform)):
            raise TypeError(f"{point.value} is no MockPlatform")
        yield mock


@dataclass(slots=True, kw_only=True)
class MockServer:
    """A running mock; `close` stops it."""

    base_url: str
    world: World
    mocks: Sequence[MockPlatform]
    _runner: web.AppRunner
    _flusher: asyncio.Task[None]
    _closed: bool = field(default=False)

    async def close(self) -> None:
        """Stop serving and write what is waiting; twice is fine."""
        if self._closed:
            return
        self._closed = True
        self._flusher.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._flusher
        await self._runner.cleanup()
        self.world.close()


async def start_mock_server(
    data_dir: Path | None,
    host: str = "127.0.0.1",
    port: int = 0,
    platforms: Sequence[type[MockPlatform]] | None = None,
) -> MockServer:
    """Serve until `close`. `data_dir` None keeps all in memory; `port` 0 takes a free one;
    `platforms` None takes all that `find_mocks` finds.

    ValueError for a host that is not loopback, OSError for a taken port.
    """
    if not is_loopback(host):
        raise ValueError("the mock platforms serve this machine only: use 127.0.0.1")
    classes = find_mocks() if platforms is None else platforms
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family, backlog=512)
    try:
        port = listening.getsockname()[1]
        base_url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        clock = MovableClock(data_dir)
        world = World(None if data_dir is None else data_dir / WORLD_FILE, clock.now, base_url)
        mocks = [mock(world, base_url) for mock in classes]
        runner = web.AppRunner(
            _application(world, clock, mocks), access_log=None, shutdown_timeout=_SHUTDOWN
        )
        await runner.setup()
        await web.SockSite(runner, listening).start()
    except BaseException:
        listening.close()
        raise
    return MockServer(
        base_url=base_url,
        world=world,
        mocks=mocks,
        _runner=runner,
        _flusher=asyncio.create_task(_keep_flushing(world), name="mock: write links"),
    )


def _application(
    world: World, clock: MovableClock, mocks: Sequence[MockPlatform]
) -> web.Application:
    async def not_found(request: web.Request) -> web.Response:
        what = f"{request.path[:200]} 不是演示平台的地址"
        return not_found_page(what, [mock.id for mock in mocks])

    app = web.Application()
    for mock in mocks:
        app.add_routes(mock.routes())
    app.add_subapp("/_control", control_app(world, clock, mocks))
    app.add_subapp("/_shop", shop_app(world, mocks))
    app.router.add_route("*", "/{tail:.*}", not_found)
    return app


async def _keep_flushing(world: World) -> None:
    """Links reach the file soon after they were made, whatever happens to the process."""
    while True:
        await asyncio.sleep(_FLUSH_EVERY)
        try:
            world.flush()
        except sqlite3.Error as error:
            logger.warning("mock links wait in memory: %s", error)
