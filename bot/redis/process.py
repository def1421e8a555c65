"""A process of the guardian's: started, its output logged, stopped with a bound."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Process", "start"]

_log = logging.getLogger("guardian")

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_LIMIT = 64 * 1024


class Process:
    """A running process whose output goes line by line to the log."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self._process = process
        self._first: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._logging = [
            asyncio.create_task(self._read(stream, first=stream is process.stdout))
            for stream in (process.stdout, process.stderr)
            if stream is not None
        ]

    async def first_line(self) -> bytes:
        """The first line of its output, empty if it ended without one."""
        return await asyncio.shield(self._first)

    async def wait(self) -> int:
        """Its exit status, once it has ended."""
        return await self._process.wait()

    async def stop(self, patience: float) -> None:
        """SIGTERM, after `patience` seconds SIGKILL; returns when it is gone."""
        self._send(signal.SIGTERM)
        try:
            async with asyncio.timeout(patience):
                await self._process.wait()
        except TimeoutError:
            _log.warning("%s does not stop: killed", self.name)
            self._send(signal.SIGKILL)
            await self._process.wait()
        # A grandchild may hold the pipe: its words are not waited for.
        await asyncio.wait(self._logging, timeout=0.2)
        for task in self._logging:
            task.cancel()

    def _send(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    async def _read(self, stream: asyncio.StreamReader, *, first: bool) -> None:
        while line := await _line(stream):
            if first and not self._first.done():
                self._first.set_result(line)
            else:
                _log.info("%s: %s", self.name, line.decode(errors="replace").rstrip())
        if first and not self._first.done():
            self._first.set_result(b"")


async def _line(stream: asyncio.StreamReader) -> bytes:
    try:
        return await stream.readline()
    except ValueError:  # longer than the limit: what was read of it is gone
        return b"(a line too long to log)\n"


async def start(
    name: str, argv: Sequence[str], *, keep: Sequence[int] = (), stderr_apart: bool = True
) -> Process:
    """Start a process in the guardian's session; it inherits the descriptors in `keep`.

    Where the system can (Linux), the process is told to end when the guardian does, however that
    dies. OSError if it cannot be started.
    """
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE if stderr_apart else asyncio.subprocess.STDOUT,
        pass_fds=tuple(keep),
        limit=_LIMIT,
        preexec_fn=_die_with_parent(),
    )
    _log.info("%s started, process %d", name, process.pid)
    return Process(name, process)


def _die_with_parent() -> Callable[[], None] | None:
    if sys.platform != "linux":  # pragma: no cover - there the next guardian shuts the store down
        return None
    libc = ctypes.CDLL(None)
    guardian = os.getpid()

    def ask() -> None:  # pragma: no cover - runs between fork and exec
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != guardian:  # it died before the request
            os.kill(os.getpid(), signal.SIGTERM)

    return ask
