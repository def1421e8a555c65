"""Lines from a pipe or a file, without a thread that would outlive the program.

A thread that blocks in `readline` keeps the interpreter from ending on Ctrl-C; the event loop is
asked instead whether there is something to read.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

__all__ = ["MAX_LINE", "read_lines"]

_CHUNK = 1 << 16
MAX_LINE = 4 << 20
"""Bytes of a line that are kept; the rest of a longer one is passed over."""


async def read_lines(fd: int, max_line: int = MAX_LINE) -> AsyncGenerator[str, None]:
    """The lines of `fd` until its end, without their line breaks; a last one needs none.

    Bytes that are no UTF-8 come as lone surrogates ("surrogateescape"), never as an error.
    """
    line = bytearray()
    while chunk := await _read(fd):
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            line += piece[: max_line - len(line)]
            yield _text(line)
            line.clear()
        line += rest[: max_line - len(line)]
    if line:
        yield _text(line)


def _text(line: bytearray) -> str:
    return line.removesuffix(b"\r").decode("utf-8", "surrogateescape")


async def _read(fd: int) -> bytes:
    """What there is to read, b"" at the end; waits in the event loop."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    try:
        loop.add_reader(fd, readable.set)
    except PermissionError:  # epoll knows no regular files: they are always readable
        return await asyncio.to_thread(_read_now, fd)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(fd)
    return _read_now(fd)


def _read_now(fd: int) -> bytes:
    try:
        return os.read(fd, _CHUNK)
    except OSError:  # EIO: the terminal behind it has gone
        return b""
