"""Errors as pages: a sentence for the visitor, the kind of the error for the log, no trace."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from aiohttp import web

from bot.web.pages import message_page

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

__all__ = ["error_pages"]

_log = logging.getLogger(__name__)
_NAMES = {404: "not_found", 405: "refused", 429: "too_many"}


@web.middleware
async def error_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong in a handler becomes a page."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        name = _NAMES.get(error.status, "refused" if error.status < 500 else "busy")
        response = message_page(request, name, status=error.status)
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response
    except Exception as error:
        # The route, not the path: a path may hold what somebody typed.
        route = request.match_info.route.resource
        name = route.canonical if route is not None else "an unknown path"
        _log.error("%s failed: %s", name, type(error).__name__)
        return message_page(request, "busy", status=500)
