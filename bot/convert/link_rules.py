"""Declared link patterns, compiled: what a link that has been taken apart is.

Knows no platform: hosts, paths and parameters all come from the declarations.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from adapters.links import LinkKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from adapters.links import LinkPattern
    from bot.convert.url_text import UrlParts

__all__ = ["Found", "Inner", "LinkRules", "json_members"]

_JSON_MEMBER = re.compile(r'"([A-Za-z_]{1,40})"\s{0,4}:\s{0,4}(?:"([^"]*)"|([\w.-]{1,40}))')


class Found(NamedTuple):
    """What a link turned out to be."""

    platform: str
    kind: LinkKind
    groups: dict[str, str]


class Inner(NamedTuple):
    """Another link inside a link that must be read first; `at` stands before one without scheme."""

    value: str
    at: str


class _Parameter(NamedTuple):
    name: str
    raw: str

    @property
    def key(self) -> str:
        return self.name.lower()

    @property
    def value(self) -> str:
        return unquote(self.raw) if "%" in self.raw else self.raw


def json_members(value: str) -> list[tuple[str, str]]:
    """Names and plain values of a JSON object, also of one that was cut off."""
    return [(name, text or bare) for name, text, bare in _JSON_MEMBER.findall(value)]


def _parameters(query: str) -> list[_Parameter]:
    parts = (part.partition("=") for part in query.split("&") if part)
    return [_Parameter(name, value) for name, _, value in parts]


def _compiled(expressions: Mapping[str, str]) -> dict[str, re.Pattern[str]]:
    return {name: re.compile(expression) for name, expression in expressions.items()}


class _Rule:
    """One pattern of one platform."""

    def __init__(self, platform: str, pattern: LinkPattern) -> None:
        self.platform = platform
        self.pattern = pattern
        self._path = re.compile(
            pattern.path.replace("{id}", f"(?P<id>{pattern.id})"), re.IGNORECASE
        )
        self._id = re.compile(pattern.id)
        self._needs = _compiled(pattern.needs)
        self._reads = _compiled(pattern.reads)
        self._kept = {*pattern.keep, *pattern.needs, *pattern.id_params} - {pattern.json}

    def read(self, parts: UrlParts) -> Found | Inner | None:
        """What the link is, or the link inside it that has to be read instead, or None."""
        pattern = self.pattern
        path = self._path.fullmatch(parts.path)
        if path is None or parts.scheme not in pattern.schemes:
            return None
        parameters = _parameters(parts.query)
        values = self._values(parameters)
        if not self._has_what_it_needs(values):
            return None
        if pattern.opens:
            return _inner(values, pattern.opens, pattern.opens_at)
        item_id = path.groupdict().get("id") or self._id_in(values)
        if item_id is None and pattern.kind is LinkKind.ITEM:
            return None
        groups = {"url": self._url(parts, parameters, item_id)}
        if item_id is not None:
            groups["id"] = item_id
        for name, expression in self._reads.items():
            found = [expression.fullmatch(value) for value in values.get(name, ())]
            if found and found[0]:
                groups[name] = found[0].group(1)
        return Found(self.platform, pattern.kind, groups)

    def linked_id(self, parts: UrlParts) -> Inner | None:
        """The link to the item that this link holds in a parameter."""
        if not self.pattern.id_links:
            return None
        return _inner(self._values(_parameters(parts.query)), self.pattern.id_links, "https://")

    def _values(self, parameters: Iterable[_Parameter]) -> dict[str, list[str]]:
        values: dict[str, list[str]] = {}
        for parameter in parameters:
            if parameter.raw:
                values.setdefault(parameter.key, []).append(parameter.value)
        for text in values.get(self.pattern.json, ()) if self.pattern.json else ():
            for name, value in json_members(text):
                values.setdefault(name.lower(), []).append(value)
        return values

    def _has_what_it_needs(self, values: Mapping[str, Sequence[str]]) -> bool:
        any_of = self.pattern.needs_any
        if any_of and not any(name in values for name in any_of):
            return False
        return all(
            any(expression.fullmatch(value) for value in values.get(name, ()))
            for name, expression in self._needs.items()
        )

    def _id_in(self, values: Mapping[str, Sequence[str]]) -> str | None:
        """The id; None if there is none, it is none, or it is ambiguous."""
        for name in self.pattern.id_params:
            if given := set(values.get(name, ())):
                value = given.pop()
                return value if not given and self._id.fullmatch(value) else None
        return None

    def _url(self, parts: UrlParts, parameters: Iterable[_Parameter], item_id: str | None) -> str:
        pattern = self.pattern
        if pattern.url:
            return pattern.url.replace("{id}", item_id or "")
        kept = dict.fromkeys(
            f"{parameter.name}={parameter.raw}"
            for parameter in parameters
            if parameter.raw and parameter.key in self._kept
        )
        query = "?" + "&".join(kept) if kept else ""
        return f"https://{pattern.web_host or parts.host}{parts.path}{query}"


def _inner(values: Mapping[str, Sequence[str]], names: Iterable[str], at: str) -> Inner | None:
    return next((Inner(values[name][0], at) for name in names if name in values), None)


class LinkRules:
    """All link patterns, found by host."""

    def __init__(self, patterns: Iterable[tuple[str, LinkPattern]]) -> None:
        self._by_host: dict[str, list[_Rule]] = {}
        for platform, pattern in patterns:
            rule = _Rule(platform, pattern)
            for host in pattern.hosts:
                self._by_host.setdefault(host, []).append(rule)

    @property
    def patterns(self) -> list[LinkPattern]:
        """Every pattern once."""
        rules = {id(rule): rule for rules in self._by_host.values() for rule in rules}
        return [rule.pattern for rule in rules.values()]

    def knows(self, host: str) -> bool:
        """Whether any pattern is for this host."""
        return host in self._by_host

    def read(self, parts: UrlParts) -> tuple[Found | Inner | None, Inner | None]:
        """What the link is by the first pattern that fits, and where its id is linked, if it is."""
        for rule in self._by_host.get(parts.host, ()):
            result = rule.read(parts)
            if result is not None:
                return result, rule.linked_id(parts)
        return None, None
