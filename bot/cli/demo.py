"""`taoke demo`: everything in one, against mock platforms, without any key."""

from __future__ import annotations

import argparse
import asyncio
import signal
from typing import TYPE_CHECKING

from bot.cli.common import config_argument, run_async, settings_of
from bot.cli.serving import address_of, bind
from bot.demo.session import demo
from bot.texts import texts

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from bot.settings import Settings

EXAMPLE = "taoke demo 'https://item.jd.com/100012043978.html'"


def port_number(text: str) -> int:
    """1 to 65535."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= 65_535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port; write a number from 1 to 65535")
    return int(text)


def arguments(parser: argparse.ArgumentParser) -> None:
    """TEXT is answered and served; without it the console is read."""
    config_argument(parser)
    parser.add_argument(
        "--port", type=port_number, help="port of the web page; default 8080 or the next free"
    )
    parser.add_argument("--once", action="store_true", help="with TEXT: answer and exit")
    parser.add_argument("text", nargs="*", metavar="TEXT", help="messages to answer")


def run(options: argparse.Namespace) -> int:
    """Until the end of input, 退出, Ctrl-C or SIGTERM."""
    settings = settings_of(options)
    wanted = options.port or settings.web.port
    exactly = options.port is not None or settings.port_was_named
    listener = bind(settings.web.host, wanted, exactly=exactly)
    used = listener.getsockname()[1]
    if used != wanted:
        line = texts(settings.language)("console.port_taken", port=wanted, used=used)
        print(line, flush=True)
    with listener:
        return run_async(_run(settings, listener, options.text, once=options.once))


async def _run(
    settings: Settings, listener: socket.socket, given: Sequence[str], *, once: bool
) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await demo(settings, listener, address_of(listener), given, once=once, stop=stop)
    return 0
