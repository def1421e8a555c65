"""A buyer without a browser: walks from a promotion link to the shop page it leads to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import aiohttp
from yarl import URL

from adapters.times import from_unix

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.mock.values import MockLink
    from adapters.mock.world import World

__all__ = ["Visit", "read_click", "walk"]

_MAX_HOPS = 5
_CLICK = re.compile(r"([A-Za-z0-9]{1,64})\.([0-9]{1,10})", re.ASCII)
_SCRIPT = re.compile(r"\bvar (?:hrl|url) ?= ?'([^'\s]+)'")
"""Where a page's script leads, as on JD's click counter and on Taobao's short links."""
_PAGE = re.compile(r"/_shop/([a-z0-9_]{1,32})/([A-Za-z0-9_-]{1,64})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A buyer on an item's page; `link` None if they came by no promotion link."""

    platform: str
    item_id: str
    link: MockLink | None
    clicked_at: datetime | None


def read_click(
    world: World, platform: str, click: str | None
) -> tuple[MockLink | None, datetime | None]:
    """The link and the moment that a shop page's `click` remembers; Nones for an unknown one."""
    match = _CLICK.fullmatch(click or "")
    link = world.link(platform, match[1]) if match else None
    return (link, from_unix(int(match[2]))) if match and link else (None, None)


async def walk(world: World, url: str) -> Visit:
    """Follow `url`, which must lie below this server, to a shop page. ValueError if it leads to none."""
    base = world.base_url + "/"
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        for _ in range(_MAX_HOPS):
            if not url.startswith(base):
                raise ValueError(f"the link does not lie below {base}")
            address = URL(url, encoded=True)
            if page := _PAGE.fullmatch(address.path):
                link, clicked_at = read_click(world, page[1], address.query.get("click"))
                return Visit(platform=page[1], item_id=page[2], link=link, clicked_at=clicked_at)
            location = await _following(session, address)
            if location is None:
                raise ValueError("the link leads to no shop page")
            url = urljoin(url, location)
    raise ValueError("the link leads on and on")


async def _following(session: aiohttp.ClientSession, address: URL) -> str | None:
    """Where a redirect or a page's script leads."""
    try:
        async with session.get(address, allow_redirects=False) as response:
            location = response.headers.get("Location")
            page = await response.text()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ValueError(f"the link's page broke off: {type(error).__name__}") from error
    script = _SCRIPT.search(page)
    return script[1] if location is None and script else location
