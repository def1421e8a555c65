"""New placements (推广位) for the pool that is leased to promoters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from adapters.errors import MissingRight
from adapters.jd.rights import BY_SUB_UNION_ID, POSITION_CREATE
from adapters.jd.schema import PositionAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adapters.jd.gateway import Gateway

__all__ = ["create"]

_AT_ONCE: Final = 50
_PRIVATE: Final = 3
"""JD docs, unionType 3: up to 5000 placements that the console does not list."""
_SITE: Final = 1
_CHAT: Final = 4


async def create(gateway: Gateway, names: Sequence[str]) -> Mapping[str, str]:
    """New placements by name, in calls of at most 50; a failure loses none made before on JD's side.

    Never repeated by itself: JD would make them twice. MissingRight without the authorisation key.
    """
    settings = gateway.settings
    key = settings.auth_key.get_secret_value()
    if not key:
        raise MissingRight("jd: placements need auth_key (授权Key of the console)", POSITION_CREATE)
    made: dict[str, str] = {}
    for start in range(0, len(names), _AT_ONCE):
        asked: dict[str, object] = {
            "unionId": int(settings.union_id)
            if settings.union_id.isdecimal()
            else settings.union_id,
            "key": key,
            "unionType": _PRIVATE,
            "type": _CHAT if gateway.rights.may(BY_SUB_UNION_ID) else _SITE,
            "spaceNameList": list(names[start : start + _AT_ONCE]),
        }
        if settings.site_id:
            asked["siteId"] = settings.site_id
        answer = await gateway.ask(
            POSITION_CREATE, {"positionReq": asked}, PositionAnswer, retry=False
        )
        made.update(answer.data.result_list)
    return made
