"""`taoke` as a real process in a data folder of its own, and proof that nothing of it is left.

Everything is bounded: a program that does not answer fails the test with what it has printed.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "Done",
    "Program",
    "data_folder",
    "free_port",
    "mock_address",
    "run_taoke",
    "start_taoke",
    "until",
    "until_gone",
]

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
"""Seconds for what takes one or two where nothing else runs."""
POLL = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A program that has ended."""

    code: int
    out: str
    err: str

    def sentence(self) -> str:
        """What it said on stderr, which must be one line and no stack trace."""
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, self.err
        assert "Traceback" not in self.err
        return lines[0]


def until(what: str, true: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(POLL)


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(data_dir: Path, settings: dict[str, str]) -> dict[str, str]:
    """This environment (coverage's variables too) with no settings but the given ones."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TAOKE_")}
    named = {f"TAOKE_{name}": value for name, value in settings.items()}
    return {**kept, "TAOKE_DATA_DIR": str(data_dir), "PYTHONUTF8": "1", **named}


class Program:
    """A running `python -m bot ...`; what it prints is read all the time, so it never blocks."""

    def __init__(self, data_dir: Path, arguments: tuple[str, ...], **settings: str) -> None:
        self.data_dir = data_dir
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", *arguments],
            cwd=ROOT,
            env=_environment(data_dir, settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._printed: dict[str, bytes] = {"out": b"", "err": b""}
        self._readers = [
            threading.Thread(target=self._read, args=(name, stream), daemon=True)
            for name, stream in (("out", self._process.stdout), ("err", self._process.stderr))
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, name: str, stream: IO[bytes]) -> None:
        with stream:
            while chunk := os.read(stream.fileno(), 65536):
                self._printed[name] += chunk

    @property
    def out(self) -> str:
        """What stands on stdout so far."""
        return self._printed["out"].decode("utf-8", "replace")

    @property
    def err(self) -> str:
        """What stands on stderr so far."""
        return self._printed["err"].decode("utf-8", "replace")

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def wait_for(self, text: str, times: int = 1, seconds: float = PATIENCE) -> str:
        """stdout, once `text` stands on it (so often)."""
        deadline = time.monotonic() + seconds
        while self.out.count(text) < times:
            in_time = self.running and time.monotonic() < deadline
            # What it printed last may still be in the pipe when it has ended.
            assert in_time or self._settled(text, times), f"no {text!r}:\n{self.out}\n{self.err}"
            time.sleep(POLL)
        return self.out

    def _settled(self, text: str, times: int) -> bool:
        for reader in self._readers:
            reader.join(1)
        return self.out.count(text) >= times

    def send(self, data: str | bytes) -> None:
        """Write to its stdin."""
        stdin = self._process.stdin
        assert stdin is not None
        stdin.write(data.encode() if isinstance(data, str) else data)
        stdin.flush()

    def end_input(self) -> None:
        """The end of its stdin; twice is fine."""
        stdin = self._process.stdin
        assert stdin is not None
        with suppress(BrokenPipeError):
            stdin.close()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to this very process."""
        self._process.send_signal(number)

    def finish(self, seconds: float = PATIENCE) -> Done:
        """Wait for its end."""
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"does not end:\n{self.out}\n{self.err}") from None
        for reader in self._readers:
            reader.join(seconds)
        self.end_input()
        return Done(code=code, out=self.out, err=self.err)

    def stop(self) -> Done:
        """SIGTERM, and wait for its end."""
        self.signal(signal.SIGTERM)
        return self.finish()


@contextmanager
def start_taoke(data_dir: Path, *arguments: str, **settings: str) -> Iterator[Program]:
    """A running command; killed at the end of the block if it is still there. `settings` are named
    without TAOKE_."""
    program = Program(data_dir, arguments, **settings)
    try:
        yield program
    finally:
        if program.running:
            program.signal(signal.SIGKILL)
        program.finish()


def run_taoke(data_dir: Path, *arguments: str, stdin: str | bytes = b"", **settings: str) -> Done:
    """A command from its start to its end, with all of `stdin` at once."""
    with start_taoke(data_dir, *arguments, **settings) as program:
        with suppress(BrokenPipeError):
            program.send(stdin)
        program.end_input()
        return program.finish()


@contextmanager
def data_folder() -> Iterator[Path]:
    """A fresh data folder; at its end nothing that used it is left running."""
    folder = Path(tempfile.mkdtemp(prefix="taoke-e2e-"))
    try:
        yield folder
        until_gone(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def until_gone(data_dir: Path, seconds: float = 10.0) -> None:
    """Wait until guardian, store and mock platforms of a data folder have ended."""
    until(
        f"nothing runs in {data_dir}",
        lambda: (
            not any(
                (
                    _locked(data_dir / "guardian.lock"),
                    _locked(data_dir / "store.lock"),
                    _mock(data_dir),
                )
            )
        ),
        seconds,
    )


def mock_address(data_dir: Path) -> str:
    """Where the mock platforms of a data folder are reached."""
    port = json.loads((data_dir / "ports.json").read_text())["mock"]
    return f"http://127.0.0.1:{port}"


def _locked(path: Path) -> bool:
    """Whether a process holds the lock, which ends with it however it ends."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _mock(data_dir: Path) -> bool:
    if not (data_dir / "ports.json").exists():
        return False
    port = int(mock_address(data_dir).rpartition(":")[2])
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
