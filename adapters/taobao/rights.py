"""Which rights this account has: told by the settings, or tried and remembered."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from adapters.contract import Rights
from adapters.errors import AdapterError, AuthFailed, MissingRight, QuotaUsedUp, TemporaryError
from adapters.taobao import methods
from adapters.taobao.ids import adzone_of
from adapters.taobao.schema import Answer
from adapters.taobao.together import all_of
from adapters.times import beijing_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from adapters.taobao.settings import TaobaoSettings
    from adapters.taobao.wire import Gateway

__all__ = ["GrantedRights", "find_rights"]


RETRY_AFTER = 3600.0
"""Seconds after which a refused right is tried once more: it may have been granted since."""


class GrantedRights:
    """A right is taken as held until it was refused, unless the settings list what is granted."""

    def __init__(
        self, listed: tuple[str, ...] | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._listed = None if listed is None else frozenset(listed)
        if self._listed is not None and methods.LINK_CONVERT in self._listed:
            # The grant of general.link.convert for copied links is this scene.
            self._listed |= {methods.SCENE_COPIED}
        self._refused: dict[str, float] = {}

    def has(self, right: str) -> bool:
        """Whether it is worth trying."""
        refused_at = self._refused.get(right)
        if refused_at is not None and self._clock() - refused_at < RETRY_AFTER:
            return False
        return self._listed is None or right in self._listed

    def refused(self, right: str) -> None:
        """The platform said no."""
        self._refused[right] = self._clock()

    def forget(self) -> None:
        """Try all again: rights may have been granted since."""
        self._refused.clear()


_NO_ITEM = "AAAAAAAAAAAAAAAAAAAAAAA0-AAAAAAAAAAAAAAAAA0"
_NO_TOKEN = "￥AAAAAAAAAA0￥"


def _probes(settings: TaobaoSettings, now: datetime) -> dict[str, Mapping[str, str]]:
    """One harmless call for each right: a refusal of its arguments shows that the right is there."""
    at = beijing_text(now)
    adzone = {"adzone_id": adzone_of(settings.pid)}
    page = json.dumps({"material_url": "https://www.taobao.com/"})
    refunds = {"start_time": at, "end_time": at, "query_type": 5, "page_no": 1, "page_size": 1}
    return {
        methods.SEARCH: {"q": "纸巾", "page_size": "1", **adzone},
        methods.ITEM_INFO: {"item_id": _NO_ITEM},
        methods.COUPON_CONVERT: {"item_id": _NO_ITEM, **adzone},
        methods.COUPON_GET: {"item_id": _NO_ITEM, "activity_id": "0"},
        methods.LINK_CONVERT: {"item_id_list": _NO_ITEM, "biz_scene_id": "1", **adzone},
        methods.SCENE_COPIED: {"item_id": "1", "biz_scene_id": "2"},
        methods.LINK_PARSE: {"material_dto": page, **adzone},
        methods.TPWD_CONVERT: {"password_content": _NO_TOKEN, **adzone},
        methods.TPWD_PARSE: {"password_content": _NO_TOKEN},
        methods.TPWD_CREATE: {"url": "https://www.taobao.com/"},
        methods.ORDERS: {"query_type": "4", "page_size": "1", "start_time": at, "end_time": at},
        methods.REFUNDS: {"publisher_refund_order_query_option": json.dumps(refunds)},
    }


async def _probe(gateway: Gateway, right: str, params: Mapping[str, str]) -> bool | None:
    """True granted, False missing, None not known."""
    method = methods.ITEM_INFO if right == methods.SCENE_COPIED else right
    try:
        await gateway.call(method, params, Answer, retry=False)
    except MissingRight:
        return False
    except (AuthFailed, QuotaUsedUp):
        raise
    except TemporaryError:
        return None
    except AdapterError:
        return True
    return True


async def find_rights(gateway: Gateway, settings: TaobaoSettings, now: datetime) -> Rights:
    """Ask the platform; with a list in the settings only whether the keys are right.

    AuthFailed if they are not, QuotaUsedUp if nothing may be asked today.
    """
    gateway.rights.forget()
    probes = _probes(settings, now)
    everything = frozenset(probes)
    if settings.rights is not None:
        await _probe(gateway, methods.SEARCH, probes[methods.SEARCH])
        granted = frozenset(filter(gateway.rights.has, everything))
        return Rights(granted=granted, missing=everything - granted)
    found = await all_of([_probe(gateway, right, params) for right, params in probes.items()])
    answers = dict(zip(probes, found, strict=True))
    for right, held in answers.items():
        if held is False:
            gateway.rights.refused(right)
    return Rights(
        granted=frozenset(right for right, held in answers.items() if held),
        missing=frozenset(right for right, held in answers.items() if held is False),
        unknown=frozenset(right for right, held in answers.items() if held is None),
    )
