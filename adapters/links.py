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

__all__ = [
    "CURRENCY_FENCES",
    "EMOJI_FENCES",
    "NUMBER_ID",
    "WEB_SCHEMES",
    "WORDLIKE",
    "LinkKind",
    "LinkMatch",
    "LinkPattern",
    "TokenPattern",
]


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
    platform's pattern names. Coupon and promotion links, and links below a mock's base, also have
    `wire`: the link as it was pasted, whole, for asking whose it is and never for showing.
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


WEB_SCHEMES = ("https", "http")
"""Schemes of a web link. A link without a scheme counts as one of these."""

NUMBER_ID = r"[1-9]\d{0,18}"
"""A positive number without leading zero that fits 64 bits; longer ones name no item anywhere."""

CURRENCY_FENCES = "$¢£¤¥֏؋৲৳৻૱௹฿៛₠-⃀﷼﹩＄￠￡￥￦ƒ〒"
"""Signs of money (Unicode `Sc` and a few beside it): the usual fences of a 口令."""

EMOJI_FENCES = "🌀-🫿☀-➿⬀-⯿"
"""Pictures, as a range: any of them has been seen as a fence."""

WORDLIKE = r"[a-z]?(?:[A-Z]?[a-z]{2,}|\d+)+[A-Z]{0,3}"
"""What a person writes (Performance, iPhone15Pro, password123), not what a generator makes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPattern:
    """One form of link. Matching is exact on scheme and host, whole on the path.

    Names of query parameters are compared without case, hosts in lower case. A parameter that
    carries the id twice with different values makes the link no link.
    """

    kind: LinkKind
    hosts: tuple[str, ...]
    """Exact names in lower case. A mini-program's page path is declared with its first part as
    the host and `schemes=("",)`."""
    path: str
    """Regular expression for the whole path, without case; `{id}` stands for the item id."""
    example: str
    """A text in which this pattern finds exactly one link."""
    example_id: str | None = None
    """The id that the example gives."""
    schemes: tuple[str, ...] = WEB_SCHEMES
    """Lower case. An app's scheme in front of a web host is read as https; "" means none at all."""
    id: str = NUMBER_ID
    """Regular expression for the whole id."""
    id_params: tuple[str, ...] = ()
    """Query parameters that carry the id; the first one present counts."""
    id_links: tuple[str, ...] = ()
    """Query parameters that hold a link to the item, with or without scheme."""
    needs: Mapping[str, str] = field(default_factory=dict)
    """Query parameters that must be there, each with a regular expression for its whole value."""
    needs_any: tuple[str, ...] = ()
    """Query parameters of which at least one must be there and not empty."""
    keep: tuple[str, ...] = ()
    """Query parameters that stay in the cleaned link beside `id_params` and `needs`; all others
    (trackers, sharers' ids, secrets) go."""
    reads: Mapping[str, str] = field(default_factory=dict)
    """Query parameters that become groups of their own; the expression's first group is the value."""
    opens: tuple[str, ...] = ()
    """Query parameters that hold the link that is really meant: that one is recognised instead."""
    opens_at: str = ""
    """What to put before a value of `opens` that has no scheme."""
    json: str = ""
    """A query parameter whose value is a JSON object; its members count as parameters."""
    web_host: str = ""
    """The host of the cleaned link, where the declared ones are an app's."""
    url: str = ""
    """The cleaned link as a template with `{id}`, where the form has no web twin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPattern:
    """One form of 口令: letters and digits of a certain length between fences.

    Fences are written as the inside of a regular expression's character class. Between strong
    fences a code needs a letter, and a digit or both cases; between weak ones both cases, and it
    must not look like a word.
    """

    lengths: tuple[int, ...]
    strong: str
    weak: str
    example: str
    example_id: str
    lone: str = ""
    """Strong fences that count without a closing one; the code is then judged as between weak."""
    hinted_lengths: tuple[int, ...] = ()
    """Lengths that count between strong fences only near one of `hints`."""
    hints: tuple[str, ...] = ()
    lead: str = ""
    """Regular expression for what may stand between the opening fence and the code."""
    excluded: str = WORDLIKE
    """Regular expression for whole codes that are none."""
