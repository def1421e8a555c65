"""Links of the mock Pinduoduo: what they look like, and what stands behind them.

Long ones look like the real ones (`duo_coupon_landing.html?goods_id=&pid=&goods_sign=
&customParameters=&cpsSign=CC_<date>_<p_id>_<32 hex>`); the token of the link is in the hash.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

from adapters.times import BEIJING

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.mock.values import MockItem, MockLink
    from adapters.mock.world import World

__all__ = ["PLATFORM", "SHOP_HOSTS", "SHORT_HOST", "Addresses", "uid_and_sid"]

PLATFORM = "pinduoduo"
SITE = "mobile.yangkeduo.com"
SHOP_HOSTS = (SITE, "yangkeduo.com", "www.yangkeduo.com")
SHORT_HOST = "p.pinduoduo.com"
TOKEN_LENGTH = 8
_CPS_SIGN = re.compile(r"C[CM]_\d{6}_\d+_\d+_([0-9a-f]{16})([0-9a-f]{16})")
_CODE = re.compile(r"/([A-Za-z0-9_-]{4,32})/?")


def uid_and_sid(custom_parameters: str) -> tuple[str, str]:
    """What stands in `custom_parameters`; empty texts for what does not."""
    try:
        values = json.loads(custom_parameters or "{}")
    except ValueError:
        return "", ""
    if not isinstance(values, dict):
        return "", ""
    return str(values.get("uid") or ""), str(values.get("sid") or "")


def _mark(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=8).hexdigest()


class Addresses:
    """Makes and reads the links of one mock process."""

    def __init__(self, world: World, base_url: str) -> None:
        self.world = world
        self.base = base_url.rstrip("/") + "/"

    # Making

    def _query(self, link: MockLink, item: MockItem, now: datetime) -> str:
        pid = link.attribution["p_id"]
        day = now.astimezone(BEIJING).strftime("%y%m%d")
        seal = link.token.encode().hex() + _mark(link.token, pid)
        values = {"goods_id": item.item_id, "pid": pid, "goods_sign": item.canonical_id}
        if custom := link.attribution.get("custom_parameters"):
            values["customParameters"] = custom
        values |= {"cpsSign": f"CC_{day}_{pid}_{seal}", "duoduo_type": "2"}
        return urlencode(values)

    def long(self, link: MockLink, item: MockItem, now: datetime) -> str:
        """The web page; it shows item and p_id."""
        return f"{self.base}{SITE}/duo_coupon_landing.html?{self._query(link, item, now)}"

    def mobile(self, link: MockLink, item: MockItem, now: datetime) -> str:
        """The page that wakes the app."""
        launch = f"duo_coupon_landing.html?{self._query(link, item, now)}"
        return f"{self.base}{SITE}/app.html?{urlencode({'use_reload': '1', 'launch_url': launch})}"

    def short(self, link: MockLink) -> str:
        """Opaque: neither item nor p_id can be read."""
        return f"{self.base}{SHORT_HOST}/{link.token}"

    def authority(self, pid: str, custom_parameters: str, now: datetime) -> str:
        """Where 备案 is granted."""
        day = now.astimezone(BEIJING).strftime("%y%m%d")
        seal = _mark("authority", pid) + _mark("authority", pid, custom_parameters)
        values = {"__page": "auth", "pid": pid}
        if custom_parameters:
            values["customParameters"] = custom_parameters
        values |= {"cpsSign": f"CC_{day}_{pid}_{seal}", "duoduo_type": "2"}
        return f"{self.base}{SITE}/duo_coupon_landing.html?{urlencode(values)}"

    # Reading

    def real(self, url: str) -> tuple[str, str, dict[str, str]]:
        """Host, path and query of a link, with or without the base in front."""
        if url.startswith(self.base):
            url = "https://" + url[len(self.base) :]
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return "", "", {}
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if launch := query.get("launch_url"):
            return self.real(f"https://{SITE}/{launch.lstrip('/')}")
        return host, parts.path, query

    def link(self, url: str) -> MockLink | None:
        """The promotion link made here that `url` is."""
        host, path, query = self.real(url)
        if host == SHORT_HOST and (code := _CODE.fullmatch(path)):
            return self.world.link(PLATFORM, code[1])
        if host not in SHOP_HOSTS or not (seal := _CPS_SIGN.fullmatch(query.get("cpsSign", ""))):
            return None
        token = bytes.fromhex(seal[1]).decode("ascii", "replace")
        link = self.world.link(PLATFORM, token)
        honest = link is not None and seal[2] == _mark(token, link.attribution["p_id"])
        return link if honest else None

    def item(self, url: str) -> MockItem | None:
        """The item that a link of any form leads to; None for what is no link to an item."""
        host, path, query = self.real(url)
        if host != SHORT_HOST and host not in SHOP_HOSTS:
            return None
        if link := self.link(url):
            return self.world.item(PLATFORM, link.item_id)
        for name in ("goods_id", "goods_sign"):
            if query.get(name):
                return self.world.item(PLATFORM, query[name])
        if query.get("ps"):
            return self.world.item_behind(PLATFORM, query["ps"])
        if host == SHORT_HOST and (code := _CODE.fullmatch(path)):
            return self.world.item_behind(PLATFORM, code[1])
        return None

    def agreed(self, url: str) -> tuple[str, str] | None:
        """p_id and custom_parameters of an authorisation link; None for any other."""
        host, _, query = self.real(url)
        pid, custom = query.get("pid", ""), query.get("customParameters", "")
        seal = _mark("authority", pid) + _mark("authority", pid, custom)
        honest = query.get("cpsSign", "").endswith(f"_{pid}_{seal}")
        return (pid, custom) if host in SHOP_HOSTS and pid and honest else None
