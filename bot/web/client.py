"""What a request tells about its sender: address and language."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.texts import LANGUAGES, language_of
from bot.web.ports import SERVICES

if TYPE_CHECKING:
    from aiohttp import web

__all__ = ["client_address", "language", "limiter_key"]

_MOST_TAGS = 20


def client_address(request: web.Request, trusted: frozenset[str]) -> str:
    """The sender's address: the right-most hop of X-Forwarded-For that is not a trusted proxy, if
    the peer is one; else the peer. What a client writes into that header itself is not believed."""
    address = request.remote or ""
    if address not in trusted:
        return address
    hops = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    for hop in reversed([hop.strip() for hop in hops]):
        if not _is_address(hop):
            break
        address = hop
        if hop not in trusted:
            break
    return address


@lru_cache(maxsize=4096)
def limiter_key(address: str) -> str:
    """What a limit is counted by: an IPv4 address, or the /64 that one IPv6 customer has."""
    if not _is_address(address):
        return ""
    ip = ipaddress.ip_address(address)
    if ip.version == 4:
        return address
    return str(ip.ipv4_mapped or ipaddress.ip_network((int(ip) >> 64 << 64, 64)))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def language(request: web.Request) -> str:
    """The first of Accept-Language that there are texts in, by the reader's preference; without
    one the operator's language."""
    wishes = []
    for place, part in enumerate(
        request.headers.get("Accept-Language", "").split(",")[:_MOST_TAGS]
    ):
        tag, _, weight = part.partition(";")
        wishes.append((-_quality(weight), place, language_of(tag.strip(), default="")))
    for quality, _, found in sorted(wishes):
        if found in LANGUAGES and quality < 0:
            return found
    return request.config_dict[SERVICES].language


def _quality(weight: str) -> int:
    """Thousandths of a q-value; 1000 where none stands, 0 for an unreadable one."""
    name, _, value = weight.strip().partition("=")
    if not name:
        return 1000
    whole, _, rest = value.partition(".")
    if not (whole in ("0", "1") and (rest.isdecimal() or not rest)):
        return 0
    return int(whole) * 1000 + int(rest[:3].ljust(3, "0") or 0)
