"""A copy of the embedded store's files, taken while it runs."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.redis.errors import CommandRefused, EmbeddedStoreError, StoreTooOld
from bot.redis.paths import Paths

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.redis.connection import Store

__all__ = ["back_up"]

_POLL = 0.05


async def back_up(store: Store, data_dir: Path, name: str) -> Path:
    """Copy the append-only files to `data_dir/name`, once: a finished copy is left as it is.

    The rewriting of the files is held back meanwhile, so the copy is whole: a start of the server
    in it (its last entry may be cut) gives the store as it stood. StoreTooOld if the store is not
    the embedded one of this folder, EmbeddedStoreError if the copy cannot be written.
    """
    paths = Paths.of(data_dir)
    if not await _is_embedded(store, paths.store):
        raise StoreTooOld(
            "the store must be taken to a newer layout, which is done by itself only for the"
            " embedded store: go on with the version of taoke-bot that wrote the store of"
            " TAOKE_REDIS__URL, or name another store there"
        )
    target = paths.data / name
    async with _no_rewrite(store):
        try:
            await asyncio.to_thread(_copy, paths.store, target)
        except OSError as error:
            raise EmbeddedStoreError(f"the backup {target} cannot be written: {error}") from error
    return target


def _copy(source: Path, target: Path) -> None:
    if target.exists():
        return
    part = target.with_name(f"{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)  # of a copy that was killed
    shutil.copytree(source, part)
    part.rename(target)


async def _is_embedded(store: Store, folder: Path) -> bool:
    try:
        answer = await store.run("CONFIG", "GET", "dir")
    except CommandRefused:
        return False
    return len(answer) > 1 and Path(answer[1]) == folder


@asynccontextmanager
async def _no_rewrite(store: Store) -> AsyncIterator[None]:
    setting = "auto-aof-rewrite-percentage"
    _, usual = await store.run("CONFIG", "GET", setting)
    await store.run("CONFIG", "SET", setting, 0)
    try:
        await _rewritten(store)
        yield
    finally:
        await store.run("CONFIG", "SET", setting, usual)


async def _rewritten(store: Store) -> None:
    """A rewrite that had begun is over; the server only tells when asked."""
    while True:
        if "aof_rewrite_in_progress:0" in await store.run("INFO", "persistence"):
            return
        await asyncio.sleep(_POLL)
