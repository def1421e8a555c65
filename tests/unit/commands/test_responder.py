"""Answers: links first, then commands, then a short help in private and silence in groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import fakeredis
import pytest

from adapters.errors import PlatformUnavailable
from bot.commands.responder import Responder
from bot.convert.cards import Audience
from bot.messages import IncomingMessage
from bot.redis.connection import Store
from bot.redis.keys import Keys
from bot.stats.funnel import Funnel
from bot.stats.report import StatsReport
from bot.stats.store import FunnelStore
from tests.support.fakes import START
from tests.support.shop_app import ALICE, ShopApp, make_shop_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.convert.outcome import Earner
    from bot.messages import Reply

ITEM = "https://item.shop.example/123"


class Setup:
    """A responder and what stands behind it."""

    def __init__(self, app: ShopApp, funnel: Funnel) -> None:
        self.app = app
        self.funnel = funnel

        async def earner_of(_: IncomingMessage) -> Earner:
            return ALICE

        self.responder = Responder(
            platforms={"shop": app.platform},
            converter=app.converter,
            cards=app.cards,
            stats=StatsReport(funnel, app.clock, lambda _platform, _language: "商店"),
            earner_of=earner_of,
            audience_of=lambda _: Audience(),
            max_chars=2000,
        )

    async def say(self, text: str, *, private: bool = True, **more: object) -> Reply | None:
        message = IncomingMessage(
            channel="test",
            account="main",
            chat_id="1",
            sender_id="2",
            message_id="3",
            text=text,
            received_at=START,
            is_private=private,
            **more,  # type: ignore[arg-type] # a test names the fields
        )
        return await self.responder.answer(message)


@pytest.fixture
async def chat() -> AsyncIterator[Setup]:
    """Everything real but the platform."""
    client = fakeredis.FakeAsyncRedis(decode_responses=True, protocol=2)
    store = Store(client, Keys("test"))
    app = make_shop_app(store)
    funnel = Funnel(FunnelStore(store), app.clock, linger=0)
    yield Setup(app, funnel)
    await funnel.close()
    await app.items.close()
    await store.close()


async def said(chat: Setup, text: str, **more: object) -> str:
    """The reply's text and notes."""
    reply = await chat.say(text, **more)  # type: ignore[arg-type] # passed through
    assert reply is not None
    return "\n".join(part for part in (reply.text, *reply.notes) if part)


async def test_a_link_gets_a_card_and_one_hidden_behind_words_too(chat: Setup) -> None:
    for reply in (await chat.say(ITEM), await chat.say("看这里", entities=(ITEM,))):
        assert reply is not None
        assert reply.card is not None


async def test_links_come_before_commands(chat: Setup) -> None:
    reply = await chat.say(f"搜 {ITEM}")
    assert reply is not None
    assert reply.card is not None


async def test_help_has_an_example(chat: Setup) -> None:
    text = await said(chat, "帮助")
    assert "例：看这个 https://item.shop.example/123" in text
    assert "Example:" in await said(chat, "/help", language="en")


async def test_search_lists_what_the_platforms_find(chat: Setup) -> None:
    text = await said(chat, "搜雨伞")
    assert text.startswith("【演示数据】\n“雨伞”的结果")
    assert "1. 【商店】雨伞 1" in text
    assert "6. " not in text
    assert "要找什么" in await said(chat, "搜")
    chat.app.shop.errors["search"] = PlatformUnavailable("down")
    assert await said(chat, "搜雨伞") == "没有找到“雨伞”，换个词试试。"


async def test_stats_count_what_happened(chat: Setup) -> None:
    assert await said(chat, "/stats") == "还没有数据。粘贴一个链接就有了。"
    chat.funnel.count("seen")
    chat.funnel.count("recognised", "shop", 2)
    chat.funnel.count("converted", "shop")
    assert (await said(chat, "统计")).splitlines() == [
        "统计（今天 / 累计）",
        "收到 1 / 1",
        "平台  识别   转换   点击",
        "商店  2 / 2  1 / 1  0 / 0",
        "合计  2 / 2  1 / 1  0 / 0",
    ]
    chat.app.clock.advance(days=1)
    assert "商店  0 / 2  0 / 1  0 / 0" in await said(chat, "统计")


async def test_unknown_words_get_help_in_private_and_silence_in_groups(chat: Setup) -> None:
    assert "没有认出商品链接" in await said(chat, "今天天气不错")
    assert await chat.say("今天天气不错", private=False) is None
    assert await chat.say("  ") is None


async def test_too_long_a_text_is_told_in_private(chat: Setup) -> None:
    assert "太长" in await said(chat, "x" * 2001)
    assert await chat.say("x" * 2001, private=False) is None


async def test_leaving_is_the_channels_own_business(chat: Setup) -> None:
    assert await chat.say("退出") is None
