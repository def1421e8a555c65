"""`taoke run`: production. Web server and jobs as configured; channels join as they are configured."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

from bot.cli.common import config_argument, run_async, settings_of
from bot.cli.serving import address_of, bind
from bot.demo.session import serving
from bot.texts import texts

if TYPE_CHECKING:
    import argparse
    import socket

    from bot.settings import Settings

EXAMPLE = "TAOKE_WEB__PUBLIC_URL=https://go.example.com taoke run --config settings.toml"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Only `--config`."""
    config_argument(parser)


def run(options: argparse.Namespace) -> int:
    """Until SIGTERM or Ctrl-C."""
    settings = settings_of(options)
    listener = bind(settings.web.host, settings.web.port, exactly=settings.port_was_named)
    with listener:
        return run_async(_run(settings, listener))


async def _run(settings: Settings, listener: socket.socket) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    catalogue = texts(settings.language)
    public = settings.web.public_url
    base_url = str(public).rstrip("/") if public is not None else None
    async with serving(settings, listener, base_url, chat=False) as (app, _):
        for line in app.plans.lines:
            print(f"taoke: {line}", flush=True)
        if base_url is None:
            print(f"taoke: {catalogue('convert.no_public_url')}", flush=True)
        print(f"taoke: {address_of(listener)}", flush=True)
        await stop.wait()
    return 0
