"""What the guardian keeps running: the store, and children that its clients asked for."""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
import os
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from bot.redis.binary import find_binary, server_config
from bot.redis.errors import EmbeddedStoreError
from bot.redis.process import start

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bot.redis.paths import Paths
    from bot.redis.process import Process

__all__ = ["Kept", "KeptChild", "KeptStore"]

_log = logging.getLogger("guardian")

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0
_STEADY = 10.0
"""A process that ran this long (seconds) starts anew without a pause."""
_STORE_READY = 60.0
_CHILD_READY = 15.0
_POLL = 0.005


class Kept(ABC):
    """A process that is started once, for whoever asks, and again whenever it dies."""

    def __init__(self, name: str, patience: float) -> None:
        self.name = name
        self._patience = patience
        self._process: Process | None = None
        self._info: dict[str, Any] | None = None
        self._changing = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None

    @abstractmethod
    async def _launch(self) -> tuple[Process, dict[str, Any]]:
        """Start it and wait until it is ready. EmbeddedStoreError if it cannot be."""

    async def ensure(self) -> dict[str, Any]:
        """How it is reached, started if need be. EmbeddedStoreError, one sentence, if that fails."""
        async with self._changing:
            if self._info is None:
                self._process, self._info = await self._launch()
                self._watching = asyncio.create_task(self._watch(self._process))
            return self._info

    async def _watch(self, process: Process) -> None:
        loop = asyncio.get_running_loop()
        pause = _FIRST_PAUSE
        while True:
            began = loop.time()
            status = await process.wait()
            _log.warning("%s ended by itself, status %d: started again", self.name, status)
            async with self._changing:
                self._info = None
                pause = _FIRST_PAUSE if loop.time() - began > _STEADY else pause
                process, pause = await self._launch_again(pause)

    async def _launch_again(self, pause: float) -> tuple[Process, float]:
        while True:
            try:
                self._process, self._info = await self._launch()
            except EmbeddedStoreError as error:
                _log.warning("%s", error)
            else:
                return self._process, pause
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def stop(self) -> None:
        """End it; twice is fine."""
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching
        if self._process is not None:
            await self._process.stop(self._patience)
        self._process, self._info, self._watching = None, None, None


class KeptStore(Kept):
    """The embedded store. It inherits a locked descriptor, so that the folder stays locked for as
    long as the server lives, whatever becomes of the guardian."""

    def __init__(self, paths: Paths, *, orphan_patience: float = 5.0) -> None:
        super().__init__("store", patience=2.5)
        self._paths = paths
        self._orphan_patience = orphan_patience

    async def _launch(self) -> tuple[Process, dict[str, Any]]:
        binary = find_binary()
        paths = self._paths
        lock = await _locked(paths.store_lock, paths.socket, self._orphan_patience)
        try:
            paths.socket.unlink(missing_ok=True)
            paths.config.write_text(server_config(folder=paths.store, socket=paths.socket))
            process = await start(self.name, [str(binary), str(paths.config)], keep=[lock])
        except OSError as error:
            raise EmbeddedStoreError(f"the store {binary} cannot be started: {error}") from error
        finally:
            os.close(lock)
        try:
            await self._ready(process)
        except BaseException:  # cancelled too: nothing may be left that nobody knows of
            await process.stop(self._patience)
            raise
        # redis-py unquotes the path of a unix:// address.
        return process, {"url": f"unix://{quote(os.fsencode(paths.socket))}"}

    async def _ready(self, process: Process) -> None:
        ended = asyncio.create_task(process.wait())
        answering = asyncio.create_task(_answering(self._paths.socket))
        try:
            await asyncio.wait(
                {ended, answering}, timeout=_STORE_READY, return_when=asyncio.FIRST_COMPLETED
            )
            if answering.done():
                return
        finally:
            ended.cancel()
            answering.cancel()
        raise EmbeddedStoreError(f"the store did not start: {self._paths.log} says why")


async def _locked(path: Path, socket: Path, patience: float) -> int:
    """The store's lock. A store whose guardian was killed holds it: that one is shut down first."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = asyncio.get_running_loop().time() + patience
    told = False
    while not _try_lock(lock):
        if not told:
            _log.warning("a store without its guardian still runs: it is shut down")
            with suppress(OSError):
                await _say(socket, b"SHUTDOWN\r\n")
            told = True
        if asyncio.get_running_loop().time() > deadline:
            os.close(lock)
            raise EmbeddedStoreError(f"another store holds {path}: end that process first")
        await asyncio.sleep(_POLL)
    return lock


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _answering(socket: Path) -> None:
    while True:
        with suppress(OSError):
            if await _say(socket, b"PING\r\n") == b"+PONG\r\n":
                return
        await asyncio.sleep(_POLL)


async def _say(socket: Path, command: bytes) -> bytes:
    reader, writer = await asyncio.open_unix_connection(str(socket))
    try:
        writer.write(command)
        return await reader.readline()
    finally:
        writer.close()


class KeptChild(Kept):
    """A child that says one JSON object on the first line of its output when it is ready.

    `{port}` in its arguments is the port that it had before (told by `port` or `base_url` of that
    line), 0 the first time: so a child that died, or starts on another day, is found where it was.
    """

    def __init__(self, name: str, argv: Sequence[str], paths: Paths) -> None:
        super().__init__(name, patience=1.0)
        self.argv = tuple(argv)
        self._paths = paths

    async def _launch(self) -> tuple[Process, dict[str, Any]]:
        ports = _read_ports(self._paths.ports)
        port = ports.get(self.name, 0)
        try:
            process, info = await self._launch_at(port)
        except EmbeddedStoreError:
            if not port:
                raise
            process, info = await self._launch_at(0)  # somebody else has the port now
        if (now := _port_of(info)) and now != port:
            _write_ports(self._paths.ports, {**ports, self.name: now})
        return process, info

    async def _launch_at(self, port: int) -> tuple[Process, dict[str, Any]]:
        argv = [part.replace("{port}", str(port)) for part in self.argv]
        try:
            process = await start(self.name, argv)
        except OSError as error:
            raise EmbeddedStoreError(f"{self.name} cannot be started: {error}") from error
        try:
            async with asyncio.timeout(_CHILD_READY):
                info = json.loads(await process.first_line())
            return process, dict(info)
        except BaseException as error:  # cancelled too: nothing may be left that nobody knows of
            await process.stop(self._patience)
            if isinstance(error, TimeoutError | ValueError | TypeError):
                raise EmbeddedStoreError(
                    f"{self.name} did not start: {self._paths.log} says why"
                ) from error
            raise


def _port_of(info: dict[str, Any]) -> int:
    with suppress(ValueError, TypeError):
        return int(info.get("port") or urlsplit(str(info.get("base_url", ""))).port or 0)
    return 0


def _read_ports(path: Path) -> dict[str, int]:
    with suppress(OSError, ValueError):
        found = json.loads(path.read_text())
        if isinstance(found, dict):
            return {str(name): port for name, port in found.items() if isinstance(port, int)}
    return {}


def _write_ports(path: Path, ports: dict[str, int]) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(ports))
    part.replace(path)
