"""What a Pinduoduo address tells: the item, and whose p_id it carries.

Forms seen in the wild: `duo_coupon_landing.html?goods_id=&pid=&goods_sign=&customParameters=
&cpsSign=CC_260705_<p_id>_<hash>`, `app.html?launch_url=<that, encoded>`, `pinduoduo://...`, and the
mini-program's page path with the same query.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_plus, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SHORT_HOST", "Pointer", "item_link", "owners", "pids_in", "point", "sign_link"]

SITE = "https://mobile.yangkeduo.com"
SHORT_HOST = "p.pinduoduo.com"

_ID = re.compile(r"[1-9][0-9]{0,18}")
_SIGN = re.compile(r"[A-Za-z0-9_-]{16,128}")
_CODE = re.compile(r"[A-Za-z0-9_-]{4,32}")
_CPS_SIGN = re.compile(r"[A-Z]{2}_?(?:\d{6}_)?(\d{1,20}_\d{1,20})_[0-9a-f]{32}")
_NESTED = ("launch_url", "src", "url")
_PID_NAMES = ("pid", "p_id")
_READ = frozenset({*_NESTED, *_PID_NAMES, "cpsSign", "goods_id", "goods_sign", "ps"})
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


def _query(url: str) -> Iterator[tuple[str, str]]:
    """Names and values of the query. By hand, because it is read for every link that is handed out:
    `parse_qsl` costs three times as much, most of it for values that nobody asks for."""
    for field in url.partition("#")[0].partition("?")[2].split("&"):
        name, _, value = field.partition("=")
        if "%" in name or "+" in name:
            name = unquote_plus(name)
        if name in _READ:
            yield name, unquote_plus(value) if "%" in value or "+" in value else value


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


def _short_path(url: str) -> str | None:
    """What stands behind the short host; None on any other."""
    try:
        parts = urlsplit(url)
        return parts.path.strip("/") if parts.hostname == SHORT_HOST else None
    except ValueError:
        return None


def _short_code(url: str) -> str | None:
    code = _short_path(url)
    return code if code and _CODE.fullmatch(code) else None


def pids_in(url: str, depth: int = _DEPTH) -> frozenset[str]:
    """Every p_id that an address shows: `pid=`, inside `cpsSign=`, and in addresses nested in it.

    A `pid=` of another form counts too: it is not ours either.
    """
    found: set[str] = set()
    for key, value in _query(url):
        if key in _PID_NAMES and value:
            found.add(value)
        elif key == "cpsSign" and (match := _CPS_SIGN.fullmatch(value)):
            found.add(match.group(1))
        elif key in _NESTED and depth:
            found |= pids_in(value, depth - 1)
    return frozenset(found)


def owners(url: str) -> frozenset[str]:
    """The p_ids that decide whose a pasted link is: none for an opaque one (short host, `ps=`).

    Anybody can write our p_id behind somebody else's short code.
    """
    opaque = _short_path(url) is not None or any(name == "ps" for name, _ in _query(url))
    return frozenset() if opaque else pids_in(url)
