"""Values as compact JSON in the store, and strictly back.

A record is read field by field: a missing, unknown or mistyped one is a `BadRecord`, never a guess.
Times are whole microseconds, money is fen.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from adapters.contract import (
    Attribution,
    Coupon,
    ItemRef,
    Money,
    OfferSnapshot,
    Ownership,
    OwnershipKind,
    Placement,
)
from bot.links.models import ShortLink, Targets

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "BadRecord",
    "coupon_from",
    "coupon_to",
    "dump",
    "from_us",
    "link_from_json",
    "link_to_json",
    "load",
    "needed",
    "nested",
    "optional",
    "put",
    "snapshot_from",
    "snapshot_to",
    "to_us",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_VERSION = 1

ValueT = TypeVar("ValueT")


class BadRecord(ValueError):
    """A stored record that this program did not write in this form."""


def link_to_json(link: ShortLink) -> str:
    """Compact JSON, without empty fields."""
    return dump(_link_to(link))


def link_from_json(text: str) -> ShortLink:
    """The link again, equal to what was written. BadRecord for anything else."""
    return load(text, _link_from)


def dump(value: dict[str, Any]) -> str:
    """Compact JSON of a record."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def load(text: str, build: Callable[[dict[str, Any]], ValueT]) -> ValueT:
    """Read a record strictly: BadRecord for broken JSON, a missing, unknown or mistyped field."""
    try:
        record = json.loads(text)
        if not isinstance(record, dict):
            raise TypeError("not an object")
        built = build(record)
        if record:
            raise ValueError(f"unknown fields {sorted(record)}")
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise BadRecord(f"a stored record cannot be read: {error}") from error
    return built


def needed(record: dict[str, Any], name: str, kind: type[ValueT]) -> ValueT:
    """Take a field out of a record; TypeError if it is of another type, KeyError if missing."""
    value = record.pop(name)
    if type(value) is not kind:
        raise TypeError(f"{name} is {type(value).__name__}")
    return value


def optional(record: dict[str, Any], name: str, kind: type[ValueT]) -> ValueT | None:
    """Take a field that may be missing."""
    return needed(record, name, kind) if name in record else None


def to_us(at: datetime) -> int:
    """Whole microseconds since 1970, exact."""
    return (at - _EPOCH) // _MICROSECOND


def from_us(microseconds: int) -> datetime:
    """Aware UTC from whole microseconds."""
    return _EPOCH + microseconds * _MICROSECOND


def _time(record: dict[str, Any], name: str) -> datetime | None:
    microseconds = optional(record, name, int)
    return None if microseconds is None else from_us(microseconds)


def put(record: dict[str, Any], name: str, value: object) -> None:
    """Leave out what is empty; the readers fill it in again."""
    if value is not None and value != "" and value is not False:  # 0 is a value
        record[name] = to_us(value) if isinstance(value, datetime) else value


def coupon_to(coupon: Coupon) -> dict[str, Any]:
    """A coupon as a record."""
    record: dict[str, Any] = {"amount": coupon.amount.fen, "threshold": coupon.threshold.fen}
    put(record, "starts", coupon.starts_at)
    put(record, "ends", coupon.ends_at)
    put(record, "remaining", coupon.remaining)
    return record


def coupon_from(record: dict[str, Any]) -> Coupon:
    """The coupon of a record, whose fields are used up."""
    return Coupon(
        amount=Money(needed(record, "amount", int)),
        threshold=Money(needed(record, "threshold", int)),
        starts_at=_time(record, "starts"),
        ends_at=_time(record, "ends"),
        remaining=optional(record, "remaining", int),
    )


def nested(
    record: dict[str, Any], name: str, build: Callable[[dict[str, Any]], ValueT]
) -> ValueT | None:
    """A record inside a record; nothing may be left of it."""
    inner = optional(record, name, dict)
    if inner is None:
        return None
    built = build(inner)
    if inner:
        raise ValueError(f"unknown fields {sorted(inner)} in {name}")
    return built


