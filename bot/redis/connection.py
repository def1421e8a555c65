"""The connection to the store: commands of the same loop tick go out as one pipeline.

redis-py spends most of a command's cost in Python, per call and per connection check-out. Here 64
callers that await a command in one tick share one write and one read; each gets its own result or
its own error. Measured with 64 callers over a unix socket: 6 us CPU a command against 48 us of
redis-py alone; a single caller 95 us.
"""

from __future__ import annotations

import asyncio
import math
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha1
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

import hiredis
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError, ResponseError

from bot.redis.errors import CommandRefused, StoreUnavailable
from bot.redis.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis.asyncio.connection import AbstractConnection

__all__ = ["Part", "Script", "Store", "connect"]

Part: TypeAlias = str | int | bytes

MAX_BATCH = 512
"""Commands of one pipeline: more would make the others wait for its packing."""
LANES = 2
"""Pipelines under way at once: while one waits for the store, the next is on its way."""


@dataclass(frozen=True, slots=True)
class Script:
    """A Lua script; all its keys are in KEYS and share a slot."""

    text: str
    sha: str = field(init=False)

    def __post_init__(self) -> None:
        name = sha1(self.text.encode(), usedforsecurity=False).hexdigest()
        object.__setattr__(self, "sha", name)


@dataclass(slots=True)
class _Waiting:
    packed: bytes
    future: asyncio.Future[Any]


class Store:
    """A store, shared by everything in this process. Text comes back as `str`.

    Every method raises StoreUnavailable when the store cannot be reached or is silent for longer
    than `timeout` seconds, and CommandRefused when it answers with an error, or when an answer of
    the same pipeline cannot be read. Nothing is sent twice: who repeats a command makes sure that
    it may be.
    """

    def __init__(
        self, client: redis.asyncio.Redis, keys: Keys, *, timeout: float = 2.0, lanes: int = LANES
    ) -> None:
        self.client = client
        """For what must not share a pipeline: blocking reads, subscriptions."""
        self.keys = keys
        self.timeout = timeout
        self._lanes = lanes
        self._waiting: list[_Waiting] = []
        self._active = 0
        self._idle: list[AbstractConnection] = []
        self._running: set[asyncio.Task[None]] = set()

    async def run(self, *parts: Part) -> Any:  # noqa: ANN401 - what the command answers
        """One command, `await store.run("GET", key)`; the answer as RESP2 gives it."""
        try:
            return await self._add(parts)
        except ResponseError as error:
            raise CommandRefused(f"the store refused {parts[0]!s}: {error}") from error

    async def call(self, script: Script, keys: Sequence[str], args: Sequence[Part] = ()) -> Any:  # noqa: ANN401 - what the script answers
        """Run a script by its hash; its text is sent when the store does not have it (a restart)."""
        try:
            return await self._add(("EVALSHA", script.sha, len(keys), *keys, *args))
        except NoScriptError:
            return await self.run("EVAL", script.text, len(keys), *keys, *args)
        except ResponseError as error:
            raise CommandRefused(f"the store refused a script: {error}") from error

    async def ping(self) -> None:
        """Raises StoreUnavailable if there is no answer."""
        await self.run("PING")

    async def close(self) -> None:
        """Let the commands under way finish, then disconnect; twice is fine."""
        while self._running:
            await asyncio.wait(self._running)
        for connection in self._idle:
            await self.client.connection_pool.release(connection)
        self._idle.clear()
        await self.client.aclose()

    def _add(self, parts: tuple[Part, ...]) -> asyncio.Future[Any]:
        loop = asyncio.get_running_loop()
        waiting = _Waiting(hiredis.pack_command(parts), loop.create_future())  # type: ignore[arg-type]  # its stub says "a tuple of one"
        self._waiting.append(waiting)
        if self._active < self._lanes:
            # The task starts in the next tick: everything added in this one goes along.
            self._active += 1
            task = loop.create_task(self._lane())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return waiting.future

    async def _lane(self) -> None:
        """Send batches until nothing waits."""
        try:
            while self._waiting:
                batch = self._waiting[:MAX_BATCH]
                del self._waiting[:MAX_BATCH]
                await self._exchange(batch)
        finally:
            self._active -= 1

    async def _exchange(self, batch: list[_Waiting]) -> None:
        """One write, then one answer for each; what has none by then never gets one."""
        try:
            async with asyncio.timeout(self.timeout):
                await self._send_and_read(batch)
        except Exception as error:
            # Whatever it was (an answer that is no UTF-8, too): a future left open waits for ever.
            for waiting in batch:
                if not waiting.future.done():
                    waiting.future.set_exception(_told(error))

    async def _send_and_read(self, batch: list[_Waiting]) -> None:
        connection = self._idle.pop() if self._idle else await self._new_connection()
        try:
            if not connection.is_connected or await connection.can_read():
                # The store was restarted since, or an answer is left over: start clean.
                await connection.disconnect(nowait=True)
                await connection.connect()  # type: ignore[no-untyped-call]  # untyped in redis-py
            packed = b"".join([waiting.packed for waiting in batch])
            await connection.send_packed_command(packed, check_health=False)
            for waiting in batch:
                await _read_into(waiting.future, connection)
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        finally:
            self._idle.append(connection)

    async def _new_connection(self) -> AbstractConnection:
        connection: AbstractConnection = await self.client.connection_pool.get_connection()  # type: ignore[no-untyped-call]  # untyped in redis-py
        return connection


