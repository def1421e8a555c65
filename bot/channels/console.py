"""The chat in a terminal or on a pipe.

In a terminal a multi-line paste is one message (bracketed paste) and what arrives while somebody
types is printed above the prompt. From a pipe each line is one message, in which a literal `\\n` is
a line break; blank lines are passed over, and the end of the input ends the chat once everything
is answered. Messages are answered in their order.
"""

from __future__ import annotations

import itertools
import logging
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, TextIO

from bot.channels.contract import Channel, ChannelInfo, Handler, SentRef, Target
from bot.channels.lines import read_lines
from bot.channels.plain import clean, one_line, press_buttons, render
from bot.channels.terminal import typed_lines
from bot.commands.vocabulary import Command, understand
from bot.messages import IncomingMessage, MessageKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from bot.clock import Clock
    from bot.messages import Button, Reply
    from bot.texts import Texts

__all__ = ["ConsoleChannel"]

_LOG = logging.getLogger(__name__)
_PERSON = "console"


class ConsoleChannel(Channel):
    """One person at a keyboard, or a pipe in that person's place."""

    info: ClassVar[ChannelInfo] = ChannelInfo(
        id="console",
        max_chars=None,
        buttons=False,
        edit=False,
        copy=False,
        groups=False,
        hidden_replies=False,
    )

    def __init__(
        self,
        *,
        clock: Clock,
        texts: Texts,
        samples: Sequence[str] = (),
        account: str = "main",
        input_fd: int = 0,
        output: TextIO | None = None,
        page_url: str = "",
    ) -> None:
        """`output` unset is standard output as it is when a line is printed. `page_url` is where the
        same chat stands in a browser."""
        self._clock, self._samples, self._account = clock, tuple(samples), account
        self._texts, self._page_url = texts, page_url
        self._input_fd, self._output = input_fd, output
        self._numbers = itertools.count(1)
        self._menu: Sequence[Button] = ()
        self._handle: Handler | None = None

    async def start(self, handle: Handler) -> None:
        """Messages are read by `run`."""
        self._handle = handle

    async def run(self, texts: Sequence[str] = ()) -> None:
        """Answer the given texts; without any, greet and answer what is typed or piped to its end."""
        if texts:
            for text in texts:
                await self._take(text)
            return
        self._greet()
        if self._is_terminal():
            async with typed_lines() as lines:
                await self._answer_all(lines)
        else:
            await self._answer_all(self._piped())

    async def close(self) -> None:
        """Nothing is open."""
        self._handle = None

    async def send(self, target: Target, reply: Reply) -> SentRef:
        """Print the reply; there is one chat only."""
        self._menu = press_buttons(reply)
        self._print(render(reply, ansi=self._styled()) + "\n")
        return SentRef(target=target, message_ids=(str(next(self._numbers)),))

    async def edit(self, sent: SentRef, reply: Reply) -> SentRef:
        """Print it anew: what is printed stays."""
        return await self.send(sent.target, reply)

    async def delete(self, sent: SentRef) -> bool:
        """What is printed stays."""
        return False

    def link_opened(self, code: str, title: str) -> None:
        """Say that somebody opened a share link. Never raises."""
        self._print(self._texts("console.opened", title=one_line(title, 40), code=clean(code)))

    def _greet(self) -> None:
        say = self._texts
        lines = [say("console.hello")]
        if self._page_url:
            lines.append(say("console.page", url=self._page_url))
        if self._samples:
            lines.append(say("console.samples"))
            lines += [f"  {n}  {one_line(text)}" for n, text in enumerate(self._samples, 1)]
        self._print("\n".join([*lines, say("console.more")]) + "\n")

    async def _piped(self) -> AsyncIterator[str]:
        async for line in read_lines(self._input_fd):
            yield line.replace("\\n", "\n")

    async def _answer_all(self, lines: AsyncIterator[str]) -> None:
        async for text in lines:
            if not text.strip():
                continue
            said = understand(text)
            if said is not None and said.command is Command.QUIT:
                break
            await self._take(text)
        self._print(self._texts("console.bye"))

    async def _take(self, text: str) -> None:
        """Answer one message; nothing that goes wrong there ends the chat."""
        message = self._message(text)
        if self._handle is None:
            return
        try:
            reply = await self._handle(message)
        except Exception as error:
            _LOG.error("console: a message failed: %s", type(error).__name__)
            self._print(self._texts("reason.adapter_error") + "\n")
            return
        if reply is not None:
            await self.send(Target.answering(message), reply)

    def _message(self, text: str) -> IncomingMessage:
        kind, text = self._meant(text)
        return IncomingMessage(
            channel=self.info.id,
            account=self._account,
            chat_id=_PERSON,
            sender_id=_PERSON,
            message_id=str(next(self._numbers)),
            kind=kind,
            text=text,
            language=self._texts.language,
            received_at=self._clock.now(),
        )

    def _meant(self, text: str) -> tuple[MessageKind, str]:
        """A number is an action of the last reply's menu, else a sample."""
        typed = text.strip()
        number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 3 else 0
        if 0 < number <= len(self._menu):
            return MessageKind.PRESS, self._menu[number - 1].value
        if not self._menu and 0 < number <= len(self._samples):
            sample = self._samples[number - 1]
            self._print("> " + clean(sample).replace("\n", "\n> "))
            return MessageKind.NEW, sample
        return MessageKind.NEW, text

    def _out(self) -> TextIO:
        return self._output or sys.stdout

    def _is_terminal(self) -> bool:
        return os.isatty(self._input_fd) and self._out().isatty()

    def _styled(self) -> bool:
        return self._out().isatty() and not os.environ.get("NO_COLOR")

    def _print(self, text: str) -> None:
        out = self._out()
        encoding = out.encoding or "utf-8"
        # A reader that has gone (`| head`) is no reason to stop counting and serving.
        with suppress(OSError, ValueError):
            out.write(text.encode(encoding, "replace").decode(encoding) + "\n")
            out.flush()
