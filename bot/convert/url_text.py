"""Where a link in a text ends, and what it consists of."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["MAX_URL", "UrlParts", "split_url", "stop_pattern", "url_end"]

MAX_URL = 8192
"""Longer ones are passed over; real ones with everything nested stay below 4,000 characters."""

# A link ends before what no link contains (white space, CJK, emoji, quotes, `|{}<>` ...), before
# brackets that it did not open, and where the next one is glued to it; one inside a query value
# follows one of `=/?&`.
_STOP = r"[^!#-;=?@A-Z\[\]_a-z~]|[()\[\]]|(?<![=/?&])https?://|[,;'!*](?=//|https?:|{hosts})"
_TRAILING = ".,;:!?'*~(["
_AUTHORITY = re.compile(r"([A-Za-z0-9._-]{1,253})(?::(\d{1,5}))?(?=[/?#]|\Z)")
_CLOSES = {")": "(", "]": "["}
DEFAULT_PORTS = ("", "80", "443")


class UrlParts(NamedTuple):
    """A link taken apart: `host` lower-cased without its last dot, "" if the port is not the
    default one (no pattern has that); `rest` is everything after the authority."""

    scheme: str
    host: str
    path: str
    query: str
    rest: str


def stop_pattern(hosts: str) -> re.Pattern[str]:
    """What may end a link; `hosts` is an expression for hosts that are known without scheme."""
    return re.compile(_STOP.format(hosts=hosts), re.IGNORECASE | re.ASCII)


def url_end(stops: re.Pattern[str], text: str, start: int) -> tuple[int, int]:
    """Where the link whose authority begins at `start` ends: without and with closing marks.

    Looks at nothing behind the end, so that all links of a text together cost its length.
    """
    open_brackets = {"(": 0, "[": 0}
    end = len(text)
    for stop in stops.finditer(text, start):
        mark = stop.group()
        here = stop.start()
        if mark in open_brackets and not text.startswith("[CQ:", here):
            open_brackets[mark] += 1
            continue
        opening = _CLOSES.get(mark)
        if opening and open_brackets[opening] and not text.startswith("](", here):
            open_brackets[opening] -= 1
            continue
        end = here
        break
    last = end
    while last > start and text[last - 1] in _TRAILING:
        last -= 1
    return last, end


def split_url(scheme: str, after: str) -> UrlParts | None:
    """Take apart what follows `scheme://`; None for user info, addresses in brackets and the like."""
    authority = _AUTHORITY.match(after)
    if authority is None:
        return None
    host, port = authority.groups("")
    host = host.lower().removesuffix(".") if port in DEFAULT_PORTS else ""
    rest = after[authority.end() :]
    path, _, query = rest.partition("#")[0].partition("?")
    if "//" in path:
        path = re.sub("/{2,}", "/", path)
    return UrlParts(scheme, host, path, query, rest)
