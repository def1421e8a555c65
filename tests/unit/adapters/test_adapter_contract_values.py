"""The values of the contract, and what a bare adapter answers."""

from __future__ import annotations

import importlib
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from pydantic import HttpUrl, SecretStr, ValidationError

from adapters import contract
from adapters.contract import (
    AdapterContext,
    AdapterInfo,
    AdapterSettings,
    Attribution,
    Coupon,
    ItemRef,
    LinkKind,
    LinkMatch,
    Money,
    Offer,
    Ownership,
    OwnershipKind,
    Placement,
    PlatformAdapter,
    Promotion,
    Rights,
)
from adapters.errors import LinkNotSupported
from adapters.quota import NoQuota

MODULES = [
    "circuit",
    "contract",
    "errors",
    "http",
    "linkbase",
    "links",
    "money",
    "pages",
    "quota",
    "rawjson",
    "registry",
    "testing",
    "times",
    "transport",
]
NOW = datetime(2026, 11, 22, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize("name", MODULES)
def test_what_a_module_names_as_public_is_there_once(name: str) -> None:
    module = importlib.import_module(f"adapters.{name}")
    assert len(module.__all__) == len(set(module.__all__))
    assert all(hasattr(module, public) for public in module.__all__)
    own = {
        key
        for key, value in vars(module).items()
        if isinstance(value, type)
        and value.__module__ == module.__name__
        and not key.startswith("_")
    }
    assert own <= set(module.__all__), "a public class is missing in __all__"


def test_one_item_reached_in_two_ways_is_one_item() -> None:
    one = ItemRef(platform="shop", item_id="1", source="https://a.example/")
    other = ItemRef(platform="shop", item_id="1", source="https://b.example/")
    assert one == other
    assert len({one, other}) == 1
    assert one != ItemRef(platform="mall", item_id="1")


@pytest.mark.parametrize(
    ("coupon", "current", "usable"),
    [
        (Coupon(amount=Money(100)), True, True),
        (Coupon(amount=Money(100), threshold=Money(1000)), True, True),
        (Coupon(amount=Money(100), threshold=Money(1001)), True, False),
        (Coupon(amount=Money(100), starts_at=NOW, ends_at=NOW + DAY), True, True),
        (Coupon(amount=Money(100), starts_at=NOW + DAY), False, False),
        (Coupon(amount=Money(100), ends_at=NOW), False, False),
        (Coupon(amount=Money(100), remaining=1), True, True),
        (Coupon(amount=Money(100), remaining=0), False, False),
    ],
)
def test_a_coupon_counts_within_its_window_while_some_are_left(
    coupon: Coupon, current: bool, usable: bool
) -> None:
    assert coupon.current(NOW) is current
    assert coupon.usable(Money(1000), NOW) is usable


def test_finer_attribution_is_greater() -> None:
    assert Attribution.LINK > Attribution.PROMOTER > Attribution.NONE


def test_a_match_gives_id_and_link_where_they_were_read() -> None:
    bare = LinkMatch(platform="shop", kind=LinkKind.SHORT, text="x", start=0, end=1)
    assert (bare.id, bare.url) == (None, None)
    groups = {"id": "1", "url": "https://a.example/1"}
    full = LinkMatch(platform="shop", kind=LinkKind.ITEM, text="x", start=0, end=1, groups=groups)
    assert (full.id, full.url) == ("1", "https://a.example/1")


class ShopSettings(AdapterSettings):
    """Two keys, one of them secret."""

    key_fields: ClassVar[tuple[str, ...]] = ("key", "secret")
    gateway_url: HttpUrl = HttpUrl("https://api.shop.example/")
    key: str = ""
    secret: SecretStr = SecretStr("")
    pid: str = ""


def test_settings_tell_which_keys_are_missing() -> None:
    assert ShopSettings().missing_keys() == ("key", "secret")
    assert not ShopSettings().has_any_key()
    half = ShopSettings(secret=SecretStr("s"))
    assert half.missing_keys() == ("key",)
    assert half.has_any_key()
    assert ShopSettings(key="k", secret=SecretStr("s")).missing_keys() == ()


def test_every_placement_once_used_is_ours() -> None:
    settings = ShopSettings(pid="a", pool=("b",), former_pids=("c", "a"))
    assert settings.house_pid() == "a"
    assert settings.own_pids() == {"a", "b", "c"}
    assert ShopSettings().own_pids() == frozenset()


@pytest.mark.parametrize("written", [["a", "b"], "a, b ,", ' ["a", "b"]', ("a", "b")])
def test_a_list_may_be_written_as_an_environment_variable(written: object) -> None:
    assert ShopSettings.model_validate({"pool": written}).pool == ("a", "b")


def test_a_broken_list_is_told() -> None:
    with pytest.raises(ValidationError, match="as JSON or as words between commas"):
        ShopSettings.model_validate({"pool": '["a"'})


@pytest.mark.parametrize(
    "wrong", [{"colour": "red"}, {"timeout": 0}, {"calls_per_second": 0}, {"daily_calls": 0}]
)
def test_wrong_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ShopSettings.model_validate(wrong)


class BareAdapter(PlatformAdapter):
    """As little as the contract allows."""

    info: ClassVar[AdapterInfo] = AdapterInfo(
        id="shop",
        name_zh="商店",
        name_en="Shop",
        contract=contract.CONTRACT_VERSION,
        settings=ShopSettings,
        patterns=(),
        samples=(),
        hosts=frozenset(),
        promotion_hosts=frozenset({"s.shop.example"}),
    )
    attribution = Attribution.NONE

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def check(self) -> Rights:
        return Rights()

    async def resolve(self, link: LinkMatch) -> ItemRef:
        return ItemRef(platform="shop", item_id=link.text)

    async def offer(self, ref: ItemRef) -> Offer:
        raise LinkNotSupported(ref.item_id)

    async def promote(self, offer: Offer, placement: Placement) -> Promotion:
        raise LinkNotSupported(offer.title + placement.pid)

    async def owns(self, url: str) -> Ownership:
        return Ownership(kind=OwnershipKind.UNKNOWN, reason=url)


def adapter(**settings: object) -> BareAdapter:
    context = AdapterContext(account="main", now=lambda: NOW, quota=NoQuota())
    return BareAdapter(ShopSettings.model_validate(settings), context)


async def test_what_an_adapter_does_not_have_it_refuses() -> None:
    bare = adapter()
    for call in (bare.search("x", 1), bare.orders(NOW, NOW), bare.refunds(NOW, NOW)):
        with pytest.raises(LinkNotSupported, match="shop: no "):
            await call


def test_promotion_hosts_are_exact() -> None:
    live = adapter()
    assert live.on_promotion_host("https://s.shop.example/a")
    for url in (
        "https://s.shop.example:8443/a",
        "https://me@s.shop.example/a",
        "https://x.s.shop.example/a",
        "https://s.shop.example.evil.example/a",
        "not a link",
    ):
        assert not live.on_promotion_host(url), url
    mock = adapter(link_base="http://127.0.0.1:8081")
    assert mock.on_promotion_host("http://127.0.0.1:8081/s.shop.example/a")
    assert not mock.on_promotion_host("https://s.shop.example/a")
