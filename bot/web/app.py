"""The web application, from its ports; and a server that runs it."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import suppress
from typing import cast

from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage

from bot.web.demo import MAX_BODY, Demo, home
from bot.web.errors import error_pages
from bot.web.headers import header_setter
from bot.web.health import healthz, readyz
from bot.web.idle import IDLE, IdleWatch, idle_watch
from bot.web.limiter import Limiter
from bot.web.ports import SERVICES, WebServices
from bot.web.share import MISSES, share_link
from bot.web.static import static_routes

__all__ = ["WebServer", "make_app", "serve", "serve_on"]

IDLE_SECONDS = 20.0
KEEPALIVE_SECONDS = 15.0
SHUTDOWN_SECONDS = 5.0
BACKLOG = 512

_log = logging.getLogger(__name__)


def _is_ours(record: logging.LogRecord) -> bool:
    """False for what a client sent wrong: it got its 400, the operator needs no stack trace."""
    error = record.exc_info[1] if record.exc_info else None
    if not isinstance(error, BadHttpMessage):
        return True
    _log.debug("a request that is no HTTP: %s", type(error).__name__)
    return False


def make_app(services: WebServices, *, idle_seconds: float = IDLE_SECONDS) -> web.Application:
    """The application; it opens nothing."""
    app = web.Application(middlewares=[idle_watch, error_pages], client_max_size=MAX_BODY)
    app[SERVICES] = services
    app[MISSES] = Limiter(services.misses_per_minute)
    app[IDLE] = IdleWatch(idle_seconds)
    app.on_response_prepare.append(header_setter(services.image_origins))
    app.add_routes(
        [
            web.get("/s/{code}", share_link),
            web.get("/healthz", healthz),
            web.get("/readyz", readyz),
            *static_routes(),
        ]
    )
    if services.demo is None:
        app.add_routes([web.get("/", home)])
    else:
        demo = Demo(services.demo)
        app.add_routes([web.get("/", demo.show), web.post("/demo/messages", demo.take)])
    return app


class WebServer:
    """A running server; `port` is the one that was taken."""

    def __init__(
        self, runner: web.AppRunner, host: str, port: int, watch: asyncio.Task[None]
    ) -> None:
        self.host, self.port = host, port
        self._runner, self._watch = runner, watch

    @property
    def url(self) -> str:
        """Where it is reached on this machine, with a slash at its end."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 -- read, not bound
        return f"http://[{host}]:{self.port}/" if ":" in host else f"http://{host}:{self.port}/"

    async def close(self) -> None:
        """Take no more connections, let running requests end within 5 s. Twice is fine."""
        self._watch.cancel()
        with suppress(asyncio.CancelledError):
            await self._watch
        await self._runner.cleanup()


async def serve(app: web.Application, host: str, port: int, *, tries: int = 1) -> WebServer:
    """Serve on `port`, or where it is taken on one of the next ones, `tries` in all; port 0 is any.

    OSError if none can be had.
    """
    return await serve_on(app, _listener(host, port, tries))


async def serve_on(app: web.Application, listener: socket.socket) -> WebServer:
    """Serve on a socket that is bound already: its address may be needed before the application."""
    host, port = listener.getsockname()[:2]
    logging.getLogger("aiohttp.server").addFilter(_is_ours)  # the same one again changes nothing
    runner = web.AppRunner(
        app,
        access_log=None,
        keepalive_timeout=KEEPALIVE_SECONDS,
        shutdown_timeout=SHUTDOWN_SECONDS,
    )
    try:
        await runner.setup()
        await web.SockSite(runner, listener, backlog=BACKLOG).start()
    except BaseException:
        listener.close()
        await runner.cleanup()
        raise
    server = cast("web.Server", runner.server)  # there is one after setup()
    watch = asyncio.create_task(app[IDLE].run(server), name="web-idle-watch")
    return WebServer(runner, host, port, watch)


def _listener(host: str, port: int, tries: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    last = min(port + tries - 1, 65_535)
    for candidate in range(port, last):
        with suppress(OSError):
            return _bind(host, candidate, family)
    return _bind(host, last, family)


def _bind(host: str, port: int, family: socket.AddressFamily) -> socket.socket:
    return socket.create_server((host, port), family=family, backlog=BACKLOG)
