"""What the adapter makes of answers that the mock never gives."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import pytest

from adapters.contract import AdapterContext, OwnershipKind
from adapters.errors import AuthFailed
from adapters.http import ApiClient, ApiRequest, Hop
from adapters.jd.check import probe_rights
from adapters.jd.gateway import Gateway
from adapters.jd.landing import LinkReader
from adapters.jd.settings import JdSettings
from adapters.linkbase import LinkBase
from adapters.quota import NoQuota

if TYPE_CHECKING:
    from collections.abc import Callable

ResultT = TypeVar("ResultT")
SETTINGS = JdSettings(app_key="k", union_id="1001", site_id="41", position_id="31")


class Scripted(ApiClient):
    """Every method answers with one code; every link leads to one address."""

    def __init__(self, *, code: int = 200, reached: str = "") -> None:
        super().__init__(platform="jd", hosts=frozenset(), quota=NoQuota(), link_base=LinkBase())
        self.code = code
        self.reached = reached
        self.asked: list[str] = []

    async def call(
        self,
        name: str,
        build: Callable[[], ApiRequest],
        parse: Callable[[bytes], ResultT],
        *,
        retry: bool = True,
    ) -> ResultT:
        self.asked.append(build().form["method"])
        root = name.replace(".", "_") + "_responce"
        return parse(json.dumps({root: {"code": "0", "result": {"code": self.code}}}).encode())

    async def follow(
        self,
        url: str,
        *,
        done: Callable[[str], bool],
        read: Callable[[Hop], str | None] = lambda _hop: None,
    ) -> str:
        self.asked.append(url)
        assert not done(url)
        assert done(self.reached)
        return self.reached


def gateway(client: Scripted) -> Gateway:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    return Gateway(
        SETTINGS, AdapterContext(account="main", now=lambda: now, quota=NoQuota()), client
    )


@pytest.mark.parametrize("code", [200, 201, 401, 2001104])
async def test_any_answer_of_a_method_shows_that_it_is_granted(code: int) -> None:
    client = Scripted(code=code)
    rights = await probe_rights(gateway(client))
    assert not rights.missing
    assert len(rights.granted) == 7
    assert len(client.asked) == 6


async def test_a_placement_that_is_not_ours_stops_the_check() -> None:
    with pytest.raises(AuthFailed):
        await probe_rights(gateway(Scripted(code=2001213)))


@pytest.mark.parametrize(
    ("reached", "kind", "reason"),
    [
        ("https://item.m.jd.com/product/1.html", OwnershipKind.UNKNOWN, "names nobody"),
        ("https://passport.jd.com/login?x=1", OwnershipKind.UNKNOWN, "risk"),
        ("https://item.m.jd.com/product/1.html?utm_campaign=t_1001_", OwnershipKind.OURS, ""),
        ("https://pro.m.jd.com/mall?utm_campaign=t_7_&utm_campaign=t_1001_", OwnershipKind.FOREIGN, ""),
    ],
)  # fmt: skip
async def test_the_landing_page_decides(reached: str, kind: OwnershipKind, reason: str) -> None:
    client = Scripted(reached=reached)
    reader = LinkReader(client, LinkBase(), SETTINGS)
    found = await reader.owns("https://u.jd.com/AbCdEfG?unionId=1001&x=https://u.jd.com/")
    assert client.asked == ["https://u.jd.com/AbCdEfG"]
    assert found.kind is kind
    assert reason in found.reason


async def test_a_click_links_own_parameters_are_kept() -> None:
    client = Scripted(reached="https://item.jd.com/1.html")
    link = "https://union-click.jd.com/jdc?e=618&p=Jx%2BF&d=k4&unionId=1001&utm_campaign=t_1001_"
    await LinkReader(client, LinkBase(), SETTINGS).owns(link)
    assert client.asked == ["https://union-click.jd.com/jdc?e=618&p=Jx%2BF&d=k4"]
