"""The doctor's look at everything; each finding is one line and is wrong or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import aiohttp

from adapters import registry
from adapters.errors import AdapterError
from adapters.times import BEIJING
from bot.clock import MockClock
from bot.convert.platform import Mode
from bot.platforms import variable
from bot.redis.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from adapters.contract import AdapterInfo, Rights
    from bot.app import App
    from bot.convert.platform import Platform
    from bot.platforms import Plan
    from bot.texts import Texts

__all__ = ["Finding", "checkup"]

TIMEOUT = aiohttp.ClientTimeout(total=4)
CLOCK_TOLERANCE = timedelta(minutes=2)
"""The strictest platform allows six minutes; two leave room to act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the doctor's report."""

    text: str
    wrong: bool = False


async def checkup(app: App, texts: Texts) -> list[Finding]:
    """Platforms, clock, store, public address; nothing raised, everything told."""
    found = [Finding(text=texts("doctor.title"))]
    for plan in app.plans.plans.values():
        found += [finding async for finding in _platform(app, plan, texts)]
    found += [finding async for finding in _clock(app, texts)]
    found.append(await _store(app, texts))
    found.append(await _public_url(app, texts))
    return found


async def _platform(app: App, plan: Plan, texts: Texts) -> AsyncIterator[Finding]:
    info = registry.load(plan.id).info
    name = info.name_zh if texts.language.startswith("zh") else info.name_en
    state = texts(f"doctor.{plan.mode.value}")
    yield Finding(text=texts("doctor.platform", name=name, id=plan.id, state=state))
    if plan.mode is not Mode.LIVE:
        missing = plan.missing or info.settings.key_fields
        keys = "、".join(variable(plan.id, key) for key in missing)
        yield Finding(text=f"    {texts('doctor.missing_key', key=keys)}")
        if info.apply_url:
            yield Finding(text=f"    {texts('doctor.apply', url=info.apply_url)}")
    platform = app.platforms.get(plan.id)
    if platform is None:
        return
    if plan.mode is Mode.LIVE and not info.verified_live:
        yield Finding(text=f"    {texts('doctor.not_verified')}")
    try:
        rights = await platform.adapter.check()
    except AdapterError as error:
        yield Finding(text=f"    {texts('doctor.failed', error=error)}", wrong=True)
    else:
        for finding in _rights(info, rights, texts):
            yield finding
    yield await _calls(app, platform, texts)


def _rights(info: AdapterInfo, rights: Rights, texts: Texts) -> list[Finding]:
    found = []
    chinese = texts.language.startswith("zh")
    for right in info.rights:
        if right.id in rights.missing:
            without = right.without_zh if chinese else right.without_en
            text = texts("doctor.right_missing", right=right.id, without=without)
            found.append(Finding(text=f"    {text}", wrong=right.required))
        elif right.id in rights.unknown:
            text = texts("doctor.right_unknown", right=right.id)
            found.append(Finding(text=f"    {text}"))
    return found or [Finding(text=f"    {texts('doctor.rights_ok')}")]


async def _calls(app: App, platform: Platform, texts: Texts) -> Finding:
    quota = app.quotas[platform.id]
    try:
        used = await quota.used(app.clock.now().astimezone(BEIJING).date())
    except StoreError as error:
        return Finding(text=f"    {texts('doctor.failed', error=error)}", wrong=True)
    budget = platform.adapter.settings.daily_calls
    limit = texts("doctor.calls_limit", limit=budget) if budget is not None else ""
    text = texts("doctor.calls", used=used, limit=limit)
    return Finding(text=f"    {text}", wrong=budget is not None and used >= budget)


async def _clock(app: App, texts: Texts) -> AsyncIterator[Finding]:
    """Signed timestamps are refused when the clock is off: compare with a gateway's own."""
    if isinstance(app.clock, MockClock) and app.clock.offset():
        yield Finding(text=texts("doctor.clock_moved", offset=app.clock.offset()))
    worst = 0
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        for platform in app.platforms.values():
            off = await _seconds_off(session, str(platform.adapter.settings.gateway_url))
            worst = max(worst, abs(off), key=abs)
    if worst > CLOCK_TOLERANCE.total_seconds():
        yield Finding(text=texts("doctor.clock_off", seconds=worst), wrong=True)
    else:
        yield Finding(text=texts("doctor.clock_ok"))


async def _seconds_off(session: aiohttp.ClientSession, url: str) -> int:
    """Seconds between this machine and the gateway's Date header; 0 where there is none."""
    try:
        async with session.head(url, allow_redirects=False) as response:
            date = parsedate_to_datetime(response.headers["Date"])
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError):
        return 0
    return int((datetime.now(tz=UTC) - date.astimezone(UTC)).total_seconds())


async def _store(app: App, texts: Texts) -> Finding:
    try:
        mode = await app.schema.durability()
    except StoreError as error:
        state = texts("doctor.store_down", error=error)
        return Finding(text=texts("doctor.store", state=state), wrong=True)
    states = {"always": "store_durable", "off": "store_off", "unknown": "store_unknown"}
    state = texts(f"doctor.{states.get(mode, 'store_relaxed')}", mode=mode)
    return Finding(text=texts("doctor.store", state=state), wrong=mode == "off")


async def _public_url(app: App, texts: Texts) -> Finding:
    url = app.settings.web.public_url
    if url is None:
        return Finding(text=texts("doctor.public_url_unset"))
    text = texts("doctor.public_url", url=url)
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT) as session,
            session.get(f"{str(url).rstrip('/')}/healthz", allow_redirects=False) as response,
        ):
            reason = "" if response.status == 200 else f"HTTP {response.status}"
    except (aiohttp.ClientError, TimeoutError) as error:
        reason = type(error).__name__
    if reason:
        text += texts("doctor.public_url_unreachable", error=reason)
        return Finding(text=text, wrong=True)
    return Finding(text=text + texts("doctor.public_url_reachable"))
