"""The console on a pipe, in process: real file descriptors, no thread, no terminal."""

from __future__ import annotations

import asyncio
import io
import os
from typing import TYPE_CHECKING

import pytest

from bot.channels.console import ConsoleChannel
from bot.channels.lines import read_lines
from bot.clock import SystemClock
from bot.messages import Button, ButtonKind, IncomingMessage, MessageKind, Reply
from bot.texts import texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ZH = texts("zh_CN")
SAMPLES = ("看这个\nhttps://a.example/1", "口令 ￥abc￥")


class Echo:
    """Answers with the length and the beginning of what it was asked."""

    def __init__(self) -> None:
        self.asked: list[IncomingMessage] = []

    async def __call__(self, message: IncomingMessage) -> Reply:
        self.asked.append(message)
        return Reply(text=f"<{len(message.text)}:{message.text[:20]}>")


class Pipe:
    """A pipe whose reading end the console reads."""

    def __init__(self) -> None:
        self.read_end, self.write_end = os.pipe()
        self.output = io.StringIO()
        self.echo = Echo()
        self.console = ConsoleChannel(
            clock=SystemClock(),
            texts=ZH,
            samples=SAMPLES,
            input_fd=self.read_end,
            output=self.output,
        )

    def write(self, data: bytes) -> None:
        os.write(self.write_end, data)

    def end(self) -> None:
        if self.write_end >= 0:
            os.close(self.write_end)
            self.write_end = -1

    async def run(self, data: bytes = b"") -> str:
        """Write, end the input, and give back what was printed."""
        await self.console.start(self.echo)
        writing = asyncio.create_task(asyncio.to_thread(self._write_all, data))
        await asyncio.wait_for(self.console.run(), 20)
        await writing
        return self.output.getvalue()

    def _write_all(self, data: bytes) -> None:
        while data:
            data = data[os.write(self.write_end, data) :]
        self.end()


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    pipe.end()
    os.close(pipe.read_end)


async def test_it_greets_with_numbered_samples(pipe: Pipe) -> None:
    out = await pipe.run()
    assert "  1  看这个 https://a.example/1\n  2  口令 ￥abc￥\n" in out
    assert pipe.echo.asked == []


async def test_the_greeting_names_the_page_and_has_no_list_without_samples(pipe: Pipe) -> None:
    pipe.console = ConsoleChannel(
        clock=SystemClock(),
        texts=texts("en"),
        input_fd=pipe.read_end,
        output=pipe.output,
        page_url="http://127.0.0.1:8080/",
    )
    out = await pipe.run("你好\n".encode())
    assert "http://127.0.0.1:8080/\nhelp" in out
    assert "  1  " not in out
    assert pipe.echo.asked[0].language == "en"


async def test_each_line_is_a_message_and_blank_ones_are_passed_over(pipe: Pipe) -> None:
    await pipe.run("一\n\n   \n二\r\n三".encode())
    assert [message.text for message in pipe.echo.asked] == ["一", "二", "三"]


async def test_a_literal_backslash_n_is_a_line_break(pipe: Pipe) -> None:
    await pipe.run(b"one\\ntwo\n")
    assert pipe.echo.asked[0].text == "one\ntwo"


async def test_a_number_is_a_sample(pipe: Pipe) -> None:
    out = await pipe.run(b"1\n 2 \n3\n0\n99999\n")
    texts = [message.text for message in pipe.echo.asked]
    assert texts == [*SAMPLES, "3", "0", "99999"]
    assert "> 看这个\n> https://a.example/1\n" in out


async def test_after_a_menu_a_number_is_its_action(pipe: Pipe) -> None:
    async def handle(message: IncomingMessage) -> Reply:
        pipe.echo.asked.append(message)
        buttons = [Button(kind=ButtonKind.PRESS, label="换一个", value="again")]
        return Reply(text="好", buttons=buttons if message.text == "menu" else ())

    await pipe.console.start(handle)
    await pipe.console.run(["menu", "1", "1"])
    assert [(message.kind, message.text) for message in pipe.echo.asked] == [
        (MessageKind.NEW, "menu"),
        (MessageKind.PRESS, "again"),
        (MessageKind.NEW, SAMPLES[0]),
    ]


async def test_leaving_ends_it_before_the_rest(pipe: Pipe) -> None:
    out = await pipe.run("一\n退出\n二\n".encode())
    assert out.endswith("再见。\n")
    assert [message.text for message in pipe.echo.asked] == ["一"]


async def test_all_answers_are_printed_in_order_before_it_ends(pipe: Pipe) -> None:
    done: list[str] = []

    async def slow(message: IncomingMessage) -> Reply:
        for _ in range(10 - len(done)):
            await asyncio.sleep(0)
        done.append(message.text)
        return Reply(text=f"<{message.text}>")

    pipe.write(b"a\nb\nc\n")
    pipe.end()
    await pipe.console.start(slow)
    await pipe.console.run()
    assert pipe.output.getvalue().endswith("<a>\n\n<b>\n\n<c>\n\n再见。\n")


