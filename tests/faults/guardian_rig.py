"""Clients of the guardian in processes of their own, and what is left of them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.redis.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Callable

CHILD = """
import json, os, signal, socket, sys
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen()
url = "http://127.0.0.1:%d" % listener.getsockname()[1]
print(json.dumps({"base_url": url, "pid": os.getpid()}), flush=True)
print("and more words", flush=True)
signal.pause()
"""

CLIENT = """
import asyncio, json, signal, sys
from pathlib import Path
from bot.redis.connection import connect
from bot.redis.embedded import Child, open_embedded

async def main():
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    children = [Child(name="mock", argv=json.loads(sys.argv[2]))] if sys.argv[2:] else []
    embedded = await open_embedded(Path(sys.argv[1]), children)
    store = await connect(embedded.redis_url)
    count = await store.run("INCR", "starts")
    print(json.dumps({"starts": count, "children": embedded.children}), flush=True)
    await stop.wait()
    await store.run("SET", "last", "words")
    await store.close()
    await embedded.close()

asyncio.run(main())
"""

PATIENCE = 30.0


async def until(condition: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Wait for a condition; TimeoutError if it does not come."""
    async with asyncio.timeout(patience):
        while not condition():
            await asyncio.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and is not collected yet does not."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def pids(data_dir: Path) -> dict[str, list[int]]:
    """Guardians and stores of a data folder, by what their command line names."""
    paths = Paths.of(data_dir)
    found: dict[str, list[int]] = {"guardian": [], "store": []}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or not alive(int(entry.name)):
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        # A running store shows its socket as its title; while starting, its configuration file.
        if b"bot.redis.guardian" in words and os.fsencode(paths.data) in words:
            found["guardian"].append(int(entry.name))
        elif b"valkey-server" in words[0] and _is_of(entry, paths):
            found["store"].append(int(entry.name))
    return found


def _is_of(entry: Path, paths: Paths) -> bool:
    with suppress(OSError):
        return (entry / "cwd").resolve() == paths.store
    return False


def gone(data_dir: Path) -> bool:
    """Whether neither guardian nor store of a data folder runs."""
    return not any(pids(data_dir).values())


@dataclass
class Client:
    """A client process that has said that it is ready."""

    process: subprocess.Popen[str]
    said: dict[str, Any]

    def end(self, number: int) -> None:
        """Send a signal to its whole process group, as Ctrl-C in a terminal does."""
        os.killpg(self.process.pid, number)
        self.process.wait(PATIENCE)
        if self.process.stdout is not None:
            self.process.stdout.close()


async def client(data_dir: Path, *children: str) -> Client:
    """Start a client and wait for its words."""
    argv = [sys.executable, "-c", CLIENT, str(data_dir), *children]
    process = _start(argv)
    assert process.stdout is not None
    line = await asyncio.to_thread(process.stdout.readline)
    assert line, "the client has ended"
    return Client(process, json.loads(line))


def _start(argv: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, start_new_session=True)


def child_argv() -> list[str]:
    """A child that listens on the port it is given."""
    return [sys.executable, "-c", CHILD, "{port}"]


def kill(*numbers: int) -> None:
    """SIGKILL, at once."""
    for pid in numbers:
        os.kill(pid, signal.SIGKILL)
