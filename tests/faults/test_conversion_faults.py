"""What goes wrong at a platform's gateway: who is told what, and what is never handed out.

The application runs in this process against the mock platforms that its guardian keeps; faults are
set by the mock's control end-points. Every test has a store of its own (by its prefix).
"""

from __future__ import annotations

import itertools
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from adapters.contract import OwnershipKind
from adapters.times import BEIJING
from bot.app import open_app
from bot.convert.cards import Audience
from bot.convert.outcome import Earner, Status
from bot.demo.mocks import MockPlatforms
from bot.messages import IncomingMessage
from bot.settings import load_settings
from bot.texts import texts
from tests.support.mock_shop import MockShop
from tests.support.process import data_folder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from bot.app import App
    from bot.convert.outcome import LinkOutcome
    from bot.messages import Reply

ITEMS = {
    "taobao": "https://item.taobao.com/item.htm?id=718293645012",
    "jd": "https://item.jd.com/100012043978.html",
    "pinduoduo": "https://mobile.yangkeduo.com/goods.html?goods_id=648213907516",
}
NAMES = {"taobao": "淘宝", "jd": "京东", "pinduoduo": "拼多多"}
PLATFORMS = sorted(ITEMS)
ALICE = Earner(promoter_id="alice", chat="console:main:1", channel="console")
BOB = Earner(promoter_id="bob", chat="console:main:1", channel="console")
BASE = "http://127.0.0.1:8080"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What a fault means: the stable code, the person's sentence, the operator's where it is
    theirs to mend, and the seconds that a call may take."""

    reason: str
    person: str
    operator: str | None = None
    timeout: float = 0.5


SILENT = Fate(reason="platform_unavailable", person="平台暂时没有回应，过几分钟再发")
BUSY = Fate(reason="rate_limited", person="平台正忙，过一分钟再发")
KEYS = Fate(
    reason="auth_failed",
    person="平台暂时不能查询，已通知运营者",
    operator="：密钥或账号设置不对，运行 taoke doctor 查看",
)
FATES = {
    "slow": SILENT,
    "reset": SILENT,
    "http_5xx": SILENT,
    "html": SILENT,
    "torn": SILENT,
    # The wait that Taobao names is a second: the next conversion sits it out.
    "throttled": replace(BUSY, timeout=1.2),
    "quota": Fate(
        reason="quota_used_up",
        person="今天的查询次数用完了，明天恢复",
        operator="：平台说今天的调用已用完，明天 0 点恢复，期间用缓存的价格",
    ),
    "expired_auth": replace(KEYS, operator="：授权已过期，请到平台后台重新授权"),
    "bad_signature": KEYS,
    "clock_skew": replace(KEYS, operator="：这台机器的时钟不准，请校时"),
    "missing_right": Fate(
        reason="missing_right",
        person="这类链接暂时不能转换，原链接可直接购买",
        operator="权限，运行 taoke doctor 查看",
    ),
}
# JD has no public code for a used-up day.
SPECIAL = {("jd", "quota"): BUSY}
ARGS = {"slow": {"seconds": "0.9"}, "throttled": {"seconds": "0"}}
numbers = itertools.count(1)


def shown(reply: Reply) -> str:
    """A reply, line by line."""
    lines = [line.text for line in reply.card.lines] if reply.card else []
    return "\n".join([*lines, reply.text, *reply.notes, reply.summary])


class Stage:
    """An application with its mock platforms, and what its operator was told."""

    def __init__(self, app: App, told: list[str]) -> None:
        assert app.mock_url is not None
        self.app = app
        self.told = told
        self.shop = MockShop(app.mock_url)

    def fault(self, platform: str, kind: str, **args: str) -> None:
        """Every call meets it until `clear`."""
        body = {"platform": platform, "kind": kind, "count": None, "args": args}
        self.shop.control("faults", body)

    def clear(self) -> None:
        self.shop.control("faults", method="DELETE")

    async def convert(self, platform: str, earner: Earner = ALICE) -> LinkOutcome:
        conversion = await self.app.converter.convert(f"看看 {ITEMS[platform]} 吧", earner)
        (outcome,) = conversion.outcomes
        return outcome

    async def convert_and_read(self, platform: str) -> tuple[LinkOutcome, str]:
        """One conversion, and what its operator reads."""
        conversion = await self.app.converter.convert(ITEMS[platform], ALICE)
        reply = self.app.cards.reply(conversion, texts("zh_CN"), Audience(commission=True))
        assert reply is not None
        return conversion.outcomes[0], shown(reply)

    async def answer(self, text: str) -> str:
        """What a person with the operator's eyes reads, line by line."""
        message = IncomingMessage(
            channel="console",
            account="main",
            chat_id="1",
            sender_id="1",
            message_id=str(next(numbers)),
            text=text,
            language="zh_CN",
            received_at=self.app.clock.now(),
        )
        reply = await self.app.responder.answer(message)
        assert reply is not None
        return shown(reply)

    async def stored(self) -> list[str]:
        """The names of all records of links and where they lead."""
        names: list[str] = await self.app.store.run("KEYS", f"{self.app.settings.redis.prefix}:*")
        return [name for name in names if await self._is_link(name)]

    async def _is_link(self, name: str) -> bool:
        kind = await self.app.store.run("TYPE", name)
        return kind == "hash" and bool(await self.app.store.run("HEXISTS", name, "v"))


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """The guardian stays for a second after its last client: the tests of this file share one."""
    with data_folder() as folder:
        yield folder


