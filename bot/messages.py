"""What channels and services exchange. Neutral: no platform's name and no channel's markup.

A channel turns its network's events into `IncomingMessage` and renders a `Reply`; what it cannot
show (buttons, copying) it degrades.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

__all__ = [
    "Button",
    "ButtonKind",
    "Card",
    "IncomingMessage",
    "Line",
    "LineStyle",
    "MessageKind",
    "Reply",
    "SenderKind",
]


class MessageKind(StrEnum):
    """What happened."""

    NEW = "new"
    EDITED = "edited"
    PRESS = "press"
    INLINE = "inline"


class SenderKind(StrEnum):
    """Who wrote it."""

    PERSON = "person"
    BOT = "bot"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingMessage:
    """One event of a chat; ids are the network's own, as text."""

    channel: str
    account: str
    chat_id: str
    sender_id: str
    message_id: str
    text: str
    received_at: datetime
    kind: MessageKind = MessageKind.NEW
    sender_kind: SenderKind = SenderKind.PERSON
    thread_id: str | None = None
    entities: Sequence[str] = ()
    """Links hidden behind words, in buttons or in captions, in order."""
    media: str | None = None
    is_private: bool = True
    language: str = "zh_CN"
    reply_to: str | None = None
    reply_token: str | None = None
    answer_by: datetime | None = None


class LineStyle(StrEnum):
    """How a channel may set a line off; a channel without styles shows plain text."""

    PLAIN = "plain"
    TITLE = "title"
    STRONG = "strong"
    QUIET = "quiet"
    LINK = "link"
    CODE = "code"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a card. `strong` is the leading part to set off (the price after coupon)."""

    text: str
    style: LineStyle = LineStyle.PLAIN
    strong: str = ""


class ButtonKind(StrEnum):
    """What a button does."""

    URL = "url"
    COPY = "copy"
    PRESS = "press"


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """`value` is the address, the text to copy, or the code of the action."""

    kind: ButtonKind
    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One item's answer: lines in order, a picture's address, buttons."""

    lines: Sequence[Line]
    image_url: str = ""
    share_url: str = ""
    buttons: Sequence[Button] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is answered: a card, or text (a rewritten message, help), with one line of summary.

    `notes` are reasons for the person alone: a private chat and the console show them, a group never.
    """

    card: Card | None = None
    text: str = ""
    summary: str = ""
    notes: Sequence[str] = field(default_factory=tuple)
    buttons: Sequence[Button] = ()
