"""Shop and control pages answer this machine only, and no page of another site."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["is_loopback", "local_only"]


def is_loopback(host: str | None) -> bool:
    """Whether a name or address is this machine by definition, not by what a name server says."""
    try:
        return host == "localhost" or (host is not None and ip_address(host).is_loopback)
    except ValueError:
        return False


def _names_loopback(url: str) -> bool:
    try:
        return is_loopback(urlsplit(url).hostname)
    except ValueError:
        return False


@web.middleware
async def local_only(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """403 unless `Host` and (where sent) `Origin` are loopback; the socket is bound to it anyway.

    `Host` keeps out names that were bound anew to 127.0.0.1, `Origin` forms of foreign pages.
    """
    if _names_loopback(f"//{request.host}") and _names_loopback(
        request.headers.get("Origin", "//localhost")
    ):
        return await handler(request)
    return web.json_response({"error": "this machine only"}, status=403)
