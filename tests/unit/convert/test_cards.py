"""What people read: the card's rows in order, the rewritten text, one summary, one sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from adapters.contract import Money, Rate
from adapters.errors import ItemNotPromotable, NeedsAuthorisation, PlatformUnavailable
from bot.convert.cards import Audience, cut, day_and_time
from bot.messages import ButtonKind
from bot.texts import texts
from tests.support.fakes import START, coupon, offer_of
from tests.support.shop_app import ALICE, ShopApp, make_shop_app

if TYPE_CHECKING:
    from bot.messages import Reply
    from bot.redis.connection import Store

ITEM = "https://item.shop.example/123"
ZH = texts("zh_CN")
OPERATOR = Audience(commission=True)
BUYER = Audience()


async def reply_to(app: ShopApp, text: str, audience: Audience = OPERATOR) -> Reply:
    """What is answered."""
    reply = app.cards.reply(await app.converter.convert(text, ALICE), ZH, audience)
    assert reply is not None
    return reply


def lines(reply: Reply) -> list[str]:
    """A card's rows."""
    assert reply.card is not None
    return [line.text for line in reply.card.lines]


async def test_the_card_says_everything_in_order(app: ShopApp) -> None:
    app.shop.tpwd = "￥AbCdEf12345￥"
    reply = await reply_to(app, ITEM)
    assert reply.card is not None
    share_url = reply.card.share_url
    assert lines(reply) == [
        "【演示数据】",
        "【商店】纯棉四件套 123",
        "券后 ¥39.90 · 售价 ¥59.90",
        "券 满50减20，至 11-30 18:00",
        "预估佣金 ¥2.19（5.5%）",
        share_url,
        "口令 ￥AbCdEf12345￥",
        "价格以下单页为准",
        "广告 · 推广链接，推广者可获佣金",
    ]
    assert reply.card.lines[2].strong == "券后 ¥39.90"
    assert [(button.kind, button.value) for button in reply.card.buttons] == [
        (ButtonKind.URL, share_url),
        (ButtonKind.COPY, "￥AbCdEf12345￥"),
    ]
    assert reply.card.image_url == "https://img.shop.example/1.jpg"


async def test_a_buyer_does_not_see_the_commission(app: ShopApp) -> None:
    app.shop.offers["123"] = offer_of(commission_if_compared=Money(20))
    assert not any(
        "佣金 ¥" in line or "¥0.20" in line for line in lines(await reply_to(app, ITEM, BUYER))
    )
    assert "若判比价单约 ¥0.20" in lines(await reply_to(app, ITEM))


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"coupon": None, "final_price": Money(5990)}, ["售价 ¥59.90", "预估佣金 ¥2.19（5.5%）"]),
        (
            {"coupon": coupon(threshold=10000), "final_price": Money(5990)},
            ["售价 ¥59.90", "券 满100减20，需凑单，至 11-30 18:00", "预估佣金 ¥2.19（5.5%）"],
        ),
        (
            {"coupon": coupon(threshold=0, remaining=7)},
            [
                "券后 ¥39.90 · 售价 ¥59.90",
                "券 立减20，至 11-30 18:00，剩7张",
                "预估佣金 ¥2.19（5.5%）",
            ],
        ),
        (
            {"coupon": replace(coupon(2050), ends_at=None), "commission": None},
            ["券后 ¥39.90 · 售价 ¥59.90", "券 满50减20.50", "预估佣金 平台未给出"],
        ),
        (
            {"commission_rate": Rate(1000)},
            ["券后 ¥39.90 · 售价 ¥59.90", "券 满50减20，至 11-30 18:00", "预估佣金 ¥2.19（10%）"],
        ),
    ],
    ids=[
        "no coupon",
        "threshold above the price",
        "few left",
        "no end, no commission",
        "whole rate",
    ],
)
async def test_rows_that_have_nothing_to_say_are_left_out(
    app: ShopApp, changes: dict[str, Any], shown: list[str]
) -> None:
    app.shop.offers["123"] = replace(offer_of(), **changes)
    assert lines(await reply_to(app, ITEM))[2:-3] == shown


