"""Find where links stand in a cleaned text, from left to right, each character once.

A link starts at `scheme://`, at an encoded `scheme%3A%2F%2F`, or at a known host that stands free.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from adapters.links import WEB_SCHEMES
from bot.convert.link_reader import LinkReader
from bot.convert.url_text import MAX_URL, stop_pattern, url_end

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.convert.link_rules import Found, LinkRules

__all__ = ["LinkScan", "Span", "any_case"]

_BACK = 40
"""Characters before `://` that may be a scheme."""
_MAX_JSON = 4096
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*\Z")
_WEB_END = re.compile(r"https?\Z", re.IGNORECASE)
_DOUBLED = re.compile(r"(?:https?://)+", re.IGNORECASE)
_RAW_JSON = re.compile(r"\{(?:[^{}\n]++|\{[^{}\n]*+\})*+\}")
_JUNK = re.compile(r"[^\s/?#<>\"'`]{1,253}")
_TAIL = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./?&=%+~:@")
_BARRED_BEFORE = frozenset(".-/@#_\\%~")
_DOTS = "。．｡"


class Span(NamedTuple):
    """`start:end` of the cleaned text is a link; `found` is None for one that is not ours."""

    start: int
    end: int
    found: Found | None


def any_case(text: str) -> str:
    """An expression for `text` in any case; much faster than the flag for it."""
    return "".join(f"[{c.upper()}{c.lower()}]" if c.isalpha() else re.escape(c) for c in text)


def _trie(words: Sequence[str]) -> str:
    """One expression for all words, in any case, that looks at each character once."""
    branches: dict[str, list[str]] = {}
    for word in words:
        if word:
            branches.setdefault(word[0], []).append(word[1:])
    if not branches:
        return ""
    body = "|".join(any_case(first) + _trie(rest) for first, rest in sorted(branches.items()))
    if len(branches) == 1 and "" not in words:
        return body
    return f"(?:{body})" + ("?" if "" in words else "")


def _is_cjk(character: str) -> bool:
    code = ord(character)
    return (
        0x2E80 <= code <= 0x9FFF
        or 0xAC00 <= code <= 0xD7AF
        or 0xF900 <= code <= 0xFAFF
        or 0xFF61 <= code <= 0xFFDC
        or code >= 0x20000
    )


def _stands_free(before: str) -> bool:
    """Whether a link without scheme may begin after this character."""
    if before.isascii():
        return not before.isalnum() and before not in _BARRED_BEFORE
    return not before.isalpha() or _is_cjk(before)


def _hosts(rules: LinkRules, schemes: Sequence[str]) -> frozenset[str]:
    patterns = (pattern for pattern in rules.patterns if not {*schemes}.isdisjoint(pattern.schemes))
    return frozenset(host for pattern in patterns for host in pattern.hosts)


class LinkScan:
    """Finds the links of a text. Compiled once."""

    def __init__(
        self, rules: LinkRules, bases: Sequence[str] = (), own_hosts: Sequence[str] = ()
    ) -> None:
        schemes = {scheme for pattern in rules.patterns for scheme in pattern.schemes}
        self._app_schemes = sorted(schemes - {"", *WEB_SCHEMES}, key=len, reverse=True)
        self._page_roots = _hosts(rules, ("",))
        hosts = _trie(sorted(_hosts(rules, WEB_SCHEMES) | self._page_roots))
        self._stops = stop_pattern(hosts or r"\Z")
        encoded = r"%(?:25){0,2}3[aA](?:%(?:25){0,2}2[fF]){2}"
        host = rf"|(?<![A-Za-z0-9._@#\%~-])(?P<host>{hosts})(?![A-Za-z0-9_-])" if hosts else ""
        self._start = re.compile(rf"(?P<sep>://)|(?P<encoded>{encoded}){host}")
        self._reader = LinkReader(rules, self._stops, self._app_schemes, bases, own_hosts)

    def spans(self, text: str) -> list[Span]:
        """Every link, also of strangers, in order. Linear; never raises."""
        spans = []
        position = 0
        read = {"sep": self._absolute, "encoded": self._encoded, "host": self._bare}
        while start := self._start.search(text, position):
            span, position = read[str(start.lastgroup)](text, start, position)
            if span is not None:
                spans.append(span)
        return spans

    def _absolute(self, text: str, sep: re.Match[str], low: int) -> tuple[Span | None, int]:
        """A link that begins with `scheme://`."""
        start, scheme = self._scheme_before(text, sep.start(), low)
        begin = sep.end()
        if doubled := _DOUBLED.match(text, begin):
            begin = doubled.end()
        first = text[begin : begin + 1]
        if first.isascii() and first.isalnum():
            return self._link(text, start, begin, scheme)
        junk = _JUNK.match(text, begin)
        if junk and start < sep.start() and (first.isascii() or first.isalpha() or first in _DOTS):
            return Span(start, junk.end(), None), junk.end()
        return None, begin

    def _scheme_before(self, text: str, sep: int, low: int) -> tuple[int, str]:
        """Where the scheme before `://` begins, and which it is; https if there is none."""
        word = _WORD.search(text, max(low, sep - _BACK), sep)
        if word is None:
            free = sep == low or _stands_free(text[sep - 1]) or text[sep - 1].isascii()
            return sep, "https" if free else "?"
        letters = word.group().lower()
        for scheme in WEB_SCHEMES:
            if letters.endswith(scheme):
                return sep - len(scheme), scheme
        for scheme in self._app_schemes:
            if letters.endswith(scheme) and not letters[: -len(scheme)][-1:].isalpha():
                return sep - len(scheme), scheme
        return word.start(), letters

    def _encoded(self, text: str, sep: re.Match[str], low: int) -> tuple[Span | None, int]:
        """A percent-encoded link, with the part of a redirect that stands before it."""
        scheme = _WEB_END.search(text, max(low, sep.start() - 5), sep.start())
        if scheme is None:
            return None, sep.end()
        start = scheme.start()
        if start > low and text[start - 1] in "=?&":
            while start > low and text[start - 1] in _TAIL:
                start -= 1
        last, end = url_end(self._stops, text, sep.end())
        found = self._reader.unwrap(text[start:last]) if last - start <= MAX_URL else None
        return Span(start, last, found), end

    def _bare(self, text: str, host: re.Match[str], low: int) -> tuple[Span | None, int]:
        """A known host without scheme, or with `//` only; or a mini-program's page path."""
        page = host.group().lower() in self._page_roots
        start = host.start()
        slashes = "/" if page else "//"
        if text.startswith(slashes, start - len(slashes), start) and start - len(slashes) >= low:
            start -= len(slashes)
        if start > 0 and not _stands_free(text[start - 1]):
            return None, host.end()
        return self._link(text, start, host.start(), "" if page else "https")

    def _link(self, text: str, start: int, begin: int, scheme: str) -> tuple[Span, int]:
        last, end = url_end(self._stops, text, begin)
        after = text[begin:last]
        takes_json = scheme in self._app_schemes and text.endswith("=", begin, end)
        if takes_json and (raw := _RAW_JSON.match(text, end, end + _MAX_JSON)):
            after += quote(raw.group())  # its quotes ended the link too early
            last = end = raw.end()
        found = None
        if last - start <= MAX_URL:
            found = self._reader.read(scheme, after)
            if found is None and scheme in WEB_SCHEMES:
                short = self._reader.read_short(after)
                if short is not None:
                    found, last = short[0], begin + short[1]
        return Span(start, last, found), max(end, _dotted_on(text, end, after))


def _dotted_on(text: str, end: int, after: str) -> int:
    """Where a host goes on behind an ideographic full stop, which browsers take for a dot."""
    if end < len(text) and text[end] in _DOTS and not re.search("[/?#]", after):
        junk = _JUNK.match(text, end + 1)
        if junk and junk.group()[0].isascii() and not _DOUBLED.match(text, end + 1):
            return junk.end()
    return end