@asynccontextmanager
async def opened(
    folder: Path, call_seconds: float = 3.0, deadline: float = 8.0, **convert: Any
) -> AsyncIterator[Stage]:
    """A fresh application: no circuit open, nothing cached, no fault set."""
    told: list[str] = []
    settings = load_settings(
        data_dir=folder,
        redis={"prefix": f"t{next(numbers)}"},
        convert={"deadline": deadline, **convert},
        platforms={platform: {"timeout": call_seconds} for platform in ITEMS},
    )
    async with open_app(
        settings, MockPlatforms(), base_url=BASE, operator=lambda _: True, tell=told.append
    ) as app:
        stage = Stage(app, told)
        stage.shop.control("reset", {})
        yield stage


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("kind", FATES)
async def test_a_fault_gives_everybody_the_right_sentence(
    folder: Path, platform: str, kind: str
) -> None:
    fate = SPECIAL.get((platform, kind), FATES[kind])
    async with opened(folder, fate.timeout) as stage:
        stage.fault(platform, kind, **ARGS.get(kind, {}))
        outcome, words = await stage.convert_and_read(platform)
        assert (outcome.status, outcome.reason) == (Status.FAILED, fate.reason)
        assert (outcome.share_url, outcome.tpwd) == (None, None)
        assert await stage.stored() == []
        assert words.split() == f"【演示数据】 【{NAMES[platform]}】{fate.person}".split()
        if fate.operator is None:
            assert stage.told == []
        else:
            (told,) = stage.told
            assert told.startswith(NAMES[platform])
            assert told.endswith(fate.operator)

        stage.clear()
        if fate.reason == "quota_used_up":
            assert (await stage.convert(platform)).reason == "quota_used_up"
            stage.shop.advance("1d")
        after = await stage.convert(platform)
        assert (after.status, after.reason) == (Status.OK, None)
        assert len(await stage.stored()) == 1


async def test_what_needs_one_tap_is_asked_for_and_works_after_it(folder: Path) -> None:
    async with opened(folder) as stage:
        stage.shop.control("profile", {"platform": "pinduoduo", "profile": "strict"})
        outcome = await stage.convert("pinduoduo")
        assert (outcome.status, outcome.reason) == (Status.FAILED, "needs_authorisation")
        url = outcome.authorise_url
        assert url is not None
        words = await stage.answer(ITEMS["pinduoduo"])
        assert f"【拼多多】还差一步授权：打开 {url} ，完成后再发一遍" in words
        assert stage.told == []
        assert await stage.stored() == []

        # The same message again, at once: no refusal is remembered. What is asked for one by one
        # (the house's p_id, then the promoter) is granted one by one.
        for _ in range(3):
            if outcome.authorise_url is None:
                break
            stage.shop.visit(outcome.authorise_url)
            outcome = await stage.convert("pinduoduo")
        assert (outcome.status, outcome.reason) == (Status.OK, None)


