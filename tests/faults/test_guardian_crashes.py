"""Store, child or guardian die in the middle of the work."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bot.redis.binary import find_binary, server_config
from bot.redis.connection import Store, connect
from bot.redis.embedded import Child, open_embedded
from bot.redis.errors import EmbeddedStoreError, StoreUnavailable
from bot.redis.paths import Paths
from tests.faults.guardian_rig import PATIENCE, alive, child_argv, gone, kill, pids, until

if TYPE_CHECKING:
    from pathlib import Path


async def answer(store: Store, *command: str) -> object:
    """The answer to a command, once the store is back."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await store.run(*command)
            except StoreUnavailable:
                await asyncio.sleep(0.02)


async def test_a_crashed_store_comes_back_with_its_data(data_dir: Path) -> None:
    embedded = await open_embedded(data_dir)
    store = await connect(embedded.redis_url)
    await store.run("SET", "money", 100)
    for _ in range(2):
        (crashed,) = pids(data_dir)["store"]
        kill(crashed)
        await until(lambda: not alive(crashed))  # noqa: B023 - awaited within the turn
        assert await answer(store, "GET", "money") == "100"
        assert crashed not in pids(data_dir)["store"]
    await store.close()
    await embedded.close()


async def test_who_comes_after_a_crash_waits_for_the_store(data_dir: Path) -> None:
    first = await open_embedded(data_dir)
    (crashed,) = pids(data_dir)["store"]
    kill(crashed)
    await until(lambda: crashed not in pids(data_dir)["store"])
    second = await open_embedded(data_dir)
    store = await connect(second.redis_url, timeout=10)
    await answer(store, "PING")
    await store.close()
    await second.close()
    await first.close()


async def test_a_killed_guardian_is_replaced(data_dir: Path) -> None:
    children = [Child(name="mock", argv=child_argv())]
    embedded = await open_embedded(data_dir, children)
    before = dict(embedded.children["mock"])
    store = await connect(embedded.redis_url)
    await store.run("SET", "money", 100)
    old = pids(data_dir)
    kill(*old["guardian"])
    await until(lambda: not alive(old["store"][0]) and not alive(before["pid"]))
    assert await answer(store, "GET", "money") == "100"
    await until(lambda: embedded.children["mock"]["pid"] != before["pid"])
    assert embedded.children["mock"]["base_url"] == before["base_url"]
    new = pids(data_dir)
    assert len(new["guardian"]) == len(new["store"]) == 1
    await store.close()
    await embedded.close()


async def test_guardian_and_client_killed_together(data_dir: Path) -> None:
    embedded = await open_embedded(data_dir)
    store = await connect(embedded.redis_url)
    await store.run("SET", "money", 100)
    await store.close()
    old = pids(data_dir)
    kill(*old["guardian"])
    await embedded.close()
    await until(lambda: gone(data_dir))
    again = await open_embedded(data_dir)
    store = await connect(again.redis_url)
    assert await store.run("GET", "money") == "100"
    await store.close()
    await again.close()


async def test_an_orphaned_store_is_shut_down_before_another_opens(data_dir: Path) -> None:
    """As where the system does not end a child with its parent (macOS)."""
    paths = Paths.of(data_dir)
    paths.make()
    orphan = _orphan(paths)
    await until(paths.socket.exists)
    store = await connect(f"unix://{paths.socket}")
    await store.run("SET", "money", 100)
    embedded = await open_embedded(data_dir)
    assert orphan.wait(PATIENCE) == 0
    assert await answer(store, "GET", "money") == "100"
    assert len(pids(data_dir)["store"]) == 1
    await store.close()
    await embedded.close()


def _orphan(paths: Paths) -> subprocess.Popen[bytes]:
    lock = os.open(paths.store_lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    paths.config.write_text(server_config(folder=paths.store, socket=paths.socket))
    argv = [str(find_binary()), str(paths.config)]
    orphan = subprocess.Popen(argv, pass_fds=[lock], stdout=subprocess.DEVNULL)
    os.close(lock)
    return orphan


async def test_a_child_that_dies_comes_back_at_its_port(data_dir: Path) -> None:
    embedded = await open_embedded(data_dir, [Child(name="mock", argv=child_argv())], store=False)
    pid = embedded.children["mock"]["pid"]
    port = int(embedded.children["mock"]["base_url"].rpartition(":")[2])
    kill(pid)
    await until(lambda: not alive(pid))
    await until(lambda: _listens(port))
    await embedded.close()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def test_a_taken_port_is_given_up(data_dir: Path) -> None:
    children = [Child(name="mock", argv=child_argv())]
    first = await open_embedded(data_dir, children, store=False)
    await first.close()
    await until(lambda: gone(data_dir))
    port = int(first.children["mock"]["base_url"].rpartition(":")[2])
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        second = await open_embedded(data_dir, children, store=False)
        assert not second.children["mock"]["base_url"].endswith(f":{port}")
        await second.close()


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ([sys.executable, "-c", "print('no json')"], "did not start"),
        ([sys.executable, "-c", "print('[1]')"], "did not start"),
        ([sys.executable, "-c", "import sys; sys.exit('out of luck')"], "did not start"),
        (["/no/such/program"], "cannot be started"),
    ],
)
async def test_a_child_that_cannot_start_is_told_in_a_sentence(
    data_dir: Path, argv: list[str], words: str
) -> None:
    with pytest.raises(EmbeddedStoreError, match=f"bad {words}"):
        await open_embedded(data_dir, [Child(name="bad", argv=argv)], store=False)


