"""The links that redirects read: a bounded cache in this process, so that a store that is down does
not stop the redirects of known links."""

from __future__ import annotations

import time as clocks
from typing import TYPE_CHECKING, Any

from bot.redis.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.links.models import ShortLink
    from bot.links.store import LinkStore

__all__ = ["LinkCache"]


class LinkCache:
    """Links by code. A switched-off or refreshed link is seen after at most `ttl` seconds.

    Unknown codes are remembered for `negative_ttl` seconds, apart, so that guessing pushes no link
    out. The least recently used makes room. Times here are real, never the business clock.
    """

    def __init__(
        self,
        links: LinkStore,
        *,
        ttl: float = 10.0,
        negative_ttl: float = 3.0,
        size: int = 50_000,
        time: Callable[[], float] = clocks.monotonic,
    ) -> None:
        self._links = links
        self._ttl = ttl
        self._negative_ttl = negative_ttl
        self._size = size
        self._time = time
        self._known: dict[str, tuple[float, ShortLink]] = {}
        self._unknown: dict[str, float] = {}

    async def get(self, code: str) -> ShortLink | None:
        """The link, or None if there is none.

        With the store down a link that was ever read is answered, however old; StoreError only for
        one that never was.
        """
        now = self._time()
        known = self._known.get(code)
        if known is not None and now < known[0]:
            self._known[code] = self._known.pop(code)
            return known[1]
        if now < self._unknown.get(code, 0):
            return None
        try:
            link = await self._links.get(code)
        except StoreError:
            if known is None:
                raise
            link = known[1]
        if link is None:
            self.forget(code)
            self._unknown[code] = self._time() + self._negative_ttl
            _bound(self._unknown, self._size)
        else:
            self.put(link)
        return link

    def put(self, link: ShortLink) -> None:
        """A link that was just read, made or refreshed."""
        self.forget(link.code)
        self._known[link.code] = (self._time() + self._ttl, link)
        _bound(self._known, self._size)

    def forget(self, code: str) -> None:
        """Read it anew the next time."""
        self._known.pop(code, None)
        self._unknown.pop(code, None)


def _bound(entries: dict[str, Any], size: int) -> None:
    if len(entries) > size:
        del entries[next(iter(entries))]
