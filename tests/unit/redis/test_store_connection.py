from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from bot.redis.connection import MAX_BATCH, Script, Store, client_for, connect
from bot.redis.errors import CommandRefused, StoreUnavailable
from bot.redis.keys import Keys

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

ECHO = Script("return {KEYS[1], ARGV[1]}")


async def test_each_caller_gets_its_own_answer_or_error(store: Store) -> None:
    await store.run("SET", "text", "x")
    answers = await asyncio.gather(
        store.run("SET", "a", 1),
        store.run("INCR", "text"),
        store.run("GET", "a"),
        store.run("HGET", "text", "field"),
        store.call(ECHO, ["a"], [7]),
        store.run("GET", "missing"),
        return_exceptions=True,
    )
    assert answers[0] == "OK"
    assert isinstance(answers[1], CommandRefused)
    assert answers[2] == "1"
    assert isinstance(answers[3], CommandRefused)
    assert answers[4] == ["a", "7"]
    assert answers[5] is None


async def test_text_of_any_kind_comes_back(store: Store) -> None:
    text = "券后 ¥39.90 \r\n\0 🎁"
    await store.run("SET", "k", text)
    assert await store.run("GET", "k") == text
    await store.run("SET", "k", text.encode())
    assert await store.run("GET", "k") == text


async def test_commands_of_one_tick_are_one_pipeline(valkey_url: str) -> None:
    async with relay(valkey_url) as (url, seen):
        store = await connect(url)
        seen.clear()
        answers = await asyncio.gather(*(store.run("ECHO", n) for n in range(100)))
        assert answers == [str(n) for n in range(100)]
        assert len(seen) == 1
        await store.close()


async def test_more_than_a_batch_and_more_than_the_lanes(store: Store) -> None:
    count = 3 * MAX_BATCH + 7
    await asyncio.gather(*(store.run("INCR", "n") for _ in range(count)))
    assert await store.run("GET", "n") == str(count)


async def test_commands_of_a_caller_stay_in_order(redis_store: Store) -> None:
    narrow = Store(redis_store.client, redis_store.keys, lanes=1)
    pushed = [asyncio.create_task(narrow.run("RPUSH", "list", n)) for n in range(50)]
    await asyncio.sleep(0)
    assert await narrow.run("LRANGE", "list", 0, -1) == [str(n) for n in range(50)]
    await asyncio.gather(*pushed)
    await narrow.close()


async def test_a_cancelled_caller_disturbs_nobody(redis_store: Store) -> None:
    await redis_store.run("DEL", "list")
    cancelled = asyncio.create_task(redis_store.run("SET", "a", 1))
    refused = asyncio.create_task(redis_store.run("INCR", "list"))
    await redis_store.run("RPUSH", "list", 1)
    other = asyncio.create_task(redis_store.run("ECHO", "hello"))
    late = [asyncio.create_task(redis_store.run(*("INCR", "list"))) for _ in range(2)]
    late.append(asyncio.create_task(redis_store.run("ECHO", "nobody listens")))
    await asyncio.sleep(0)
    for task in late:
        task.cancel()
    assert await other == "hello"
    await asyncio.gather(cancelled, refused, *late, return_exceptions=True)
    assert await redis_store.run("ECHO", "again") == "again"


async def test_a_script_that_the_store_lost_is_sent_again(store: Store) -> None:
    assert await store.call(ECHO, ["k"], [1]) == ["k", "1"]
    await store.run("SCRIPT", "FLUSH")
    assert await asyncio.gather(*(store.call(ECHO, ["k"], [n]) for n in range(3))) == [
        ["k", "0"],
        ["k", "1"],
        ["k", "2"],
    ]


async def test_a_script_that_fails_is_refused(redis_store: Store) -> None:
    failing = Script("return redis.call('INCR', KEYS[1])")
    await redis_store.run("SET", "k", "x")
    for _ in range(2):
        with pytest.raises(CommandRefused):
            await redis_store.call(failing, ["k"])


