"""The demo's chat, over a real socket."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from bot.messages import Button, ButtonKind, Card, Line, LineStyle, MessageKind, Reply
from bot.web.app import make_app
from tests.unit.web.web_fakes import NOW, Answer, Answers, Browser, World, browsing, demo_services

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

URL = "http://127.0.0.1:8080/s/AbCdEfG"
CARD = Reply(
    card=Card(
        lines=(
            Line(text="【演示数据】", style=LineStyle.NOTICE),
            Line(text="【京东】保温杯", style=LineStyle.TITLE),
            Line(text="券后 ¥39.90 · 售价 ¥59.90", style=LineStyle.STRONG, strong="券后 ¥39.90"),
            Line(text="券 满50减20"),
            Line(text=""),
            Line(text=URL, style=LineStyle.LINK),
            Line(text="口令 ￥abc￥", style=LineStyle.CODE),
            Line(text="广告 · 推广链接", style=LineStyle.QUIET),
        ),
        image_url="http://img.example/1.jpg",
        share_url=URL,
        buttons=(
            Button(kind=ButtonKind.URL, label="领券购买", value=URL),
            Button(kind=ButtonKind.COPY, label="复制口令", value="￥abc￥"),
        ),
    )
)


@pytest.fixture
def answers() -> Answers:
    return Answers(CARD)


@pytest.fixture
async def browser(answers: Answers) -> AsyncIterator[Browser]:
    async with browsing(demo_services(World(), answers)) as browser:
        yield browser


async def say(browser: Browser, text: object, **headers: str) -> Answer:
    body = json.dumps({"text": text})
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named["Content-Type"] = "application/json"
    return await browser.ask("POST", "/demo/messages", data=body, headers=named)


def html(answer: Answer) -> str:
    return str(json.loads(answer.text)["html"])


async def test_the_page_has_a_box_and_the_samples(browser: Browser) -> None:
    answer = await browser.get("/")
    assert answer.status == 200
    assert "<textarea" in answer.text
    assert 'value="第一条 &lt;b&gt;"' in answer.text
    assert answer.text.count('name="text" value=') == 2
    assert "【演示数据】" in answer.text
    assert "<script src=" in answer.text
    assert " on" not in answer.text.replace(" on ", "")  # no inline handlers
    assert len(answer.text.encode()) < 30_000


async def test_a_message_is_answered_as_a_piece_of_html(browser: Browser, answers: Answers) -> None:
    answer = await say(browser, "看看\nhttps://a.example/1", Accept_Language="en")
    assert answer.status == 200
    (message,) = answers.asked
    assert (message.channel, message.text) == ("web", "看看\nhttps://a.example/1")
    assert (message.kind, message.language, message.received_at) == (MessageKind.NEW, "en", NOW)
    page = html(answer)
    parts = [
        "【演示数据】",
        "http://img.example/1.jpg",
        "【京东】保温杯",
        "<strong>券后 ¥39.90</strong>",
    ]
    parts += [" · 售价 ¥59.90", "满50减20", f'href="{URL}"', "口令 ￥abc￥", "广告", "领券购买"]
    places = [page.index(part) for part in parts]
    assert places == sorted(places)
    assert 'data-copy="￥abc￥"' in page


async def test_each_message_has_its_number(browser: Browser, answers: Answers) -> None:
    await say(browser, "一")
    await say(browser, "二")
    assert [message.message_id for message in answers.asked] == ["1", "2"]


async def test_without_script_the_form_brings_the_page_back(
    browser: Browser, answers: Answers
) -> None:
    answer = await browser.ask("POST", "/demo/messages", data={"text": "看<看>"})
    assert answer.status == 200
    assert answers.asked[0].text == "看<看>"
    assert "看&lt;看&gt;" in answer.text
    assert "<strong>券后 ¥39.90</strong>" in answer.text
    assert "<textarea" in answer.text


async def test_a_file_in_the_form_is_no_message(browser: Browser, answers: Answers) -> None:
    boundary = "x"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="text"; filename="a"\r\n'
        f"Content-Type: text/plain\r\n\r\nhello\r\n--{boundary}--\r\n"
    )
    kind = f"multipart/form-data; boundary={boundary}"
    await browser.ask("POST", "/demo/messages", data=body, headers={"Content-Type": kind})
    assert [message.text for message in answers.asked] == [""]


async def test_a_rewritten_text_keeps_its_words_and_links(
    browser: Browser, answers: Answers
) -> None:
    button = Button(kind=ButtonKind.URL, label="去授权", value="https://a.example/auth?x=1&y=2")
    answers.reply = Reply(
        text=f"看<这>个 {URL}，很好\n二 & 三",
        summary="2 个链接：1 个已转换",
        notes=("第 2 条 <失效>",),
        buttons=(button,),
    )
    page = html(await say(browser, "两个"))
    link = f'<a href="{URL}" target="_blank" rel="noopener noreferrer nofollow">{URL}</a>'
    assert f"看&lt;这&gt;个 {link}，很好\n二 &amp; 三" in page
    assert "2 个链接：1 个已转换" in page
    assert "第 2 条 &lt;失效&gt;" in page
    assert 'href="https://a.example/auth?x=1&amp;y=2"' in page


async def test_an_address_that_was_cut_is_no_link(browser: Browser, answers: Answers) -> None:
    cut = "https://item.example/item.htm?id=900…"
    answers.reply = Reply(notes=(f"第 1 条 {cut}：已下架，另一条 {URL}",))
    page = html(await say(browser, "两个"))
    assert cut in page
    assert page.count("<a ") == 1
    assert f'href="{URL}"' in page


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1", "第一条 <b>"),
        (" 2\n", "https://a.example/2"),
        ("0", "0"),
        ("3", "3"),
        ("²", "²"),
        pytest.param("2" * 5000, "2" * 5000, id="more digits than int() takes"),
        ("第 1 条", "第 1 条"),
    ],
)
async def test_a_samples_number_is_the_sample(
    browser: Browser, answers: Answers, typed: str, meant: str
) -> None:
    await say(browser, typed)
    assert [message.text for message in answers.asked] == [meant]


async def test_without_script_a_number_shows_the_sample(browser: Browser) -> None:
    answer = await browser.ask("POST", "/demo/messages", data={"text": "2"})
    assert '<div class="bubble">https://a.example/2</div>' in answer.text


@pytest.mark.parametrize("words", ["退出", "/quit", " Exit "])
async def test_leaving_is_explained(browser: Browser, answers: Answers, words: str) -> None:
    assert "关闭网页即可离开" in html(await say(browser, words))
    assert "Just close the page" in html(await say(browser, words, Accept_Language="en"))
    assert answers.asked == []


async def test_silence_is_shown(browser: Browser, answers: Answers) -> None:
    answers.reply = None
    assert "没有要回答的" in html(await say(browser, "哈哈"))


async def test_hostile_values_are_shown_and_not_obeyed(browser: Browser, answers: Answers) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    lines = [Line(text=evil, style=style, strong=evil[:5]) for style in LineStyle]
    addresses = ("javascript:alert(1)", "data:text/html,x", "//evil.example", f"{URL} {evil}")
    buttons = [Button(kind=ButtonKind.URL, label="open", value=value) for value in addresses]
    buttons.append(Button(kind=ButtonKind.COPY, label=evil, value=evil))
    card = Card(lines=lines, image_url=f"http://img.example.evil/{evil}", buttons=buttons)
    answers.reply = Reply(card=card, text=f"javascript:x {evil}", summary=evil, notes=(evil,))
    answer = await browser.ask("POST", "/demo/messages", data={"text": evil})
    assert "<script>" not in answer.text
    assert "<img" not in answer.text
    assert 'href="javascript' not in answer.text
    assert 'href="data' not in answer.text
    assert 'href="//' not in answer.text
    assert "img.example.evil" not in answer.text


async def test_an_action_has_no_button_in_this_chat(browser: Browser, answers: Answers) -> None:
    button = Button(kind=ButtonKind.PRESS, label="换一个", value="again")
    answers.reply = Reply(text="好", buttons=(button,))
    assert "换一个" not in html(await say(browser, "x"))


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://[broken"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
async def test_other_pages_cannot_post(
    browser: Browser, answers: Answers, headers: dict[str, str]
) -> None:
    answer = await say(browser, "x", **headers)
    assert answer.status == 403
    assert "不接受这种请求" in html(answer)
    assert answers.asked == []


async def test_our_own_page_can(browser: Browser) -> None:
    origin = browser.server.url.rstrip("/")
    assert (await say(browser, "x", Origin=origin, Sec_Fetch_Site="same-origin")).status == 200


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"1", b'{"other": 1}', b'{"text": 1}', b"\xff\xfe", b"[" * 60_000]
)
async def test_what_is_no_message_is_refused(
    browser: Browser, answers: Answers, body: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await browser.ask("POST", "/demo/messages", data=body, headers=headers)
    assert answer.status == 400
    assert "没能送到" in html(answer)
    assert answers.asked == []


async def test_a_message_that_is_too_large_is_refused(browser: Browser, answers: Answers) -> None:
    answer = await say(browser, "x" * 65_536)
    assert answer.status == 413
    assert "太长" in html(answer)
    form = await browser.ask("POST", "/demo/messages", data={"text": "x" * 65_536})
    assert form.status == 413
    assert "太长" in form.text
    assert answers.asked == []


async def test_a_flood_is_refused(answers: Answers) -> None:
    async with browsing(demo_services(World(), answers, messages_per_minute=2)) as browser:
        assert [(await say(browser, "x")).status for _ in range(3)] == [200, 200, 429]
        assert "太快" in html(await say(browser, "x"))
        assert len(answers.asked) == 2


async def test_a_message_that_trickles_in_is_given_up(answers: Answers) -> None:
    async def trickle() -> AsyncIterator[bytes]:
        yield b'{"text":'
        await released.wait()

    released = asyncio.Event()
    async with browsing(demo_services(World(), answers, body_seconds=0.05)) as browser:
        headers = {"Content-Type": "application/json"}
        answer = await browser.ask("POST", "/demo/messages", data=trickle(), headers=headers)
        released.set()
        assert answer.status == 408
        assert "没能送到" in html(answer)


async def test_a_failing_handler_is_a_page_without_a_trace(
    browser: Browser, answers: Answers, caplog: pytest.LogCaptureFixture
) -> None:
    answers.reply = RuntimeError("secret words")
    answer = await say(browser, "private words")
    assert answer.status == 500
    assert "暂时打不开" in answer.text
    assert "/demo/messages failed: RuntimeError" in caplog.text
    for text in (answer.text, caplog.text):
        assert "Traceback" not in text
        assert "secret words" not in text
        assert "private words" not in text


async def test_without_the_demo_nothing_is_converted() -> None:
    async with browsing(World().services()) as browser:
        answer = await browser.get("/")
        assert answer.status == 200
        assert "把商品链接发给机器人" in answer.text
        assert "<form" not in answer.text
        assert (await say(browser, "x")).status == 404


def test_building_the_application_opens_nothing() -> None:
    assert make_app(World().services()).frozen is False
