"""The links of a convert answer as one promotion link, with the proof whose it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.contract import Ownership, OwnershipKind
from adapters.errors import ForeignLink
from adapters.pinduoduo.addresses import pids_in

if TYPE_CHECKING:
    from adapters.pinduoduo.schema import RawUrls

__all__ = ["HIDDEN", "best_web", "pids_shown", "proven", "verdict"]

HIDDEN = Ownership(kind=OwnershipKind.UNKNOWN, reason="链接里看不到推广位")


def best_web(urls: RawUrls) -> str | None:
    """The link to hand out: a long one, which shows its owner, before a short one."""
    return urls.url or urls.mobile_url or urls.short_url or urls.mobile_short_url


def pids_shown(urls: RawUrls) -> frozenset[str]:
    """Every p_id that can be read anywhere in the answer."""
    page = urls.we_app_info.page_path if urls.we_app_info else None
    shown: frozenset[str] = frozenset()
    for address in (urls.url, urls.mobile_url, urls.schema_url, page):
        if address:
            shown |= pids_in(address)
    return shown


def verdict(shown: frozenset[str], own: frozenset[str]) -> Ownership:
    """Whose a link with these p_ids is: a single strange one makes it foreign."""
    if not shown:
        return HIDDEN
    if foreign := sorted(shown - own):
        return Ownership(kind=OwnershipKind.FOREIGN, pid=foreign[0])
    return Ownership(kind=OwnershipKind.OURS, pid=min(shown))


def proven(ownership: Ownership, method: str) -> Ownership:
    """The same, or ForeignLink: what is somebody else's is never handed out."""
    if ownership.kind is OwnershipKind.FOREIGN:
        raise ForeignLink(f"pinduoduo {method}: the answer shows a p_id that is not ours")
    return ownership
