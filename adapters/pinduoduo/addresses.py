"""What a Pinduoduo address tells: the item, and whose p_id it carries.

Forms seen in the wild: `duo_coupon_landing.html?goods_id=&pid=&goods_sign=&customParameters=
&cpsSign=CC_260705_<p_id>_<hash>`, `app.html?launch_url=<that, encoded>`, `pinduoduo://...`, and the
mini-program's page path with the same query.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

__all__ = ["SHORT_HOST", "Pointer", "item_link", "pids_in", "point", "sign_link"]

SITE = "https://mobile.yangkeduo.com"
SHORT_HOST = "p.pinduoduo.com"

_ID = re.compile(r"[1-9][0-9]{0,18}")
_SIGN = re.compile(r"[A-Za-z0-9_-]{16,128}")
_CODE = re.compile(r"[A-Za-z0-9_-]{4,32}")
_CPS_SIGN = re.compile(r"[A-Z]{2}_?(?:\d{6}_)?(\d{1,20}_\d{1,20})_[0-9a-f]{32}")
_NESTED = ("launch_url", "src", "url")
_DEPTH = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """The item an address names: by id, by sign, or only through the platform (`lookup`)."""

    goods_id: str | None = None
    goods_sign: str | None = None
    lookup: str | None = None


def item_link(goods_id: str) -> str:
    """The plain link of an item: nobody's ids in it."""
    return f"{SITE}/goods.html?goods_id={goods_id}"


def sign_link(goods_sign: str) -> str:
    """The same where only the goods_sign is known."""
    return f"{SITE}/duo_coupon_landing.html?goods_sign={quote(goods_sign, safe='')}"


def _query(url: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(url).query, max_num_fields=200)
    except ValueError:
        return []


def point(url: str, depth: int = _DEPTH) -> Pointer | None:
    """What an address names; None if it names no item.

    A `?ps=` share and a `p.pinduoduo.com/X` link are opaque; the goods search accepts them as they
    are. Their clean form drops everything that belongs to the sharer.
    """
    values: dict[str, str] = {}
    for key, value in _query(url):
        values.setdefault(key, value)
    if _ID.fullmatch(goods_id := values.get("goods_id", "")):
        return Pointer(goods_id=goods_id)
    if _SIGN.fullmatch(goods_sign := values.get("goods_sign", "")):
        return Pointer(goods_sign=goods_sign)
    if _CODE.fullmatch(share := values.get("ps", "")):
        return Pointer(lookup=f"{SITE}/goods.html?ps={share}")
    if short := _short_code(url):
        return Pointer(lookup=f"https://{SHORT_HOST}/{short}")
    inner = next((values[name] for name in _NESTED if name in values), None)
    return point(inner, depth - 1) if inner and depth else None


def _short_code(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        code = parts.path.strip("/")
        return code if parts.hostname == SHORT_HOST and _CODE.fullmatch(code) else None
    except ValueError:
        return None


def pids_in(url: str, depth: int = _DEPTH) -> frozenset[str]:
    """Every p_id that an address shows: `pid=`, inside `cpsSign=`, and in addresses nested in it.

    A `pid=` of another form counts too: it is not ours either.
    """
    found: set[str] = set()
    for key, value in _query(url):
        if key in ("pid", "p_id"):
            found.add(value)
        elif key == "cpsSign" and (match := _CPS_SIGN.fullmatch(value)):
            found.add(match.group(1))
        elif key in _NESTED and depth:
            found |= pids_in(value, depth - 1)
    return frozenset(found)