async def test_a_child_that_dies_for_good_is_tried_until_it_comes_back(
    data_dir: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    code = (
        "import os, signal, sys\n"
        "if os.path.exists(sys.argv[1]): sys.exit(1)\n"
        "print('{\"pid\": %d}' % os.getpid(), flush=True)\n"
        "signal.pause()\n"
    )
    argv = [sys.executable, "-c", code, str(broken)]
    embedded = await open_embedded(data_dir, [Child(name="child", argv=argv)], store=False)
    pid = embedded.children["child"]["pid"]
    broken.touch()
    kill(pid)
    log = Paths.of(data_dir).log
    await until(lambda: log.read_text().count("child did not start") >= 2)
    broken.unlink()
    again = await open_embedded(data_dir, [Child(name="child", argv=argv)], store=False)
    assert again.children["child"]["pid"] != pid
    await again.close()
    await embedded.close()


async def test_a_store_that_cannot_start_is_told_in_a_sentence(data_dir: Path) -> None:
    paths = Paths.of(data_dir)
    paths.make()
    folder = paths.store / "appendonlydir"
    folder.mkdir()
    (folder / "appendonly.aof.manifest").write_text("nonsense\n")
    with pytest.raises(EmbeddedStoreError, match=r"did not start: .*guardian\.log says why"):
        await open_embedded(data_dir)
    assert "nonsense" in paths.log.read_text() or "manifest" in paths.log.read_text()


async def test_a_stubborn_child_is_killed(data_dir: Path) -> None:
    code = (
        "import os, signal\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('{\"pid\": %d}' % os.getpid(), flush=True)\n"
        "while True: signal.pause()\n"
    )
    argv = [sys.executable, "-c", code]
    embedded = await open_embedded(data_dir, [Child(name="mule", argv=argv)], store=False)
    pid = embedded.children["mule"]["pid"]
    await embedded.close()
    await until(lambda: not alive(pid))
    assert "mule does not stop: killed" in Paths.of(data_dir).log.read_text()


async def test_a_line_without_end_does_not_stop_the_log(data_dir: Path) -> None:
    code = (
        "import os, signal\n"
        "print('{\"pid\": %d}' % os.getpid(), flush=True)\n"
        "print('x' * 200_000, flush=True)\n"
        "print('still here', flush=True)\n"
        "signal.pause()\n"
    )
    argv = [sys.executable, "-c", code]
    embedded = await open_embedded(data_dir, [Child(name="chatty", argv=argv)], store=False)
    await until(lambda: "chatty: still here" in Paths.of(data_dir).log.read_text())
    await embedded.close()


async def test_a_guardian_that_cannot_be_replaced_is_tried_again(
    data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    embedded = await open_embedded(data_dir)
    lock = Paths.of(data_dir).guardian_lock
    lock.unlink()
    lock.mkdir()
    kill(*pids(data_dir)["guardian"])
    await until(lambda: caplog.text.count("the embedded store is not back yet") >= 2)
    lock.rmdir()
    store = await answer_of(embedded.redis_url)
    await store.close()
    await embedded.close()


async def answer_of(url: str) -> Store:
    """A connection, once the store is back."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await connect(url)
            except StoreUnavailable:
                await asyncio.sleep(0.02)


async def test_a_child_that_hangs_is_not_waited_for_by_the_dead(data_dir: Path) -> None:
    argv = [sys.executable, "-c", "import signal; signal.pause()"]
    opening = asyncio.create_task(
        open_embedded(data_dir, [Child(name="hung", argv=argv)], store=False)
    )
    log = Paths.of(data_dir).log
    await until(lambda: log.exists() and "hung started" in log.read_text())
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    await until(lambda: gone(data_dir), patience=5)
    assert "guardian ends" in log.read_text()


@pytest.mark.parametrize("ports", ["nonsense", "[1]", '{"mock": "x"}'])
async def test_ports_that_cannot_be_read_are_forgotten(data_dir: Path, ports: str) -> None:
    paths = Paths.of(data_dir)
    paths.make()
    paths.ports.write_text(ports)
    embedded = await open_embedded(data_dir, [Child(name="mock", argv=child_argv())], store=False)
    port = embedded.children["mock"]["base_url"].rpartition(":")[2]
    assert paths.ports.read_text() == f'{{"mock": {port}}}'
    await embedded.close()


@pytest.mark.parametrize("told", ['{"port": 4321}', '{"port": "x"}', '{"port": [1]}', "{}"])
async def test_a_child_may_tell_its_port_in_words_of_its_own(data_dir: Path, told: str) -> None:
    code = f"print({told!r}, flush=True)\nimport signal\nsignal.pause()\n"
    argv = [sys.executable, "-c", code]
    embedded = await open_embedded(data_dir, [Child(name="mock", argv=argv)], store=False)
    assert embedded.children["mock"] == json.loads(told)
    assert Paths.of(data_dir).ports.exists() == ("4321" in told)
    await embedded.close()
