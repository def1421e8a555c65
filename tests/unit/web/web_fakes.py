"""Real small stand-ins for the web server's ports, and a server on a loopback socket."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import aiohttp

from adapters.contract import (
    Attribution,
    Coupon,
    ItemRef,
    Money,
    OfferSnapshot,
    Ownership,
    OwnershipKind,
    Placement,
)
from bot.links.models import ShortLink, Targets
from bot.redis.errors import StoreUnavailable
from bot.web.app import IDLE_SECONDS, WebServer, make_app, serve
from bot.web.ports import DemoChat, WebServices

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from bot.messages import IncomingMessage, Reply

NOW = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
CODE = "AbCdEfG"
TARGET = "http://127.0.0.1:9/u.jd.com/x1Y2z3?e=AbCdEfG"
SHOWN = OfferSnapshot(
    title="保温杯 500ml",
    price=Money(5990),
    final_price=Money(3990),
    coupon=Coupon(amount=Money(2000), threshold=Money(5000), ends_at=NOW + timedelta(days=1)),
    seen_at=NOW,
)
LINK = ShortLink(
    code=CODE,
    account="main",
    ref=ItemRef(platform="jd", item_id="1"),
    placement=Placement(account="main", pid="p", sub_id=CODE),
    targets=Targets(web=TARGET),
    level=Attribution.LINK,
    ownership=Ownership(kind=OwnershipKind.OURS),
    promoter_id="p1",
    chat="console:main:console",
    channel="console",
    shown=SHOWN,
    created_at=NOW,
    used_at=NOW,
)
PLAIN = replace(SHOWN, final_price=SHOWN.price, coupon=None)


def coupon_ending(at: datetime) -> OfferSnapshot:
    """What the card showed, with a coupon that ends then."""
    return replace(SHOWN, coupon=Coupon(amount=Money(2000), threshold=Money(5000), ends_at=at))


@dataclass
class FakeClock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class World:
    """The application behind the ports: what is set, and what was asked of it."""

    link_by_code: dict[str, ShortLink] = field(default_factory=lambda: {CODE: LINK})
    clock: FakeClock = field(default_factory=FakeClock)
    store_down: bool = False
    clicks: list[str] = field(default_factory=list)
    click_error: Exception | None = None
    refreshes: list[str] = field(default_factory=list)
    targets_ok: bool = True
    mock: bool = False
    checks: Mapping[str, bool] | Exception = field(default_factory=lambda: {"store": True})
    pictures: bool = True
    """Whether the application knows pictures at all."""
    picture: str | Exception = ""
    looked_up: list[str] = field(default_factory=list)

    async def get(self, code: str) -> ShortLink | None:
        self.looked_up.append(code)
        if self.store_down:
            raise StoreUnavailable("the store is away")
        return self.link_by_code.get(code)

    def put(self, **changes: Any) -> None:
        """The one link, changed."""
        self.link_by_code[CODE] = replace(LINK, **changes)

    def clicked(self, link: ShortLink) -> None:
        if self.click_error is not None:
            raise self.click_error
        self.clicks.append(link.code)

    async def ready(self) -> Mapping[str, bool]:
        if isinstance(self.checks, Exception):
            raise self.checks
        return self.checks

    async def picture_of(self, link: ShortLink) -> str:
        if isinstance(self.picture, Exception):
            raise self.picture
        return self.picture

    def services(self, **changes: Any) -> WebServices:
        ports = WebServices(
            clock=self.clock,
            links=self,
            clicked=self.clicked,
            request_refresh=self.refreshes.append,
            target_ok=lambda _platform, _url: self.targets_ok,
            name_of=lambda _platform, language: "京东" if language == "zh_CN" else "JD",
            is_mock=lambda _platform: self.mock,
            ready=self.ready,
            image_origins=("http://img.example",),
        )
        if self.pictures:
            ports = replace(ports, picture_of=self.picture_of)
        return replace(ports, **changes)


@dataclass
class Answers:
    """The demo's handler: one reply for everything, and what was asked."""

    reply: Reply | Exception | None = None
    asked: list[IncomingMessage] = field(default_factory=list)

    async def __call__(self, message: IncomingMessage) -> Reply | None:
        self.asked.append(message)
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, read."""

    status: int
    headers: Mapping[str, str]
    text: str


class Browser:
    """A client that follows nothing."""

    def __init__(self, server: WebServer, session: aiohttp.ClientSession) -> None:
        self.server, self._session = server, session

    async def ask(self, method: str, path: str, **options: Any) -> Answer:
        url = self.server.url.rstrip("/") + path
        async with self._session.request(method, url, allow_redirects=False, **options) as answer:
            return Answer(answer.status, answer.headers, await answer.text())

    async def get(self, path: str, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.ask("GET", path, headers=named)


@asynccontextmanager
async def browsing(
    services: WebServices, idle_seconds: float = IDLE_SECONDS
) -> AsyncIterator[Browser]:
    """A server with these ports, and a browser on it."""
    server = await serve(make_app(services, idle_seconds=idle_seconds), "127.0.0.1", 0)
    async with aiohttp.ClientSession() as session:
        try:
            yield Browser(server, session)
        finally:
            await server.close()


def demo_services(world: World, answers: Answers, **changes: Any) -> WebServices:
    """Ports with the demo chat."""
    demo = DemoChat(handle=answers, samples=("第一条 <b>", "https://a.example/2"), **changes)
    return world.services(demo=demo)
