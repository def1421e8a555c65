"""The conversion with everything real but the platform: store (in memory), links, items, cards."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.convert.cards import CardMaker
from bot.convert.converter import Converter
from bot.convert.issue import Issuer
from bot.convert.items import ItemService
from bot.convert.outcome import Earner
from bot.convert.platform import Mode, Platform
from bot.convert.recognise import Recogniser
from bot.convert.refresh import Refresher
from bot.convert.store import OfferStore
from bot.links.placements import PlacementLeases
from bot.links.store import LinkStore
from tests.support.fakes import FakeClock, FakeShop

if TYPE_CHECKING:
    from adapters.errors import AdapterError
    from bot.links.models import ShortLink
    from bot.redis.connection import Store

BASE = "http://127.0.0.1:8080"
ALICE = Earner(promoter_id="alice", chat="console:main:1", channel="console")
BOB = Earner(promoter_id="bob", chat="console:main:1", channel="console")


@dataclass(kw_only=True)
class ShopApp:
    """The parts that a test looks at."""

    shop: FakeShop
    clock: FakeClock
    links: LinkStore
    items: ItemService
    leases: PlacementLeases
    issuer: Issuer
    refresher: Refresher
    converter: Converter
    cards: CardMaker
    platform: Platform
    counted: list[tuple[str, str]] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    stamps: list[str] = field(default_factory=list)

    async def link(self, url: str | None) -> ShortLink:
        """The record behind a share link."""
        assert url is not None
        assert url.startswith(f"{BASE}/s/")
        link = await self.links.get(url.removeprefix(f"{BASE}/s/"))
        assert link is not None
        return link


def make_shop_app(store: Store, *, max_links: int = 30, deadline: float = 8.0) -> ShopApp:
    """All of it, for one mock platform."""
    clock = FakeClock()
    shop = FakeShop(clock)
    platform = Platform(adapter=shop, mode=Mode.MOCK)
    links = LinkStore(store)
    items = ItemService(
        store=OfferStore(store),
        clock=clock,
        account="main",
        fresh_for=timedelta(minutes=10),
        stale_for=timedelta(hours=6),
    )
    counted: list[tuple[str, str]] = []
    alarms: list[str] = []
    stamps: list[str] = []

    def alarm(_: Platform, error: AdapterError) -> None:
        alarms.append(error.code)

    async def stamp() -> None:
        stamps.append("mock")

    leases = PlacementLeases(store)
    issuer = Issuer(
        links=links,
        leases=leases,
        items=items,
        clock=clock,
        account="main",
        pool_empty=lambda _: alarms.append("pool_empty"),
    )
    converter = Converter(
        platforms={"shop": platform},
        recogniser=Recogniser({"shop": shop.info.patterns}, own_hosts=["127.0.0.1:8080"]),
        items=items,
        issuer=issuer,
        count=lambda stage, name: counted.append((stage, name)),
        share_url=lambda link: f"{BASE}/s/{link.code}",
        stamp=stamp,
        deadline=deadline,
        max_links=max_links,
        alarm=alarm,
    )
    return ShopApp(
        shop=shop,
        clock=clock,
        links=links,
        items=items,
        leases=leases,
        issuer=issuer,
        refresher=Refresher(
            platforms={"shop": platform}, links=links, items=items, issuer=issuer, clock=clock
        ),
        converter=converter,
        cards=CardMaker(lambda _platform, _language: "商店", max_links),
        platform=platform,
        counted=counted,
        alarms=alarms,
        stamps=stamps,
    )
