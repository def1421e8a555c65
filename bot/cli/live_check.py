"""`taoke doctor --live LINK`: one conversion step by step, and a report that may be shown around.

Nothing secret is in the report: keys and placements are masked, links lose their queries.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from adapters.contract import Placement
from adapters.errors import AdapterError
from bot.cli.failure import Failure
from bot.convert.proof import looked_up, prove

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from pathlib import Path

    from adapters.contract import Offer, PromoLink, Promotion
    from adapters.links import LinkMatch
    from bot.app import App
    from bot.convert.platform import Platform
    from bot.texts import Texts

__all__ = ["live_check", "masked"]

SHOWN_OF_ID = 3


def masked(text: str) -> str:
    """The first characters of an id, so that two can be told apart and none is given away."""
    return text[:SHOWN_OF_ID] + "*" * max(0, len(text) - SHOWN_OF_ID)


def without_query(url: str) -> str:
    """Host and the form of the path; what identifies the link is masked."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/{masked(parts.path.lstrip('/'))}"


class Steps:
    """Runs the steps and writes down how each went."""

    def __init__(self, platform: str, *, mock: bool) -> None:
        self.report: dict[str, Any] = {"platform": platform, "mock": mock, "steps": []}
        self.failed = False

    async def run(self, name: str, work: Awaitable[Any]) -> Any:  # noqa: ANN401 - each step's own value
        """The step's value, or None where it failed (then nothing after it is tried)."""
        started = time.perf_counter()
        entry: dict[str, Any] = {"step": name, "ok": True}
        try:
            return await work
        except AdapterError as error:
            self.failed = True
            entry |= {"ok": False, "code": error.code, "message": str(error)}
            return None
        finally:
            entry["ms"] = int((time.perf_counter() - started) * 1000)
            self.report["steps"].append(entry)

    def note(self, **facts: object) -> None:
        """Facts of the last step."""
        self.report["steps"][-1] |= facts


async def live_check(app: App, link: str, texts: Texts) -> int:
    """0 if every step succeeded. Failure if no enabled platform knows the link."""
    matches = [match for match in app.recogniser.recognise(link) if match.platform]
    if not matches:
        raise Failure(texts("reason.link_not_supported"))
    platform = app.platforms[matches[0].platform]
    steps = Steps(platform.id, mock=platform.mock)
    await _walk(app, platform, matches[0], steps)
    path = _write(app.settings.data_dir, platform.id, steps.report)
    if platform.mock:
        print(texts("card.mock"))
    for step in steps.report["steps"]:
        print(json.dumps(step, ensure_ascii=False))
    print(texts("doctor.report", path=path))
    return int(steps.failed)


async def _walk(app: App, platform: Platform, match: LinkMatch, steps: Steps) -> None:
    adapter = platform.adapter
    ref = await steps.run("resolve", adapter.resolve(match))
    if ref is None:
        return
    offer: Offer | None = await steps.run("offer", adapter.offer(ref))
    if offer is None:
        return
    steps.note(
        price=str(offer.price),
        final_price=str(offer.final_price),
        coupon=offer.coupon is not None,
        commission_rate=str(offer.commission_rate),
    )
    placement = Placement(
        account=app.settings.account,
        pid=adapter.settings.house_pid(),
        promoter_tag="doctor",
        sub_id="doctor1",
    )
    promotion: Promotion | None = await steps.run("promote", adapter.promote(offer, placement))
    if promotion is None:
        return
    made = promotion.link
    steps.note(level=made.level.name.lower(), link=without_query(made.web))
    proven = await steps.run("own-PID proof", _prove(platform, promotion, placement))
    if proven is not None:
        steps.note(ownership=proven.ownership.kind.value, reason=proven.ownership.reason)


async def _prove(platform: Platform, promotion: Promotion, placement: Placement) -> PromoLink:
    """As a conversion does it: the owner is looked up where the answer hides it."""
    prove(platform.adapter, promotion.link, placement)
    link = await looked_up(platform.adapter, promotion.link)
    prove(platform.adapter, link, placement)
    return link


def _write(data_dir: Path, platform: str, report: dict[str, Any]) -> Path:
    path = data_dir / f"doctor-{platform}.json"
    path.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path