async def _read_into(future: asyncio.Future[Any], connection: AbstractConnection) -> None:
    try:
        # inf: the deadline stands around the whole exchange, one a response costs twice the CPU.
        answer = await connection.read_response(timeout=math.inf)
    except ResponseError as error:
        if not future.done():
            future.set_exception(error)
    else:
        if not future.done():
            future.set_result(answer)


def _told(error: Exception) -> StoreUnavailable | CommandRefused:
    """What a caller gets whose answer an error kept away."""
    name = type(error).__name__
    made: StoreUnavailable | CommandRefused
    if isinstance(error, RedisError | OSError):  # TimeoutError is an OSError
        made = StoreUnavailable(f"the store does not answer: {name}")
    else:
        made = CommandRefused(f"an answer of the store could not be read: {name}")
    made.__cause__ = error
    return made


def client_for(url: str, timeout: float) -> redis.asyncio.Redis:
    """A client that never retries by itself and speaks RESP2; nothing is connected yet.

    No time-out on its sockets: the store sets one around each exchange.
    """
    return redis.asyncio.Redis.from_url(
        url,
        decode_responses=True,
        protocol=2,
        socket_timeout=None,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
    )


async def connect(url: str, *, prefix: str = "taoke", timeout: float = 2.0) -> Store:  # noqa: ASYNC109 - of every later command
    """Connect to `unix:///path`, `redis://host` or `rediss://host`.

    `timeout` is in seconds, for connecting and for every answer. StoreUnavailable if the store does
    not answer: it names the address and what to do. ValueError for an address that is none.
    """
    store = Store(client_for(url, timeout), Keys(prefix), timeout=timeout)
    try:
        await store.ping()
    except BaseException as error:
        with suppress(Exception):
            await store.close()
        if isinstance(error, StoreUnavailable):
            raise _not_there(url, error) from error
        raise
    return store


def _not_there(url: str, error: StoreUnavailable) -> StoreUnavailable:
    return StoreUnavailable(
        f"the store at {_shown(url)} does not answer ({type(error.__cause__).__name__}): start it or"
        " correct TAOKE_REDIS__URL; where that is unset, the embedded store is used"
    )


def _shown(url: str) -> str:
    """An address without what may be a name or a password."""
    parts = urlsplit(url)
    if "@" in parts.path + parts.query + parts.fragment:
        return f"{parts.scheme}://..."  # a password with "/", "?" or "#" in it is cut there
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
