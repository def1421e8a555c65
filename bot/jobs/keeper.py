"""Keeps links alive and up to date, beside the redirects and never inside them.

Clicks say which links were used and which need a refresh; the keeper writes the one in batches and
does the other at once, and looks for links whose coupon or platform link has ended. Several
processes may do so: each link is claimed in the store before it is refreshed.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from bot.convert.refresh import RETRY_AFTER
from bot.redis.errors import CommandRefused, StoreError, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.clock import Clock
    from bot.convert.refresh import Refresher
    from bot.links.cache import LinkCache
    from bot.links.models import ShortLink
    from bot.links.placements import PlacementLeases
    from bot.links.store import LinkStore

__all__ = ["LinkKeeper"]

_log = logging.getLogger(__name__)

MAX_NOTED = 10_000


class LinkKeeper:
    """`used` and `wanted` are called by redirects: they return at once and never raise."""

    def __init__(
        self,
        *,
        links: LinkStore,
        cache: LinkCache,
        leases: PlacementLeases,
        refresher: Refresher,
        clock: Clock,
        every: float = 20.0,
        patience: float = 3.0,
    ) -> None:
        self._links = links
        self._cache = cache
        self._leases = leases
        self._refresher = refresher
        self._clock = clock
        self._every = every
        self._patience = patience
        self._used: dict[str, ShortLink] = {}
        self._wanted: set[str] = set()
        self._wake = asyncio.Event()
        self._stopping = False
        self._running: asyncio.Task[None] | None = None

    def used(self, link: ShortLink) -> None:
        """A link was opened: it lives on, and so does its placement's lease. More than can be noted
        are written at their next use."""
        if len(self._used) < MAX_NOTED:
            self._used[link.code] = link

    def wanted(self, code: str) -> None:
        """A link needs a refresh now; whether it gets one is the store's to say."""
        if len(self._wanted) < MAX_NOTED:
            self._wanted.add(code)
            self._wake.set()

    async def run(self) -> None:
        """Until `stop`; a store or platform that is away costs a turn, not the job."""
        self._running = asyncio.current_task()
        while not self._stopping:
            try:
                await self.turn()
            except StoreError as error:
                _log.warning("links are not kept up to date now: %s", error)
            except Exception:
                _log.exception("links are not kept up to date now")
            try:
                async with asyncio.timeout(self._every):
                    await self._wake.wait()
            except TimeoutError:
                continue
            finally:
                self._wake.clear()

    async def turn(self) -> None:
        """One look at everything. After `stop` no further link is begun."""
        await self._write_used()
        wanted, self._wanted = self._wanted, set()
        for code in wanted:
            if not self._stopping:
                await self._attempt(code, self._asked)
        for code in await self._links.due(self._clock.now()):
            if not self._stopping:
                await self._attempt(code, self._links.claim)

    async def _asked(self, code: str) -> bool:
        return await self._links.request_refresh(code, self._clock.now())

    async def _attempt(self, code: str, ours: Callable[[str], Awaitable[bool]]) -> None:
        """Refresh a link if it is this process's to refresh. A link that cannot be refreshed costs
        the others nothing; raises only StoreUnavailable."""
        try:
            if await ours(code):
                await self._refresh(code)
        except StoreUnavailable:
            raise
        except Exception as error:
            _log.error("the refresh of a link broke off: %s", type(error).__name__)
            with suppress(CommandRefused):
                await self._links.schedule(code, self._clock.now() + RETRY_AFTER)

    async def _write_used(self) -> None:
        """Write the uses noted; what cannot be written stays noted."""
        now = self._clock.now()
        used, self._used = self._used, {}
        try:
            await self._links.mark_used(*used, now=now)
            # A placement stays with its promoter for as long as one of their links is used.
            for platform, account, pid in {
                (link.ref.platform, link.account, link.placement.pid) for link in used.values()
            }:
                await self._leases.touch(platform, account, pid, now)
        except (StoreError, asyncio.CancelledError):
            for code, link in used.items():
                if len(self._used) < MAX_NOTED:
                    self._used.setdefault(code, link)
            raise

    async def _refresh(self, code: str) -> None:
        link = await self._refresher.refresh(code)
        if link is None:
            self._cache.forget(code)
        else:
            self._cache.put(link)

    async def stop(self) -> None:
        """End `run` after the link that it is at, or after `patience`, and write what is noted."""
        self._stopping = True
        self._wake.set()
        if self._running is not None:
            _, late = await asyncio.wait({self._running}, timeout=self._patience)
            for task in late:
                task.cancel()
                await asyncio.wait({task})
        try:
            await self._write_used()
        except StoreError as error:
            _log.warning("the last uses of links are not written: %s", error)
