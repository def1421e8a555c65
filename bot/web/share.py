"""`GET /s/{code}`: on to the shop, or a page that says why not.

A redirect leads only to what this service stored, checked again against the platform's promotion
hosts; nothing of the request becomes part of the target. Counting a click neither delays nor fails
it. A redirect is answered as a value: raising it costs half of the speed (measured).
"""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING

from aiohttp import web

from adapters.times import BEIJING
from bot.convert.cards import day_and_time
from bot.links.codes import is_code
from bot.redis.errors import StoreError
from bot.web.agents import is_preview_fetcher
from bot.web.client import client_address, limiter_key
from bot.web.limiter import Limiter
from bot.web.linkstate import State, Verdict, judge
from bot.web.pages import message_page, page
from bot.web.ports import SERVICES
from bot.web.preview import preview

if TYPE_CHECKING:
    from bot.links.models import ShortLink
    from bot.web.ports import WebServices

__all__ = ["MISSES", "share_link"]

_log = logging.getLogger(__name__)

MISSES: web.AppKey[Limiter] = web.AppKey("misses", Limiter)
"""Unknown codes by address: guessing is refused, a known link never (many people may share one
address, as behind a proxy that nobody set up as trusted)."""

TRIES = 6
"""How often the page of a link that is being renewed asks again by itself."""
RETRY_SECONDS = 2
_TARGET = re.compile(r"https?://[\x21-\x7e]+")


async def share_link(request: web.Request) -> web.Response:
    """GET and HEAD of a share link."""
    services, misses = request.app[SERVICES], request.app[MISSES]
    sender = limiter_key(client_address(request, services.trusted_proxies))
    code = request.match_info["code"]
    try:
        link = await services.links.get(code) if is_code(code) else None
    except StoreError as error:
        _log.warning("a share link could not be looked up: %s", error.code)
        return message_page(request, "busy", status=503, retry_after=5)
    if link is None:
        if misses.exceeded(sender):
            return message_page(request, "too_many", status=429, retry_after=60)
        misses.count(sender)
        return message_page(request, "not_found", status=404)
    return await _visit(request, services, link)


async def _visit(request: web.Request, services: WebServices, link: ShortLink) -> web.Response:
    verdict = judge(link, services.clock.now(), services.link_life)
    if verdict.state is State.GONE:
        return message_page(request, "gone", status=410)
    if verdict.refresh:
        services.request_refresh(link.code)
    if is_preview_fetcher(request.headers.get("User-Agent", "")):
        return await preview(request, services, link, verdict)
    if verdict.state is State.RENEWING:
        return _renewing(request)
    if verdict.state is State.COUPON_ENDED and request.query.get("go") != "1":
        return _coupon_ended(request, services, link, verdict)
    return await _lead_on(request, services, link)


async def _lead_on(request: web.Request, services: WebServices, link: ShortLink) -> web.Response:
    target = link.targets.web
    if not _TARGET.fullmatch(target) or not services.target_ok(link.ref.platform, target):
        _log.error("the target of link %s is not on the platform's promotion hosts", link.code)
        return message_page(request, "busy", status=502)
    if request.method == "GET":
        _count(services, link)
    # One turn of the loop before the answer: connections are then answered together, which is
    # faster under load (measured: 10 to 40 %).
    await asyncio.sleep(0)
    return web.Response(status=302, headers={"Location": target})


def _count(services: WebServices, link: ShortLink) -> None:
    try:
        services.clicked(link)
    except Exception as error:
        # A visitor goes on whatever becomes of the counting.
        _log.error("a click was not counted: %s", type(error).__name__)


def _coupon_ended(
    request: web.Request, services: WebServices, link: ShortLink, verdict: Verdict
) -> web.Response:
    price = verdict.price
    return page(
        request,
        "coupon_ended.html",
        mock=services.is_mock(link.ref.platform),
        platform=link.ref.platform,
        name_of=services.name_of,
        title=link.shown.title,
        ended_at=day_and_time(verdict.ended_at) if verdict.ended_at else "",
        price=str(price.final_price) if price else "",
        seen_at=price.seen_at.astimezone(BEIJING).strftime("%m-%d %H:%M") if price else "",
    )


def _renewing(request: web.Request) -> web.Response:
    wish = request.query.get("try", "0")
    tried = int(wish) if wish.isascii() and wish.isdigit() and len(wish) == 1 else 0
    go = "go=1&" if request.query.get("go") == "1" else ""
    return page(
        request,
        "renewing.html",
        again=f"?{go}try={tried + 1}" if tried < TRIES else "",
        retry=f"?{go}try=1",
        seconds=RETRY_SECONDS,
    )
