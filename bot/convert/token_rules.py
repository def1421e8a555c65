"""Find 口令: short codes between fences, told apart by length, fence and the words around."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from adapters.links import TokenPattern

__all__ = ["Token", "TokenRules"]

_HINT_REACH = 200
"""Characters on either side in which a word says whose 口令 it is."""
_NEVER = r"(?!)"
_PATH_BEFORE = re.compile(r"(?:[A-Za-z_.~-]|[0-9./][0-9])\Z")
_PATH_AFTER = re.compile(r"[A-Za-z0-9_.~-]")
_TITLE = re.compile("「[^「」]{0,300}」")
_GOES_ON = tuple("_.-@#:")


class Token(NamedTuple):
    """A code with its fences at `start:end` of the cleaned text."""

    start: int
    end: int
    platform: str
    code: str


class _Rule:
    def __init__(self, platform: str, pattern: TokenPattern) -> None:
        self.platform = platform
        self.lengths = frozenset(pattern.lengths)
        self.hinted = frozenset(pattern.hinted_lengths)
        self._hints = pattern.hints
        self._strong = _one_of(pattern.strong)
        self._weak = _one_of(pattern.weak)
        self._lone = _one_of(pattern.lone)
        self._excluded = re.compile(pattern.excluded or _NEVER)

    def takes(self, opening: str, code: str, closing: str) -> bool:
        """Whether a code between these fences may be one; `closing` is "" if there is none."""
        closed = bool(self._strong.match(closing) or self._weak.match(closing))
        if not self._strong.match(opening):
            return closed and bool(self._weak.match(opening)) and self._is_mixed(code)
        if closed:
            return self._is_code(code)
        return bool(self._lone.match(opening)) and self._is_mixed(code)

    def _is_code(self, code: str) -> bool:
        """Letters and digits; or letters alone, then in both cases and no word."""
        return not code.isdigit() and (not code.isalpha() or self._is_mixed(code))

    def _is_mixed(self, code: str) -> bool:
        """Both cases, and no word."""
        return code.lower() != code != code.upper() and not self._excluded.fullmatch(code)

    def hint_distance(self, text: str, start: int, end: int) -> int | None:
        """How far the nearest word is that names the platform; None if there is none near."""
        before, after = text[max(0, start - _HINT_REACH) : start], text[end : end + _HINT_REACH]
        distances = [
            len(before) - at - len(hint) for hint in self._hints if (at := before.rfind(hint)) >= 0
        ]
        distances += [at for hint in self._hints if (at := after.find(hint)) >= 0]
        return min(distances, default=None)


def _one_of(characters: str) -> re.Pattern[str]:
    return re.compile(f"[{characters}]" if characters else _NEVER)


class TokenRules:
    """All 口令 patterns. Compiled once."""

    def __init__(self, patterns: Iterable[tuple[str, TokenPattern]]) -> None:
        given = list(patterns)
        self._rules = [_Rule(platform, pattern) for platform, pattern in given]
        sizes = [size for rule in self._rules for size in rule.lengths | rule.hinted]
        self.shortest = min(sizes, default=0)
        fences = "".join(pattern.strong + pattern.weak for _, pattern in given)
        leads = "|".join(pattern.lead for _, pattern in given if pattern.lead) or _NEVER
        code = rf"[A-Za-z0-9]{{{self.shortest},{max(sizes, default=0)}}}+"
        self._fence = _one_of(fences)
        self._weak = _one_of("".join(pattern.weak for _, pattern in given))
        self._token = re.compile(
            rf"(?P<open>[{fences}])(?P<gap>\s{{0,2}}(?:{leads})?)(?P<code>{code})(?![A-Za-z0-9])"
            rf"(?P<close>\s{{0,2}}[{fences}])?"
            if given
            else _NEVER
        )

    def has_fence(self, text: str) -> bool:
        """A quick look: whether anything in `text` could fence a code."""
        return self._fence.search(text) is not None

    def find(self, text: str) -> list[Token]:
        """Every token, in order. Links must have been masked. Linear; never raises."""
        found = []
        if "「" in text:  # titles of items are full of brackets and slashes
            text = _TITLE.sub(lambda title: self._weak.sub(" ", title.group()), text)
        for match in self._token.finditer(text):
            rule = self._rule_for(text, match)
            if rule is not None:
                end = match.end() if _closing(match) else match.end("code")
                found.append(Token(match.start(), end, rule.platform, match["code"]))
        return found

    def _rule_for(self, text: str, match: re.Match[str]) -> _Rule | None:
        opening, code, closing = match["open"], match["code"], _closing(match)
        if _in_path(text, match, closing) or (not closing and _goes_on(text, match)):
            return None
        fitting = [rule for rule in self._rules if rule.takes(opening, code, closing)]
        for rule in fitting:
            if len(code) in rule.lengths:
                return rule
        return _nearest([rule for rule in fitting if len(code) in rule.hinted], text, match)


def _closing(match: re.Match[str]) -> str:
    """The closing fence. A blank before it counts only with one behind the opening fence, too:
    otherwise the fence belongs to what follows (`￥code (..)`, `￥code ￥99`)."""
    closing = match["close"] or ""
    return closing.strip() if match["gap"] or not closing[:1].isspace() else ""


def _nearest(rules: Sequence[_Rule], text: str, match: re.Match[str]) -> _Rule | None:
    named = [(rule.hint_distance(text, *match.span()), index) for index, rule in enumerate(rules)]
    near = [(distance, index) for distance, index in named if distance is not None]
    return rules[min(near)[1]] if near else None


def _in_path(text: str, match: re.Match[str], closing: str) -> bool:
    """Whether slashes are those of a path or date rather than fences."""
    start, end = match.span()
    if match["open"] == "/" and _PATH_BEFORE.search(text[max(0, start - 2) : start]):
        return True
    return closing == "/" and bool(_PATH_AFTER.match(text, end))


def _goes_on(text: str, match: re.Match[str]) -> bool:
    """Whether a code without closing fence is part of something longer, or stands apart."""
    end = match.end("code")
    return bool(match["gap"]) or text[end : end + 1] in _GOES_ON
