"""Links of the mock Taobao: how they look, what they lead to, and whose they are.

Every promotion link is one link of the world with a token of seven characters. Click link, coupon
page, short link and 口令 carry it inside letters that are derived from it, so that they look like
real ones. What this world never made leads to an item by its hash. The `tk` of a short link is the
口令 of the same item, so it tells the item where there is one. Short codes and 口令 that begin with
`xianyu`, `shop` or `live` (in any case) lead to no item.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

from adapters.mock.contract import Whose
from adapters.mock.taobao_account import HOUSE_PID, POOL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.mock.values import MockItem, MockLink
    from adapters.mock.world import World

__all__ = ["ITEM_HOSTS", "SHORT_HOSTS", "MadeLink", "TaobaoLinks", "Target"]

SHORT_HOSTS = ("m.tb.cn", "e.tb.cn", "c.tb.cn", "s.tb.cn", "tb.cn")
ITEM_HOSTS = (
    "item.taobao.com",
    "detail.tmall.com",
    "detail.tmall.hk",
    "h5.m.taobao.com",
    "main.m.taobao.com",
    "m.intl.taobao.com",
    "chaoshi.detail.tmall.com",
)
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789"
_TOKEN = 7
_BEFORE = 15
_AFTER = 26
_SEALED = re.compile(r"(?:m=2&s=)?([A-Za-z0-9]{15})([A-Za-z0-9]{7})([A-Za-z0-9]{26})")
_CODE = re.compile(r"[A-Za-z0-9]{7,15}")
_TK = re.compile(r"[A-Za-z0-9]{10,13}")
_FENCED = re.compile(r"[^A-Za-z0-9]*([A-Za-z0-9]{10,13})[^A-Za-z0-9]*")
_ITEM_ID = re.compile(r"[1-9][0-9]{0,18}|[A-Za-z0-9]{20,32}(?:-[A-Za-z0-9]{15,22})?")
_IN_PATH = re.compile(r"/i([1-9][0-9]{0,18})\.htm")
_ELSEWHERE = {
    "xianyu": "https://h5.m.goofish.com/item?id=7180001",
    "shop": "https://shop.m.taobao.com/shop/shop_index.htm?shop_id=7180002",
    "live": "https://huodong.m.taobao.com/act/talent/live.html?id=7180003",
}


def _filler(*parts: str, length: int) -> str:
    number = int.from_bytes(blake2b("\0".join(parts).encode(), digest_size=32).digest(), "big")
    out = []
    for _ in range(length):
        number, index = divmod(number, len(_LETTERS))
        out.append(_LETTERS[index])
    return "".join(out)


def _query(token: str) -> str:
    """The encrypted part of a click link or coupon page."""
    sealed = _filler("a", token, length=_BEFORE) + token + _filler("b", token, length=_AFTER)
    lens = f"lensId%3APUB%40{_filler('lens', token, length=16)}"
    return f"e={quote(f'm=2&s={sealed}', safe='')}&union_lens={lens}"


def _tail(token: str) -> str:
    """Four characters that make a 口令 of a token: a digit, a capital, a small letter, any."""
    letters = _filler("tail", token, length=4)
    return f"{ord(letters[0]) % 10}{letters[1].upper()}{letters[2].lower()}{letters[3]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a pasted text leads to: an item (and perhaps by somebody's link), or elsewhere."""

    item: MockItem | None
    pid: str | None = None
    elsewhere: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeLink:
    """The forms of one promotion link."""

    click: str
    click_short: str
    coupon: str
    coupon_short: str
    tpwd: str
    tpwd_full: str


