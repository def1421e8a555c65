"""`taoke mock`: the mock platforms by themselves, and their clock."""

from __future__ import annotations

import asyncio
import re
import signal
from datetime import timedelta
from typing import TYPE_CHECKING

from adapters import registry
from bot.cli.common import config_argument, run_async, settings_of
from bot.cli.failure import Failure
from bot.clock import MockClock
from bot.convert.platform import Mode
from bot.demo.mocks import MockPlatforms
from bot.platforms import plan_platforms
from bot.redis.embedded import open_embedded

if TYPE_CHECKING:
    import argparse

    from bot.settings import Settings

EXAMPLE = "taoke mock clock --advance 20d"

SPAN = re.compile(r"(\d{1,6})([smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def span(text: str) -> timedelta:
    """`20d`, `3h`, `90m` or `30s`."""
    match = SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no span; write 20d, 3h, 90m or 30s")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def arguments(parser: argparse.ArgumentParser) -> None:
    """`mock` alone serves; `mock clock` shows or moves the demo's time."""
    config_argument(parser)
    parser.add_argument("what", nargs="?", choices=["clock"], help="clock: show or move demo time")
    parser.add_argument("--advance", metavar="SPAN", help="with clock: 20d, 3h, 90m, 30s")


def run(options: argparse.Namespace) -> int:
    """Serve until Ctrl-C, or handle the clock."""
    settings = settings_of(options)
    if plan_platforms(settings.platforms, registry.find_adapters()).mode is not Mode.MOCK:
        raise Failure("the platforms are live here; the demo's clock and mocks stay off")
    if options.what == "clock":
        return _clock(settings, options.advance)
    if options.advance is not None:
        raise Failure("--advance belongs to the clock: taoke mock clock --advance 20d")
    return run_async(_serve(settings))


def _clock(settings: Settings, advance: str | None) -> int:
    clock = MockClock(settings.data_dir)
    if advance is not None:
        try:
            clock.advance(span(advance))
        except ValueError as error:
            raise Failure(str(error)) from error
    print(f"{clock.now():%Y-%m-%d %H:%M:%S} UTC (+{clock.offset()})")
    return 0


async def _serve(settings: Settings) -> int:
    """Hold the mock process (shared with every other command of this data folder) until a signal."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    embedded = await open_embedded(settings.data_dir, [MockPlatforms().child(settings.data_dir)])
    try:
        base_url = embedded.children["mock"]["base_url"]
        print(f"【演示数据】mock platforms: {base_url}", flush=True)
        for name in sorted(registry.find_mocks()):
            gateway = MockPlatforms().values(name, str(base_url)).get("gateway_url")
            print(f"  {name}: {gateway}", flush=True)
        print(f"  control: {base_url}/_control/  (Ctrl-C ends)", flush=True)
        await stop.wait()
    finally:
        await embedded.close()
    return 0