async def test_the_fault_of_a_missing_authorisation(folder: Path) -> None:
    async with opened(folder) as stage:
        stage.fault("pinduoduo", "needs_authorisation")
        outcome = await stage.convert("pinduoduo")
        assert (outcome.status, outcome.reason) == (Status.FAILED, "needs_authorisation")
        stage.clear()
        assert (await stage.convert("pinduoduo")).status is Status.OK


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_another_accounts_link_is_never_handed_out(folder: Path, platform: str) -> None:
    async with opened(folder) as stage:
        stage.fault(platform, "foreign_pid")
        outcome = await stage.convert(platform)
        assert (outcome.status, outcome.reason) == (Status.FAILED, "foreign_link")
        assert outcome.share_url is None
        assert await stage.stored() == []
        words = await stage.answer(ITEMS[platform])
        assert f"【{NAMES[platform]}】平台给的链接不属于本店，已拦下，过一会儿再试" in words
        assert stage.told == [f"{NAMES[platform]}：回答里出现了别人的推广位，链接没有发出"]

        stage.clear()
        after = await stage.convert(platform)
        assert after.status is Status.OK
        link = await stage.app.links.get(str(after.share_url).rpartition("/")[2])
        assert link is not None
        whose = stage.shop.whose(link.targets.web)
        assert whose["pid"] in stage.app.platforms[platform].adapter.settings.own_pids()


HIDDEN = {"taobao": {"hidden": "1"}, "jd": {"variant": "hidden"}, "pinduoduo": {"readable": "no"}}


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_an_owner_that_nothing_shows_is_unknown_and_never_called_ours(
    folder: Path, platform: str
) -> None:
    async with opened(folder) as stage:
        url = ITEMS[platform]
        if (
            platform == "taobao"
        ):  # a plain publisher: no method reads a link back, only new ids convert
            stage.shop.control("profile", {"platform": "taobao", "profile": "strict"})
            (found,) = await stage.app.platforms["taobao"].adapter.search("雨伞", 1)
            url = found.ref.source
        stage.fault(platform, "foreign_pid", **HIDDEN[platform])
        conversion = await stage.app.converter.convert(url, ALICE)
        (outcome,) = conversion.outcomes
        assert (outcome.status, outcome.reason) == (Status.OK, None)
        assert outcome.ownership is not None
        assert outcome.ownership.kind is OwnershipKind.UNKNOWN
        assert outcome.ownership.reason
        card = stage.app.cards.card(outcome, texts("zh_CN"), Audience(commission=True))
        assert "归属：平台不显示推广位，无法核对" in [line.text for line in card.lines]
        buyers = stage.app.cards.card(outcome, texts("zh_CN"), Audience())
        assert not [line for line in buyers.lines if "归属" in line.text]


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("kind", ["http_5xx", "quota"])
async def test_a_silent_platform_is_answered_for_with_the_time(
    folder: Path, platform: str, kind: str
) -> None:
    async with opened(folder, 0.5, offer_seconds=0) as stage:
        first = await stage.convert(platform)
        assert first.status is Status.OK
        assert first.offer is not None
        stage.shop.advance("11m")
        stage.fault(platform, kind, **ARGS.get(kind, {}))
        stale = await stage.convert(platform)
        assert (stale.status, stale.reason) == (Status.STALE, None)
        assert (stale.share_url, stale.tpwd) == (first.share_url, first.tpwd)
        seen = first.offer.seen_at.astimezone(BEIJING)
        card = stage.app.cards.card(stale, texts("zh_CN"), Audience())
        assert f"平台暂时没有回应，以下是{seen:%H:%M}的价格" in [line.text for line in card.lines]
        # Who has no link of this item yet cannot get one now.
        other = await stage.convert(platform, BOB)
        assert (other.status, other.share_url) == (Status.FAILED, None)
        # An offer that is too old is not shown any more.
        stage.shop.advance("6h")
        late = await stage.convert(platform)
        assert (late.status, late.share_url) == (Status.FAILED, None)
        assert stage.app.clock.now() - first.offer.seen_at > timedelta(hours=6)


async def test_one_platform_that_hangs_takes_nothing_from_the_others(folder: Path) -> None:
    async with opened(folder, call_seconds=5, deadline=0.9) as stage:
        stage.fault("jd", "slow", seconds="2")
        text = " 还有 ".join(ITEMS[platform] for platform in ("taobao", "jd", "pinduoduo"))
        words = await stage.answer(text)
        assert "3 个链接：2 个已转换，1 个没有转（超时）" in words
        assert "【京东】查询超时，过一会儿再发" in words
        assert words.count(f"{BASE}/s/") == 2
        assert f" 还有 {ITEMS['jd']} 还有 " in words


async def test_a_platform_that_stays_silent_is_not_asked_for_a_while(folder: Path) -> None:
    """After repeated failures the circuit refuses at once."""
    async with opened(folder, 0.3) as stage:
        stage.fault("jd", "http_5xx")
        for _ in range(6):
            assert (await stage.convert("jd")).reason == "platform_unavailable"
        stage.clear()
        assert (await stage.convert("jd")).reason == "platform_unavailable"
        assert (await stage.convert("pinduoduo")).status is Status.OK
