"""Where links really stand: on the shops' own hosts, or below a mock's address.

A mock platform serves every link as `http://127.0.0.1:PORT/<real host>/<real path and query>`. With
a base set, only links below that base are real for the adapter, so mock and live never mix.

>>> LinkBase("http://127.0.0.1:8081").to_wire("https://u.jd.com/AbC")
'http://127.0.0.1:8081/u.jd.com/AbC'
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["LinkBase", "RealLink"]

# Stricter than a URL parser on purpose: no userinfo, no port, no name outside ASCII, no character
# that parsers disagree about. What does not match is never fetched and never handed out.
_LINK = re.compile(
    r"(?i:https?)://(?P<host>[A-Za-z0-9._-]+)"
    r"(?P<path>/[^\x00-\x1f\x7f\\?#]*)?"
    r"(?:\?(?P<query>[^\x00-\x1f\x7f\\#]*))?"
    r"(?:#[^\x00-\x1f\x7f\\]*)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RealLink:
    """A link in the shops' own form; `host` is lower-case."""

    url: str
    host: str
    path: str
    query: str


def _real(url: str) -> RealLink | None:
    found = _LINK.fullmatch(url)
    if found is None:
        return None
    host, path, query = found.group("host", "path", "query")
    return RealLink(url=url, host=host.lower(), path=path or "", query=query or "")


class LinkBase:
    """Translates between real links and the form in which they are fetched."""

    def __init__(self, base: str | None = None) -> None:
        self.base = base.rstrip("/") + "/" if base else None

    def to_wire(self, url: str) -> str:
        """The address to fetch or to hand out for a real link; ValueError if it is no web link."""
        real = _real(url)
        if real is None:
            raise ValueError("not a web link")
        if self.base is None:
            return url
        query = f"?{real.query}" if real.query else ""
        return f"{self.base}{real.host}{real.path or '/'}{query}"

    def to_real(self, url: str) -> RealLink | None:
        """The real link behind a wire address; None for what is no web link or not below the base."""
        if self.base is None:
            return _real(url)
        if not url.startswith(self.base):
            return None
        return _real("https://" + url[len(self.base) :])
