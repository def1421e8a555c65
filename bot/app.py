"""The composition root: settings go in, a running application comes out; nothing else builds objects."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from adapters import registry
from adapters.contract import AdapterContext
from bot.alarms import Alarms
from bot.clock import MockClock, SystemClock
from bot.commands.responder import Responder
from bot.convert.cards import Audience, CardMaker
from bot.convert.converter import Converter
from bot.convert.issue import Issuer
from bot.convert.items import ItemService
from bot.convert.outcome import Earner
from bot.convert.platform import Mode
from bot.convert.quota import SharedQuota
from bot.convert.recognise import Recogniser
from bot.convert.refresh import Refresher
from bot.convert.store import OfferStore
from bot.jobs.keeper import LinkKeeper
from bot.links.cache import LinkCache
from bot.links.clicks import ClickBuffer
from bot.links.placements import PlacementLeases
from bot.links.store import LinkStore
from bot.people.store import PromoterStore
from bot.platforms import build_platforms, plan_platforms
from bot.redis.connection import connect
from bot.redis.embedded import Child, open_embedded
from bot.redis.schema import Schema
from bot.settings import SettingsError
from bot.stats.funnel import Funnel
from bot.stats.report import StatsReport
from bot.stats.store import FunnelStore
from bot.texts import texts
from bot.web.ports import DemoChat, WebServices

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from pathlib import Path

    from adapters.contract import AdapterSettings
    from bot.clock import Clock
    from bot.convert.platform import Platform
    from bot.links.models import ShortLink
    from bot.messages import IncomingMessage
    from bot.platforms import Plans
    from bot.redis.connection import Store
    from bot.settings import Settings

__all__ = ["App", "Mocks", "open_app"]

MAX_CHARS = 1_000_000
READY_TIMEOUT = 1.0


class Mocks(Protocol):
    """The mock platforms, as only the demo knows them."""

    def child(self, data_dir: Path) -> Child:
        """The process that serves them, kept by the guardian."""
        ...

    def values(self, platform: str, base_url: str) -> Mapping[str, object]:
        """Client settings with which an adapter reaches its mock."""
        ...


@dataclass(kw_only=True)
class App:
    """A running application. `base_url` is how share links start; None hands out the platform's own
    promotion link (attribution unchanged, clicks not counted)."""

    settings: Settings
    plans: Plans
    clock: Clock
    store: Store
    schema: Schema
    platforms: Mapping[str, Platform]
    quotas: Mapping[str, SharedQuota]
    recogniser: Recogniser
    items: ItemService
    issuer: Issuer
    converter: Converter
    cards: CardMaker
    responder: Responder
    links: LinkStore
    cache: LinkCache
    clicks: ClickBuffer
    funnel: Funnel
    stats: StatsReport
    keeper: LinkKeeper
    promoters: PromoterStore
    mock_url: str | None
    base_url: str | None
    opened: list[Callable[[ShortLink], None]]
    """Called for every counted click, in this process."""

    def name_of(self, platform: str, language: str) -> str:
        """What people call a platform."""
        known = self.platforms.get(platform)
        return known.name(language) if known is not None else platform

    def share_url(self, link: ShortLink) -> str:
        """The address that is handed out for a link."""
        return link.targets.web if self.base_url is None else f"{self.base_url}/s/{link.code}"

    def web_services(self, demo: DemoChat | None = None) -> WebServices:
        """What the web server needs."""
        return WebServices(
            clock=self.clock,
            links=self.cache,
            clicked=self._clicked,
            request_refresh=self.keeper.wanted,
            target_ok=self._target_ok,
            name_of=self.name_of,
            is_mock=self._is_mock,
            ready=self._ready,
            picture_of=self._picture_of,
            image_origins=self._image_origins(),
            link_life=self.links.life,
            trusted_proxies=frozenset(self.settings.web.trusted_proxies),
            demo=demo,
            language=self.settings.language,
        )

    def _clicked(self, link: ShortLink) -> None:
        self.clicks.add(link)
        self.funnel.count("clicked", link.ref.platform)
        self.keeper.used(link)
        for listener in self.opened:
            listener(link)

    def _target_ok(self, platform: str, url: str) -> bool:
        known = self.platforms.get(platform)
        return known is not None and known.adapter.on_promotion_host(url)

    def _is_mock(self, platform: str) -> bool:
        known = self.platforms.get(platform)
        return known is not None and known.mock

    async def _ready(self) -> Mapping[str, bool]:
        try:
            await self.store.ping()
        except Exception:
            return {"store": False, "platforms": bool(self.platforms)}
        return {"store": True, "platforms": bool(self.platforms)}

    async def _picture_of(self, link: ShortLink) -> str:
        """From the offers' cache only: a page never makes a platform call."""
        cached = await self.items.known(link.ref)
        return cached.image_url if cached is not None else ""

    def _image_origins(self) -> Sequence[str]:
        origins = {
            f"https://{host}"
            for platform in self.platforms.values()
            for host in platform.adapter.info.image_hosts
        }
        if self.mock_url is not None:
            origins.add(self.mock_url)
        return sorted(origins)


