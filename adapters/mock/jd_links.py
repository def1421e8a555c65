"""JD's links as the mock makes and reads them, as opaque as the real ones.

    u.jd.com/XXXXXXX -> union-click.jd.com/jdc?e=&p= -> (script) /jda -> item page -> the mock shop

`p` and the landing page's `utm_term` carry the short code under a keyed seal. The landing page names
the union account and its subUnionId (`utm_campaign=t_<unionId>_<subUnionId>`), never the placement.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, quote, urlencode, urlsplit

if TYPE_CHECKING:
    from adapters.mock.values import MockLink
    from adapters.mock.world import World

__all__ = ["ITEM_HOSTS", "RISK", "SHORT_HOSTS", "JdLinks"]

ITEM_HOSTS: Final = (
    "item.jd.com", "item.m.jd.com", "wq.jd.com", "wqitem.jd.com", "kpl.m.jd.com", "re.jd.com",
    "item.jd.hk", "npcitem.jd.hk", "mitem.jd.hk", "m.jingxi.com", "jingfen.jd.com",
    "item.jkcsjd.com", "mitem.jkcsjd.com", "item.yiyaojd.com",
)  # fmt: skip
SHORT_HOSTS: Final = ("3.cn", "3.jd.hk")
RISK: Final = "landing"
"""Attribution of a link whose landing page is hidden behind the risk page."""

_KEY: Final = b"taoke mock jd links"
_NONCE: Final = 6
_CODE: Final = 10
_LEAD: Final = "JF8BANgJK1olXDYC"
_SHORT: Final = re.compile(r"[A-Za-z0-9]{1,10}")
_ITEM_PATH: Final = re.compile(
    r"/(?:product/|detail/|cps/item/)?(?P<id>[1-9][0-9]{0,18}|[A-Za-z0-9_]{20,64})\.html?"
)
_ITEM_PARAMS: Final = ("sku", "skuId", "wareId")


def _digest(data: bytes, size: int) -> bytes:
    return blake2b(data, digest_size=size, key=_KEY).digest()


def seal(code: str) -> bytes:
    """16 bytes that hide a short code of at most 10 characters."""
    padded = code.encode().ljust(_CODE, b"\0")
    nonce = _digest(padded, _NONCE)
    mask = _digest(b"mask" + nonce, _CODE)
    return nonce + bytes(a ^ b for a, b in zip(padded, mask, strict=True))


def unseal(sealed: bytes) -> str | None:
    """The code, None if it was not sealed here."""
    nonce, masked = sealed[:_NONCE], sealed[_NONCE : _NONCE + _CODE]
    mask = _digest(b"mask" + nonce, _CODE)
    padded = bytes(a ^ b for a, b in zip(masked, mask, strict=False))
    return padded.rstrip(b"\0").decode() if _digest(padded, _NONCE) == nonce else None


class JdLinks:
    """Makes and reads links below the mock's address."""

    def __init__(self, world: World, base_url: str) -> None:
        self.world = world
        self.base_url = base_url

    def real(self, url: str) -> tuple[str, str, dict[str, str]] | None:
        """Host, path and query of a link in the shops' own form or below the mock's address."""
        base = f"{self.base_url}/"
        if url.startswith(base):
            url = "https://" + url[len(base) :]
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return parts.hostname, parts.path, query

    # Making

    def short(self, code: str) -> str:
        """`u.jd.com/XXXXXXX`."""
        return f"{self.base_url}/u.jd.com/{code}"

    def click(self, code: str, script: str = "jdc") -> str:
        """`union-click.jd.com/jdc?e=&p=...`."""
        sealed = seal(code)
        blob = urlsafe_b64encode(sealed + _digest(b"filler" + sealed, 56)).decode().rstrip("=")
        return f"{self.base_url}/union-click.jd.com/{script}?e=&p={_LEAD}{blob}"

    def landing(self, code: str) -> str:
        """Where a click ends: the item's page with the names of its promoter, or the risk page."""
        link = self.world.link("jd", code)
        item = link.item_id if link else self.world.item_behind("jd", code).item_id
        page = f"item.m.jd.com/product/{item}.html"
        if link is not None and link.attribution.get(RISK):
            return self._risk(f"{page}?{urlencode({'utm_term': seal(code).hex()})}")
        trackers = {
            "cu": "true",
            "utm_source": "kong",
            "utm_medium": "tuiguang",
            "utm_campaign": f"t_{self.union_of(code, link)}_{self._sub_id(link)}",
            "utm_term": seal(code).hex(),
        }
        return f"{self.base_url}/{page}?{urlencode(trackers)}"

    def _risk(self, target: str) -> str:
        """The risk page; the shops' own form of the target stands in it."""
        return (
            f"{self.base_url}/cfe.m.jd.com/privatedomain/risk_handler/03101900/"
            f"?returnurl={quote(f'https://{target}', safe='')}"
        )

    def behind_short(self, code: str) -> str:
        """Where `3.cn/X` leads: an item page; a code that begins with `-` over the risk page."""
        item = self.world.item_behind("jd", code).item_id
        page = f"item.m.jd.com/product/{item}.html?utm_source=iosapp&utm_medium=appshare"
        return self._risk(page) if code.startswith("-") else f"{self.base_url}/{page}"

    def coupon(self, item_id: str, coupon_id: str) -> str:
        """The link of an item's coupon."""
        key = f"key={coupon_id}&roleId={item_id}"
        return (
            f"{self.base_url}/coupon.m.jd.com/coupons/show.action?{key}"
            f"&to=item.jd.com/{item_id}.html"
        )

    @staticmethod
    def union_of(code: str, link: MockLink | None) -> str:
        """Whose a promotion link is; a code that was not made here is some stranger's."""
        if link is not None:
            return link.attribution["unionId"]
        return str(
            2_000_000_000 + int.from_bytes(_digest(b"stranger" + code.encode(), 4), "big") % 10**8
        )

    @staticmethod
    def _sub_id(link: MockLink | None) -> str:
        return link.attribution.get("subUnionId", "") if link else ""

    # Reading

    def code(self, url: str) -> str | None:
        """The short code in a promotion link, click link or landing page; None if it has none."""
        parts = self.real(url)
        if parts is None:
            return None
        host, path, query = parts
        if host == "u.jd.com":
            return path.strip("/") or None
        if host == "union-click.jd.com":
            return self.clicked(query)
        return self.sealed_term(query.get("utm_term", ""))

    def clicked(self, query: dict[str, str]) -> str | None:
        """The code behind `p=`; links from outside get one from their `d=` or `p=` as a whole."""
        blob = query.get("p", "")
        body = blob.removeprefix(_LEAD)
        try:
            code = unseal(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        except ValueError:
            code = None
        foreign = query.get("d") or blob
        if code or not foreign or _SHORT.fullmatch(foreign):
            return code or foreign or None
        return _digest(foreign.encode(), _CODE // 2).hex()

    @staticmethod
    def sealed_term(text: str) -> str | None:
        """The code behind a landing page's `utm_term`."""
        try:
            return unseal(bytes.fromhex(text)) if text else None
        except ValueError:
            return None

    def item(self, url: str) -> str | None:
        """The item id in an item page's address; None if it is none."""
        parts = self.real(url)
        if parts is None or parts[0] not in ITEM_HOSTS:
            return None
        _, path, query = parts
        if match := _ITEM_PATH.fullmatch(path):
            return match["id"]
        return next((query[name] for name in _ITEM_PARAMS if query.get(name, "").isdecimal()), None)
