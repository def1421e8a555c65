"""Read one link: directly, below a mock's base, or the complete link that is nested inside it.

Depth, number and length of what is unwrapped are bounded, so no link costs more than a constant
times its length.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote

from adapters.links import WEB_SCHEMES, LinkKind
from bot.convert.link_rules import Found, Inner, json_members
from bot.convert.url_text import split_url, url_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.convert.link_rules import LinkRules
    from bot.convert.url_text import UrlParts

__all__ = ["LinkReader"]

MAX_DEPTH = 4
"""Links inside links inside links: a login page, a risk page, a redirect, the item."""
MAX_NESTED = 16
"""Complete links looked at in one link."""
_MAX_DECODES = 3

_NEVER_UNWRAPPED = frozenset({"javascript", "vbscript", "data", "file", "ftp", "mailto"})
_OWN_PATH = re.compile(r"/s/([1-9A-HJ-NP-Za-km-z]{7})/?")
_SCHEME = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.-]{0,30}):)?//")
_VALUE_END = re.compile("[&#]")
# Where a text stuck to a link may begin: in the path at any mark, in the query only at a bracket.
_LOOSE_ENDS = "_=$@+-"
_STUCK = re.compile(r"[^?]*?[,;!'*~(\[]|[^(\[]*[(\[]")


def _nested_pattern(schemes: Iterable[str]) -> re.Pattern[str]:
    """A link, encoded or not, or a JSON object, at the start of a query value."""
    names = "|".join(map(re.escape, schemes))
    colon, slash, brace = r"(?::|%(?:25){0,2}3A)", r"(?:/|%(?:25){0,2}2F)", r"%(?:25){0,2}7B"
    return re.compile(
        rf"(?:\A|[=?&])(?:((?:(?:{names}){colon})?{slash}{slash})(?=[A-Za-z0-9%])|({brace}))",
        re.IGNORECASE | re.ASCII,
    )


class LinkReader:
    """Says what a link is; nothing is fetched."""

    def __init__(
        self,
        rules: LinkRules,
        stops: re.Pattern[str],
        app_schemes: Iterable[str],
        bases: Sequence[str],
        own_hosts: Sequence[str],
    ) -> None:
        self._rules = rules
        self._stops = stops
        self._bases = tuple(base.lower().rstrip("/") + "/" for base in bases)
        self._own_hosts = frozenset(host.lower() for host in own_hosts)
        self._nested = _nested_pattern([*WEB_SCHEMES, *app_schemes])

    def read(self, scheme: str, after: str) -> Found | None:
        """What `scheme://after` is; `scheme` is lower-case, "" for none."""
        return self._read(scheme, after, 0)

    def read_short(self, after: str) -> tuple[Found, int] | None:
        """As `read`, where other text is stuck to the link without a blank: what the link is, and
        how much of `after` belongs to it."""
        parts = split_url("https", after)
        if parts is None or not self._rules.knows(parts.host):
            return None
        bare = len(after.rstrip(_LOOSE_ENDS).removesuffix("%20"))
        stuck = _STUCK.match(after, len(after) - len(parts.rest))
        for length in (bare, stuck.end() - 1 if stuck else bare):
            found = self._read("https", after[:length], MAX_DEPTH)
            if found is not None:
                return found, length
        return None

    def unwrap(self, text: str, depth: int = 0) -> Found | None:
        """The first complete link in the query values of `text` that is one of ours."""
        for scheme, after in islice(self._candidates(text), MAX_NESTED):
            found = self._read_trimmed(scheme, after, depth + 1)
            if found is not None:
                return found
        return None

    def _read(self, scheme: str, after: str, depth: int) -> Found | None:
        own = self._own(scheme, after)
        if own is not None:
            return own
        wire = ""
        for base in self._bases:
            whole = f"{scheme}://{after}"
            if whole.lower().startswith(base):
                wire, scheme, after = whole, "https", whole[len(base) :]
                break
        parts = split_url(scheme, after)
        if parts is None:
            return None
        result, linked = self._rules.read(parts)
        if result is None:
            may_unwrap = depth < MAX_DEPTH and scheme not in _NEVER_UNWRAPPED
            return self.unwrap(parts.rest, depth) if may_unwrap else None
        if isinstance(result, Inner):
            return self._read_inner(result, depth)
        if linked is not None and "id" not in result.groups:
            self._take_linked_id(result, linked, depth)
        _keep_whole(result, parts, wire)
        return result

    def _own(self, scheme: str, after: str) -> Found | None:
        """A tracked link of this service."""
        if scheme not in WEB_SCHEMES or not self._own_hosts:
            return None
        host, slash, path = after.partition("/")
        code = _OWN_PATH.fullmatch(re.split("[?#]", slash + path, maxsplit=1)[0])
        if code is None or host.lower() not in self._own_hosts:
            return None
        url = f"{scheme}://{host.lower()}/s/{code[1]}"
        return Found("", LinkKind.AFFILIATE, {"url": url, "code": code[1]})

    def _read_inner(self, inner: Inner, depth: int) -> Found | None:
        if depth >= MAX_DEPTH:
            return None
        value = inner.value
        if "/" not in value and "%" in value:
            value = unquote(value)
        scheme = _SCHEME.match(value)
        if scheme is None:
            value = inner.at + value.lstrip("/")
            scheme = _SCHEME.match(value)
        if scheme is None:
            return None
        after = value[scheme.end() :]
        return self._read_trimmed((scheme[1] or "https").lower(), after, depth + 1)

    def _take_linked_id(self, found: Found, linked: Inner, depth: int) -> None:
        item = self._read_inner(linked, depth)
        if item is not None and item.platform == found.platform and "id" in item.groups:
            found.groups["id"] = item.groups["id"]

    def _read_trimmed(self, scheme: str, after: str, depth: int) -> Found | None:
        last, _ = url_end(self._stops, after, 0)
        return self._read(scheme, after[:last], depth)

    def _candidates(self, text: str) -> Iterator[tuple[str, str]]:
        """Scheme and rest of each complete link that begins a query value."""
        for nested in self._nested.finditer(text):
            head, brace = nested.groups()
            if head and "%" not in head:
                yield _scheme(head), text[nested.end(1) :]
                return  # what follows may all belong to it, and is looked at when it is read
            end = _VALUE_END.search(text, nested.end())
            value = _decoded(text[nested.start(1 if head else 2) : end.start() if end else None])
            values = [member for _, member in json_members(value)] if brace else [value]
            for link in values:
                if start := _SCHEME.match(link):
                    yield (start[1] or "https").lower(), link[start.end() :]


def _scheme(head: str) -> str:
    return head.partition(":")[0].lower() if ":" in head else "https"


def _decoded(value: str) -> str:
    for _ in range(_MAX_DECODES):
        if _SCHEME.match(value) or value.startswith("{"):
            break
        value = unquote(value)
    return value


def _keep_whole(found: Found, parts: UrlParts, wire: str) -> None:
    """Give the link as it was pasted: for asking whose it is, never for showing."""
    if wire:
        found.groups["wire"] = wire
    elif found.kind in (LinkKind.AFFILIATE, LinkKind.COUPON) and parts.scheme in WEB_SCHEMES:
        found.groups["wire"] = f"https://{parts.host}{parts.rest}"
