"""The demo's first page: the console's chat in a browser, as a buyer sees it.

With script a message is posted as JSON and its answer comes as a piece of HTML; without, the form
posts it and the page comes back with the answer. Both are rendered by the same template.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import TYPE_CHECKING

from aiohttp import web

from bot.commands.vocabulary import Command, understand
from bot.messages import IncomingMessage, Reply
from bot.texts import texts
from bot.web.client import client_address, language, limiter_key
from bot.web.limiter import Limiter
from bot.web.pages import page, reply_html
from bot.web.ports import SERVICES, DemoChat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markupsafe import Markup

__all__ = ["MAX_BODY", "Demo", "home"]

MAX_BODY = 64 * 1024


async def home(request: web.Request) -> web.Response:
    """`/` where there is no demo: it converts nothing."""
    return page(request, "message.html", name="home")


class _Refused(Exception):
    """A message that is not taken; `text` is the key of what is said."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


class Demo:
    """The chat's handlers and what they remember: message numbers and limits, no words."""

    def __init__(self, chat: DemoChat) -> None:
        self._chat = chat
        self._limiter = Limiter(chat.messages_per_minute)
        self._numbers = itertools.count(1)

    async def show(self, request: web.Request) -> web.Response:
        """GET /: the empty chat."""
        return self._page(request)

    async def take(self, request: web.Request) -> web.Response:
        """POST /demo/messages: JSON `{"text"}` gives `{"html"}`; a form gives the page."""
        wants_json = request.content_type == "application/json"
        try:
            self._admit(request)
            seconds = self._chat.body_seconds
            text = self._meant(await _posted_text(request, seconds, wants_json=wants_json))
            html = await self._answer(request, text)
            status = 200
        except _Refused as refused:
            text, status = "", refused.status
            html = self._sentence(request, refused.text)
        if wants_json:
            return web.json_response({"html": html}, status=status)
        return self._page(request, status=status, text=text, answer=html)

    def _admit(self, request: web.Request) -> None:
        if not _same_origin(request.headers, request.host):
            raise _Refused(403, "page.refused")
        services = request.app[SERVICES]
        sender = limiter_key(client_address(request, services.trusted_proxies))
        if self._limiter.exceeded(sender):
            raise _Refused(429, "chat.too_fast")
        self._limiter.count(sender)

    def _meant(self, text: str) -> str:
        """A sample's number means the sample, as in the console; all else itself."""
        typed = text.strip()
        number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 3 else 0
        samples = self._chat.samples
        return samples[number - 1] if 0 < number <= len(samples) else text

    async def _answer(self, request: web.Request, text: str) -> Markup:
        said = understand(text)
        if said is not None and said.command is Command.QUIT:
            return self._sentence(request, "chat.cannot_leave")
        return reply_html(request, await self._chat.handle(self._message(request, text)))

    def _message(self, request: web.Request, text: str) -> IncomingMessage:
        return IncomingMessage(
            channel="web",
            account=self._chat.account,
            chat_id="demo",
            sender_id="demo",
            message_id=str(next(self._numbers)),
            text=text,
            language=language(request),
            received_at=request.app[SERVICES].clock.now(),
        )

    @staticmethod
    def _sentence(request: web.Request, key: str) -> Markup:
        return reply_html(request, Reply(notes=(texts(language(request))(key),)))

    def _page(
        self, request: web.Request, *, status: int = 200, text: str = "", answer: str = ""
    ) -> web.Response:
        samples = self._chat.samples
        return page(request, "chat.html", status=status, samples=samples, text=text, answer=answer)


async def _posted_text(request: web.Request, seconds: float, *, wants_json: bool) -> str:
    """The message of a form or of JSON. _Refused if it is too large, too slow or neither."""
    try:
        async with asyncio.timeout(seconds):
            if not wants_json:
                text = (await request.post()).get("text", "")
                return text if isinstance(text, str) else ""
            body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise _Refused(413, "chat.too_large") from None
    except TimeoutError:
        raise _Refused(408, "chat.failed") from None
    try:
        value = json.loads(body)
        text = value["text"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _Refused(400, "chat.failed") from None
    if not isinstance(text, str):
        raise _Refused(400, "chat.failed")
    return text


def _same_origin(headers: Mapping[str, str], host: str) -> bool:
    """Whether the post comes from our own page, or from no browser at all."""
    if headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("Origin")
    # Behind a proxy that ends TLS the scheme that the browser sees is not ours to know.
    return origin is None or origin in (f"http://{host}", f"https://{host}")