@asynccontextmanager
async def open_app(
    settings: Settings,
    mocks: Mocks,
    *,
    base_url: str | None,
    operator: Callable[[IncomingMessage], bool],
    tell: Callable[[str], None] | None = None,
) -> AsyncIterator[App]:
    """Open store, mocks (where they are the mode) and adapters; close all in reverse.

    SettingsError, StoreError or AdapterLoadError with one sentence where that cannot be.
    `operator(message)` tells whether a message's sender sees the whole commission.
    """
    plans = plan_platforms(settings.platforms, registry.find_adapters())
    async with AsyncExitStack() as stack:
        clock = _clock(settings, plans)
        store, mock_url = await _open_store(settings, plans, mocks, stack)
        schema = Schema(store, data_dir=settings.data_dir)
        await schema.open()
        if plans.enabled():
            await schema.check(plans.mode.value)
        app = _build(
            settings=settings,
            plans=plans,
            clock=clock,
            store=store,
            schema=schema,
            mock_url=mock_url,
            mocks=mocks,
            base_url=base_url,
            operator=operator,
            tell=tell,
        )
        for platform in app.platforms.values():
            stack.push_async_callback(platform.adapter.close)
            await platform.adapter.start()
        for quota in app.quotas.values():
            stack.push_async_callback(quota.close)
        stack.push_async_callback(app.items.close)
        stack.push_async_callback(app.funnel.close)
        stack.push_async_callback(app.clicks.close)
        yield app


def _clock(settings: Settings, plans: Plans) -> Clock:
    """Moved time exists in mock mode only."""
    moved = MockClock(settings.data_dir)
    if plans.mode is Mode.MOCK:
        return moved
    if moved.offset():
        raise SettingsError(
            f"{moved.path}: the demo's clock was moved in this data folder; live platforms need "
            "a folder of their own (TAOKE_DATA_DIR)"
        )
    return SystemClock()


async def _open_store(
    settings: Settings, plans: Plans, mocks: Mocks, stack: AsyncExitStack
) -> tuple[Store, str | None]:
    """The store, and the mock platforms' address where there is one."""
    mocked = any(plan.mode is Mode.MOCK for plan in plans.enabled())
    children = [mocks.child(settings.data_dir)] if mocked else []
    url = str(settings.redis.url) if settings.redis.url is not None else None
    mock_url = None
    if url is None or children:
        embedded = await open_embedded(settings.data_dir, children, store=url is None)
        stack.push_async_callback(embedded.close)
        url = url or embedded.redis_url
        mock_url = str(embedded.children["mock"]["base_url"]) if children else None
    store = await connect(str(url), prefix=settings.redis.prefix)
    stack.push_async_callback(store.close)
    return store, mock_url


