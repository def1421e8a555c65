"""Own-PID proof: what must hold before a link leaves this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.contract import OwnershipKind
from adapters.errors import ForeignLink

if TYPE_CHECKING:
    from adapters.contract import PlatformAdapter, PromoLink

__all__ = ["prove"]


def prove(adapter: PlatformAdapter, link: PromoLink) -> None:
    """Raise ForeignLink unless `link` may be handed out.

    It came in this conversion from our own convert call (the caller's business); it stands on the
    adapter's promotion hosts; and its owner is not somebody else. Where the platform hides the PID
    the ownership stays UNKNOWN and is shown as that, never as ours.
    """
    for url in (link.web, link.app):
        if url is not None and url.startswith("http") and not adapter.on_promotion_host(url):
            raise ForeignLink(f"{adapter.info.id}: the answer's link stands on an unknown host")
    if link.ownership.kind is OwnershipKind.FOREIGN:
        raise ForeignLink(f"{adapter.info.id}: the answer's link carries another PID")
