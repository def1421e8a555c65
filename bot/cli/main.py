"""The `taoke` command: exit 0 done, 1 failed, 2 wrong usage. Every failure is one clear sentence."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
from typing import TYPE_CHECKING

from bot.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Failure", "main"]

COMMANDS = ("demo", "run", "convert", "recognise", "mock", "doctor", "stats")


class Failure(Exception):
    """A command cannot do its work; the message is the one sentence that says why."""


def parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    top = argparse.ArgumentParser(
        prog="taoke",
        description="淘客 coupon-link bot: paste a link, get coupon, price and a tracked share link.",
        epilog="Example: taoke demo    (no keys needed: mock platforms, 演示数据)",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        module = importlib.import_module(f"bot.cli.{name}")
        sub = commands.add_parser(
            name,
            help=module.HELP,
            description=module.HELP,
            epilog=f"Example: {module.EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.set_defaults(run=module.run)
        module.arguments(sub)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal or pipe that is not UTF-8 shows a replacement, never a stack trace.
            stream.reconfigure(errors="replace")
    arguments = parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except (Failure, SettingsError) as error:
        print(f"taoke: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader (head, less) has gone; nothing is left to say, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
