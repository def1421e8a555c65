"""A reply as plain text: for the console, and for every channel without markup.

What people and shops wrote is shown but never obeyed: control characters, which a terminal would
take as commands, and bidirectional overrides, which reorder what is read, are removed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.messages import Button, ButtonKind, Card, Line, LineStyle, Reply

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["clean", "one_line", "press_buttons", "render"]

_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def clean(text: str) -> str:
    """`text` without what a terminal would act on; line breaks and tabs stay."""
    return _UNSAFE.sub("", text.replace("\r\n", "\n"))


def one_line(text: str, limit: int = 60) -> str:
    """`text` on one line, cut with … after `limit` characters."""
    # What lies far behind the cut is not looked at: a text may be a megabyte long.
    flat = " ".join(clean(text[: limit * 8]).split())
    whole = len(flat) <= limit and len(text) <= limit * 8
    return flat if whole else flat[: limit - 1] + "…"


def press_buttons(reply: Reply) -> Sequence[Button]:
    """The actions of a reply, in the order in which `render` numbers them."""
    return [button for button in _buttons(reply) if button.kind is ButtonKind.PRESS]


def render(reply: Reply, *, ansi: bool = False) -> str:
    """The whole reply as text, without a line break at its end; `ansi` sets off by escape codes."""
    lines = list(_body(reply, ansi=ansi))
    shown = "\n".join(lines)
    number = 0
    for button in _buttons(reply):
        label, value = clean(button.label), clean(button.value)
        if button.kind is ButtonKind.PRESS:
            number += 1
            lines.append(f"{number}. {label}")
        elif value not in shown:
            lines.append(f"{label}：{value}")
    return "\n".join(lines)


def _buttons(reply: Reply) -> Sequence[Button]:
    return [*(reply.card.buttons if reply.card else ()), *reply.buttons]


def _body(reply: Reply, *, ansi: bool) -> Iterator[str]:
    if reply.card is not None:
        yield from _card(reply.card, ansi=ansi)
    if reply.text:
        yield clean(reply.text)
    if reply.summary:
        yield _styled(clean(reply.summary), _BOLD, ansi=ansi)
    for note in reply.notes:
        yield _styled(clean(note), _DIM, ansi=ansi)


def _card(card: Card, *, ansi: bool) -> Iterator[str]:
    for line in card.lines:
        yield _line(line, ansi=ansi)
    if card.share_url and not any(card.share_url in line.text for line in card.lines):
        yield clean(card.share_url)


def _line(line: Line, *, ansi: bool) -> str:
    text, strong = clean(line.text), clean(line.strong)
    if strong:
        return _styled(strong, _BOLD, ansi=ansi) + text.removeprefix(strong)
    if line.style in (LineStyle.TITLE, LineStyle.STRONG, LineStyle.NOTICE):
        return _styled(text, _BOLD, ansi=ansi)
    if line.style is LineStyle.QUIET:
        return _styled(text, _DIM, ansi=ansi)
    return text


def _styled(text: str, code: str, *, ansi: bool) -> str:
    return f"{code}{text}{_PLAIN}" if ansi and text else text
