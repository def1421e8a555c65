"""`taoke recognise`: what links stand in texts, without any network."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from adapters import registry
from bot.convert.recognise import Recogniser
from bot.convert.recognise_lines import recognise_lines

if TYPE_CHECKING:
    import argparse

EXAMPLE = """echo '"https://item.jd.com/100012043978.html"' | taoke recognise"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """No options: all is on stdin."""


def run(_: argparse.Namespace) -> int:
    """One JSON object a line on stdout; 1 at the end if a line could not be decoded."""
    patterns = {name: registry.load(name).info.patterns for name in registry.find_adapters()}
    failed = False
    for line in recognise_lines(sys.stdin.buffer, Recogniser(patterns)):
        failed = failed or '"error"' in line
        print(line, flush=not sys.stdin.isatty())
    return int(failed)
