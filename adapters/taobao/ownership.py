"""Whose a promotion link is.

A PID is readable in `pid=` of plain coupon pages (activityId and itemId, no `e=`) and in an answer's
`origin_pid`; the links of s.click.taobao.com and the `e=` of uland.taobao.com are encrypted. Anybody
can write our PID behind one of those, so it is believed only where nothing else in the link can decide
the owner; another's PID is believed everywhere. general.link.parse reads the encrypted ones,
where the account holds it: it names the PID only if it is the asking account's own ("如果不属于当前
调用的推广者，则不返回"), so a parsed promotion link without one is somebody else's.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from adapters.contract import Ownership, OwnershipKind
from adapters.errors import AdapterError, ForeignLink, ProtocolError
from adapters.taobao import methods
from adapters.taobao.ids import PROMOTION_HOSTS, adzone_of, pids_in
from adapters.taobao.schema import ConvertAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.linkbase import LinkBase, RealLink
    from adapters.taobao.convert import Converted
    from adapters.taobao.settings import TaobaoSettings
    from adapters.taobao.wire import Gateway

__all__ = ["Owner"]

_HIDDEN = "the link is encrypted and general.link.parse is not granted"
_SILENT = "the link is encrypted and could not be parsed just now"
_NOT_OURS = "the platform names no PID of this account"
_APPENDED = "the link shows a PID that may not be the one that counts"
_PLAIN = frozenset({"activityid", "itemid", "item_id", "pid", "dx", "src", "scm", "spm"})
"""Query names that do not decide the owner, but for `pid` itself."""


def _unknown(reason: str) -> Ownership:
    return Ownership(kind=OwnershipKind.UNKNOWN, reason=reason)


def _is_coupon_page(real: RealLink) -> bool:
    names = {name.lower() for name, _ in parse_qsl(real.query, keep_blank_values=True)}
    return real.host == "uland.taobao.com" and real.path == "/coupon/edetail" and "e" not in names


def _decides(real: RealLink, pid: str) -> bool:
    """Whether this PID, and nothing else, says whose the coupon page is."""
    query = [(name.lower(), v) for name, v in parse_qsl(real.query, keep_blank_values=True)]
    names = {name for name, _ in query}
    return names <= _PLAIN and [v for name, v in query if name == "pid"] == [pid]


def _without_pids(real: RealLink) -> str:
    """The link as its host made it, without a PID that somebody wrote behind it."""
    start = real.url.partition("#")[0].partition("?")[0]
    kept = [field for field in real.query.split("&") if field and not pids_in((unquote(field),))]
    return f"{start}?{'&'.join(kept)}" if kept else start


class Owner:
    """Tells own links from others', and where it cannot, says so."""

    def __init__(self, gateway: Gateway, settings: TaobaoSettings, link_base: LinkBase) -> None:
        self.gateway = gateway
        self._house = settings.house_pid()
        self._own = settings.own_pids()
        self._link_base = link_base

    def _judged(self, pids: Sequence[str], own: frozenset[str]) -> Ownership:
        """By readable PIDs; a single foreign one decides."""
        foreign = next((pid for pid in pids if pid not in own), None)
        if foreign is not None:
            return Ownership(kind=OwnershipKind.FOREIGN, pid=foreign)
        return Ownership(kind=OwnershipKind.OURS, pid=pids[0])

    async def of_url(self, url: str) -> Ownership:
        """Whose a pasted link is."""
        real = self._link_base.to_real(url)
        pids = pids_in((url, unquote(url)))
        if pids:
            shown = self._judged(pids, self._own)
            if shown.kind is OwnershipKind.FOREIGN:
                return shown
            if real is not None and _is_coupon_page(real):
                return shown if _decides(real, pids[0]) else _unknown(_APPENDED)
        return await self._parsed(real, self._own)

    async def _parsed(self, real: RealLink | None, own: frozenset[str]) -> Ownership:
        if real is None or real.host not in PROMOTION_HOSTS:
            return _unknown("not a promotion link of this platform")
        if not self.gateway.rights.has(methods.LINK_PARSE):
            return _unknown(_HIDDEN)
        params = {
            "material_dto": json.dumps(
                {"material_url": _without_pids(real)}, separators=(",", ":")
            ),
            "adzone_id": adzone_of(self._house),
            "fields": "origin_pid",
        }
        try:
            answer = await self.gateway.call(methods.LINK_PARSE, params, ConvertAnswer)
        except AdapterError:
            known = self.gateway.rights.has(methods.LINK_PARSE)
            return _unknown(_SILENT if known else _HIDDEN)
        rows = answer.data.material_url_list
        if not rows or not rows[0].fine:
            return _unknown(_SILENT)
        pids = pids_in((rows[0].link_info_dto.origin_pid,))
        if not pids:
            return Ownership(kind=OwnershipKind.FOREIGN, reason=_NOT_OURS)
        return self._judged(pids, own)

    async def proof(self, converted: Converted, pid: str) -> Ownership:
        """Ownership of a link that was just converted for `pid`.

        ForeignLink if it is somebody else's. ProtocolError if it is ours but another placement's:
        its orders would go to another promoter.
        """
        own = self._own | {pid}
        if converted.pids:
            ownership = self._judged(converted.pids, own)
        else:
            ownership = await self._parsed(self._link_base.to_real(converted.web), own)
        if ownership.kind is OwnershipKind.FOREIGN:
            raise ForeignLink("the convert answer belongs to another account")
        if ownership.kind is OwnershipKind.OURS and ownership.pid != pid:
            raise ProtocolError("the convert answer belongs to another of our placements")
        return ownership
