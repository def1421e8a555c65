"""Following short links through a shop's own pages, hop by hop, allow-listed hosts only."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin

from yarl import URL

from adapters.errors import LinkNotSupported
from adapters.transport import (
    NETWORK_ERRORS,
    broken,
    check_overload,
    read_bounded,
    within_deadline,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp

    from adapters.circuit import CircuitBreaker
    from adapters.linkbase import LinkBase

__all__ = ["MAX_HOPS", "MAX_PAGE", "Hop", "PageReader"]

MAX_PAGE = 512 * 1024
MAX_HOPS = 5
_VISIBLE_ASCII = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One fetched address on the way of a short link."""

    url: str
    """The real address (not the mock's)."""
    status: int
    location: str | None
    """Where a 30x leads, absolute and real; None if it is no redirect."""
    body: str
    """The page, at most its first 512 KB; empty for a redirect."""


class PageReader:
    """Fetches pages for `ApiClient.hop` and `follow`, which say what is promised."""

    def __init__(
        self,
        *,
        platform: str,
        hosts: frozenset[str],
        link_base: LinkBase,
        timeout: float,
        breaker: CircuitBreaker,
    ) -> None:
        self.platform = platform
        self.hosts = hosts
        self.timeout = timeout
        self.breaker = breaker
        self._link_base = link_base

    async def hop(self, session: aiohttp.ClientSession, url: str) -> Hop:
        """One address under a deadline of its own."""
        async with within_deadline(f"{self.platform} page", self.timeout) as bound:
            return await self._fetch(session, url, bound)

    async def follow(
        self,
        session: aiohttp.ClientSession,
        url: str,
        done: Callable[[str], bool],
        read: Callable[[Hop], str | None],
    ) -> str:
        """All hops under one deadline."""
        async with within_deadline(f"{self.platform} page", self.timeout) as bound:
            for _ in range(MAX_HOPS):
                if done(url):
                    return url
                hop = await self._fetch(session, url, bound)
                following = hop.location or read(hop)
                if following is None:
                    raise LinkNotSupported(f"{self.platform}: the link leads to no item")
                url = following
        if done(url):
            return url
        raise LinkNotSupported(f"{self.platform}: too many redirects")

    async def _fetch(self, session: aiohttp.ClientSession, url: str, bound: asyncio.Timeout) -> Hop:
        wire, host = self._allowed(url)
        what = f"{self.platform} {host}"
        with self.breaker.trial(asyncio.get_running_loop().time, bound.expired):
            try:
                async with session.get(wire, allow_redirects=False) as response:
                    redirect = 300 <= response.status < 400
                    location = response.headers.get("Location") if redirect else None
                    body = b"" if location else await read_bounded(response, MAX_PAGE)
            except NETWORK_ERRORS as error:
                raise broken(what, error) from None
            check_overload(what, response)
        return Hop(
            url=url,
            status=response.status,
            location=self._absolute(url, location) if location else None,
            body=body[:MAX_PAGE].decode("utf-8", "replace"),
        )

    def _allowed(self, url: str) -> tuple[URL, str]:
        """The address to fetch for a real one, and its host, which is on the allow-list."""
        try:
            wire = self._link_base.to_wire(url)
            # Escapes stay as they are; raw bytes (a Location in UTF-8 or GBK) become escapes.
            encoded = quote(wire, safe=_VISIBLE_ASCII, errors="surrogateescape")
        except ValueError:
            raise LinkNotSupported(f"{self.platform}: not a web link") from None
        real = self._link_base.to_real(wire)
        if real is None or real.host not in self.hosts:
            raise LinkNotSupported(f"{self.platform}: leads away from the shop's hosts")
        return URL(encoded, encoded=True), real.host

    def _absolute(self, url: str, location: str) -> str:
        """A redirect's target as a real absolute address; a mock's redirect is translated back."""
        try:
            wire = urljoin(self._link_base.to_wire(url), location)
        except ValueError:
            wire = ""
        real = self._link_base.to_real(wire)
        if real is None:
            raise LinkNotSupported(f"{self.platform}: a redirect leads nowhere we may go")
        return real.url