async def test_given_texts_leave_the_input_alone(pipe: Pipe) -> None:
    pipe.write(b"from the pipe\n")
    await pipe.console.start(pipe.echo)
    await pipe.console.run(["given"])
    assert [message.text for message in pipe.echo.asked] == ["given"]
    assert pipe.output.getvalue() == "<5:given>\n\n"
    assert os.read(pipe.read_end, 100) == b"from the pipe\n"


async def test_a_megabyte_on_one_line_is_one_message(pipe: Pipe) -> None:
    await pipe.run(b"x" * 1_000_000 + b"\nnext\n")
    assert [len(message.text) for message in pipe.echo.asked] == [1_000_000, 4]


async def test_bytes_that_are_no_text_are_answered(pipe: Pipe) -> None:
    out = await pipe.run(b"\xff\xfe\x00 caf\xe9\n\x1b[2Jred\n")
    assert len(pipe.echo.asked) == 2
    assert pipe.echo.asked[0].text.encode("utf-8", "surrogateescape") == b"\xff\xfe\x00 caf\xe9"
    assert "\x1b" not in out
    assert "< caf" not in out
    assert "<8: caf>" in out


async def test_nothing_is_answered_before_the_start(pipe: Pipe) -> None:
    await pipe.console.run(["too early"])
    assert pipe.output.getvalue() == ""


async def test_a_failure_is_one_sentence(pipe: Pipe, caplog: pytest.LogCaptureFixture) -> None:
    async def broken(message: IncomingMessage) -> Reply:
        raise ValueError(message.text)

    await pipe.console.start(broken)
    await pipe.console.run(["private words"])
    assert ZH("reason.adapter_error") in pipe.output.getvalue()
    assert "ValueError" in caplog.text
    assert "private words" not in caplog.text + pipe.output.getvalue()


async def test_an_opened_link_is_told(pipe: Pipe) -> None:
    pipe.console.link_opened("AbCdEfG", "保温杯\x1b[2J" + "长" * 50)
    out = pipe.output.getvalue()
    assert "AbCdEfG" in out
    assert "保温杯[2J长" in out
    assert out.endswith("…\n")


async def test_a_screen_with_a_small_alphabet_shows_question_marks() -> None:
    raw = io.BytesIO()
    output = io.TextIOWrapper(raw, encoding="ascii")
    ConsoleChannel(clock=SystemClock(), texts=ZH, output=output).link_opened("AbCdEfG", "cup")
    assert raw.getvalue() == b"??????? /s/AbCdEfG?cup\n"


async def test_a_reader_that_has_gone_is_no_error() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "wb", buffering=0) as raw:
        output = io.TextIOWrapper(raw, encoding="utf-8", write_through=True)
        ConsoleChannel(clock=SystemClock(), texts=ZH, output=output).link_opened("AbCdEfG", "杯")


async def test_a_file_is_read_to_its_end_and_what_is_none_has_no_lines(tmp_path: Path) -> None:
    path = tmp_path / "in.txt"
    path.write_bytes(b"one\ntwo")
    for name, expected in ((path, ["one", "two"]), (os.devnull, []), (tmp_path, [])):
        fd = os.open(name, os.O_RDONLY)
        try:
            assert [line async for line in read_lines(fd)] == expected
        finally:
            os.close(fd)


async def test_the_rest_of_a_line_that_is_too_long_is_passed_over(pipe: Pipe) -> None:
    pipe.write(b"abcdefgh\nij\nklmnopq")
    pipe.end()
    assert [line async for line in read_lines(pipe.read_end, max_line=5)] == [
        "abcde",
        "ij",
        "klmno",
    ]


async def test_a_line_in_pieces_is_put_together(pipe: Pipe) -> None:
    lines = read_lines(pipe.read_end)
    pipe.write("你".encode()[:2])
    waiting = asyncio.ensure_future(anext(lines))
    for _ in range(5):
        await asyncio.sleep(0)
    pipe.write("你".encode()[2:] + b"\n")
    assert await waiting == "你"
    await lines.aclose()


async def test_waiting_for_a_line_can_be_cancelled(pipe: Pipe) -> None:
    await pipe.console.start(pipe.echo)
    running = asyncio.create_task(pipe.console.run())
    for _ in range(5):
        await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_terminal_that_has_gone_is_an_end() -> None:
    ours, theirs = os.openpty()
    os.close(ours)
    try:
        assert [line async for line in read_lines(theirs)] == []
    finally:
        os.close(theirs)
