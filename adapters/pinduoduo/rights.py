"""Which rights the account has, found with cheap calls that change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.contract import Rights
from adapters.errors import MissingRight, NeedsAuthorisation
from adapters.pinduoduo.info import AUTHORISED, INFO
from adapters.pinduoduo.wire import AUTHORITY, ORDERS, SEARCH

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.pinduoduo.gateway import Gateway
    from adapters.pinduoduo.settings import PinduoduoSettings

__all__ = ["find_rights"]


async def find_rights(
    gateway: Gateway, settings: PinduoduoSettings, now: datetime, *, field_refused: str | None
) -> Rights:
    """Convert calls are not tried: they would make links. What the settings list is believed."""
    found: dict[str, bool] = {}
    if settings.rights is not None:
        methods = {right.id for right in INFO.rights if right.id.startswith("pdd.")}
        found.update({method: method in settings.rights for method in methods})
    if field_refused is not None:
        found[field_refused] = False
    await _authority(gateway, settings.pid, found)
    await _search(gateway, found)
    await _orders(gateway, now, found)
    granted = frozenset(right for right, held in found.items() if held)
    missing = frozenset(found) - granted
    unknown = frozenset(right.id for right in INFO.rights) - granted - missing
    return Rights(granted=granted, missing=missing, unknown=unknown)


async def _authority(gateway: Gateway, pid: str, found: dict[str, bool]) -> None:
    try:
        body = await gateway.ask(AUTHORITY, {"pid": pid})
    except MissingRight:
        found[AUTHORITY.name] = False
    else:
        found[AUTHORITY.name] = True
        found[AUTHORISED] = body.bind == 1


async def _search(gateway: Gateway, found: dict[str, bool]) -> None:
    try:
        await gateway.search(keyword="纸巾")
    except MissingRight:
        found[SEARCH.name] = False
    except NeedsAuthorisation:
        found[SEARCH.name] = True
        found[AUTHORISED] = False
    else:
        found[SEARCH.name] = True
        found.setdefault(AUTHORISED, True)


async def _orders(gateway: Gateway, now: datetime, found: dict[str, bool]) -> None:
    end = int(now.timestamp())
    params = {"start_update_time": end - 60, "end_update_time": end, "page": 1, "page_size": 10}
    try:
        await gateway.ask(ORDERS, params)
    except MissingRight:
        found[ORDERS.name] = False
    else:
        found[ORDERS.name] = True
