"""`taoke convert`: one conversion, for scripts and for a quick look."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING

from bot.channels.plain import render
from bot.cli.common import config_argument, open_for, run_async, settings_of
from bot.cli.failure import Failure
from bot.convert.cards import Audience
from bot.convert.outcome import Earner
from bot.convert.report import conversion_json
from bot.texts import texts

if TYPE_CHECKING:
    import argparse

    from bot.settings import Settings

EXAMPLE = "taoke convert --json 'https://item.jd.com/100012043978.html'"

PROMOTER = re.compile(r"[a-z0-9]{1,12}")


def arguments(parser: argparse.ArgumentParser) -> None:
    """TEXT or - (all of stdin as one text)."""
    config_argument(parser)
    parser.add_argument("--json", action="store_true", help="JSON on stdout")
    parser.add_argument(
        "--promoter",
        default="",
        metavar="ID",
        help="who earns: 1-12 of a-z 0-9; default: the house",
    )
    parser.add_argument("text", metavar="TEXT", help="the text, or - for all of stdin")


def run(options: argparse.Namespace) -> int:
    """0 if any link was converted or none was found; 1 if all failed."""
    if options.promoter and not PROMOTER.fullmatch(options.promoter):
        print("taoke: --promoter is 1-12 of a-z 0-9", file=sys.stderr)
        return 2
    text = options.text
    if text == "-":
        text = sys.stdin.buffer.read().decode("utf-8", "replace")
    return run_async(_convert(settings_of(options), text, options.promoter, as_json=options.json))


async def _convert(settings: Settings, text: str, promoter: str, *, as_json: bool) -> int:
    catalogue = texts(settings.language)
    async with open_for(settings) as app:
        if len(text) > app.responder.max_chars:
            raise Failure(catalogue("reason.too_long", limit=app.responder.max_chars))
        if promoter:
            await app.promoters.ensure(promoter)
        earner = Earner(promoter_id=promoter, chat="cli:main:convert", channel="cli")
        conversion = await app.converter.convert(text, earner)
        for line in app.plans.lines:
            print(f"taoke: {line}", file=sys.stderr)
        if as_json:
            print(json.dumps(conversion_json(conversion), ensure_ascii=False, indent=2))
        else:
            reply = app.cards.reply(conversion, catalogue, Audience(commission=True))
            nothing = app.responder.nothing(catalogue)
            print(nothing if reply is None else render(reply, ansi=sys.stdout.isatty()))
        if conversion.converted:
            print(f"taoke: {catalogue('convert.note')}", file=sys.stderr)
    return 0 if conversion.converted or not conversion.outcomes else 1
