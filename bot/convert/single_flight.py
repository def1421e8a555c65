"""Many callers, one call: whoever asks for the same key meanwhile gets the same answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Hashable

__all__ = ["SingleFlight"]

ResultT = TypeVar("ResultT")


class SingleFlight(Generic[ResultT]):
    """Runs one coroutine per key at a time; a caller who gives up does not stop it for the others."""

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Task[ResultT]] = {}

    async def run(
        self, key: Hashable, make: Callable[[], Coroutine[None, None, ResultT]]
    ) -> ResultT:
        """The result (or error) of the running call for `key`, or of a new one."""
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(make())
            self._running[key] = task
            task.add_done_callback(lambda done: self._finished(key, done))
        return await asyncio.shield(task)

    def _finished(self, key: Hashable, task: asyncio.Task[ResultT]) -> None:
        del self._running[key]
        if not task.cancelled():
            task.exception()  # seen: every caller may have given up by now

    async def close(self) -> None:
        """Stop what still runs."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
