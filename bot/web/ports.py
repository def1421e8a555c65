"""What the web server needs from the application; `bot.app` fills it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

from bot.links.models import LINK_LIFE, ShortLink
from bot.texts import DEFAULT_LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import timedelta

    from bot.clock import Clock
    from bot.messages import IncomingMessage, Reply

__all__ = ["SERVICES", "DemoChat", "Links", "WebServices"]


class Links(Protocol):
    """Short links, from a cache that answers for known links while the store is down."""

    async def get(self, code: str) -> ShortLink | None:
        """The link, None if there is none; StoreError if that cannot be known now."""
        ...


async def _no_picture(link: ShortLink) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoChat:
    """The chat on the demo's first page: what the console is, in a browser."""

    handle: Callable[[IncomingMessage], Awaitable[Reply | None]]
    """Answers as to a buyer; `channel` is "web"."""
    samples: Sequence[str] = ()
    account: str = "main"
    messages_per_minute: int = 30
    """For one address."""
    body_seconds: float = 10.0
    """How long a message may take to arrive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebServices:
    """The ports of the web server. Functions that are not async return at once."""

    clock: Clock
    links: Links
    clicked: Callable[[ShortLink], object]
    """Count a click: no waiting, no error."""
    request_refresh: Callable[[str], None]
    """Ask for a code's offer and promotion to be fetched again; asking twice is fine."""
    target_ok: Callable[[str, str], bool]
    """Whether an address is on the promotion hosts of a platform (id, address)."""
    name_of: Callable[[str, str], str]
    """A platform's name (id, language)."""
    is_mock: Callable[[str], bool]
    """Whether a platform's answers are demo data."""
    ready: Callable[[], Awaitable[Mapping[str, bool]]]
    """What must work before traffic is welcome, by name."""
    picture_of: Callable[[ShortLink], Awaitable[str]] = _no_picture
    """The address of an item's picture where it is known without asking a platform, else ""."""
    image_origins: Sequence[str] = ()
    """Where pictures may come from: `https://img.example.com`, with the mock's address in the demo."""
    link_life: timedelta = LINK_LIFE
    trusted_proxies: frozenset[str] = field(default_factory=frozenset)
    """Addresses whose X-Forwarded-For is believed."""
    misses_per_minute: int = 30
    """Unknown codes from one address before it is refused."""
    language: str = DEFAULT_LANGUAGE
    """One of LANGUAGES, for readers whose browser names none of them."""
    demo: DemoChat | None = None


SERVICES: web.AppKey[WebServices] = web.AppKey("services", WebServices)
