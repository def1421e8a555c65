"""`taoke stats`: seen, recognised, converted, clicked, today and in total, by platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cli.common import config_argument, open_for, run_async, settings_of
from bot.texts import texts

if TYPE_CHECKING:
    import argparse

    from bot.settings import Settings

EXAMPLE = "taoke stats"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Only `--config`."""
    config_argument(parser)


def run(options: argparse.Namespace) -> int:
    """Print the table."""
    return run_async(_stats(settings_of(options)))


async def _stats(settings: Settings) -> int:
    async with open_for(settings) as app:
        print(await app.stats.text(texts(settings.language)))
    return 0
