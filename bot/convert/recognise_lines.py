"""The line protocol of `taoke recognise`: one JSON text in, one JSON object out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from adapters.links import LinkMatch
    from bot.convert.recognise import Recogniser

__all__ = ["recognise_lines", "to_json"]


def to_json(match: LinkMatch) -> dict[str, str | int | None]:
    """What is told of a match: an item's id or a token's bare code, else null, and its span."""
    return {
        "platform": match.platform,
        "kind": match.kind.value,
        "id": match.id,
        "text": match.text,
        "start": match.start,
        "end": match.end,
    }


def recognise_lines(lines: Iterable[bytes | str], recogniser: Recogniser) -> Iterator[str]:
    """For each line an object with its `links`; ASCII only, in the order of the lines.

    A line is a JSON string or an object with a string `text`. One that is neither gives no links
    and an `error` in its place; only such a line has that member.
    """
    for line in lines:
        try:
            text = _text(line)
        except (ValueError, TypeError, RecursionError) as error:
            yield json.dumps({"links": [], "error": _reason(error)})
        else:
            links = [to_json(match) for match in recogniser.recognise(text)]
            yield json.dumps({"links": links})


def _text(line: bytes | str) -> str:
    value = json.loads(line.decode("utf-8") if isinstance(line, bytes) else line)
    if isinstance(value, dict):
        value = value.get("text")
    if not isinstance(value, str):
        raise TypeError("neither a string nor an object with a string in text")
    return value


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg} at {error.pos}"
    return str(error)
