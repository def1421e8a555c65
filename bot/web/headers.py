"""Headers of every answer, and the content security policy of pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from aiohttp import web

__all__ = ["content_policy", "header_setter", "image_allowed"]

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")


def header_setter(
    image_origins: Sequence[str],
) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """For `on_response_prepare`: puts the headers on an answer, unless it has its own."""
    headers = {
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex, nofollow",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    page_headers = headers | {
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Content-Security-Policy": content_policy(image_origins),
    }

    async def set_headers(_request: web.Request, response: web.StreamResponse) -> None:
        # A redirect shows nothing that a policy could guard, and the policy is most of its bytes.
        wanted = headers if 300 <= response.status < 400 else page_headers
        for name, value in wanted.items():
            response.headers.setdefault(name, value)
        response.headers["Server"] = "taoke"  # aiohttp has put its versions there

    return set_headers


def content_policy(image_origins: Sequence[str]) -> str:
    """Everything from our own origin, pictures also from the shops' declared hosts, nothing inline."""
    # An origin that is none would open a hole (`;` begins a new directive): it is left out.
    images = " ".join(["'self'", *(host for host in image_origins if _ORIGIN.fullmatch(host))])
    return (
        f"default-src 'none'; img-src {images}; style-src 'self'; script-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def image_allowed(address: str, image_origins: Sequence[str]) -> bool:
    """Whether the policy lets this picture in; one that it does not is not asked for either."""
    return any(address.startswith(f"{origin}/") for origin in image_origins)
