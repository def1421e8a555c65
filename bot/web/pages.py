"""The pages: templates with everything escaped, in the reader's language."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.texts import texts
from bot.web.client import language
from bot.web.headers import image_allowed
from bot.web.ports import SERVICES

if TYPE_CHECKING:
    from bot.messages import Reply

__all__ = ["message_page", "page", "reply_html"]

_FOLDER = Path(__file__).resolve().parent / "templates"
_WEB_LINK = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&()*+;=%]++(?!…)")
"""Possessive: an address that was cut (`…?id=900…`) is none, not even without its last letters; it
would lead to something else."""


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["linked"] = linked
    environment.tests["web_link"] = is_web_link
    return environment


def page(
    request: web.Request, template: str, *, status: int = 200, **values: object
) -> web.Response:
    """A page of our own; `say` gives texts in the reader's language."""
    say = texts(language(request))
    html = _templates().get_template(template).render(say=say, **values)
    return web.Response(
        text=html,
        status=status,
        content_type="text/html",
        charset="utf-8",
        headers={"Vary": "Accept-Language"},
    )


def message_page(
    request: web.Request, name: str, *, status: int, retry_after: int | None = None
) -> web.Response:
    """A page that says one thing: the texts `page.{name}_title` and `page.{name}`."""
    response = page(request, "message.html", status=status, name=name)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def reply_html(request: web.Request, reply: Reply | None) -> Markup:
    """A reply as a piece of a page, as a buyer sees it."""
    origins = request.config_dict[SERVICES].image_origins
    image = reply.card.image_url if reply is not None and reply.card is not None else ""
    html = (
        _templates()
        .get_template("reply.html")
        .render(
            say=texts(language(request)),
            reply=reply,
            image=image if image_allowed(image, origins) else "",
        )
    )
    return Markup(html)  # noqa: S704 -- made by a template that escapes all values


def is_web_link(text: str) -> bool:
    """Whether the whole text is an http(s) address: nothing else may become a link's target."""
    return _WEB_LINK.fullmatch(text) is not None


def linked(text: str) -> Markup:
    """The text, escaped, with its http(s) addresses as links."""
    parts, at = [], 0
    for match in _WEB_LINK.finditer(text):
        url = escape(match[0])
        parts += [
            escape(text[at : match.start()]),
            Markup(
                '<a href="{0}" target="_blank" rel="noopener noreferrer nofollow">{0}</a>'
            ).format(url),
        ]
        at = match.end()
    return Markup("").join([*parts, escape(text[at:])])
