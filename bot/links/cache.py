"""The links that redirects read: a bounded cache in this process, so that a store that is down does
not stop the redirects of known links."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.redis.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.links.models import ShortLink
    from bot.links.store import LinkStore

__all__ = ["LinkCache"]


class LinkCache:
    """Links by code. A switched-off or refreshed link is seen after at most `ttl` seconds.

    Unknown codes are remembered for `negative_ttl` seconds. The least recently used entry makes
    room. All times here are real, never the business clock.
    """

    def __init__(
        self,
        links: LinkStore,
        *,
        ttl: float = 10.0,
        negative_ttl: float = 3.0,
        size: int = 50_000,
        time: Callable[[], float] | None = None,
    ) -> None:
        self._links = links
        self._ttl = ttl
        self._negative_ttl = negative_ttl
        self._size = size
        self._time = time or (lambda: asyncio.get_running_loop().time())
        self._entries: dict[str, tuple[float, ShortLink | None]] = {}

    async def get(self, code: str) -> ShortLink | None:
        """The link, or None if there is none.

        With the store down a link that was ever read is answered, however old; StoreError only for
        one that never was.
        """
        entry = self._entries.get(code)
        if entry and self._time() < entry[0]:
            if entry[1]:  # unknown codes do not push known ones out
                self._entries[code] = self._entries.pop(code)
            return entry[1]
        try:
            link = await self._links.get(code)
        except StoreError:
            if entry and entry[1]:
                self._keep(code, entry[1])
                return entry[1]
            raise
        self._keep(code, link)
        return link

    def put(self, link: ShortLink) -> None:
        """A link that was just made or refreshed here."""
        self._keep(link.code, link)

    def forget(self, code: str) -> None:
        """Read it anew the next time."""
        self._entries.pop(code, None)

    def _keep(self, code: str, link: ShortLink | None) -> None:
        self._entries.pop(code, None)
        self._entries[code] = (self._time() + (self._ttl if link else self._negative_ttl), link)
        if len(self._entries) > self._size:
            del self._entries[next(iter(self._entries))]
