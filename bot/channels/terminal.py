"""Typed messages: a prompt that stays at the bottom while answers are printed above it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.patch_stdout import patch_stdout

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["typed_lines"]

_PROMPT = "› "


@asynccontextmanager
async def typed_lines() -> AsyncIterator[AsyncIterator[str]]:
    """Messages as they are typed or pasted, until Ctrl-D or Ctrl-C.

    The prompt is open while a message is being answered, so that a paste is never cut in lines by
    a terminal that is back in its ordinary mode for a moment. What was typed is kept in memory only.
    """
    queue: asyncio.Queue[str | None] = asyncio.Queue()
    # `raw`: our own escape codes pass; those of others were removed before.
    with patch_stdout(raw=True):
        typing = asyncio.create_task(_prompt(queue), name="console-prompt")
        try:
            yield _until_none(queue)
        finally:
            typing.cancel()
            with suppress(asyncio.CancelledError):
                await typing


async def _prompt(queue: asyncio.Queue[str | None]) -> None:
    session: PromptSession[str] = PromptSession(history=InMemoryHistory())
    try:
        while True:
            # The application's own SIGINT handler stays: in raw mode Ctrl-C is a key.
            queue.put_nowait(await session.prompt_async(_PROMPT, handle_sigint=False))
    except (EOFError, KeyboardInterrupt):
        pass
    finally:
        queue.put_nowait(None)


async def _until_none(queue: asyncio.Queue[str | None]) -> AsyncIterator[str]:
    while (text := await queue.get()) is not None:
        yield text