class TaobaoLinks:
    """Makes links and reads them."""

    def __init__(self, world: World, base_url: str) -> None:
        self.world = world
        self._base = base_url

    def make(self, item: MockItem, pid: str) -> MadeLink:
        """A promotion link for this placement."""
        attribution = {"pid": pid, "adzone_id": pid.rsplit("_", 1)[-1]}
        token = self.world.make_link("taobao", item.item_id, attribution, token_length=_TOKEN).token
        code = token + _tail(token)
        short = f"{self._base}/m.tb.cn/h.{token}"
        return MadeLink(
            click=f"{self._base}/s.click.taobao.com/t?{_query(token)}",
            click_short=f"{self._base}/s.click.taobao.com/{token}",
            coupon=self.coupon_page(token),
            coupon_short=short,
            tpwd=f"￥{code}￥",
            tpwd_full=f"47￥ CZ3457 {code}￥ {short}  {item.title}",
        )

    def coupon_page(self, token: str) -> str:
        """The coupon page of a link."""
        return f"{self._base}/uland.taobao.com/coupon/edetail?{_query(token)}"

    def readable(self, item: MockItem, pid: str) -> MadeLink:
        """The old form of a coupon page, in which the PID can be read."""
        activity = item.coupon.id if item.coupon else "0"
        url = (
            f"{self._base}/uland.taobao.com/coupon/edetail"
            f"?activityId={activity}&itemId={item.item_id}&pid={pid}"
        )
        made = self.make(item, pid)
        return MadeLink(
            click=url,
            click_short=made.click_short,
            coupon=url,
            coupon_short=made.coupon_short,
            tpwd=made.tpwd,
            tpwd_full=made.tpwd_full,
        )

    def item_page(self, item: MockItem) -> str:
        """The item's own page."""
        return f"{self._base}/item.taobao.com/item.htm?id={item.item_id}"

    def parts(self, url: str) -> tuple[str, str, dict[str, list[str]]] | None:
        """Host, path and query of a link, below this server or in the shop's own form."""
        if url.startswith(f"{self._base}/"):
            url = "https://" + url.removeprefix(f"{self._base}/")
        try:
            found = urlsplit(url)
            host = found.hostname
        except ValueError:
            return None
        if found.scheme not in ("http", "https") or host is None:
            return None
        return host, found.path, parse_qs(found.query)

    def made(self, host: str, path: str, query: Mapping[str, list[str]]) -> MockLink | None:
        """The promotion link of this world that an address is."""
        token = ""
        if sealed := _SEALED.fullmatch(query.get("e", [""])[0]):
            token = sealed[2]
        elif host == "s.click.taobao.com":
            token = path.removeprefix("/")
        elif host in SHORT_HOSTS:
            token = path.removeprefix("/h.")
            if tk := _tk(query):
                return self.world.link("taobao", token) or self._of_code(tk)
        return self.world.link("taobao", token) if token else None

    def _of_code(self, code: str) -> MockLink | None:
        """The link that a short code or the code of a 口令 was made for."""
        link = self.world.link("taobao", code[:_TOKEN])
        made = link is not None and code in (link.token, link.token + _tail(link.token))
        return link if made else None

    def code_target(self, code: str) -> Target:
        """What a short code or the code of a 口令 leads to."""
        for word, url in _ELSEWHERE.items():
            if code.lower().startswith(word):
                return Target(item=None, elsewhere=url)
        if (link := self._of_code(code)) is not None:
            item = self.world.item("taobao", link.item_id)
            return Target(item=item, pid=link.attribution["pid"])
        return Target(item=self.world.item_behind("taobao", code))

    def target(self, text: str) -> Target:
        """What a pasted link or 口令 leads to; `Target(item=None)` for what is neither."""
        parts = self.parts(text.strip())
        if parts is None:
            fenced = _FENCED.fullmatch(text.strip())
            return self.code_target(fenced[1]) if fenced else Target(item=None)
        host, path, query = parts
        if (link := self.made(host, path, query)) is not None:
            item = self.world.item("taobao", link.item_id)
            return Target(item=item, pid=link.attribution["pid"])
        return self._unmade(host, path, query)

    def _unmade(self, host: str, path: str, query: Mapping[str, list[str]]) -> Target:
        pid = query.get("pid", [None])[0]
        if (found := _id_in(host, path, query)) is not None:
            return Target(item=self.world.item("taobao", found), pid=pid)
        if host in SHORT_HOSTS and _CODE.fullmatch(path.removeprefix("/h.")):
            target = self.code_target(path.removeprefix("/h."))
            tk = _tk(query)
            return self.code_target(tk) if tk and not target.elsewhere else target
        sealed = query.get("e", [""])[0]
        if host in ("s.click.taobao.com", "uland.taobao.com") and (sealed or len(path) > _TOKEN):
            return Target(item=self.world.item_behind("taobao", sealed or path), pid="of another")
        return Target(item=None, elsewhere="" if host in SHORT_HOSTS else f"https://{host}{path}")

    def whose(self, url: str) -> Whose | None:
        """Whose a promotion link below this server is."""
        if not url.startswith(f"{self._base}/"):
            return None
        target = self.target(url)
        if target.item is None or target.pid is None or not target.pid.startswith("mm_"):
            return None
        leased = target.pid != HOUSE_PID and target.pid in POOL
        return Whose(
            pid=target.pid, sub_id=target.pid if leased else "", item_id=target.item.item_id
        )


def _tk(query: Mapping[str, list[str]]) -> str | None:
    """The 口令 that a short link carries, without its fences."""
    tk = query.get("tk", [""])[0]
    return tk if _TK.fullmatch(tk) else None


def _id_in(host: str, path: str, query: Mapping[str, list[str]]) -> str | None:
    if host == "a.m.taobao.com" and (found := _IN_PATH.fullmatch(path)):
        return found[1]
    if host not in (*ITEM_HOSTS, "uland.taobao.com"):
        return None
    ids = {value for name in ("id", "itemId", "item_id") for value in query.get(name, ())}
    return next(iter(ids)) if len(ids) == 1 and _ITEM_ID.fullmatch(min(ids)) else None
