"""`taoke doctor`: what works, what is missing, and what works without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cli.checkup import checkup
from bot.cli.common import config_argument, open_for, run_async, settings_of
from bot.cli.live_check import live_check
from bot.texts import texts

if TYPE_CHECKING:
    import argparse

    from bot.settings import Settings

EXAMPLE = "taoke doctor --live 'https://item.jd.com/100012043978.html'"


def arguments(parser: argparse.ArgumentParser) -> None:
    """`--live LINK` runs one whole conversion step by step."""
    config_argument(parser)
    parser.add_argument(
        "--live",
        metavar="LINK",
        help="run resolve, offer, promote and own-PID proof once and write a scrubbed report",
    )


def run(options: argparse.Namespace) -> int:
    """0 if nothing is wrong, 1 otherwise."""
    return run_async(_doctor(settings_of(options), options.live))


async def _doctor(settings: Settings, link: str | None) -> int:
    catalogue = texts(settings.language)
    async with open_for(settings) as app:
        if link is not None:
            return await live_check(app, link, catalogue)
        found = await checkup(app, catalogue)
    for finding in found:
        print(("✗ " if finding.wrong else "· ") + finding.text)
    return int(any(finding.wrong for finding in found))
