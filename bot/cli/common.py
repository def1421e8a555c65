"""What the commands share: reading the settings, opening the application, running it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeVar

from bot.app import open_app
from bot.demo.mocks import MockPlatforms
from bot.demo.served import served_url
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Coroutine
    from contextlib import AbstractAsyncContextManager

    from bot.app import App

__all__ = ["base_for", "config_argument", "open_for", "run_async", "settings_of"]

ResultT = TypeVar("ResultT")


def config_argument(parser: argparse.ArgumentParser) -> None:
    """`--config FILE`."""
    parser.add_argument("--config", metavar="FILE", help="settings file (TOML); else TAOKE_CONFIG")


def settings_of(arguments: argparse.Namespace) -> Settings:
    """All settings, and logging as they say."""
    settings = load_settings(arguments.config)
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    return settings


def run_async(work: Coroutine[None, None, ResultT]) -> ResultT:
    """Run to the end; Ctrl-C cancels it and its clean-up is awaited."""
    return asyncio.run(work)


def base_for(settings: Settings) -> str:
    """How links start that a short-lived command makes: the public address, else where a server of
    this data folder listens, else where one would."""
    if settings.web.public_url is not None:
        return str(settings.web.public_url).rstrip("/")
    return served_url(settings.data_dir) or f"http://127.0.0.1:{settings.web.port}"


def open_for(settings: Settings) -> AbstractAsyncContextManager[App]:
    """The application for a command of the operator: no server, the whole commission is shown."""
    return open_app(
        settings, MockPlatforms(), base_url=base_for(settings), operator=lambda _message: True
    )
