"""Who is behind a link: `custom_parameters`, and how finely this account may fill it.

Source: "自定义参数": JSON text of at most 64 bytes, `{"uid": ..., "sid": ...}`; without `uid` it does
not count; it comes back on the order as it was sent.
"""

from __future__ import annotations

import json
from enum import IntEnum
from typing import TYPE_CHECKING

from adapters.contract import Attribution, Placement
from adapters.pinduoduo.wire import compact

if TYPE_CHECKING:
    from adapters.contract import AdapterSettings

__all__ = [
    "Detail",
    "account_level",
    "custom_parameters",
    "level_of",
    "placement_of",
    "uid_only",
]

MAX_BYTES = 64
NOBODY = "-"
"""The `uid` where a link has a code but no promoter."""


class Detail(IntEnum):
    """What of the attribution is sent."""

    NOTHING = 0
    UID = 1
    UID_AND_SID = 2


def custom_parameters(placement: Placement, detail: Detail) -> str | None:
    """The text to send; None where there is nothing to say. The `sid` goes first if it is too long."""
    if detail is Detail.UID_AND_SID and placement.sub_id:
        text = compact({"uid": placement.promoter_tag or NOBODY, "sid": placement.sub_id})
        if len(text.encode()) <= MAX_BYTES:
            return text
    if detail is not Detail.NOTHING and placement.promoter_tag:
        text = compact({"uid": placement.promoter_tag})
        if len(text.encode()) <= MAX_BYTES:
            return text
    return None


def uid_only(sent: str | None) -> str | None:
    """What 备案 is asked for when `sent` was refused: exactly its uid, which may be NOBODY's, without
    its code, because a person agrees once and not for every link."""
    return None if sent is None else compact({"uid": json.loads(sent)["uid"]})


def level_of(sent: str | None, placement: Placement, house_pid: str) -> Attribution:
    """What an order by this link can be attributed to."""
    if sent is not None:
        return Attribution.LINK if '"sid":' in sent else Attribution.PROMOTER
    # A p_id other than the house's was leased to this promoter.
    return Attribution.PROMOTER if placement.pid != house_pid else Attribution.NONE


def account_level(detail: Detail, settings: AdapterSettings) -> Attribution:
    """The finest level that an account with this detail has."""
    if detail is Detail.UID_AND_SID:
        return Attribution.LINK
    return Attribution.PROMOTER if detail is Detail.UID or settings.pool else Attribution.NONE


def placement_of(account: str, p_id: str | None, custom: str | None) -> Placement | None:
    """The placement on an order. What is not the documented JSON leaves tag and code empty: anybody
    may put anything into a link that he forges, so nothing else is believed."""
    if not p_id:
        return None
    values: object = None
    if custom and len(custom.encode()) <= MAX_BYTES:
        try:
            values = json.loads(custom)
        except ValueError:
            values = None
    uid, sid = "", ""
    if isinstance(values, dict):
        uid, sid = _word(values.get("uid")), _word(values.get("sid"))
    return Placement(
        account=account, pid=p_id, promoter_tag="" if uid == NOBODY else uid, sub_id=sid
    )


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
