"""Stores for tests: the imitation in this process, and the real server.

`store` runs a test three times: on fakeredis, on the real server, and on a cluster of one node, which
refuses what touches keys of two slots. `redis_store` is the real server.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import fakeredis
import pytest
import redis

from bot.redis.binary import find_binary, server_config
from bot.redis.connection import Store, connect
from bot.redis.keys import Keys

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

START_SECONDS = 20


def _answering(path: Path, process: subprocess.Popen[bytes]) -> redis.Redis:
    client = redis.Redis(unix_socket_path=str(path), decode_responses=True)
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            client.ping()
        except redis.ConnectionError:
            assert process.poll() is None, "the server has ended"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.005)
        else:
            return client


def _serve(more: str = "") -> Iterator[str]:
    """A server on a socket with a short path; gives its address."""
    folder = Path(tempfile.mkdtemp(prefix="taoke-test-"))
    path = folder / "s"
    config = folder / "conf"
    config.write_text(server_config(folder=folder, socket=path) + more)
    argv = [str(find_binary()), str(config)]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with closing(_answering(path, process)) as client:
            if more:
                client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)  # type: ignore[no-untyped-call]  # untyped in redis-py
                while client.cluster("INFO")["cluster_state"] != "ok":
                    time.sleep(0.005)
        yield f"unix://{path}"
    finally:
        process.terminate()
        process.wait(START_SECONDS)
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """The address of a real server, shared by all tests; `redis_store` empties it."""
    yield from _serve()


@pytest.fixture(scope="session")
def cluster_url() -> Iterator[str]:
    """The address of a cluster of one node, which also wants a port for its bus."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    yield from _serve(f"cluster-enabled yes\ncluster-port {port}\nbind 127.0.0.1\n")


async def _emptied(url: str) -> AsyncIterator[Store]:
    made = await connect(url, prefix="test", timeout=10)
    await made.run("FLUSHALL")
    yield made
    await made.close()


@pytest.fixture
async def redis_store(valkey_url: str) -> AsyncIterator[Store]:
    """An empty store on the real server."""
    async for made in _emptied(valkey_url):
        yield made


@pytest.fixture(params=["fakeredis", "valkey", "cluster"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """An empty store, of every kind."""
    if request.param == "fakeredis":
        client = fakeredis.FakeAsyncRedis(decode_responses=True, protocol=2)
        made = Store(client, Keys("test"))
        yield made
        await made.close()
    else:
        kind = "valkey_url" if request.param == "valkey" else "cluster_url"
        async for made in _emptied(request.getfixturevalue(kind)):
            yield made
