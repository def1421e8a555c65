"""The guardian: a small process that owns the embedded store of one data folder.

    python -m bot.redis.guardian DATA_DIR        started by `bot.redis.embedded`, never by hand

It runs in a session of its own, so Ctrl-C in a terminal does not reach it, holds the folder's lock,
and listens on a unix socket. A client sends one line of JSON,

    {"store": true, "need": [{"name": "mock", "argv": ["...", "--port", "{port}"]}]}

gets one line back, `{"store": "unix://...", "children": {"mock": {...}}}` or `{"error": "..."}`,
and holds the connection for as long as it lives; the kernel closes it however it dies. A second
after the last client is gone everything is stopped, within four seconds. What dies meanwhile is
started again. If the guardian itself is killed, its processes end with it where the system can do
that (Linux); else the next guardian finds the store's lock taken and shuts that store down first.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.redis.errors import EmbeddedStoreError
from bot.redis.kept import KeptChild, KeptStore
from bot.redis.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Guardian", "hold_folder", "main"]

LINGER = 1.0
"""Seconds after the last client: a row of short commands shares one store."""
FIRST_CLIENT = 10.0
LOCK_PATIENCE = 8.0
TERM_PATIENCE = 10.0
"""Seconds that clients have after SIGTERM: they may still have something to store."""
LOG_BYTES = 512 * 1024

_log = logging.getLogger("guardian")


class Guardian:
    """Serves clients until the last is gone."""

    def __init__(self, paths: Paths, *, term_patience: float = TERM_PATIENCE) -> None:
        self._paths = paths
        self._term_patience = term_patience
        self._store = KeptStore(paths)
        self._children: dict[str, KeptChild] = {}
        self._clients = 0
        self._changed = asyncio.Event()
        self._serving: set[asyncio.Task[Any]] = set()
        self._terminated = False
        self._stopping = False

    async def run(self, ready: Callable[[], None]) -> None:
        """Listen, serve, stop; `ready` is called once it can be reached."""
        self._paths.control.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(self._client, str(self._paths.control))
        _log.info("guardian of %s, process %d", self._paths.data, os.getpid())
        ready()
        await self._until_alone()
        # First out of the way of new clients: they start the next guardian, which waits for the lock.
        self._stopping = True
        self._paths.control.unlink(missing_ok=True)
        server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await self._stop()
        _log.info("guardian ends")

    async def _until_alone(self) -> None:
        patience = FIRST_CLIENT
        while True:
            self._changed.clear()
            wait = patience if not self._clients else None
            if self._terminated:
                wait = self._term_patience if self._clients else 0
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), wait)
            if not self._changed.is_set():
                return
            patience = LINGER

    async def _stop(self) -> None:
        """Children first, they may use the store; together at most four seconds."""
        await asyncio.gather(*(child.stop() for child in self._children.values()))
        await self._store.stop()

    def terminate(self) -> None:
        """Stop when the last client is gone, or after some seconds."""
        self._terminated = True
        self._changed.set()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients += 1
        self._changed.set()
        try:
            await self._serve(await reader.readline(), reader, writer)
        except (OSError, ValueError, asyncio.CancelledError) as error:
            _log.info("a client is cut off: %s", type(error).__name__)
        finally:
            self._clients -= 1
            self._changed.set()
            writer.close()

    async def _serve(
        self, line: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answer, and return when the client is gone. One that goes before its answer is ready
        (killed, impatient) is not waited for, and what was started for it alone is stopped."""
        answering = asyncio.create_task(self._answer(line))
        gone = asyncio.create_task(reader.read())
        self._serving |= {answering, gone}
        try:
            await asyncio.wait({answering, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not gone.done():
                writer.write(json.dumps(answering.result()).encode() + b"\n")
            await gone
        finally:
            answering.cancel()
            gone.cancel()
            await asyncio.wait({answering, gone})
            self._serving -= {answering, gone}

    async def _answer(self, line: bytes) -> dict[str, Any]:
        if self._stopping:
            return {}
        try:
            request = json.loads(line)
            children = [self._child(need["name"], need["argv"]) for need in request["need"]]
            wanted = bool(request["store"])
        except (ValueError, KeyError, TypeError):
            return {"error": "the guardian does not understand its client: end the older program"}
        try:
            store = await self._store.ensure() if wanted else {}
            infos = await asyncio.gather(*(child.ensure() for child in children))
        except EmbeddedStoreError as error:
            _log.warning("%s", error)
            return {"error": str(error)}
        named = {child.name: info for child, info in zip(children, infos, strict=True)}
        return {"store": store.get("url"), "children": named}

    def _child(self, name: str, argv: list[str]) -> KeptChild:
        """The first one that names a child says how it is started."""
        if name not in self._children:
            self._children[name] = KeptChild(name, [str(part) for part in argv], self._paths)
        return self._children[name]


async def _guard(paths: Paths) -> None:
    """A guardian that heeds SIGTERM and nothing that a terminal sends."""
    guardian = Guardian(paths)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, guardian.terminate)
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    await guardian.run(_close_stdout)


def _close_stdout() -> None:
    """Tells the client that waits at its other end."""
    with suppress(OSError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.close(null)


def hold_folder(paths: Paths, patience: float = LOCK_PATIENCE) -> int | None:
    """The folder's lock, None if another guardian can be reached: then this one is not needed.

    EmbeddedStoreError if the lock is held and nobody answers."""
    lock = os.open(paths.guardian_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if _reachable(paths.control):
                os.close(lock)
                return None
            if time.monotonic() > deadline:
                os.close(lock)
                raise EmbeddedStoreError(
                    f"the data folder {paths.data} is held by another process that does not answer:"
                    " end it, or set TAOKE_DATA_DIR to another folder"
                ) from None
            time.sleep(0.02)
        else:
            return lock


def _reachable(control: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(control))
        except OSError:
            return False
    return True


def _log_to(path: Path) -> None:
    handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    _log.propagate = False


def main(arguments: list[str]) -> int:
    """0 when everything is stopped or another guardian is there; 1 with one sentence on stdout."""
    os.umask(0o077)
    paths = Paths.of(Path(arguments[0]))
    try:
        paths.make()
        lock = hold_folder(paths)
        if lock is not None:
            _log_to(paths.log)
            asyncio.run(_guard(paths))
            os.close(lock)
    except EmbeddedStoreError as error:
        sys.stdout.write(str(error))
        return 1
    except OSError as error:
        sys.stdout.write(f"the embedded store of {paths.data} cannot run: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
