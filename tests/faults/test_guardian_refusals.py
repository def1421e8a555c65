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
from bot.redis.kept import KeptStore
from bot.redis.paths import Paths
from tests.faults.guardian_rig import until

if TYPE_CHECKING:
    from pathlib import Path


async def said(data_dir: Path, line: bytes) -> dict[str, Any]:
    """What a guardian answers to a line."""
    reader, writer = await asyncio.open_unix_connection(str(Paths.of(data_dir).control))
    writer.write(line + b"\n")
    answer: dict[str, Any] = json.loads(await reader.readline())
    writer.close()
    await writer.wait_closed()
    return answer


async def test_a_client_of_another_tongue_is_told(data_dir: Path) -> None:
    embedded = await open_embedded(data_dir, store=False)
    for line in (b"hello", b"[]", b'{"need": []}', b'{"need": [{}], "store": true}'):
        assert "does not understand" in (await said(data_dir, line))["error"]
    await embedded.close()


async def test_a_client_of_too_many_words_is_cut_off(data_dir: Path) -> None:
    embedded = await open_embedded(data_dir, store=False)
    control = str(Paths.of(data_dir).control)
    reader, writer = await asyncio.open_unix_connection(control)
    writer.write(b"x" * 200_000 + b"\n")
    assert await reader.read() == b""
    writer.close()
    assert (await said(data_dir, b'{"need": [], "store": false}'))["children"] == {}
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


async def test_a_guardian_that_cannot_start_says_why(data_dir: Path) -> None:
    paths = Paths.of(data_dir)
    paths.make()
    paths.guardian_lock.mkdir()
    with pytest.raises(EmbeddedStoreError, match=r"cannot run: .*Is a directory"):
        await open_embedded(data_dir)


async def test_a_guardian_that_cannot_be_started_at_all(data_dir: Path) -> None:
    paths = Paths.of(data_dir)
    paths.make()
    paths.log.mkdir()
    with pytest.raises(EmbeddedStoreError, match="the embedded store cannot be started"):
        await open_embedded(data_dir)


async def test_a_configuration_that_cannot_be_written(data_dir: Path) -> None:
    paths = Paths.of(data_dir)
    paths.make()
    paths.config.mkdir()
    with pytest.raises(EmbeddedStoreError, match=r"valkey-server cannot be started"):
        await open_embedded(data_dir)


async def test_an_orphan_that_does_not_end_is_never_opened_beside(tmp_path: Path) -> None:
    paths = Paths.of(tmp_path)
    paths.make()
    lock = os.open(paths.store_lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with pytest.raises(EmbeddedStoreError, match=r"another store holds .*store\.lock"):
        await KeptStore(paths, orphan_patience=0.02).ensure()
    os.close(lock)


class Deaf:
    """In the guardian's place: answers every client with the same words, or not at all."""

    def __init__(self, words: bytes | None) -> None:
        self.words = words
        self.busy = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.busy += 1
        if self.words is None:
            await reader.read()
        else:
            await reader.readline()
            writer.write(self.words)
        writer.close()
        await writer.wait_closed()
        self.busy -= 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [(b"", "does not start"), (b"nonsense\n", "does not start"), (None, "does not answer")],
)
async def test_a_guardian_without_an_answer(
    tmp_path: Path, words: bytes | None, sentence: str
) -> None:
    paths = Paths.of(tmp_path)
    paths.make()
    deaf = Deaf(words)
    server = await asyncio.start_unix_server(deaf, str(paths.control))
    with pytest.raises(EmbeddedStoreError, match=sentence):
        await open_embedded(tmp_path, patience=0.05)
    await until(lambda: not deaf.busy)
    server.close()


async def test_clients_that_stay_after_sigterm_are_cut_off(tmp_path: Path) -> None:
    paths = Paths.of(tmp_path)
    paths.make()
    ready = asyncio.Event()
    one = guardian.Guardian(paths, term_patience=0.05)
    running = asyncio.create_task(one.run(ready.set))
    await ready.wait()
    reader, writer = await asyncio.open_unix_connection(str(paths.control))
    writer.write(b'{"need": [], "store": false}\n')
    assert json.loads(await reader.readline()) == {"store": None, "children": {}}
    late_reader, late_writer = await asyncio.open_unix_connection(str(paths.control))
    one.terminate()
    await running
    assert await reader.read() == b""
    late_writer.write(b'{"need": [], "store": true}\n')
    assert json.loads(await late_reader.readline()) == {}  # nothing is started any more
    for end in (writer, late_writer):
        end.close()
        await end.wait_closed()
    assert not paths.control.exists()
    assert await late_reader.read() == b""
