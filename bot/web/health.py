"""`/healthz`: the process is alive. `/readyz`: it can do its work."""

from __future__ import annotations

import asyncio
import logging

from aiohttp import web

from bot.web.ports import SERVICES

__all__ = ["healthz", "readyz"]

_log = logging.getLogger(__name__)
_READY_SECONDS = 3.0


async def healthz(request: web.Request) -> web.Response:
    """200 as long as anything is answered at all."""
    return web.json_response({"alive": True})


async def readyz(request: web.Request) -> web.Response:
    """200 if every part works, else 503; `checks` names the parts."""
    try:
        async with asyncio.timeout(_READY_SECONDS):
            checks = dict(await request.app[SERVICES].ready())
    except Exception as error:
        _log.warning("readiness could not be told: %s", type(error).__name__)
        checks = {"checks": False}
    ready = all(checks.values())
    return web.json_response({"ready": ready, "checks": checks}, status=200 if ready else 503)
