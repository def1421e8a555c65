"""Clean a text before anything is looked for in it, and find the way back.

Apps, chats and people put noise into links: zero-width marks, full-width letters, HTML entities,
JSON and markdown escapes. The cleaned text has none of it, and every position in it leads back to
exact positions (code points) of the original.

Not the whole text is normalised: NFKC would turn ！ and （ into characters that fence a 口令.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Prepared", "prepare"]

_INVISIBLE_SET = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe0f\ufeff"
_INVISIBLE = re.compile(f"[{_INVISIBLE_SET}]+")

_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ]")
_WIDE_TO_ASCII = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if chr(code).isalnum()}

# Only between letters and digits, and not where it separates two links.
_WIDE_MARK = re.compile(
    r"[．／：？＝＆](?<=[A-Za-z0-9:/：／].)(?=[A-Za-z0-9/.?=&．／：？＝＆])(?!https?[:：])"
)
_MARK_TO_ASCII = {mark: chr(ord(mark) - 0xFEE0) for mark in "．／：？＝＆"}

_ESCAPE = re.compile(
    r"\\{1,2}(?=[/_])"  # JSON \/ and markdown \_
    r"|\\u00([2-7][0-9A-Fa-f])"
    r"|&(?:amp;){0,2}(?:(amp|lt|gt|quot|apos|nbsp);|#0{0,8}(\d{1,7});|#[xX]0{0,8}([0-9A-Fa-f]{1,6});)"
)
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": "\u00a0"}


@dataclass(frozen=True, slots=True)
class _Edits:
    """What one pass replaced: at `at[k]` of the new text stand `size[k]` characters for `old[k]`."""

    at: list[int]
    size: list[int]
    old: list[tuple[int, int]]

    def extent(self, index: int) -> tuple[int, int]:
        """Where in the text before this pass the character at `index` comes from."""
        last = bisect_right(self.at, index) - 1
        if last < 0:
            return index, index + 1
        beyond = index - self.at[last] - self.size[last]
        if beyond < 0:
            return self.old[last]
        start = self.old[last][1] + beyond
        return start, start + 1


@dataclass(frozen=True, slots=True)
class Prepared:
    """A cleaned text."""

    text: str
    _passes: tuple[_Edits, ...] = ()

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that `start:end` (not empty) of the cleaned one stands for.

        Noise inside belongs to the span, noise at its borders does not.
        """
        first, last = start, end
        for edits in reversed(self._passes):
            first, last = edits.extent(first)[0], edits.extent(last - 1)[1]
        return first, last


def prepare(text: str) -> Prepared:
    """Clean `text`. Never raises; linear in its length."""
    passes = []
    if not text.isascii():
        text, edits = _substitute(_INVISIBLE, text, lambda _: "")
        if edits:
            passes.append(edits)
        if _WIDE.search(text):
            text = text.translate(_WIDE_TO_ASCII)
        text = _WIDE_MARK.sub(lambda mark: _MARK_TO_ASCII[mark.group()], text)
    if "\\" in text or "&" in text:
        text, edits = _substitute(_ESCAPE, text, _unescape)
        if edits:
            passes.append(edits)
    return Prepared(text, tuple(passes))


def _substitute(
    pattern: re.Pattern[str], text: str, replacement: Callable[[re.Match[str]], str]
) -> tuple[str, _Edits | None]:
    pieces: list[str] = []
    edits = _Edits([], [], [])
    done = length = 0
    for match in pattern.finditer(text):
        start, end = match.span()
        new = replacement(match)
        pieces += (text[done:start], new)
        length += start - done
        edits.at.append(length)
        edits.size.append(len(new))
        edits.old.append((start, end))
        length += len(new)
        done = end
    if not pieces:
        return text, None
    pieces.append(text[done:])
    return "".join(pieces), edits


def _unescape(match: re.Match[str]) -> str:
    escaped, name, decimal, hexadecimal = match.groups()
    if name:
        return _NAMED[name]
    if escaped or hexadecimal:
        code = int(escaped or hexadecimal, 16)
    elif decimal:
        code = int(decimal)
    else:
        return ""
    if not 0x20 <= code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return " "
    character = chr(_WIDE_TO_ASCII.get(code, code))
    return "" if _INVISIBLE.match(character) else character
