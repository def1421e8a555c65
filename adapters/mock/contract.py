"""What a mock platform is: a gateway at its real path, the pages behind its links, and the settings
with which an adapter reaches it.

`server.py` puts all mock platforms into one process. A third party's mock is found by the
entry-point group "taoke.mocks".
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp import web

    from adapters.mock.world import World

__all__ = ["MockPlatform", "Whose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Whose a promotion link is, as only the platform knows."""

    pid: str
    """In the platform's own form."""
    sub_id: str
    """What comes back on the order to tell promoter or link; empty if none was sent."""
    item_id: str


class MockPlatform(ABC):
    """One mock platform in the mock process."""

    id: ClassVar[str]

    def __init__(self, world: World, base_url: str) -> None:
        """`base_url` is `http://127.0.0.1:PORT`; links are `{base_url}/{real host}/{path}`."""
        self.world = world
        self.base_url = base_url.rstrip("/")

    @abstractmethod
    def routes(self) -> Sequence[web.RouteDef]:
        """The gateway at its real path (`/router/rest`) and the link hosts (`/u.jd.com/{tail:.*}`).

        A promotion link redirects the buyer to `world.shop_url(...)`; an item page likewise.
        """

    @classmethod
    @abstractmethod
    def client_settings(cls, base_url: str) -> Mapping[str, object]:
        """Values for the adapter's settings model: gateway_url, link_base, keys, pid, pool."""

    @abstractmethod
    def whose(self, url: str) -> Whose | None:
        """Whose the promotion link `url` (as handed out, with the base) is; None if it is none."""
