"""What the guardian cannot do is said in one sentence."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from bot.redis import guardian
from bot.redis.embedded import open_embedded
from bot.redis.errors import EmbeddedStoreError
from bot.redis.paths import Paths

if TYPE_CHECKING:
    from pathlib import Path


async def said(data_dir: Path, *lines: bytes) -> list[dict[str, Any]]:
    """What a guardian answers to lines."""
    reader, writer = await asyncio.open_unix_connection(str(Paths.of(data_dir).control))
    answers = []
    for line in lines:
        writer.write(line + b"\n")
        answers.append(json.loads(await reader.readline()))
    writer.close()
    await writer.wait_closed()
    return answers


async def test_a_client_of_another_tongue_is_told(data_dir: Path) -> None:
    embedded = await open_embedded(data_dir, store=False)
    for answer in await said(
        data_dir, b"hello", b"[]", b'{"need": []}', b'{"need": [{}], "store": true}'
    ):
        assert "does not understand" in answer["error"]
    await embedded.close()


async def test_a_client_of_too_many_words_is_cut_off(data_dir: Path) -> None:
    embedded = await open_embedded(data_dir, store=False)
    control = str(Paths.of(data_dir).control)
    reader, writer = await asyncio.open_unix_connection(control)
    writer.write(b"x" * 200_000 + b"\n")
    assert await reader.read() == b""
    writer.close()
    assert (await said(data_dir, b'{"need": [], "store": false}'))[0]["children"] == {}
    await embedded.close()


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(EmbeddedStoreError, match=r"file/var cannot be written \(Not a directory\)"):
        await open_embedded(file / "var")


def test_a_folder_held_by_something_else(tmp_path: Path) -> None:
    paths = Paths.of(tmp_path)
    paths.make()
    lock = os.open(paths.guardian_lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with pytest.raises(EmbeddedStoreError, match="held by another process"):
        guardian.hold_folder(paths, patience=0.05)
    os.close(lock)
    held = guardian.hold_folder(paths, patience=0.05)
    assert held is not None
    os.close(held)


async def test_a_guardian_that_is_not_needed_leaves(data_dir: Path) -> None:
    embedded = await open_embedded(data_dir, store=False)
    assert await asyncio.to_thread(guardian.main, [str(data_dir)]) == 0
    await embedded.close()


def test_a_guardian_that_cannot_run_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert guardian.main([str(tmp_path / "file" / "var")]) == 1
    assert "cannot be written" in capsys.readouterr().out
    Paths.of(tmp_path).guardian_lock.mkdir()
    assert guardian.main([str(tmp_path)]) == 1
    assert "cannot run" in capsys.readouterr().out
