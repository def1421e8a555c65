"""The contract between the application and a place where people write.

The core returns neutral replies; a channel renders what it can show and degrades the rest: without
buttons an action becomes a line of a numbered menu, without copying the text to copy stands on a
line of its own. Nothing of a reply is ever left out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from bot.messages import IncomingMessage, Reply

if TYPE_CHECKING:
    from datetime import timedelta

__all__ = ["Channel", "ChannelInfo", "Handler", "SentRef", "Target"]

Handler = Callable[[IncomingMessage], Awaitable[Reply | None]]
"""Answers one message; None is silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelInfo:
    """What a channel can do."""

    id: str
    """Lower-case letters and digits: the `channel` of its messages."""
    max_chars: int | None
    """Longest message; longer replies are split. None: no limit."""
    buttons: bool
    edit: bool
    copy: bool
    """Whether a tap puts a text on the clipboard."""
    groups: bool
    hidden_replies: bool
    """Whether one member of a group can be answered unseen by the others."""
    push_window: timedelta | None = None
    """How long after a person's last message the bot may still write; None: always."""
    answer_within: timedelta | None = None
    """How soon an answer must be there; None: no bound."""
    blocked_hosts: frozenset[str] = frozenset()
    """Hosts whose links the network's own browser refuses to open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a reply goes."""

    chat_id: str
    thread_id: str | None = None
    reply_to: str | None = None
    """The message that is answered."""
    reply_token: str | None = None
    """The network's own one-time address of an answer."""

    @classmethod
    def answering(cls, message: IncomingMessage) -> Target:
        """The chat of `message`, as an answer to it."""
        return cls(
            chat_id=message.chat_id,
            thread_id=message.thread_id,
            reply_to=message.message_id,
            reply_token=message.reply_token,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRef:
    """What was sent: several messages where the reply had to be split, in order."""

    target: Target
    message_ids: tuple[str, ...]


class Channel(ABC):
    """One bot account in one network. Building it opens nothing; `start` does."""

    info: ClassVar[ChannelInfo]

    @abstractmethod
    async def start(self, handle: Handler) -> None:
        """Open the connection; from now on messages go to `handle`, a chat's in order.

        A handler that fails is logged and costs one answer, never the channel.
        """

    @abstractmethod
    async def close(self) -> None:
        """Stop receiving and close the connection; safe to call twice or without `start`."""

    @abstractmethod
    async def send(self, target: Target, reply: Reply) -> SentRef:
        """Show `reply` in the chat."""

    @abstractmethod
    async def edit(self, sent: SentRef, reply: Reply) -> SentRef:
        """Put `reply` in the place of what was sent; where the network cannot, send it anew."""

    @abstractmethod
    async def delete(self, sent: SentRef) -> bool:
        """Take back what was sent; False where the network cannot."""
