"""Counting that never delays its caller: events collect in memory, one task commits them in batches,
each exactly once.

    add() -> current batch -> queue -> commit(number, events), in order, repeated until it worked

A batch carries the process's name and a rising number; the script that counts it remembers the last
number of each process, so a repeated batch (the answer was lost) changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from contextlib import suppress
from secrets import token_hex
from typing import TYPE_CHECKING, Generic, TypeVar

from bot.redis.connection import Script
from bot.redis.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

__all__ = ["COUNT_ONCE", "Committer"]

_log = logging.getLogger(__name__)

EventT = TypeVar("EventT")

_FIRST_WAIT = 0.05

COUNT_ONCE = Script("""
local last = redis.call('GET', KEYS[1])
if last and tonumber(last) >= tonumber(ARGV[1]) then return 0 end
for i = 4, #ARGV, 3 do
  redis.call('HINCRBY', KEYS[tonumber(ARGV[i])], ARGV[i + 1], ARGV[i + 2])
end
for i = 3, #KEYS do redis.call('EXPIRE', KEYS[i], ARGV[3]) end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
""")
"""KEYS: the writer's last number, a total for ever, days. ARGV: number, seconds to keep the writer,
seconds to keep a day, then per counter: index of its key, field, how many."""


class _Batch(Generic[EventT]):
    __slots__ = ("done", "events", "number")

    def __init__(self, number: int, done: asyncio.Future[bool]) -> None:
        self.number = number
        self.events: list[EventT] = []
        self.done = done


class Committer(Generic[EventT]):
    """Hands batches to `commit(number, events)`, which may raise StoreError and is then repeated
    with the same batch. A batch that raises anything else is dropped and counted in `dropped`.

    `linger` seconds are waited for more events; a batch has at most `max_batch`. Beyond
    `max_waiting` events new ones are dropped and counted in `dropped`. `backoff` is the longest
    wait, in seconds, between two tries.
    """

    def __init__(
        self,
        commit: Callable[[int, Sequence[EventT]], Awaitable[None]],
        *,
        linger: float = 0.01,
        max_batch: int = 512,
        max_waiting: int = 100_000,
        backoff: float = 1.0,
    ) -> None:
        self.writer = token_hex(8)
        """The name of this process for exactly-once."""
        self.dropped = 0
        self._commit = commit
        self._linger = linger
        self._max_batch = max_batch
        self._max_waiting = max_waiting
        self._backoff = backoff
        self._queue: deque[_Batch[EventT]] = deque()
        self._open: _Batch[EventT] | None = None
        self._waiting = 0
        self._number = 0
        self._task: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._give_up_at = math.inf

    @property
    def waiting(self) -> int:
        """Events not committed yet."""
        return self._waiting

    def add(self, event: EventT) -> asyncio.Future[bool]:
        """Take an event. Never raises and never waits; the future says True once it is committed,
        False if it was dropped, and may be ignored."""
        loop = asyncio.get_running_loop()
        if self._closing.is_set() or self._waiting >= self._max_waiting:
            self.dropped += 1
            refused: asyncio.Future[bool] = loop.create_future()
            refused.set_result(False)
            return refused
        if self._open is None or len(self._open.events) >= self._max_batch:
            self._number += 1
            self._open = _Batch(self._number, loop.create_future())
            self._queue.append(self._open)
        self._open.events.append(event)
        self._waiting += 1
        if self._task is None:
            self._task = loop.create_task(self._run())
        return self._open.done

    async def flush(self) -> None:
        """Wait until everything added so far is committed or dropped."""
        if self._queue:
            await asyncio.shield(self._queue[-1].done)

    async def close(self, patience: float = 5.0) -> None:
        """Commit what waits, for at most `patience` seconds; the rest is dropped and counted. What
        is added from now on is dropped. Twice is fine."""
        self._give_up_at = asyncio.get_running_loop().time() + patience
        self._closing.set()
        if self._task is not None:
            await self._task
        if self.dropped:
            _log.warning("%d events were not counted", self.dropped)

    async def _run(self) -> None:
        await self._pause(self._linger)
        while self._queue:
            batch = self._queue[0]
            if batch is self._open:
                self._open = None  # sealed: its number stands for its content from now on
            done = await self._committed(batch)
            self._queue.popleft()
            self._waiting -= len(batch.events)
            self.dropped += 0 if done else len(batch.events)
            batch.done.set_result(done)
        self._task = None

    async def _committed(self, batch: _Batch[EventT]) -> bool:
        wait = _FIRST_WAIT
        while True:
            try:
                await self._commit(batch.number, batch.events)
            except StoreError as error:
                if wait == _FIRST_WAIT:
                    _log.warning("counting waits for the store: %s", error)
            except Exception:
                # Another try would fail the same way, and the batches behind it shall be counted.
                _log.exception("%d events could not be counted", len(batch.events))
                return False
            else:
                return True
            if asyncio.get_running_loop().time() >= self._give_up_at:
                return False
            # On closing the long wait ends at once, and short ones follow until the patience ends.
            await self._pause(wait)
            wait = _FIRST_WAIT * 2 if self._closing.is_set() else min(wait * 2, self._backoff)

    async def _pause(self, seconds: float) -> None:
        if self._closing.is_set():
            await asyncio.sleep(min(seconds, _FIRST_WAIT))
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)
