"""The console in a pseudo terminal: the real process, keys as a terminal sends them."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = """
import asyncio
from bot.channels.console import ConsoleChannel
from bot.clock import SystemClock
from bot.messages import Card, Line, Reply
from bot.texts import texts

async def main():
    console = ConsoleChannel(clock=SystemClock(), texts=texts("zh_CN"), samples=["sample one", "sample two"])

    async def handle(message):
        if message.text == "open":
            asyncio.get_running_loop().call_later(0.05, console.link_opened, "AbCdEfG", "cup")
        text = f"got {message.text!r}" if len(message.text) < 200 else f"got {len(message.text)}"
        return Reply(card=Card(lines=[Line(text=text, strong="got")]))

    await console.start(handle)
    await console.run()
    await console.close()
    print("ended well")

asyncio.run(main())
"""
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r")
PASTE_START, PASTE_END = b"\x1b[200~", b"\x1b[201~"
CTRL_C, CTRL_D = b"\x03", b"\x04"


class Terminal:
    """A screen and a keyboard."""

    def __init__(self) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={
                **os.environ,
                "TERM": "xterm-256color",
                "NO_COLOR": "",
                "PROMPT_TOOLKIT_NO_CPR": "1",
            },
        )
        os.close(slave)
        self.raw = b""

    def keys(self, data: bytes) -> None:
        os.write(self.master, data)

    def until(self, expected: str, timeout: float = 15) -> str:
        """Everything shown so far, once `expected` is on the screen."""
        deadline = time.monotonic() + timeout
        while expected not in (shown := self.shown()):
            left = deadline - time.monotonic()
            ready, _, _ = select.select([self.master], [], [], max(left, 0))
            assert ready, f"{expected!r} was not shown in {shown!r}"
            try:
                self.raw += os.read(self.master, 65536)
            except OSError as error:  # EIO: the program has ended
                raise AssertionError(f"{expected!r} was not shown in {shown!r}") from error
        return shown

    def shown(self) -> str:
        return ESCAPES.sub("", self.raw.decode("utf-8", "replace"))

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        os.close(self.master)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    try:
        terminal.until("›")
        yield terminal
    finally:
        with suppress(ProcessLookupError):
            terminal.stop()


def test_a_paste_of_several_lines_is_one_message(terminal: Terminal) -> None:
    terminal.keys(PASTE_START + b"line one\r\nline two\rline three" + PASTE_END + b"\r")
    terminal.until(r"got 'line one\nline two\nline three'")


def test_bold_where_it_can_be_seen(terminal: Terminal) -> None:
    terminal.keys(b"hello\r")
    terminal.until("got 'hello'")
    assert b"\x1b[1mgot\x1b[0m 'hello'" in terminal.raw


def test_what_arrives_while_typing_stands_above_the_prompt(terminal: Terminal) -> None:
    terminal.keys(b"open\r")
    terminal.until("got 'open'")
    terminal.keys(b"half a messa")
    terminal.until("有人打开了链接 /s/AbCdEfG：cup")
    terminal.keys(b"ge\r")
    terminal.until("got 'half a message'")


def test_a_number_is_a_sample_here_too(terminal: Terminal) -> None:
    terminal.keys(b"2\r")
    assert "> sample two" in terminal.until("got 'sample two'")


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D])
def test_ctrl_c_and_ctrl_d_end_it(terminal: Terminal, key: bytes) -> None:
    terminal.keys(b"hello\r")
    # While an answer is printed the terminal is in its ordinary mode, where these keys are signals
    # of a controlling terminal, which this one is not: wait until the prompt is back.
    terminal.until("got 'hello'\n\n›")
    terminal.keys(key)
    shown = terminal.until("ended well")
    assert "Traceback" not in shown
    assert terminal.process.wait(10) == 0


def test_leaving_by_a_word_ends_it(terminal: Terminal) -> None:
    terminal.keys("退出\r".encode())
    terminal.until("ended well")
    assert terminal.process.wait(10) == 0
