"""Which program a store belongs to: the version of its layout, and whether it is mock or live.

A newer program backs the store up and takes it to its own version in steps; an older one refuses.
A step is run again after a kill, so it must bear that; the version is raised after each.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, TypeAlias

from bot.redis.backup import back_up
from bot.redis.connection import Script
from bot.redis.errors import CommandRefused, StoreTooNew, StoreUnavailable, WrongStamp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from bot.redis.connection import Store

__all__ = ["SCHEMA", "Schema", "durability"]

SCHEMA = 1
"""The layout that this program reads and writes."""

Step: TypeAlias = "Callable[[Store], Awaitable[None]]"

STEPS: Mapping[int, Step] = {}
"""By the version that a step starts from."""

_KINDS = {"mock": "mock platforms (demonstration data)", "live": "live platforms"}
_LOCK_SECONDS = 15
_RENEW_SECONDS = 4.0

_UNLOCK = Script("""
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
""")


class Schema:
    """The layout and the kind of a store; `data_dir` is named in sentences and holds the backups."""

    def __init__(
        self,
        store: Store,
        *,
        data_dir: Path,
        version: int = SCHEMA,
        steps: Mapping[int, Step] = STEPS,
        renew_every: float = _RENEW_SECONDS,
    ) -> None:
        self._renew_every = renew_every
        self._store = store
        self._data_dir = Path(data_dir)
        self._version = version
        self._steps = steps
        self._stamped = ""

    async def open(self) -> int:
        """Make sure that the store has this program's layout; returns the version found before.

        An embedded store is copied into the data folder (`backup-1-to-2`) before the first step. A
        store of the operator's own cannot be copied from here: StoreTooOld. StoreTooNew if a newer
        program wrote it.
        """
        name = self._store.keys.schema()
        await self._store.run("SET", name, self._version, "NX")
        found = await self._found()
        if found > self._version:
            raise StoreTooNew(
                f"the store of {self._data_dir} was written by a newer program (layout {found}, this"
                f" one reads up to {self._version}): update taoke-bot, or use another data folder"
            )
        if found < self._version:
            async with _migrating(self._store, self._renew_every):
                await self._migrate()
        return found

    async def _migrate(self) -> None:
        current = await self._found()  # another process may have done it meanwhile
        if current < self._version:
            await back_up(self._store, self._data_dir, f"backup-{current}-to-{self._version}")
        while current < self._version:
            await self._steps[current](self._store)
            current += 1
            await self._store.run("SET", self._store.keys.schema(), current)

    async def _found(self) -> int:
        return int(await self._store.run("GET", self._store.keys.schema()))

    async def stamp(self, mode: str) -> None:
        """Stamp the store `mock` or `live` at the first conversion; asked again it costs nothing.
        WrongStamp if it is stamped with the other kind."""
        if self._stamped == mode:
            return
        await self._store.run("SET", self._store.keys.stamp(), mode, "NX")
        await self.check(mode)
        self._stamped = mode

    async def check(self, mode: str) -> None:
        """WrongStamp if the store is stamped with the other kind; an unstamped one fits both."""
        found = await self._store.run("GET", self._store.keys.stamp())
        if found not in (None, mode):
            raise WrongStamp(
                f"the data folder {self._data_dir} belongs to {_KINDS.get(found, found)} and is not"
                f" used with {_KINDS.get(mode, mode)}: set TAOKE_DATA_DIR to another folder (or"
                " TAOKE_REDIS__URL to another store)"
            )

    async def durability(self) -> str:
        """What a power cut can lose; see `durability`."""
        return await durability(self._store)


@asynccontextmanager
async def _migrating(store: Store, renew_every: float) -> AsyncIterator[None]:
    """One process migrates; its lock ends by itself some seconds after a kill."""
    name, token = store.keys.migration(), token_hex(8)
    if not await store.run("SET", name, token, "NX", "EX", _LOCK_SECONDS):
        raise StoreUnavailable("another process is migrating the store: start again in a minute")
    renewing = asyncio.create_task(_renew(store, name, renew_every))
    try:
        yield
    finally:
        renewing.cancel()
        with suppress(asyncio.CancelledError):
            await renewing
        await store.call(_UNLOCK, [name], [token])


async def _renew(store: Store, name: str, every: float) -> None:
    while True:
        await asyncio.sleep(every)
        with suppress(StoreUnavailable):
            await store.run("EXPIRE", name, _LOCK_SECONDS)


async def durability(store: Store) -> str:
    """What a power cut can lose: `always` (nothing), `everysec` (a second), `no` (what the system
    has not written yet), `off` (everything: no append-only file), `unknown` (it does not tell)."""
    try:
        answer = await store.run("CONFIG", "GET", "append*")
    except CommandRefused:
        return "unknown"
    settings = dict(zip(answer[::2], answer[1::2], strict=True))
    if "appendonly" not in settings:
        return "unknown"
    return str(settings.get("appendfsync", "unknown")) if settings["appendonly"] == "yes" else "off"
