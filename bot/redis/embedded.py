"""The embedded store as its users see it: one call that finds or starts the guardian.

embedded = await open_embedded(data_dir)
store = await connect(embedded.redis_url)
...
await embedded.close()
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.redis.errors import EmbeddedStoreError
from bot.redis.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Child", "Embedded", "open_embedded"]

_log = logging.getLogger(__name__)

_PATIENCE = 90.0
"""Seconds until the store answers: it may have to read a long file."""
_TURNS = 20
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 2.0

_spawned: set[int] = set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A process that the guardian is to keep beside the store: started once, shared by name,
    restarted if it dies. Its first line of output is a JSON object. `{port}` in `argv` is the port
    that it had before, 0 the first time."""

    name: str
    argv: Sequence[str]


@dataclass(slots=True)
class _Link:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    answer: dict[str, Any]


class Embedded:
    """Holds store and children alive until `close`, or until this process ends in any way."""

    def __init__(self, paths: Paths, request: bytes, link: _Link, patience: float) -> None:
        self.redis_url: str = link.answer["store"] or ""
        """Empty if no store was asked for. It stays the same when store or guardian is restarted."""
        self.children: dict[str, dict[str, Any]] = dict(link.answer["children"])
        """What each child said of itself."""
        self._paths = paths
        self._request = request
        self._patience = patience
        self._link = link
        self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        """A guardian that was killed is replaced, so that the store comes back under its address."""
        while True:
            with suppress(OSError):
                await self._link.reader.read()
            _log.warning("the guardian of the embedded store is gone: another is started")
            self._link.writer.close()
            pause = _FIRST_PAUSE
            while True:
                try:
                    self._link = await _attach(self._paths, self._request, self._patience)
                except EmbeddedStoreError as error:
                    _log.warning("the embedded store is not back yet: %s", error)
                else:
                    break
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            self.children.update(self._link.answer["children"])

    async def close(self) -> None:
        """Let go; the guardian stops a second after its last client. Twice is fine."""
        self._watching.cancel()
        with suppress(asyncio.CancelledError):
            await self._watching
        self._link.writer.close()
        with suppress(OSError):
            await self._link.writer.wait_closed()
        _reap()


async def open_embedded(
    data_dir: Path,
    children: Sequence[Child] = (),
    *,
    store: bool = True,
    patience: float = _PATIENCE,
) -> Embedded:
    """The embedded store of a data folder, and the children; started if they do not run.

    EmbeddedStoreError, in one sentence that says what to do, if that cannot be. With `store` False
    only the children are wanted. `patience` is in seconds.
    """
    paths = Paths.of(data_dir)
    paths.make()
    need = [{"name": child.name, "argv": list(child.argv)} for child in children]
    request = json.dumps({"store": store, "need": need}).encode() + b"\n"
    return Embedded(paths, request, await _attach(paths, request, patience), patience)


async def _attach(paths: Paths, request: bytes, patience: float) -> _Link:
    """Connect to the guardian, starting it if there is none or it is just leaving."""
    for _ in range(_TURNS):
        try:
            reader, writer = await asyncio.open_unix_connection(str(paths.control))
        except OSError:
            await _start_guardian(paths)
            continue
        answer = None
        try:
            answer = await _asked(reader, writer, request, patience)
        finally:
            if answer is None:
                writer.close()
        if answer is not None:
            return _Link(reader, writer, answer)
        await asyncio.sleep(_FIRST_PAUSE)
    raise EmbeddedStoreError(f"the embedded store does not start: {paths.log} says why")


async def _asked(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes, patience: float
) -> dict[str, Any] | None:
    """The guardian's answer; None if it went away instead. EmbeddedStoreError if it refuses."""
    try:
        writer.write(request)
        async with asyncio.timeout(patience):
            line = await reader.readline()
        answer = json.loads(line) if line else None
    except TimeoutError as error:
        raise EmbeddedStoreError("the guardian of the embedded store does not answer") from error
    except (OSError, ValueError):
        return None
    if answer and "error" in answer:
        raise EmbeddedStoreError(str(answer["error"]))
    return answer if answer else None  # {}: it is just stopping


async def _start_guardian(paths: Paths) -> None:
    """Start one in a session of its own and wait until it can be reached or has given up."""
    _reap()
    if complaint := await _read_all(_spawn_guardian(paths)):
        raise EmbeddedStoreError(complaint)


def _spawn_guardian(paths: Paths) -> int:
    """The end of a pipe from which its complaint can be read; nothing if all is well.

    By posix_spawn instead of subprocess: the guardian is meant to outlive its starter.
    """
    readable, writable = os.pipe()
    log_flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    try:
        pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-m", "bot.redis.guardian", str(paths.data)],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, writable, 1),
                (os.POSIX_SPAWN_OPEN, 2, str(paths.log), log_flags, 0o600),
            ],
            setsid=True,
        )
    except OSError as error:
        os.close(readable)
        raise EmbeddedStoreError(f"the embedded store cannot be started: {error}") from error
    finally:
        os.close(writable)
    _spawned.add(pid)
    return readable


async def _read_all(descriptor: int) -> str:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb")
    )
    try:
        return (await reader.read()).decode(errors="replace")
    finally:
        transport.close()


def _reap() -> None:
    """Guardians that this process started and that have ended."""
    for pid in list(_spawned):
        try:
            ended, _ = os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            ended = pid
        if ended:
            _spawned.discard(pid)
