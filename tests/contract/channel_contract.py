"""What every channel promises: a suite that a channel's test module inherits.

    class TestMyChannel(ChannelContract):
        @pytest.fixture
        async def chat(self) -> AsyncIterator[Chat]: ...

`Chat` is a person's side of the channel: it says something, and sees what arrives.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.messages import (
    Button,
    ButtonKind,
    Card,
    IncomingMessage,
    Line,
    LineStyle,
    MessageKind,
    Reply,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.channels.contract import Channel, Target

CARD = Reply(
    card=Card(
        lines=(
            Line(text="【演示数据】", style=LineStyle.NOTICE),
            Line(text="【京东】保温杯 <b>500ml</b> *_[x](y)", style=LineStyle.TITLE),
            Line(text="券后 ¥39.90 · 售价 ¥59.90", strong="券后 ¥39.90"),
            Line(text="http://127.0.0.1:8080/s/AbCdEfG", style=LineStyle.LINK),
            Line(text="￥AbCdEfGhIjK￥", style=LineStyle.CODE),
            Line(text="广告 · 推广链接", style=LineStyle.QUIET),
        ),
        share_url="http://127.0.0.1:8080/s/AbCdEfG",
        buttons=(
            Button(kind=ButtonKind.URL, label="打开", value="http://127.0.0.1:8080/s/AbCdEfG"),
            Button(kind=ButtonKind.COPY, label="复制口令", value="￥AbCdEfGhIjK￥"),
            Button(kind=ButtonKind.PRESS, label="换一个", value="again"),
        ),
    )
)
TEXT = Reply(
    text="看看这个\nhttp://127.0.0.1:8080/s/AbCdEfG", summary="换好 1 条", notes=("第 2 条失效",)
)


class Chat(ABC):
    """The person's side of a channel under test."""

    channel: Channel
    target: Target

    @abstractmethod
    async def say(self, *texts: str) -> None:
        """Write these messages; returns when they have been answered."""

    @abstractmethod
    def seen(self) -> str:
        """Everything this person has been shown, as plain text."""


class Answers:
    """A handler that remembers what it was asked and answers from a list, then with silence."""

    def __init__(self, *replies: Reply | Exception) -> None:
        self.asked: list[IncomingMessage] = []
        self._replies = list(replies)

    async def __call__(self, message: IncomingMessage) -> Reply | None:
        self.asked.append(message)
        reply = self._replies.pop(0) if self._replies else None
        if isinstance(reply, Exception):
            raise reply
        return reply


def in_order(text: str, parts: Sequence[str]) -> bool:
    """Whether all parts stand in the text, one after the other."""
    at = 0
    for part in parts:
        at = text.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


class ChannelContract:
    """Inherit, and give a fixture `chat`."""

    def test_it_describes_itself(self, chat: Chat) -> None:
        info = chat.channel.info
        assert info.id.isascii()
        assert info.id.isalnum()
        assert info.id.islower()
        assert info.max_chars is None or info.max_chars > 0
        for span in (info.push_window, info.answer_within):
            assert span is None or span > timedelta()

    async def test_a_message_arrives_and_is_answered_in_its_chat(self, chat: Chat) -> None:
        answers = Answers(Reply(text="好的"))
        await chat.channel.start(answers)
        await chat.say("看看这个 http://a.example/1")
        (message,) = answers.asked
        assert message.channel == chat.channel.info.id
        assert message.chat_id == chat.target.chat_id
        assert message.text == "看看这个 http://a.example/1"
        assert message.kind is MessageKind.NEW
        assert message.received_at.utcoffset() == timedelta()
        assert "好的" in chat.seen()

    async def test_messages_are_answered_in_order_and_have_ids(self, chat: Chat) -> None:
        answers = Answers(Reply(text="answer one"), Reply(text="answer two"))
        await chat.channel.start(answers)
        await chat.say("first", "second")
        assert [message.text for message in answers.asked] == ["first", "second"]
        assert len({message.message_id for message in answers.asked}) == 2
        assert in_order(chat.seen(), ["answer one", "answer two"])

    async def test_silence_is_silence(self, chat: Chat) -> None:
        await chat.channel.start(Answers())
        before = chat.seen()
        await chat.say("哈哈")
        assert chat.seen() == before

    async def test_a_failing_handler_costs_one_answer(self, chat: Chat) -> None:
        await chat.channel.start(Answers(RuntimeError("secret detail"), Reply(text="again")))
        await chat.say("first", "second")
        assert "again" in chat.seen()
        assert "Traceback" not in chat.seen()
        assert "secret detail" not in chat.seen()

    async def test_a_card_is_shown_whole_and_literally(self, chat: Chat) -> None:
        await chat.channel.start(Answers())
        sent = await chat.channel.send(chat.target, CARD)
        assert sent.target == chat.target
        assert sent.message_ids
        assert CARD.card is not None
        assert in_order(chat.seen(), [line.text for line in CARD.card.lines])
        for button in CARD.card.buttons:
            shown = button.label if button.kind is ButtonKind.PRESS else button.value
            assert shown in chat.seen()

    async def test_a_text_is_shown_with_its_summary_and_reasons(self, chat: Chat) -> None:
        await chat.channel.start(Answers())
        await chat.channel.send(chat.target, TEXT)
        assert in_order(chat.seen(), [TEXT.text, TEXT.summary, *TEXT.notes])

    async def test_what_others_wrote_gives_no_commands_to_the_screen(self, chat: Chat) -> None:
        await chat.channel.start(Answers())
        await chat.channel.send(chat.target, Reply(text="a\x1b]0;owned\x07b\x9b2J\u202ec\ud800d"))
        assert not set("\x1b\x07\x9b\u202e\ud800") & set(chat.seen())

    async def test_an_edit_shows_the_new_text(self, chat: Chat) -> None:
        await chat.channel.start(Answers())
        sent = await chat.channel.send(chat.target, Reply(text="old words"))
        await chat.channel.edit(sent, Reply(text="new words"))
        assert "new words" in chat.seen()
        assert ("old words" in chat.seen()) is not chat.channel.info.edit

    async def test_what_is_deleted_is_gone_where_the_network_can(self, chat: Chat) -> None:
        await chat.channel.start(Answers())
        sent = await chat.channel.send(chat.target, Reply(text="old words"))
        gone = await chat.channel.delete(sent)
        assert ("old words" in chat.seen()) is not gone

    async def test_a_long_text_arrives_whole(self, chat: Chat) -> None:
        await chat.channel.start(Answers())
        words = [f"word{number}" for number in range(2000)]
        sent = await chat.channel.send(chat.target, Reply(text="\n".join(words)))
        assert in_order(chat.seen(), words)
        if chat.channel.info.max_chars is None:
            assert len(sent.message_ids) == 1

    async def test_closing_twice_or_before_the_start_is_fine(self, chat: Chat) -> None:
        await chat.channel.close()
        await chat.channel.start(Answers())
        await chat.channel.close()
        await chat.channel.close()