def snapshot_to(snapshot: OfferSnapshot) -> dict[str, Any]:
    """A snapshot as a record."""
    record: dict[str, Any] = {
        "title": snapshot.title,
        "price": snapshot.price.fen,
        "final": snapshot.final_price.fen,
        "seen": to_us(snapshot.seen_at),
    }
    if snapshot.coupon:
        record["coupon"] = coupon_to(snapshot.coupon)
    return record


def snapshot_from(record: dict[str, Any]) -> OfferSnapshot:
    """The snapshot of a record, whose fields are used up."""
    return OfferSnapshot(
        title=needed(record, "title", str),
        price=Money(needed(record, "price", int)),
        final_price=Money(needed(record, "final", int)),
        seen_at=from_us(needed(record, "seen", int)),
        coupon=nested(record, "coupon", coupon_from),
    )


def _link_to(link: ShortLink) -> dict[str, Any]:
    record: dict[str, Any] = {
        "v": _VERSION,
        "code": link.code,
        "account": link.account,
        "platform": link.ref.platform,
        "item": link.ref.item_id,
        "pid": link.placement.pid,
        "web": link.targets.web,
        "level": int(link.level),
        "owner": link.ownership.kind.value,
        "promoter": link.promoter_id,
        "chat": link.chat,
        "channel": link.channel,
        "shown": snapshot_to(link.shown),
        "created": to_us(link.created_at),
        "used": to_us(link.used_at),
    }
    put(record, "source", link.ref.source)
    put(record, "pid_account", _unless(link.placement.account, link.account))
    put(record, "tag", link.placement.promoter_tag)
    put(record, "sub", link.placement.sub_id)
    put(record, "app", link.targets.app)
    put(record, "tpwd", link.targets.tpwd)
    put(record, "why", link.ownership.reason)
    put(record, "owner_pid", link.ownership.pid)
    put(record, "expires", link.link_expires_at)
    put(record, "refreshed", link.refreshed_at)
    put(record, "off", link.disabled)
    if link.ended:
        record["ended"] = snapshot_to(link.ended)
    return record


def _unless(value: str, usual: str) -> str:
    return "" if value == usual else value


def _link_from(record: dict[str, Any]) -> ShortLink:
    if (version := needed(record, "v", int)) != _VERSION:
        raise ValueError(f"version {version}")
    account = needed(record, "account", str)
    shown = nested(record, "shown", snapshot_from)
    if shown is None:
        raise KeyError("shown")
    return ShortLink(
        code=needed(record, "code", str),
        account=account,
        ref=ItemRef(
            platform=needed(record, "platform", str),
            item_id=needed(record, "item", str),
            source=optional(record, "source", str) or "",
        ),
        placement=Placement(
            account=optional(record, "pid_account", str) or account,
            pid=needed(record, "pid", str),
            promoter_tag=optional(record, "tag", str) or "",
            sub_id=optional(record, "sub", str) or "",
        ),
        targets=Targets(
            web=needed(record, "web", str),
            app=optional(record, "app", str),
            tpwd=optional(record, "tpwd", str),
        ),
        level=Attribution(needed(record, "level", int)),
        ownership=Ownership(
            kind=OwnershipKind(needed(record, "owner", str)),
            reason=optional(record, "why", str) or "",
            pid=optional(record, "owner_pid", str),
        ),
        promoter_id=needed(record, "promoter", str),
        chat=needed(record, "chat", str),
        channel=needed(record, "channel", str),
        shown=shown,
        created_at=from_us(needed(record, "created", int)),
        used_at=from_us(needed(record, "used", int)),
        link_expires_at=_time(record, "expires"),
        refreshed_at=_time(record, "refreshed"),
        ended=nested(record, "ended", snapshot_from),
        disabled=optional(record, "off", bool) or False,
    )
