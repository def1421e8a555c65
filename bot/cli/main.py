"""The `taoke` command: exit 0 done, 1 failed, 2 wrong usage. Every failure is one clear sentence."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
from typing import TYPE_CHECKING

from adapters.registry import AdapterLoadError
from bot.cli.failure import Failure
from bot.redis.errors import StoreError
from bot.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

COMMANDS = {
    "demo": "try it: embedded store, mock platforms, web page and console chat in one",
    "run": "run for real: web server and jobs as configured",
    "convert": "convert the links in one text",
    "recognise": "recognise links: a JSON string, or an object with text, a line on stdin",
    "mock": "run the mock platforms (演示数据), or move their clock",
    "doctor": "check platforms, keys, rights, clock, store and public address",
    "stats": "how many messages and links were seen, recognised, converted, clicked",
}


def parser(chosen: str | None) -> argparse.ArgumentParser:
    """All commands; only the chosen one is imported, so that a small one starts fast."""
    top = argparse.ArgumentParser(
        prog="taoke",
        description="淘客 coupon-link bot: paste a link, get coupon, price and a tracked share link.",
        epilog="Example: taoke demo    (no keys needed: mock platforms, 演示数据)",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, meaning in COMMANDS.items():
        sub = commands.add_parser(
            name,
            help=meaning,
            description=meaning,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name == chosen:
            module = importlib.import_module(f"bot.cli.{name}")
            sub.epilog = f"Example: {module.EXAMPLE}"
            sub.set_defaults(run=module.run)
            module.arguments(sub)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal or pipe that is not UTF-8 shows a replacement, never a stack trace.
            stream.reconfigure(errors="replace")
    words = sys.argv[1:] if argv is None else list(argv)
    chosen = next((word for word in words if word in COMMANDS), None)
    arguments = parser(chosen).parse_args(words)
    try:
        return int(arguments.run(arguments))
    except (Failure, SettingsError, StoreError, AdapterLoadError) as error:
        print(f"taoke: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader (head, less) has gone; nothing is left to say, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
