"""Which platforms are live, mock or off; every impossible wish is one clear line."""

from __future__ import annotations

from typing import Any

import pytest

from adapters import registry
from adapters.contract import AdapterContext, AdapterSettings
from adapters.http import NoQuota
from bot.convert.platform import Mode, Platform
from bot.platforms import Plans, build_platforms, plan_platforms
from bot.settings import SettingsError
from tests.support.fakes import FakeClock, FakeShop

KNOWN = ["jd", "pinduoduo", "taobao"]
JD_KEYS = {
    "app_key": "k",
    "app_secret": "s3cret",
    "union_id": "1",
    "site_id": "2",
    "position_id": "3",
}


def modes(**sections: dict[str, Any]) -> dict[str, str]:
    """Each platform's mode."""
    plans = plan_platforms(sections, KNOWN)
    return {name: plan.mode.value for name, plan in plans.plans.items()}


def test_without_any_key_all_are_mock() -> None:
    assert modes() == dict.fromkeys(KNOWN, "mock")
    plans = plan_platforms({}, KNOWN)
    assert plans.mode is Mode.MOCK
    assert plans.lines == []


def test_a_setting_that_is_no_key_leaves_it_mock() -> None:
    assert modes(jd={"calls_per_second": "5"})["jd"] == "mock"


def test_with_one_live_the_others_are_off_and_that_is_said() -> None:
    plans = plan_platforms({"jd": JD_KEYS}, KNOWN)
    assert {name: plan.mode.value for name, plan in plans.plans.items()} == {
        "jd": "live",
        "pinduoduo": "off",
        "taobao": "off",
    }
    assert plans.mode is Mode.LIVE
    assert plans.lines == ["pinduoduo, taobao: off (no keys; the others are live)"]
    assert [plan.id for plan in plans.enabled()] == ["jd"]


def test_everything_off_is_allowed() -> None:
    off = {name: {"mode": "off"} for name in KNOWN}
    assert plan_platforms(off, KNOWN).mode is Mode.MOCK
    assert plan_platforms({"jd": {"mode": "", "app_key": "k"} | JD_KEYS}, KNOWN).mode is Mode.LIVE


@pytest.mark.parametrize(
    ("sections", "line"),
    [
        (
            {"amazon": {}},
            "TAOKE_PLATFORMS__AMAZON__*: no such platform; there are jd, pinduoduo, taobao",
        ),
        ({"jd": {"mode": "demo"}}, "TAOKE_PLATFORMS__JD__MODE: must be live, mock or off"),
        ({"jd": {"mode": "live"}}, "TAOKE_PLATFORMS__JD__APP_KEY: missing, jd is live"),
        ({"jd": {"app_key": "k"}}, "TAOKE_PLATFORMS__JD__APP_SECRET: missing, jd is live"),
        (
            {"jd": JD_KEYS | {"ap_key": "x"}},
            "AP_KEY: unknown setting; the nearest known one is TAOKE_PLATFORMS__JD__APP_KEY",
        ),
        ({"jd": JD_KEYS | {"timeout": "-1"}}, "TAOKE_PLATFORMS__JD__TIMEOUT: "),
        (
            {"jd": JD_KEYS, "taobao": {"mode": "mock"}},
            "TAOKE_PLATFORMS__TAOBAO__MODE: mock and live",
        ),
    ],
)
def test_what_cannot_be_is_named(sections: dict[str, dict[str, Any]], line: str) -> None:
    with pytest.raises(SettingsError) as caught:
        plan_platforms(sections, KNOWN)
    assert line in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_only_what_is_enabled_is_built_and_mocks_get_their_values() -> None:
    plans = plan_platforms({"taobao": {"mode": "off"}, "jd": {"timeout": "2"}}, KNOWN)
    asked: list[str] = []

    def context_for(name: str, settings: AdapterSettings) -> AdapterContext:
        asked.append(name)
        return AdapterContext(account="main", now=FakeClock().now, quota=NoQuota())

    def values(name: str) -> dict[str, object]:
        mock = registry.load_mock(name)
        return dict(mock.client_settings("http://127.0.0.1:1"))

    built = build_platforms(plans, context_for, values)
    assert sorted(built) == asked == ["jd", "pinduoduo"]
    assert built["jd"].mock
    assert built["jd"].adapter.settings.timeout == 2
    assert build_platforms(Plans(plans={}), context_for, values) == {}


def test_a_platform_has_a_name_in_each_language() -> None:
    platform = Platform(adapter=FakeShop(FakeClock()), mode=Mode.LIVE)
    assert (platform.id, platform.name("zh_CN"), platform.name("en")) == ("shop", "商店", "Shop")
    assert not platform.mock
