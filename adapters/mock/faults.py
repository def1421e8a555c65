"""Faults on demand: rules that the control end-points set, and the faults of the transport itself.

A gateway asks `world.fault(platform, method)` once per call, hands the answer to
`apply_transport_fault`, and builds the platform's own error for the kinds that this returns None for.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

from adapters.mock.values import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KINDS", "TRANSPORT_KINDS", "FaultQueue", "FaultRule", "apply_transport_fault"]

TRANSPORT_KINDS = frozenset({"slow", "reset", "http_5xx", "html", "torn"})
"""Answered by `apply_transport_fault`; the other kinds are the gateway's own."""
KINDS = TRANSPORT_KINDS | {
    "throttled", "quota", "expired_auth", "bad_signature", "clock_skew", "missing_right",
    "needs_authorisation", "foreign_pid", "torn_page", "duplicate_page",
}  # fmt: skip
ANY = "*"
_WAITING = frozenset({"slow", "throttled"})
_SECONDS = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,6})?")
_STATUS = re.compile(r"[45][0-9]{2}")

_HTML = (
    "<!DOCTYPE html><html><head><title>系统维护中</title></head><body>Service busy</body></html>"
)


@dataclass(kw_only=True)
class FaultRule:
    """`count` calls of `method` get the fault; None: every call until the rules are cleared."""

    platform: str
    method: str
    kind: str
    count: int | None = 1
    args: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(sorted(KINDS))}")
        if self.count is not None and self.count < 1:
            raise ValueError("count is at least 1, or null for every call")
        if self.kind in _WAITING and not _SECONDS.fullmatch(self.args.get("seconds", "1")):
            raise ValueError('args.seconds is a number from 0 to 9999 as text, like "1.5"')
        if self.kind == "http_5xx" and not _STATUS.fullmatch(self.args.get("status", "502")):
            raise ValueError('args.status is a status from 400 to 599 as text, like "503"')

    def fits(self, platform: str, method: str) -> bool:
        """Whether the rule is meant for this call."""
        return self.platform in (platform, ANY) and self.method in (method, ANY)


class FaultQueue:
    """The rules, in the order in which they were set; the first that fits is used."""

    def __init__(self) -> None:
        self.rules: list[FaultRule] = []

    def add(self, rule: FaultRule) -> None:
        """Append a rule."""
        self.rules.append(rule)

    def clear(self) -> None:
        """Forget all rules."""
        self.rules.clear()

    def take(self, platform: str, method: str) -> Fault | None:
        """The next fault for this call, counted down."""
        for rule in self.rules:
            if rule.fits(platform, method):
                if rule.count is not None:
                    rule.count -= 1
                    if rule.count == 0:
                        self.rules.remove(rule)
                return Fault(kind=rule.kind, args=rule.args)
        return None


async def apply_transport_fault(
    request: web.Request, fault: Fault | None
) -> web.StreamResponse | None:
    """What the transport makes of the call: an answer to return as it is, or None to go on.

    `slow` waits `seconds` (default 1) and goes on; `reset` breaks the connection without an answer;
    `http_5xx` answers `status` (default 502) as a proxy would; `html` a page with status 200; `torn`
    the beginning of an object. Every other kind, and no fault, is None.
    """
    if fault is None:
        return None
    match fault.kind:
        case "slow":
            await asyncio.sleep(float(fault.args.get("seconds", "1")))
        case "reset":
            request.protocol.force_close()
            return web.Response(status=502)  # never written: the connection is gone
        case "http_5xx":
            status = int(fault.args.get("status", "502"))
            return web.Response(status=status, text=_HTML, content_type="text/html")
        case "html":
            return web.Response(text=_HTML, content_type="text/html")
        case "torn":
            return web.Response(
                text='{"response":{"code":0,"data":', content_type="application/json"
            )
    return None
