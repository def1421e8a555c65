"""Replace spans of a text and leave everything else as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["rewrite"]


def rewrite(text: str, replacements: Iterable[tuple[int, int, str]]) -> str:
    """`text` with each `(start, end, replacement)` put in; spans in code points, in any order.

    Raises ValueError if a span is outside the text, turned around, or overlaps another.
    """
    pieces: list[str] = []
    done = 0
    for start, end, replacement in sorted(replacements, key=lambda span: span[:2]):
        if not done <= start <= end <= len(text):
            raise ValueError(f"span {start}:{end} overlaps another or is outside the text")
        pieces += (text[done:start], replacement)
        done = end
    pieces.append(text[done:])
    return "".join(pieces)
