"""What the commands share: reading the settings, opening the application, running it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeVar

from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Coroutine

__all__ = ["config_argument", "run_async", "settings_of"]

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
