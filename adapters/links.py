"""How an adapter declares what its links look like.

A declaration is data: exact hosts, a path, where the id stands, and an example. The recogniser of
the application compiles the declarations of all enabled adapters into one pass over a text; it
knows no platform itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LinkKind", "LinkMatch"]


class LinkKind(StrEnum):
    """What a recognised link is."""

    ITEM = "item"
    """An item page; the id is readable."""
    SHORT = "short"
    """A short link: the platform must be asked what it leads to."""
    TOKEN = "token"
    """A 口令; the id is the bare code, never the fences."""
    COUPON = "coupon"
    """A coupon page; an id only where one is readable."""
    AFFILIATE = "affiliate"
    """Somebody's promotion link; an id only where one is readable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkMatch:
    """One link in a text.

    `start:end` is the span in the original text, in code points, and `text` is that slice as it
    stands there. `groups` holds what was read from it, cleaned: `url` (https, without noise; not
    for tokens), `id` where an item id is readable (or the token's bare code), and what else the
    platform's pattern names.
    """

    platform: str
    kind: LinkKind
    text: str
    start: int
    end: int
    groups: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str | None:
        """The item id, or for a token its bare code; None where only the platform knows it."""
        return self.groups.get("id")

    @property
    def url(self) -> str | None:
        """The cleaned https link; None for a token."""
        return self.groups.get("url")