def _build(
    *,
    settings: Settings,
    plans: Plans,
    clock: Clock,
    store: Store,
    schema: Schema,
    mock_url: str | None,
    mocks: Mocks,
    base_url: str | None,
    operator: Callable[[IncomingMessage], bool],
    tell: Callable[[str], None] | None,
) -> App:
    """Every object, by hand and in order."""
    account = settings.account
    alarms = Alarms(texts(settings.language), tell)
    quotas: dict[str, SharedQuota] = {}

    def context_for(platform: str, adapter_settings: AdapterSettings) -> AdapterContext:
        quotas[platform] = SharedQuota(
            store,
            platform=platform,
            account=account,
            clock=clock,
            calls_per_second=adapter_settings.calls_per_second,
            daily_calls=adapter_settings.daily_calls,
            told=lambda percent, used, limit: alarms.quota(
                name_of(platform, settings.language), percent, used, limit
            ),
            refused=lambda: alarms.quota_refused(name_of(platform, settings.language)),
        )
        return AdapterContext(account=account, now=clock.now, quota=quotas[platform])

    platforms = build_platforms(
        plans, context_for, lambda platform: mocks.values(platform, str(mock_url))
    )
    links = LinkStore(store, account=account, life=timedelta(days=settings.links.life_days))
    cache = LinkCache(links)
    funnel = Funnel(FunnelStore(store), clock)
    items = ItemService(
        store=OfferStore(store),
        clock=clock,
        account=account,
        fresh_for=timedelta(seconds=settings.convert.offer_seconds),
        stale_for=timedelta(hours=settings.convert.stale_hours),
    )
    leases = PlacementLeases(store, link_life=links.life)
    issuer = Issuer(
        links=links,
        leases=leases,
        items=items,
        clock=clock,
        account=account,
        pool_empty=alarms.pool_empty,
        look_up_owner=settings.convert.look_up_owner,
    )
    refresher = Refresher(platforms=platforms, links=links, items=items, issuer=issuer, clock=clock)
    recogniser = Recogniser(
        {name: platform.adapter.info.patterns for name, platform in platforms.items()},
        bases=[mock_url] if mock_url is not None else [],
        own_hosts=_own_hosts(settings, base_url),
    )

    def name_of(platform: str, language: str) -> str:
        known = platforms.get(platform)
        return known.name(language) if known is not None else platform

    def share_url(link: ShortLink) -> str:
        return app.share_url(link)

    converter = Converter(
        platforms=platforms,
        recogniser=recogniser,
        items=items,
        issuer=issuer,
        count=funnel.count,
        share_url=share_url,
        stamp=lambda: schema.stamp(plans.mode.value),
        deadline=settings.convert.deadline,
        max_links=settings.convert.max_links,
        alarm=alarms.adapter_error,
    )
    cards = CardMaker(name_of, settings.convert.max_links)
    stats = StatsReport(funnel, clock, name_of)
    promoters = PromoterStore(store)

    async def earner_of(message: IncomingMessage) -> Earner:
        where = f"{message.channel}:{message.account}"
        promoter = await promoters.for_account(f"{where}:{message.sender_id}")
        return Earner(
            promoter_id=promoter, chat=f"{where}:{message.chat_id}", channel=message.channel
        )

    responder = Responder(
        platforms=platforms,
        converter=converter,
        cards=cards,
        stats=stats,
        earner_of=earner_of,
        audience_of=lambda message: Audience(commission=operator(message)),
        max_chars=MAX_CHARS,
    )
    app = App(
        settings=settings,
        plans=plans,
        clock=clock,
        store=store,
        schema=schema,
        platforms=platforms,
        quotas=quotas,
        recogniser=recogniser,
        items=items,
        issuer=issuer,
        converter=converter,
        cards=cards,
        responder=responder,
        links=links,
        cache=cache,
        clicks=ClickBuffer(store, clock),
        funnel=funnel,
        stats=stats,
        keeper=LinkKeeper(
            links=links, cache=cache, leases=leases, refresher=refresher, clock=clock
        ),
        promoters=promoters,
        mock_url=mock_url,
        base_url=base_url,
        opened=[],
    )
    return app


def _own_hosts(settings: Settings, base_url: str | None) -> list[str]:
    """Hosts under which our own links are known: where we serve now and the public address."""
    addresses = [base_url, str(settings.web.public_url) if settings.web.public_url else None]
    return sorted({urlsplit(address).netloc for address in addresses if address})
