"""Own-PID proof: what must hold before a link leaves this process."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from adapters.contract import OwnershipKind
from adapters.errors import AdapterError, ForeignLink

if TYPE_CHECKING:
    from adapters.contract import Placement, PlatformAdapter, PromoLink

__all__ = ["looked_up", "prove"]

PATIENCE = 2.0
"""Seconds for looking up an owner: a link is not kept back because a page is slow."""


async def looked_up(adapter: PlatformAdapter, link: PromoLink) -> PromoLink:
    """The link with its owner looked up where the convert answer did not show it.

    Some platforms show the PID only where the link leads. What cannot be read there either stays
    UNKNOWN.
    """
    if link.ownership.kind is not OwnershipKind.UNKNOWN:
        return link
    try:
        async with asyncio.timeout(PATIENCE):
            ownership = await adapter.owns(link.web)
    except (AdapterError, TimeoutError):
        return link
    return replace(link, ownership=ownership)


def prove(adapter: PlatformAdapter, link: PromoLink, placement: Placement) -> None:
    """Raise ForeignLink unless `link` may be handed out.

    It came in this conversion from our own convert call (the caller's business); it stands on the
    adapter's promotion hosts; its owner is not somebody else; and where it shows a placement of
    ours it is the one asked for (another one's orders would go to another promoter). Where the
    platform hides the PID the ownership stays UNKNOWN and is shown as that, never as ours.
    """
    for url in (link.web, link.app):
        if url is not None and url.startswith("http") and not adapter.on_promotion_host(url):
            raise ForeignLink(f"{adapter.info.id}: the answer's link stands on an unknown host")
    if link.ownership.kind is OwnershipKind.FOREIGN:
        raise ForeignLink(f"{adapter.info.id}: the answer's link carries another PID")
    ours = adapter.settings.own_pids()
    right = {placement.pid} | ({adapter.settings.house_pid()} if not link.level else set())
    if link.ownership.pid in ours - right:
        raise ForeignLink(f"{adapter.info.id}: the answer's link is for another placement of ours")
