"""However its clients end, the guardian leaves nothing behind and nothing is opened twice."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import time
from typing import TYPE_CHECKING

import pytest

from bot.redis.connection import connect
from bot.redis.embedded import Child, open_embedded
from bot.redis.paths import Paths
from tests.faults.guardian_rig import alive, child_argv, client, gone, pids, until

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_nothing_is_left_within_five_seconds(data_dir: Path, number: int) -> None:
    one = await client(data_dir, json.dumps(child_argv()))
    child = one.said["children"]["mock"]["pid"]
    assert alive(child)
    ended = time.monotonic()
    one.end(number)
    await until(lambda: gone(data_dir) and not alive(child))
    assert time.monotonic() - ended < 5
    again = await client(data_dir)
    assert again.said["starts"] == 2  # the data is there
    again.end(signal.SIGTERM)


async def test_the_last_words_of_a_client_are_stored(data_dir: Path) -> None:
    one = await client(data_dir)
    one.end(signal.SIGINT)
    assert one.process.returncode == 0
    embedded = await open_embedded(data_dir)
    store = await connect(embedded.redis_url)
    assert await store.run("GET", "last") == "words"
    await store.close()
    await embedded.close()


async def test_several_share_one_store(data_dir: Path) -> None:
    clients = await asyncio.gather(*(client(data_dir) for _ in range(4)))
    assert sorted(one.said["starts"] for one in clients) == [1, 2, 3, 4]
    running = pids(data_dir)
    assert len(running["guardian"]) == len(running["store"]) == 1
    for one in clients[1:]:
        one.end(signal.SIGKILL)
    embedded = await open_embedded(data_dir)
    assert pids(data_dir) == running
    await embedded.close()
    clients[0].end(signal.SIGTERM)


async def test_the_second_start_is_quick(data_dir: Path) -> None:
    began = time.monotonic()
    first = await open_embedded(data_dir)
    between = time.monotonic()
    second = await open_embedded(data_dir)
    assert time.monotonic() - between < 0.1
    assert between - began < 5  # below a second on an idle machine
    assert first.redis_url == second.redis_url
    await second.close()
    await second.close()
    await first.close()


async def test_a_client_that_comes_while_it_stops_is_served(data_dir: Path) -> None:
    starts = []
    for _ in range(3):
        embedded = await open_embedded(data_dir)
        (guardian,) = pids(data_dir)["guardian"]
        store = await connect(embedded.redis_url)
        starts.append(await store.run("INCR", "starts"))
        await store.close()
        await embedded.close()
        os.kill(guardian, signal.SIGTERM)  # no clients: it stops now, and the next is on its way
    assert starts == [1, 2, 3]


async def test_a_long_path(tmp_path: Path, data_dirs: list[Path]) -> None:
    folder = tmp_path / ("very-long-name-" * 8)
    data_dirs.append(folder)
    embedded = await open_embedded(folder)
    store = await connect(embedded.redis_url)
    assert await store.run("CONFIG", "GET", "dir") == ["dir", str(folder / "store")]
    run = Paths.of(folder).run
    assert run.parent != folder
    assert run.stat().st_mode & 0o777 == 0o700
    assert (folder / "store" / "appendonlydir").is_dir()
    await store.close()
    await embedded.close()
    await until(lambda: gone(folder))
    shutil.rmtree(run)


async def test_the_store_is_set_up_for_money(data_dir: Path) -> None:
    embedded = await open_embedded(data_dir)
    store = await connect(embedded.redis_url)
    answer = await store.run("CONFIG", "GET", "*")
    settings = dict(zip(answer[::2], answer[1::2], strict=True))
    assert settings["appendonly"] == "yes"
    assert settings["appendfsync"] == "always"
    assert settings["maxmemory-policy"] == "noeviction"
    assert settings["port"] == "0"
    assert settings["unixsocketperm"] == "700"
    await store.close()
    await embedded.close()


async def test_children_without_a_store(data_dir: Path) -> None:
    children = [Child(name="mock", argv=child_argv())]
    embedded = await open_embedded(data_dir, children, store=False)
    assert embedded.redis_url == ""
    assert pids(data_dir)["store"] == []
    assert embedded.children["mock"]["base_url"].startswith("http://127.0.0.1:")
    await embedded.close()


async def test_a_child_has_its_port_again_on_another_day(data_dir: Path) -> None:
    children = [Child(name="mock", argv=child_argv())]
    first = await open_embedded(data_dir, children, store=False)
    await first.close()
    await until(lambda: gone(data_dir))
    second = await open_embedded(data_dir, children, store=False)
    assert second.children["mock"]["base_url"] == first.children["mock"]["base_url"]
    assert second.children["mock"]["pid"] != first.children["mock"]["pid"]
    await second.close()


async def test_sigterm_waits_for_the_clients(data_dir: Path) -> None:
    embedded = await open_embedded(data_dir)
    (guardian,) = pids(data_dir)["guardian"]
    os.kill(guardian, signal.SIGTERM)
    os.kill(guardian, signal.SIGINT)
    os.kill(guardian, signal.SIGHUP)
    store = await connect(embedded.redis_url)
    assert await store.run("SET", "last", "words") == "OK"
    await store.close()
    ended = time.monotonic()
    await embedded.close()
    await until(lambda: gone(data_dir))
    assert time.monotonic() - ended < 5
