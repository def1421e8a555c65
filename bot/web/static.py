"""The few files of our own that pages load; from memory, so that no path is ever looked up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

__all__ = ["static_routes"]

_FOLDER = Path(__file__).resolve().parent / "static"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def static_routes() -> list[web.RouteDef]:
    """`/static/{name}` for each file there is."""
    files = sorted(path for path in _FOLDER.iterdir() if path.suffix in _TYPES)
    return [web.get(f"/static/{path.name}", _file(path)) for path in files]


def _file(path: Path) -> Handler:
    body, content_type = path.read_bytes(), _TYPES[path.suffix]
    charset = None if path.suffix == ".svg" else "utf-8"

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(
            body=body,
            content_type=content_type,
            charset=charset,
            headers={"Cache-Control": "public, max-age=300"},
        )

    return answer
