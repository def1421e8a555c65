"""Ends connections that send nothing useful: aiohttp itself waits for a request's head for ever."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiohttp.typedefs import Handler

__all__ = ["IDLE", "IdleWatch", "idle_watch"]


class IdleWatch:
    """Remembers since when each connection has had no request in a handler. Real time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._busy: set[object] = set()
        self._since: dict[object, float] = {}

    def enter(self, connection: object) -> None:
        """A request's head is complete."""
        self._busy.add(connection)
        self._since.pop(connection, None)

    def leave(self, connection: object) -> None:
        """Its answer is made; it must be read, and the next head sent, within the time."""
        self._busy.discard(connection)

    def sweep(self, connections: Iterable[web.RequestHandler]) -> int:
        """End those that have been idle too long; returns how many."""
        now = asyncio.get_running_loop().time()
        idle = [one for one in connections if one not in self._busy]
        self._since = {one: self._since.get(one, now) for one in idle}
        late = [one for one in idle if now - self._since[one] >= self.seconds]
        for one in late:
            # Not a polite close: one that does not read would keep that waiting, too.
            if one.transport is not None:
                one.transport.abort()
        return len(late)

    async def run(self, server: web.Server) -> None:
        """Sweep until cancelled."""
        while True:
            await asyncio.sleep(self.seconds / 4)
            self.sweep(server.connections)


IDLE: web.AppKey[IdleWatch] = web.AppKey("idle", IdleWatch)


@web.middleware
async def idle_watch(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Tells the watch that a request is being answered."""
    watch, connection = request.app[IDLE], request.protocol
    watch.enter(connection)
    try:
        return await handler(request)
    finally:
        watch.leave(connection)
