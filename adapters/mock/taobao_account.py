"""The one account of the mock Taobao: its app, its placements, and what it was granted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.mock.world import World

__all__ = ["APP_KEY", "APP_SECRET", "HOUSE_PID", "POOL", "SCENE_COPIED", "Account"]

APP_KEY = "34900001"
APP_SECRET = "6f1d2c0b9a8e7d5c4b3a29180f7e6d5c"
_MEMBER = "1204500081"
_SITE = "2750300094"
_FIRST = 115_400_000_100
_NEW = _FIRST + 500


def _pid(adzone: int) -> str:
    return f"mm_{_MEMBER}_{_SITE}_{adzone}"


HOUSE_PID = _pid(_FIRST)
POOL = tuple(_pid(_FIRST + number) for number in range(1, 21))
FOREIGN_PID = "mm_99887766_55443322_11009988"
SCENE_COPIED = "biz_scene_id=2"

_ONLY_LENIENT = frozenset(
    {
        "taobao.tbk.dg.general.link.convert",
        "taobao.tbk.dg.general.link.parse",
        "taobao.tbk.tpwd.convert",
        "taobao.tbk.tpwd.parse",
        SCENE_COPIED,
    }
)
"""What a plain publisher is not granted (profile `strict`)."""


class Account:
    """Placements and rights; placements made by `adzone.create` live as long as the process."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._pids = {pid.rsplit("_", 1)[-1]: pid for pid in (HOUSE_PID, *POOL)}

    def granted(self, right: str) -> bool:
        """Whether the account holds a method, or the scene for copied links."""
        default = right not in _ONLY_LENIENT or self.world.profile("taobao") == "lenient"
        return self.world.granted("taobao", right, default)

    def pid(self, adzone_id: str) -> str | None:
        """The PID with this adzone; None if it is not this account's."""
        return self._pids.get(adzone_id)

    def owns(self, pid: str) -> bool:
        """Whether a PID is this member's."""
        return pid in self._pids.values()

    def new_placement(self, site_id: str) -> str | None:
        """A further placement of this account's site; None for another's site."""
        if site_id != _SITE:
            return None
        pid = _pid(_NEW + len(self._pids))
        self._pids[pid.rsplit("_", 1)[-1]] = pid
        return pid
