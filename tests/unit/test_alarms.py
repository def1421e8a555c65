"""The operator hears of each cause once an hour, in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.errors import AuthFailed, MissingRight, QuotaUsedUp
from bot.alarms import Alarms
from bot.convert.platform import Mode, Platform
from bot.texts import texts
from tests.support.fakes import START, FakeClock, FakeShop

if TYPE_CHECKING:
    import pytest


def test_each_cause_is_told_once_an_hour() -> None:
    told: list[str] = []
    now = [0.0]
    alarms = Alarms(texts("zh_CN"), told.append, lambda: now[0])
    shop = Platform(adapter=FakeShop(FakeClock()), mode=Mode.LIVE)
    alarms.adapter_error(shop, AuthFailed("x"))
    alarms.adapter_error(shop, AuthFailed("again"))
    alarms.adapter_error(shop, MissingRight("x", "goods.query"))
    alarms.adapter_error(shop, QuotaUsedUp("x", START))
    alarms.pool_empty(shop)
    alarms.quota("商店", 80, 80, 100)
    alarms.quota("商店", 100, 100, 100)
    alarms.quota_refused("商店")
    alarms.quota_refused("商店")
    assert told == [
        "商店：密钥或账号设置不对，运行 taoke doctor 查看",
        "商店：账号没有 goods.query 权限，运行 taoke doctor 查看",
        "商店：推广位池用完了，新推广者的订单将先记为未归属",
        "商店：今天的调用已用 80%（80/100）",
        "商店：今天的调用已用完（100/100），明天 0 点恢复，期间用缓存的价格",
        "商店：平台说今天的调用已用完，明天 0 点恢复，期间用缓存的价格",
    ]
    now[0] = 3601.0
    alarms.adapter_error(shop, AuthFailed("x"))
    assert len(told) == 7


def test_expired_keys_and_a_wrong_clock_are_told_apart() -> None:
    told: list[str] = []
    alarms = Alarms(texts("zh_CN"), told.append)
    shop = Platform(adapter=FakeShop(FakeClock()), mode=Mode.LIVE)
    alarms.adapter_error(shop, AuthFailed("x", "expired"))
    alarms.adapter_error(shop, AuthFailed("x", "clock"))
    assert told == ["商店：授权已过期，请到平台后台重新授权", "商店：这台机器的时钟不准，请校时"]


def test_without_a_screen_it_is_only_logged(caplog: pytest.LogCaptureFixture) -> None:
    shop = Platform(adapter=FakeShop(FakeClock()), mode=Mode.LIVE)
    Alarms(texts("en")).adapter_error(shop, AuthFailed("x"))
    assert [record.getMessage() for record in caplog.records] == [
        "Shop: wrong keys or account settings, run taoke doctor"
    ]
