"""What a convert answer shows, and what is made of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import pytest

from adapters.contract import (
    AdapterContext,
    Attribution,
    ItemRef,
    Offer,
    OwnershipKind,
    Placement,
    PromoLink,
)
from adapters.errors import AdapterError, ForeignLink, ItemNotPromotable, ProtocolError
from adapters.http import ApiClient, ApiRequest
from adapters.jd.codes import CouponRefused
from adapters.jd.gateway import Gateway
from adapters.jd.landing import judge
from adapters.jd.pages import Owner
from adapters.jd.promotions import Promoter, convert_arguments
from adapters.jd.rights import BY_SUB_UNION_ID, COMMON_GET
from adapters.jd.settings import JdSettings
from adapters.linkbase import LinkBase
from adapters.money import Money
from adapters.quota import NoQuota

if TYPE_CHECKING:
    from collections.abc import Callable

ResultT = TypeVar("ResultT")

NOW = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
SHORT = "https://u.jd.com/AbCdEfG"
LONG = "https://union-click.jd.com/jdc?e=&p=JF8BANgJK1olXDYC"
SETTINGS = JdSettings(
    app_key="k", union_id="1001", site_id="41", position_id="31", pool=("32",), former_pids=("30",)
)
OFFER = Offer(
    ref=ItemRef(platform="jd", item_id="100061842973"),
    title="挂耳咖啡",
    price=Money(5990),
    final_price=Money(5990),
    seen_at=NOW,
)


class OneAnswer(ApiClient):
    """A client that answers every call with the same body."""

    def __init__(self, result: object) -> None:
        super().__init__(platform="jd", hosts=frozenset(), quota=NoQuota(), link_base=LinkBase())
        root = f"{BY_SUB_UNION_ID.replace('.', '_')}_responce"
        self.body = json.dumps({root: {"code": "0", "getResult": json.dumps(result)}}).encode()

    async def call(
        self,
        name: str,
        build: Callable[[], ApiRequest],
        parse: Callable[[bytes], ResultT],
        *,
        retry: bool = True,
    ) -> ResultT:
        assert name == BY_SUB_UNION_ID
        assert retry
        assert build().form["sign"]
        return parse(self.body)


async def promoted(code: int = 200, **data: str) -> PromoLink:
    context = AdapterContext(account="main", now=lambda: NOW, quota=NoQuota())
    client = OneAnswer({"code": code, "message": "", "data": data})
    promoter = Promoter(Gateway(SETTINGS, context, client), LinkBase())
    placement = Placement(account="main", pid="32", sub_id="Ab3dE7x")
    return (await promoter.promote(OFFER, placement)).link


async def test_an_opaque_answer_leaves_the_owner_unknown() -> None:
    link = await promoted(shortURL=SHORT, clickURL=LONG)
    assert (link.web, link.level, link.tpwd) == (SHORT, Attribution.LINK, None)
    assert link.ownership.kind is OwnershipKind.UNKNOWN
    assert link.ownership.reason


async def test_an_answer_that_names_us_is_ours() -> None:
    link = await promoted(shortURL=SHORT, clickURL=f"{LONG}&unionId=1001&positionId=32")
    assert (link.ownership.kind, link.ownership.pid) == (OwnershipKind.OURS, "32")
    campaign = await promoted(clickURL=f"{LONG}&utm_campaign=t_1001_Ab3dE7x")
    assert campaign.ownership.kind is OwnershipKind.OURS
    assert campaign.web.startswith(LONG)


@pytest.mark.parametrize(
    "data",
    [
        {"shortURL": SHORT, "clickURL": f"{LONG}&unionId=2002"},
        {"shortURL": SHORT, "clickURL": f"{LONG}&unionId=1001&unionId=2002"},
        {"shortURL": f"{SHORT}?unionId=2002", "clickURL": f"{LONG}&unionId=1001"},
        {"clickURL": f"{LONG}&utm_campaign=t_2002_"},
        {"clickURL": f"{LONG}&unionId=1001&positionId=31"},
        {"clickURL": f"{LONG}&positionId=99"},
    ],
    ids=["union", "both unions", "in the short one", "campaign", "our other placement", "placement"],
)  # fmt: skip
async def test_an_answer_that_names_anybody_else_is_refused(data: dict[str, str]) -> None:
    with pytest.raises(ForeignLink):
        await promoted(200, **data)


@pytest.mark.parametrize(
    "data",
    [
        {"shortURL": "https://evil.example/u.jd.com"},
        {"shortURL": SHORT, "clickURL": "https://u.jd.com.evil.example/x"},
        {"shortURL": "https://u.jd.com@evil.example/x"},
        {"shortURL": "no link"},
    ],
)
async def test_a_link_off_the_promotion_hosts_is_refused(data: dict[str, str]) -> None:
    with pytest.raises(ProtocolError):
        await promoted(200, **data)


async def test_an_answer_without_a_link() -> None:
    with pytest.raises(ItemNotPromotable):
        await promoted()


async def test_the_command_is_handed_on() -> None:
    assert (await promoted(shortURL=SHORT, jCommand="long")).tpwd == "long"
    both = await promoted(shortURL=SHORT, jCommand="long", jShortCommand="￥short￥")
    assert both.tpwd == "￥short￥"


@pytest.mark.parametrize("code", [2001914, 2001701])
async def test_a_coupon_refused_that_was_not_sent_is_no_endless_loop(code: int) -> None:
    with pytest.raises(CouponRefused) as caught:
        await promoted(code=code)
    assert isinstance(caught.value, ProtocolError)
    assert isinstance(caught.value, AdapterError)


def test_pid_is_never_sent() -> None:
    values = {"item": "1", "position": "32", "site": "41", "sub_id": "s", "coupon": "c"}
    assert convert_arguments(BY_SUB_UNION_ID, **values) == {
        "promotionCodeReq": {
            "materialId": "https://item.jd.com/1.html",
            "chainType": 3,
            "positionId": 32,
            "subUnionId": "s",
            "couponUrl": "c",
        }
    }
    assert convert_arguments(COMMON_GET, **{**values, "sub_id": "", "coupon": ""}) == {
        "promotionCodeReq": {
            "materialId": "https://item.jd.com/1.html",
            "siteId": "41",
            "positionId": 32,
        }
    }


@pytest.mark.parametrize(
    ("unions", "positions", "kind"),
    [
        ({"1001"}, set(), OwnershipKind.OURS),
        (set(), {"31"}, OwnershipKind.OURS),
        (set(), {"32"}, OwnershipKind.OURS),
        ({"1001"}, {"30"}, OwnershipKind.OURS),
        ({"2002"}, {"31"}, OwnershipKind.FOREIGN),
        ({"1001", "2002"}, set(), OwnershipKind.FOREIGN),
        ({"1001"}, {"99"}, OwnershipKind.FOREIGN),
    ],
)
def test_ours_is_only_what_shows_nobody_else(
    unions: set[str], positions: set[str], kind: OwnershipKind
) -> None:
    shown = Owner(union_ids=frozenset(unions), position_ids=frozenset(positions))
    assert judge(shown, SETTINGS).kind is kind
