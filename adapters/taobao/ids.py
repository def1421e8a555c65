"""Placements and item ids: what can be read from a text without asking the platform."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from adapters.linkbase import LinkBase
from adapters.taobao import links

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "AFFILIATE_HOSTS",
    "PROMOTION_HOSTS",
    "SHORT_HOSTS",
    "adzone_of",
    "clean_link",
    "is_numeric",
    "item_id_in",
    "pids_in",
]

SHORT_HOSTS = frozenset(links.SHORT_HOSTS)
AFFILIATE_HOSTS = frozenset({"s.click.taobao.com", "uland.taobao.com"})
PROMOTION_HOSTS = AFFILIATE_HOSTS | {"m.tb.cn"}
"""Click links and coupon pages, and the short form of both."""

_NUMERIC = re.compile(r"[1-9][0-9]{0,18}")
_OPAQUE = re.compile(r"(?=[0-9]*[A-Za-z])[A-Za-z0-9]{20,32}(?:-[A-Za-z0-9]{15,22})?")
"""The union's new item ids: two runs around one `-`, or one run of 22 (one API document)."""
_PID = re.compile(r"mm_[0-9]{1,20}_[0-9]{1,20}_[0-9]{1,20}")
_ID_IN_PATH = re.compile(r"/(?:i|item/|list/item/)([1-9][0-9]{0,18})\.htm")
_PATH_HOSTS = frozenset(
    {
        "a.m.taobao.com",
        "a.m.tmall.com",
        "world.taobao.com",
        "world.tmall.com",
        "www.taobao.com",
    }
)
_ITEM_HOSTS = frozenset(
    {
        "item.taobao.com",
        "detail.taobao.com",
        "detail.tmall.com",
        "chaoshi.detail.tmall.com",
        "detail.tmall.hk",
        "detail.m.tmall.com",
        "detail.liangxinyao.com",
        "detail.yao.95095.com",
        "h5.m.taobao.com",
        "new.m.taobao.com",
        "main.m.taobao.com",
        "m.intl.taobao.com",
        "item.ny.taobao.com",
        "traveldetail.fliggy.com",
        "uland.taobao.com",
        "ju.taobao.com",
        "assets-tmw.taobao.com",
    }
)
_ITEM_PAGES = frozenset(
    {"item.htm", "item.html", "item_o.htm", "detail.htm", "detail.html", "edetail", "home"}
    | {"home.htm", "mtp.htm"}
)
_ID_NAMES = ("id", "itemId", "item_id", "itemID", "targetId")
_REAL = LinkBase()


def adzone_of(pid: str) -> str:
    """The last part of a PID, which most calls take."""
    return pid.rsplit("_", 1)[-1]


def is_numeric(item_id: str) -> bool:
    """Whether it is a plain id as it stands in shop links, not one of the union's new ids."""
    return _NUMERIC.fullmatch(item_id) is not None


def clean_link(item_id: str) -> str:
    """The item's link without anything of the person who shared it."""
    return f"https://item.taobao.com/item.htm?id={item_id}"


def pids_in(texts: Iterable[str | None]) -> tuple[str, ...]:
    """Every PID that is readable in these links or fields, in order, each once."""
    return tuple(dict.fromkeys(pid for text in texts if text for pid in _PID.findall(text)))


def item_id_in(url: str) -> str | None:
    """The item id that a real link shows; None where there is none, or two that differ."""
    real = _REAL.to_real(url)
    if real is None:
        return None
    if real.host in _PATH_HOSTS and (in_path := _ID_IN_PATH.fullmatch(real.path)):
        return in_path[1]
    if real.host not in _ITEM_HOSTS or real.path.rsplit("/", 1)[-1] not in _ITEM_PAGES:
        return None
    query = parse_qs(real.query)
    if query.get("targetType", ["ITEM"]) != ["ITEM"]:
        return None
    found = {value for name in _ID_NAMES for value in query.get(name, ())}
    if len(found) != 1:
        return None
    (value,) = found
    return value if _NUMERIC.fullmatch(value) or _OPAQUE.fullmatch(value) else None
