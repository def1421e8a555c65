"""What a chat network's preview fetcher gets: title, price and picture, no affiliate address."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot.texts import texts
from bot.web.client import language
from bot.web.headers import image_allowed
from bot.web.linkstate import State, Verdict
from bot.web.pages import page

if TYPE_CHECKING:
    from aiohttp import web

    from bot.links.models import ShortLink
    from bot.texts import Texts
    from bot.web.ports import WebServices

__all__ = ["preview"]

_log = logging.getLogger(__name__)
_PICTURE_SECONDS = 0.5


async def preview(
    request: web.Request, services: WebServices, link: ShortLink, verdict: Verdict
) -> web.Response:
    """A small OpenGraph page; a fetch is not a click."""
    say = texts(language(request))
    picture = await _picture(services, link)
    platform = link.ref.platform
    return page(
        request,
        "preview.html",
        mock=services.is_mock(platform),
        title=say(
            "card.title",
            platform=services.name_of(platform, say.language),
            title=link.shown.title,
        ),
        price=_price(link, verdict, say),
        image=picture if image_allowed(picture, services.image_origins) else "",
    )


async def _picture(services: WebServices, link: ShortLink) -> str:
    """The picture's address where it is known at once; a preview does without rather than wait."""
    try:
        async with asyncio.timeout(_PICTURE_SECONDS):
            return await services.picture_of(link)
    except Exception as error:
        _log.info("a preview has no picture: %s", type(error).__name__)
        return ""


def _price(link: ShortLink, verdict: Verdict, say: Texts) -> str:
    shown = link.shown
    if verdict.state is not State.OPEN:
        return say("page.price_now", price=verdict.price.final_price) if verdict.price else ""
    if shown.final_price < shown.price:
        return say("card.final_and_price", final=shown.final_price, price=shown.price)
    return say("card.price", price=shown.price)