async def test_an_old_price_says_its_time(app: ShopApp) -> None:
    await app.converter.convert(ITEM, ALICE)
    app.clock.advance(hours=1)
    app.shop.errors["offer"] = PlatformUnavailable("down")
    assert "平台暂时没有回应，以下是18:00的价格" in lines(await reply_to(app, ITEM))


async def test_one_failed_link_is_one_sentence(app: ShopApp) -> None:
    app.shop.errors["offer"] = ItemNotPromotable("x")
    reply = await reply_to(app, ITEM)
    assert reply.card is None
    assert reply.notes == (
        "【演示数据】",
        "【商店】这件商品没有推广佣金，原链接可直接购买（已下架的除外）",
    )


@pytest.mark.parametrize("url", ["https://auth.example/", None])
async def test_a_missing_authorisation_links_to_it(app: ShopApp, url: str | None) -> None:
    app.shop.errors["promote"] = NeedsAuthorisation("x", url)
    _, note = (await reply_to(app, ITEM)).notes
    assert ("https://auth.example/" in note) is (url is not None)


async def test_several_links_come_back_in_the_persons_own_words(app: ShopApp) -> None:
    app.shop.errors["404"] = ItemNotPromotable("x")
    app.shop.errors["405"] = ItemNotPromotable("x")
    text = f"早 {ITEM} 中 https://item.shop.example/404 https://item.shop.example/405 晚 https://item.shop.example/5"
    reply = await reply_to(app, text)
    rows = reply.text.splitlines()
    assert rows[0] == "【演示数据】"
    assert rows[1].startswith("早 http://127.0.0.1:8080/s/")
    assert " 中 https://item.shop.example/404 https://item.shop.example/405 晚 http" in rows[1]
    assert rows[2] == "广告 · 推广链接，推广者可获佣金"
    assert reply.summary == "4 个链接：2 个已转换，2 个没有转（没有佣金×2）"
    assert len(reply.notes) == 2
    assert reply.notes[0].startswith("https://item.shop.example/404 ")


async def test_nothing_converted_repeats_no_text(app: ShopApp) -> None:
    app.shop.errors["offer"] = ItemNotPromotable("x")
    reply = await reply_to(app, f"{ITEM} https://item.shop.example/5")
    assert reply.text == "【演示数据】"
    assert reply.summary.startswith("2 个链接：0 个已转换")


async def test_the_summary_tells_old_prices_and_what_was_left(memory_store: Store) -> None:
    app = make_shop_app(memory_store, max_links=2)
    text = f"{ITEM} https://item.shop.example/5 https://item.shop.example/6"
    await app.converter.convert(text, ALICE)
    app.clock.advance(hours=1)
    app.shop.errors["offer"] = PlatformUnavailable("down")
    reply = await reply_to(app, text)
    assert (
        reply.summary
        == "3 个链接：2 个已转换，2 个用的是稍早的价格，后面 1 个未动（一次最多 2 个）"
    )
    await app.items.close()


async def test_no_link_is_no_answer(app: ShopApp) -> None:
    assert app.cards.reply(await app.converter.convert("你好", ALICE), ZH, BUYER) is None


async def test_an_unknown_code_names_no_platform(app: ShopApp) -> None:
    reply = await reply_to(app, "http://127.0.0.1:8080/s/AAAAAAA")
    assert reply.notes == ("这个链接不存在或已停用，请重新发商品链接",)


def test_an_end_at_midnight_is_the_evening_before() -> None:
    assert day_and_time(datetime(2026, 12, 1, 16, 0, tzinfo=UTC)) == "12-01 23:59"
    assert day_and_time(START) == "11-22 18:00"


@given(st.text(max_size=80), st.integers(min_value=1, max_value=60))
def test_a_cut_title_fits(title: str, columns: int) -> None:
    shown = cut(title, columns)
    assert "\n" not in shown
    width = sum(max(wcswidth(char), 0) for char in shown)
    assert width <= columns
    if shown != " ".join(title.split()):
        assert shown.endswith("…")
