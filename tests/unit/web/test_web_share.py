"""`/s/{code}` over a real socket."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from adapters.contract import Money
from bot.links.models import LINK_LIFE, Targets
from tests.unit.web.web_fakes import (
    CODE,
    LINK,
    NOW,
    PLAIN,
    TARGET,
    Browser,
    World,
    browsing,
    coupon_ending,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

ENDED_AT = NOW - timedelta(hours=1)
TELEGRAM = "TelegramBot (like TwitterBot)"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def browser(world: World) -> AsyncIterator[Browser]:
    async with browsing(world.services()) as browser:
        yield browser


async def test_a_link_leads_to_what_was_stored_and_counts(world: World, browser: Browser) -> None:
    answer = await browser.get(f"/s/{CODE}")
    assert answer.status == 302
    assert answer.headers["Location"] == TARGET
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert world.clicks == [CODE]
    assert world.refreshes == []


async def test_head_works_and_is_not_counted(world: World, browser: Browser) -> None:
    answer = await browser.ask("HEAD", f"/s/{CODE}")
    assert (answer.status, answer.headers["Location"]) == (302, TARGET)
    assert world.clicks == []


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_other_methods_are_refused(world: World, browser: Browser, method: str) -> None:
    answer = await browser.ask(method, f"/s/{CODE}", data=b"x")
    assert answer.status == 405
    assert "GET" in answer.headers["Allow"]
    assert "不接受这种请求" in answer.text
    assert world.clicks == []


async def test_a_counter_that_fails_does_not_stop_the_visitor(
    world: World, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    world.click_error = RuntimeError("secret")
    assert (await browser.get(f"/s/{CODE}")).status == 302
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    "path",
    [
        f"/s/{CODE}?url=https://evil.example/",
        f"/s/{CODE}?url=//evil.example&next=//evil.example&go=//evil.example",
        f"/s/{CODE}?%0d%0aLocation:%20https://evil.example",
        f"/s/{CODE}?go=1&x=\u00e9",
    ],
)
async def test_nothing_of_the_query_gets_into_the_target(browser: Browser, path: str) -> None:
    answer = await browser.get(path)
    assert answer.headers["Location"] == TARGET


@pytest.mark.parametrize(
    "path",
    [
        "/s/AbCdEf0",  # no letter of the alphabet
        "/s/AbCdEf",
        "/s/AbCdEfGH",
        "/s/%41bCdEf%0d",
        "/s/AbCdEfG%0d%0aX-Evil:%201",
        "/s/AbCdEfG%00",
        "/s/AbCdEfG%2f..",
        "/s/..%2fAbCdEfG",
        "/s//evil.example",
        "/s/https:%2f%2fevil.example",
        "/s/%2f%2fevil.example",
        "//evil.example/s/AbCdEfG",
        "/s/",
        "/s",
        "/s/AbCdEfG/",
        "/s/AbCdEfG/extra",
        "/s/ＡbCdEfG",
        "/nothing",
        "/static/../ports.py",
        "/static/%2e%2e%2fports.py",
        "/static/nothing.css",
    ],
)
async def test_what_is_no_code_is_a_friendly_404(world: World, browser: Browser, path: str) -> None:
    answer = await browser.get(path)
    assert answer.status == 404
    assert "没有这个页面" in answer.text
    assert "Location" not in answer.headers
    assert "X-Evil" not in answer.headers
    assert "evil" not in answer.text
    assert world.looked_up == []


async def test_an_unknown_code_is_404_in_the_readers_language(browser: Browser) -> None:
    english = await browser.get("/s/zzzzzzz", Accept_Language="en-GB,en;q=0.9,zh;q=0.5")
    chinese = await browser.get("/s/zzzzzzz", Accept_Language="zh-TW")
    assert english.status == chinese.status == 404
    assert "No such page" in english.text
    assert '<html lang="en">' in english.text
    assert '<html lang="zh-CN">' in chinese.text
    assert english.headers["Vary"] == "Accept-Language"


@pytest.mark.parametrize("changes", [{"disabled": True}, {"used_at": NOW - LINK_LIFE}])
async def test_a_link_that_is_gone_is_410(
    world: World, browser: Browser, changes: Mapping[str, object]
) -> None:
    world.put(**changes)
    answer = await browser.get(f"/s/{CODE}?go=1")
    assert answer.status == 410
    assert "链接已停用" in answer.text
    assert TARGET not in answer.text
    assert world.clicks == []


async def test_with_the_store_down_an_unknown_link_is_asked_to_come_back(
    world: World, browser: Browser
) -> None:
    world.store_down = True
    answer = await browser.get(f"/s/{CODE}")
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "5"
    assert "暂时打不开" in answer.text


@pytest.mark.parametrize(
    ("target", "allowed"),
    [
        ("https://evil.example/x", False),
        ("javascript:alert(1)", True),
        ("//evil.example", True),
        ("https://u.jd.com/x\r\nSet-Cookie: a=b", True),
        ("https://u.jd.com/x y", True),
        ("", True),
    ],
)
async def test_a_stored_target_is_checked_again(
    world: World, browser: Browser, target: str, allowed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    world.put(targets=Targets(web=target))
    world.targets_ok = allowed
    answer = await browser.get(f"/s/{CODE}")
    assert answer.status == 502
    assert "Location" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert world.clicks == []
    assert "evil" not in caplog.text + answer.text


async def test_guessing_codes_is_refused_after_a_while(world: World) -> None:
    async with browsing(world.services(misses_per_minute=3)) as browser:
        for _ in range(3):
            assert (await browser.get("/s/zzzzzzz")).status == 404
        for path in ("/s/yyyyyyy", "/s/no-code"):
            answer = await browser.get(path)
            assert answer.status == 429
            assert answer.headers["Retry-After"] == "60"
            assert "太快了" in answer.text
        assert (await browser.get("/healthz")).status == 200


async def test_a_guesser_takes_no_known_link_away(world: World) -> None:
    async with browsing(world.services(misses_per_minute=1)) as browser:
        assert [(await browser.get("/s/zzzzzzz")).status for _ in range(2)] == [404, 429]
        answer = await browser.get(f"/s/{CODE}")
        assert (answer.status, answer.headers["Location"]) == (302, TARGET)
        assert world.clicks == [CODE]


async def test_behind_a_proxy_each_client_is_counted_apart(world: World) -> None:
    services = world.services(misses_per_minute=1, trusted_proxies=frozenset({"127.0.0.1"}))
    async with browsing(services) as browser:
        await browser.get("/s/zzzzzzz", X_Forwarded_For="203.0.113.9")
        assert (await browser.get("/s/yyyyyyy", X_Forwarded_For="203.0.113.9")).status == 429
        assert (await browser.get("/s/yyyyyyy", X_Forwarded_For="203.0.113.8")).status == 404


# A coupon's end is not the link's end.


async def test_an_ended_coupon_is_told_before_leading_on(world: World, browser: Browser) -> None:
    world.put(shown=coupon_ending(ENDED_AT))
    answer = await browser.get(f"/s/{CODE}")
    assert answer.status == 200
    assert "【京东】保温杯 500ml" in answer.text
    assert "这张券已于 12-01 11:00 结束" in answer.text
    assert "现价" not in answer.text
    assert 'href="?go=1"' in answer.text
    assert "继续购买" in answer.text
    assert "价格以下单页为准" in answer.text
    assert "广告 · 推广链接" in answer.text
    assert "演示数据" not in answer.text
    assert TARGET not in answer.text
    assert world.clicks == []
    assert world.refreshes == [CODE]


async def test_going_on_leads_to_the_same_target_and_counts_once(
    world: World, browser: Browser
) -> None:
    world.put(shown=coupon_ending(ENDED_AT), ended=PLAIN)
    await browser.get(f"/s/{CODE}")
    answer = await browser.get(f"/s/{CODE}?go=1")
    assert (answer.status, answer.headers["Location"]) == (302, TARGET)
    assert world.clicks == [CODE]
    assert world.refreshes == []


async def test_the_current_price_is_shown_where_it_is_known(world: World, browser: Browser) -> None:
    ended = replace(PLAIN, final_price=Money(5990))
    world.put(shown=coupon_ending(ENDED_AT), ended=ended)
    answer = await browser.get(f"/s/{CODE}")
    assert "现价 ¥59.90" in answer.text
    assert "12-01 12:00 查询" in answer.text


async def test_a_coupon_that_ends_at_midnight_ended_the_day_before(
    world: World, browser: Browser
) -> None:
    world.put(shown=coupon_ending(NOW.replace(hour=16) - timedelta(days=1)))
    assert "这张券已于 11-30 23:59 结束" in (await browser.get(f"/s/{CODE}")).text


async def test_a_used_up_coupon_has_no_time_to_tell(world: World, browser: Browser) -> None:
    world.put(ended=PLAIN)
    assert "这张券已经没有了" in (await browser.get(f"/s/{CODE}")).text


async def test_demo_data_says_so_first(world: World, browser: Browser) -> None:
    world.mock = True
    world.put(shown=coupon_ending(ENDED_AT))
    text = (await browser.get(f"/s/{CODE}")).text
    main = text[text.index("<main") :]
    assert re.sub(r"<[^>]+>", "", main).strip().startswith("【演示数据】")


async def test_a_refreshed_link_just_leads_on(world: World, browser: Browser) -> None:
    world.clock.at = NOW + timedelta(days=30)
    world.put(shown=PLAIN, refreshed_at=NOW)
    assert (await browser.get(f"/s/{CODE}")).status == 302


async def test_the_page_is_english_small_and_safe(world: World, browser: Browser) -> None:
    title = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    world.put(shown=replace(coupon_ending(ENDED_AT), title=title), ended=PLAIN)
    answer = await browser.get(f"/s/{CODE}", Accept_Language="en")
    assert "This coupon ended on 12-01 11:00" in answer.text
    assert "<script>" not in answer.text
    assert "<img" not in answer.text
    assert len(answer.text.encode()) < 30_000
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "img-src 'self' http://img.example;" in policy
    assert "unsafe" not in policy


# The platform's own link has ended.


async def test_a_link_that_is_being_renewed_asks_again_by_itself(
    world: World, browser: Browser
) -> None:
    world.put(link_expires_at=NOW)
    answer = await browser.get(f"/s/{CODE}")
    assert answer.status == 200
    assert "链接正在更新" in answer.text
    assert 'content="2;url=?try=1"' in answer.text
    assert world.refreshes == [CODE]
    assert world.clicks == []
    world.put()
    assert (await browser.get(f"/s/{CODE}?try=1")).status == 302
    assert world.clicks == [CODE]


async def test_asking_again_keeps_the_wish_to_go_on(world: World, browser: Browser) -> None:
    world.put(link_expires_at=NOW)
    answer = await browser.get(f"/s/{CODE}?go=1&try=2")
    assert 'content="2;url=?go=1&amp;try=3"' in answer.text


@pytest.mark.parametrize("tried", ["6", "9"])
async def test_it_does_not_ask_for_ever(world: World, browser: Browser, tried: str) -> None:
    world.put(link_expires_at=NOW)
    text = (await browser.get(f"/s/{CODE}?try={tried}")).text
    assert "http-equiv" not in text
    assert "更新比平时慢" in text
    assert 'href="?try=1"' in text


@pytest.mark.parametrize("tried", ["x", "-1", "10", "%C2%B2", ""])
async def test_a_strange_number_of_tries_begins_anew(
    world: World, browser: Browser, tried: str
) -> None:
    world.put(link_expires_at=NOW)
    assert 'url=?try=1"' in (await browser.get(f"/s/{CODE}?try={tried}")).text


# Previews in chats.


async def test_a_preview_shows_title_price_and_picture_but_no_target(
    world: World, browser: Browser
) -> None:
    world.mock = True
    world.picture = "http://img.example/1.jpg"
    answer = await browser.get(f"/s/{CODE}", User_Agent=TELEGRAM)
    assert answer.status == 200
    assert '<meta property="og:title" content="【演示数据】【京东】保温杯 500ml">' in answer.text
    assert "券后 ¥39.90 · 售价 ¥59.90 · 广告" in answer.text
    assert '<meta property="og:image" content="http://img.example/1.jpg">' in answer.text
    assert TARGET not in answer.text
    assert "u.jd.com" not in answer.text
    assert world.clicks == []


@pytest.mark.parametrize(
    "picture", ["", "https://evil.example/1.jpg", "javascript:1", TimeoutError(), ValueError()]
)
async def test_a_preview_does_without_a_picture(
    world: World, browser: Browser, picture: str | Exception
) -> None:
    world.picture = picture
    answer = await browser.get(f"/s/{CODE}", User_Agent=TELEGRAM)
    assert answer.status == 200
    assert "og:title" in answer.text
    assert "og:image" not in answer.text


async def test_an_application_without_pictures_has_previews_without() -> None:
    async with browsing(World(pictures=False).services()) as browser:
        answer = await browser.get(f"/s/{CODE}", User_Agent=TELEGRAM)
        assert "og:title" in answer.text
        assert "og:image" not in answer.text


async def test_previews_of_other_states(world: World, browser: Browser) -> None:
    async def preview() -> str:
        return (await browser.get(f"/s/{CODE}", User_Agent=TELEGRAM)).text

    world.put(shown=PLAIN)
    assert 'content="售价 ¥59.90 · 广告' in await preview()
    world.put(shown=coupon_ending(ENDED_AT), ended=PLAIN)
    assert 'content="现价 ¥59.90 · 广告' in await preview()
    world.put(shown=coupon_ending(ENDED_AT))
    assert 'content="广告' in await preview()
    world.put(disabled=True)
    assert (await browser.get(f"/s/{CODE}", User_Agent=TELEGRAM)).status == 410


async def test_a_link_nobody_changed_stays_as_it_is(world: World, browser: Browser) -> None:
    await browser.get(f"/s/{CODE}")
    assert world.link_by_code == {CODE: LINK}
