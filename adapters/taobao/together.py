"""Several calls side by side, of which the first failure is the one that is told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

__all__ = ["all_of", "pair"]

ResultT = TypeVar("ResultT")
OtherT = TypeVar("OtherT")


async def _stopped(tasks: Sequence[asyncio.Task[ResultT]]) -> None:
    running = [task for task in tasks if not task.done()]
    for task in running:
        task.cancel()
    if running:
        await asyncio.gather(*running, return_exceptions=True)


async def all_of(calls: Sequence[Coroutine[object, object, ResultT]]) -> list[ResultT]:
    """The results in order. A failure cancels the rest and is raised itself, not in a group."""
    tasks = [asyncio.create_task(call) for call in calls]
    try:
        return await asyncio.gather(*tasks)
    finally:
        await _stopped(tasks)


async def pair(
    first: Coroutine[object, object, ResultT], second: Coroutine[object, object, OtherT]
) -> tuple[ResultT, OtherT]:
    """Like `all_of`, for two calls with results of different kinds."""
    one, other = asyncio.create_task(first), asyncio.create_task(second)
    try:
        return await asyncio.gather(one, other)
    finally:
        await _stopped([one])
        await _stopped([other])
