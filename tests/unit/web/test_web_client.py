"""Who asks: address, language, program; and how often."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from bot.texts import LANGUAGES
from bot.web.agents import is_preview_fetcher
from bot.web.app import make_app
from bot.web.client import client_address, language, limiter_key
from bot.web.headers import content_policy, image_allowed
from bot.web.limiter import Limiter
from tests.unit.web.web_fakes import World

PROXIES = frozenset({"10.0.0.1", "10.0.0.2"})


def address(peer: str, *forwarded: str) -> str:
    headers = CIMultiDict([("X-Forwarded-For", value) for value in forwarded])
    request = make_mocked_request("GET", "/", headers=headers).clone(remote=peer)
    return client_address(request, PROXIES)


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.5", ["1.2.3.4"], "203.0.113.5"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", ["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", ["6.6.6.6", "1.2.3.4, 10.0.0.2"], "1.2.3.4"),
        ("10.0.0.1", ["evil, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", ["10.0.0.2, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", ["2001:db8::1"], "2001:db8::1"),
    ],
)
def test_only_a_trusted_proxy_is_believed(peer: str, forwarded: list[str], expected: str) -> None:
    assert address(peer, *forwarded) == expected


def test_a_limit_counts_an_ipv6_customer_once() -> None:
    assert limiter_key("192.0.2.7") == "192.0.2.7"
    assert limiter_key("::ffff:192.0.2.7") == "192.0.2.7"
    assert limiter_key("2001:db8:1:2:3::4") == limiter_key("2001:db8:1:2:ffff::1")
    assert limiter_key("2001:db8:1:2::1") != limiter_key("2001:db8:1:3::1")
    assert limiter_key("") == limiter_key("a socket") == ""


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "zh_CN"),
        ("zh-TW,en;q=0.8", "zh_CN"),
        ("en-US,en;q=0.9,zh-CN;q=0.8", "en"),
        ("fr,de;q=0.9", "zh_CN"),
        ("fr,en;q=0.5", "en"),
        ("en;q=0.4,zh;q=0.45", "zh_CN"),
        ("en;q=0,zh", "zh_CN"),
        ("zh;q=0", "zh_CN"),
        ("en;q=1.000", "en"),
        ("en;q=1.", "en"),
        ("en;q=nonsense", "zh_CN"),
        ("en;q=²,zh;q=0.1", "zh_CN"),
        (",".join(["x"] * 30) + ",en", "zh_CN"),
        ("en" * 4000, "zh_CN"),
    ],
)
def test_the_language_is_the_readers_first_that_there_is(header: str, expected: str) -> None:
    app = make_app(World().services())
    request = make_mocked_request("GET", "/", headers={"Accept-Language": header}, app=app)
    assert language(request) == expected


@pytest.mark.parametrize("headers", [{}, {"Accept-Language": "fr"}, {"Accept-Language": "en;q=0"}])
def test_who_names_no_language_reads_the_operators(headers: dict[str, str]) -> None:
    for operators in LANGUAGES:
        app = make_app(World().services(language=operators))
        assert language(make_mocked_request("GET", "/", headers=headers, app=app)) == operators


@pytest.mark.parametrize(
    "agent",
    [
        "TelegramBot (like TwitterBot)",
        "Twitterbot/1.0",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "facebookexternalhit/1.1;line-poker/1.0",
        "WhatsApp/2.23.20.0 A",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    ],
)
def test_chat_networks_fetchers_are_known(agent: str) -> None:
    assert is_preview_fetcher(agent)


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126 Mobile Safari/537.36"
        " Telegram-Android/11.2.3 (Google Pixel 8; Android 14; SDK 34; HIGH)",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) MicroMessenger/8.0.50 NetType/WIFI",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) [FBAN/FBIOS;FBAV/470.0.0.1]",
        "Mozilla/5.0 (Linux; Android 13) MQQBrowser/6.2 baiduboxapp/13.60 AliApp(TB/10.36.10)",
        "Mozilla/5.0 (Linux; Android 13; CUBOT NOTE 20) Chrome/120 Mobile Safari/537.36",
        "Mozilla/5.0 (Linux; Android 13) NewsArticle/9.8.7 JsSdk/2 NetType/4G",
        "x" * 600 + "TelegramBot",
    ],
)
def test_people_are_people(agent: str) -> None:
    assert not is_preview_fetcher(agent)


def test_a_window_counts_and_ends() -> None:
    at = [0.0]
    limiter = Limiter(2, seconds=60, now=lambda: at[0])
    assert not limiter.exceeded("a")
    limiter.count("a")
    limiter.count("b")
    assert not limiter.exceeded("a")
    at[0] = 59.9
    limiter.count("a")
    assert limiter.exceeded("a")
    assert not limiter.exceeded("b")
    at[0] = 60.0
    assert not limiter.exceeded("a")
    limiter.count("a")
    assert not limiter.exceeded("a")


def test_memory_is_bounded() -> None:
    limiter = Limiter(1, size=3)
    for key in "abcd":
        limiter.count(key)
    assert [limiter.exceeded(key) for key in "abcd"] == [False, True, True, True]


def test_the_policy_takes_origins_only() -> None:
    policy = content_policy(["https://img.example", "https://x; script-src *", "*", "http://a:80"])
    assert "img-src 'self' https://img.example http://a:80;" in policy
    assert policy.count("script-src") == 1


def test_pictures_come_from_the_named_origins() -> None:
    origins = ["https://img.example"]
    assert image_allowed("https://img.example/a.jpg", origins)
    assert not image_allowed("https://img.example.evil/a.jpg", origins)
    assert not image_allowed("", origins)