async def test_nobody_listens(tmp_path: Path) -> None:
    socket = f"unix://{tmp_path}/nothing.sock"
    with pytest.raises(StoreUnavailable, match=f"{re.escape(socket)} .*TAOKE_REDIS__URL"):
        await connect(socket)
    with pytest.raises(ValueError, match="scheme"):
        await connect("nonsense")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://127.0.0.1:1/0", "redis://127.0.0.1:1/0"),
        ("redis://me:hunter2@127.0.0.1:1/0", "redis://127.0.0.1:1/0"),
        ("redis://127.0.0.1:1/0?password=hunter2", "redis://127.0.0.1:1/0"),
        ("redis://[::1]:1", "redis://[::1]:1"),
        ("redis://127.0.0.1:1/hunter2@127.0.0.1", "redis://..."),
    ],
)
async def test_who_is_not_there_is_named_without_a_password(url: str, shown: str) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        await connect(url)
    sentence = str(caught.value)
    assert sentence.startswith(f"the store at {shown} does not answer (ConnectionError): ")
    assert "hunter2" not in sentence


async def test_a_silent_store_is_given_up(tmp_path: Path) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_unix_server(silent, str(tmp_path / "s"))
    with pytest.raises(StoreUnavailable, match="TimeoutError"):
        await connect(f"unix://{tmp_path}/s", timeout=0.05)
    server.close()


async def test_after_a_broken_connection_the_next_command_works(valkey_url: str) -> None:
    async with relay(valkey_url) as (url, _):
        store = await connect(url)
        store_id = await store.run("CLIENT", "ID")
        other = await connect(valkey_url)
        await other.run("CLIENT", "KILL", "ID", store_id)
        await other.close()
        async with asyncio.timeout(5):
            while True:  # the end of the stream may take a moment to come through
                try:
                    assert await store.run("CLIENT", "ID") != store_id
                    break
                except StoreUnavailable:
                    await asyncio.sleep(0)
        await store.close()


async def test_who_waits_on_a_lost_connection_is_told(redis_store: Store, valkey_url: str) -> None:
    store = await connect(valkey_url)
    blocked = asyncio.create_task(store.run("BLPOP", "never", 10))
    behind = asyncio.create_task(store.run("ECHO", "never sent back"))
    async with asyncio.timeout(5):
        while "cmd=blpop" not in (clients := await redis_store.run("CLIENT", "LIST")):
            await asyncio.sleep(0)
    behind.cancel()
    line = next(line for line in clients.splitlines() if "cmd=blpop" in line)
    await redis_store.run("CLIENT", "KILL", "ID", line.partition("id=")[2].split()[0])
    with pytest.raises(StoreUnavailable):
        await blocked
    await store.close()


async def test_an_answer_that_is_no_text_leaves_nobody_waiting(valkey_url: str) -> None:
    store = await connect(valkey_url)
    await store.run("SET", "bytes", b"\xff\xfe")
    async with asyncio.timeout(5):
        answers = await asyncio.gather(
            store.run("ECHO", "before"),
            store.run("GET", "bytes"),
            store.run("ECHO", "behind"),
            return_exceptions=True,
        )
    assert answers[0] == "before"
    for error in answers[1:]:
        assert isinstance(error, CommandRefused)
        assert "could not be read: UnicodeDecodeError" in str(error)
    assert await store.run("ECHO", "next") == "next"  # not what was left over
    await store.close()


async def test_closing_lets_commands_finish(valkey_url: str) -> None:
    store = await connect(valkey_url)
    tasks = [asyncio.create_task(store.run("ECHO", n)) for n in range(5)]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*tasks) == ["0", "1", "2", "3", "4"]
    await store.close()


async def test_one_connection_serves_in_turn(valkey_url: str) -> None:
    store = Store(client_for(valkey_url, 5), Keys())
    ids = {await store.run("CLIENT", "ID") for _ in range(20)}
    assert len(ids) == 1
    await store.close()


@asynccontextmanager
async def relay(url: str) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Passes bytes between a client and the server and keeps what the client sent, by reads."""
    seen: list[bytes] = []
    path = url.removeprefix("unix://")
    tasks: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up, down = await asyncio.open_unix_connection(path)
        await asyncio.gather(
            copy(reader.read, down, seen.append), copy(up.read, writer, lambda _: None)
        )

    async def copy(
        read: Callable[[int], Awaitable[bytes]],
        writer: asyncio.StreamWriter,
        keep: Callable[[bytes], None],
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        while data := await read(1 << 20):
            keep(data)
            writer.write(data)
        writer.close()

    server = await asyncio.start_unix_server(serve, f"{path}.relay")
    try:
        yield f"{url}.relay", seen
    finally:
        server.close()
        await asyncio.gather(*tasks, return_exceptions=True)
