"""Where JD's short and promotion links lead, and whose they turn out to be.

    u.jd.com/X -> union-click.jd.com/jdc?e=&p= -> (script: var hrl) .../jda -> landing page

Only the link hosts are fetched; a landing page is never opened, its address says enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode

from adapters.contract import Ownership, OwnershipKind
from adapters.errors import LinkNotSupported
from adapters.jd.pages import (
    ITEM_HOSTS,
    PROMOTION_HOSTS,
    Owner,
    item_id,
    owner,
    script_hop,
)
from adapters.linkbase import LinkBase

if TYPE_CHECKING:
    from adapters.http import ApiClient, Hop
    from adapters.jd.settings import JdSettings

__all__ = ["LinkReader", "judge"]

_CLICK: Final = frozenset({"a", "d", "e", "p", "t"})
_REAL: Final = LinkBase()


class LinkReader:
    """Follows links through the allow-listed hosts."""

    def __init__(self, client: ApiClient, link_base: LinkBase, settings: JdSettings) -> None:
        self.client = client
        self.link_base = link_base
        self.settings = settings

    async def item(self, url: str) -> str:
        """The item behind a link. LinkNotSupported if there is none."""
        real = self._real(url)
        if real is None:
            raise LinkNotSupported("jd: not a web link")
        reached = await self.client.follow(
            real, done=lambda at: item_id(at) is not None, read=self._script
        )
        return item_id(reached) or ""

    async def owns(self, url: str) -> Ownership:
        """Whose a promotion link is, from the address of the landing page that JD leads to.

        What stands in the link itself proves nothing: anybody can write our id behind theirs.
        """
        link = _bare(self._real(url) or "")
        if link is None:
            return _unknown("not a promotion link")
        try:
            reached = await self.client.follow(
                link, done=lambda at: _host(at) not in PROMOTION_HOSTS, read=self._script
            )
        except LinkNotSupported:
            return _unknown("the link is dead or leads nowhere")
        if shown := owner(reached):
            return judge(shown, self.settings)
        if _host(reached) in ITEM_HOSTS:
            return _unknown("the landing page names nobody")
        return _unknown("a risk or login page stands before the landing page")

    def _real(self, url: str) -> str | None:
        """A link as handed out by a mock, or in the shops' own form, in the latter."""
        real = self.link_base.to_real(url) or _REAL.to_real(url)
        return real.url if real else None

    def _script(self, hop: Hop) -> str | None:
        found = script_hop(hop.body)
        return self._real(f"https:{found}" if found.startswith("//") else found) if found else None


def judge(shown: Owner, settings: JdSettings) -> Ownership:
    """OURS only if everything that is shown is ours."""
    ours = shown.union_ids <= {settings.union_id} and shown.position_ids <= settings.own_pids()
    return Ownership(
        kind=OwnershipKind.OURS if ours else OwnershipKind.FOREIGN,
        pid=min(shown.position_ids, default=None),
    )


def _bare(url: str) -> str | None:
    """A promotion link with what its hosts themselves write into it; None for any other link."""
    real = _REAL.to_real(url)
    if real is None or real.host not in PROMOTION_HOSTS:
        return None
    query = urlencode([(name, value) for name, value in parse_qsl(real.query) if name in _CLICK])
    return f"https://{real.host}{real.path}" + (f"?{query}" if query else "")


def _host(url: str) -> str:
    real = _REAL.to_real(url)
    return real.host if real else ""


def _unknown(reason: str) -> Ownership:
    return Ownership(kind=OwnershipKind.UNKNOWN, reason=reason)
