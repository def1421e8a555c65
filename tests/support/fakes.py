"""A platform that does what a test tells it, and a clock that a test moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from pydantic import HttpUrl

from adapters.contract import (
    CONTRACT_VERSION,
    AdapterContext,
    AdapterInfo,
    AdapterSettings,
    Attribution,
    Capability,
    Coupon,
    ItemRef,
    Money,
    Offer,
    Ownership,
    OwnershipKind,
    Placement,
    PlatformAdapter,
    PromoLink,
    Promotion,
    Rate,
    Rights,
)
from adapters.http import NoQuota
from adapters.links import CURRENCY_FENCES, LinkKind, LinkMatch, LinkPattern, TokenPattern

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


class FakeClock:
    """Business time that stands still until it is moved."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, **span: float) -> None:
        self.at += timedelta(**span)


class ShopSettings(AdapterSettings):
    """Settings of the invented shop."""

    key_fields = ("app_key",)
    gateway_url: HttpUrl = HttpUrl("https://api.shop.example/")
    app_key: str = ""
    pid: str = "house"


PATTERNS = (
    LinkPattern(
        kind=LinkKind.ITEM,
        hosts=("item.shop.example",),
        path="/{id}",
        example="https://item.shop.example/123",
        example_id="123",
    ),
    LinkPattern(
        kind=LinkKind.SHORT,
        hosts=("s.shop.example",),
        path=r"/[A-Za-z0-9]{6}",
        example="https://s.shop.example/AbCd12",
    ),
    LinkPattern(
        kind=LinkKind.AFFILIATE,
        hosts=("go.shop.example",),
        path=r"/[A-Za-z0-9-]{3,60}",
        example="https://go.shop.example/house-AbCdEfG",
    ),
    TokenPattern(
        lengths=(11,),
        strong=CURRENCY_FENCES,
        weak="",
        example="￥Abcdef12345￥",
        example_id="Abcdef12345",
    ),
)


def coupon(
    amount: int = 2000,
    threshold: int = 5000,
    *,
    ends: datetime | None = None,
    remaining: int | None = None,
) -> Coupon:
    """Amounts in fen."""
    return Coupon(
        amount=Money(amount),
        threshold=Money(threshold),
        ends_at=ends or START + timedelta(days=8),
        remaining=remaining,
    )


def offer_of(item_id: str = "123", *, platform: str = "shop", **changes: object) -> Offer:
    """An offer of ¥59.90, with a coupon ¥39.90, 5.5 % commission."""
    offer = Offer(
        ref=ItemRef(
            platform=platform, item_id=item_id, source=f"https://item.shop.example/{item_id}"
        ),
        title=f"纯棉四件套 {item_id}",
        price=Money(5990),
        final_price=Money(3990),
        seen_at=START,
        commission_rate=Rate(550),
        commission=Money(219),
        coupon=coupon(),
        image_url="https://img.shop.example/1.jpg",
    )
    return replace(offer, **changes)  # type: ignore[arg-type] # a test names the fields


class FakeShop(PlatformAdapter):
    """Counts calls; `errors[step]` is raised by that step, `offers[item]` is answered."""

    info: ClassVar[AdapterInfo] = AdapterInfo(
        id="shop",
        name_zh="商店",
        name_en="Shop",
        contract=CONTRACT_VERSION,
        settings=ShopSettings,
        patterns=PATTERNS,
        samples=("看这个 https://item.shop.example/123",),
        hosts=frozenset({"s.shop.example"}),
        promotion_hosts=frozenset({"go.shop.example"}),
        image_hosts=frozenset({"img.shop.example"}),
        capabilities=frozenset({Capability.SEARCH}),
        attribution=(Attribution.LINK, Attribution.PROMOTER, Attribution.NONE),
        pooled=True,
    )

    def __init__(self, clock: FakeClock, **settings: object) -> None:
        context = AdapterContext(account="main", now=clock.now, quota=NoQuota())
        super().__init__(ShopSettings(**settings), context)
        self.clock = clock
        self.level = Attribution.LINK
        self.errors: dict[str, Exception] = {}
        self.offers: dict[str, Offer] = {}
        self.calls: list[str] = []
        self.placements: list[Placement] = []
        self.ownership: Ownership | None = None
        """What the answer shows; None: the placement that was asked for."""
        self.web: str | None = None
        self.tpwd: str | None = None
        self.expires_at: datetime | None = None
        self.corrected: Offer | None = None
        self.hold: asyncio.Event | None = None
        self.started = False

    @property
    def attribution(self) -> Attribution:
        return self.level

    async def start(self) -> None:
        self.started = True

    async def close(self) -> None:
        self.started = False

    async def _step(self, name: str) -> None:
        self.calls.append(name)
        if self.hold is not None:
            await self.hold.wait()
        if name in self.errors:
            raise self.errors[name]

    async def check(self) -> Rights:
        await self._step("check")
        return Rights()

    async def resolve(self, link: LinkMatch) -> ItemRef:
        await self._step("resolve")
        item_id = (link.id if link.kind is not LinkKind.TOKEN else None) or "777"
        return ItemRef(
            platform="shop", item_id=item_id, source=f"https://item.shop.example/{item_id}"
        )

    async def offer(self, ref: ItemRef) -> Offer:
        await self._step("offer")
        if ref.item_id in self.errors:
            raise self.errors[ref.item_id]
        made = self.offers.get(ref.item_id, offer_of(ref.item_id))
        return replace(made, seen_at=self.clock.now())

    async def promote(self, offer: Offer, placement: Placement) -> Promotion:
        await self._step("promote")
        self.placements.append(placement)
        level = self.level
        if level is Attribution.PROMOTER and placement.pid == "house":
            level = Attribution.NONE
        web = self.web or f"https://go.shop.example/{placement.pid}-{placement.sub_id}"
        link = PromoLink(
            web=web,
            level=level,
            ownership=self.ownership or Ownership(kind=OwnershipKind.OURS, pid=placement.pid),
            tpwd=self.tpwd,
            expires_at=self.expires_at,
        )
        return Promotion(link=link, offer=self.corrected or offer)

    async def owns(self, url: str) -> Ownership:
        await self._step("owns")
        ours = url.startswith("https://go.shop.example/house")
        return Ownership(kind=OwnershipKind.OURS if ours else OwnershipKind.FOREIGN)

    async def search(self, words: str, limit: int) -> Sequence[Offer]:
        await self._step("search")
        found = [offer_of(str(number), title=f"{words} {number}") for number in range(1, 9)]
        return found[:limit]
