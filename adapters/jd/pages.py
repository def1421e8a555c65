"""What JD's own addresses say: which item, and whose promotion. Pure reading, nothing is fetched.

>>> item_id("https://cfe.m.jd.com/x/risk_handler/?returnurl=https%3A%2F%2Fitem.jd.com%2F100061842973.html")
'100061842973'
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from adapters.linkbase import LinkBase

__all__ = [
    "COUPON_HOSTS",
    "ITEM_HOSTS",
    "PROMOTION_HOSTS",
    "SHORT_HOSTS",
    "Owner",
    "coupon_link",
    "item_id",
    "item_url",
    "owner",
    "script_hop",
]

PROMOTION_HOSTS: Final = frozenset({"u.jd.com", "union-click.jd.com"})
SHORT_HOSTS: Final = frozenset({"3.cn", "3.jd.hk"})
ITEM_HOSTS: Final = frozenset(
    {"item.jd.com", "item.m.jd.com", "wq.jd.com", "wqitem.jd.com", "kpl.m.jd.com", "re.jd.com"}
    | {"item.jd.hk", "npcitem.jd.hk", "mitem.jd.hk", "m.jingxi.com", "jingfen.jd.com"}
    | {"item.jkcsjd.com", "mitem.jkcsjd.com", "item.yiyaojd.com"}
)
COUPON_HOSTS: Final = frozenset({"coupon.m.jd.com", "coupon.jd.com"})

_SKU_PATH: Final = re.compile(r"/(?:product/|cps/item/)?([1-9]\d{0,18})\.html", re.ASCII | re.I)
_OPAQUE_PATH: Final = re.compile(r"/detail/([A-Za-z0-9_]{20,64})\.html")
_SKU: Final = re.compile(r"[1-9]\d{0,18}", re.ASCII)
_SKU_PARAMS: Final = ("sku", "skuId", "wareId")
_NESTED: Final = re.compile(r"(?:https?:)?(?://)?((?:[a-z]+\.)+(?:com|hk)/.*)", re.I | re.S)
_DEPTH: Final = 2
_CAMPAIGN: Final = re.compile(r"t_(\d+)(?:_.*)?", re.ASCII | re.S)
_SCRIPT: Final = re.compile(
    r"""(?:\bvar\s+(?:hrl|url)|\blocation(?:\.href)?)\s*=\s*["']([^"'\s]{1,4096})["']"""
)
_REAL: Final = LinkBase()


def item_url(item: str) -> str:
    """The page that the convert calls accept: a plain sku's, or a jingfen page for an opaque id.

    JD docs: a bare sku is no materialId; itemId goes as jingfen.jd.com/detail/{itemId}.html.
    """
    if _SKU.fullmatch(item):
        return f"https://item.jd.com/{item}.html"
    return f"https://jingfen.jd.com/detail/{item}.html"


def item_id(url: str, depth: int = _DEPTH) -> str | None:
    """The item that an address names itself, or in a link nested in its query.

    Login, risk and advert pages that a server without cookies gets carry the item's link so.
    """
    real = _REAL.to_real(url)
    if real is None:
        return None
    values = parse_qsl(real.query)
    if real.host in ITEM_HOSTS and (found := _own_item(real.path, dict(values))):
        return found
    if depth:
        for _, value in values:
            for text in (value, unquote(value)):
                if (nested := _NESTED.fullmatch(text)) and (
                    found := item_id(f"https://{nested[1]}", depth - 1)
                ):
                    return found
    return None


def _own_item(path: str, values: dict[str, str]) -> str | None:
    if match := _SKU_PATH.fullmatch(path) or _OPAQUE_PATH.fullmatch(path):
        return match[1]
    skus = (values.get(name, "") for name in _SKU_PARAMS)
    return next((sku for sku in skus if _SKU.fullmatch(sku)), None)


def coupon_link(source: str) -> str | None:
    """The coupon's own link where a pasted coupon link is the source; None otherwise."""
    real = _REAL.to_real(source)
    return source if real and real.host in COUPON_HOSTS else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose promotion an address shows: all that is named, for an address may be written on."""

    union_ids: frozenset[str] = frozenset()
    position_ids: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.union_ids or self.position_ids)


_OWNER_PARAMS: Final = ("utm_campaign=", "unionId=", "positionId=")
_NOBODY: Final = Owner()


def owner(url: str) -> Owner:
    """Who is named in an address.

    Landing pages carry `utm_campaign=t_<unionId>_<subUnionId>` (seen on public JD landing links),
    click links of the older form `unionId=` and `positionId=`.
    """
    if "%" not in url and not any(name in url for name in _OWNER_PARAMS):
        return _NOBODY  # most links: opaque, with nothing to take apart
    values = parse_qsl(urlsplit(url).query)
    campaigns = (_CAMPAIGN.fullmatch(value) for name, value in values if name == "utm_campaign")
    return Owner(
        union_ids=frozenset(
            {value for name, value in values if name == "unionId"}
            | {campaign[1] for campaign in campaigns if campaign}
        ),
        position_ids=frozenset(value for name, value in values if name == "positionId"),
    )


def script_hop(page: str) -> str | None:
    """Where a page's script leads (`var hrl='...'` on u.jd.com and union-click.jd.com)."""
    match = _SCRIPT.search(page)
    return match[1].replace("\\/", "/").replace("&amp;", "&") if match else None
