"""Which links and 口令 stand in a text.

Pure: the patterns that the adapters declare are compiled once, and no platform is known here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from adapters.links import WEB_SCHEMES, LinkKind, LinkMatch, LinkPattern, TokenPattern
from bot.convert.link_rules import LinkRules
from bot.convert.link_scan import LinkScan, any_case
from bot.convert.prepare import prepare
from bot.convert.token_rules import TokenRules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.convert.link_scan import Span

__all__ = ["Recogniser", "distinct"]

# Full-width letters, digits and dots can hide a link or 口令 from the quick look.
_WIDE = re.compile("[．０-９Ａ-Ｚａ-ｚ]")


class Recogniser:
    """Finds the links of all given platforms in one pass.

    `patterns` maps a platform's id to its declarations. A link below one of `bases` (a mock's
    address) is read as the real link behind it. `own_hosts` are this service's hosts, with port:
    `/s/CODE` there is a match with the empty platform and the group `code`.
    """

    def __init__(
        self,
        patterns: Mapping[str, Sequence[LinkPattern | TokenPattern]],
        *,
        bases: Sequence[str] = (),
        own_hosts: Sequence[str] = (),
    ) -> None:
        declared = [(platform, pattern) for platform, all_ in patterns.items() for pattern in all_]
        links = [(platform, one) for platform, one in declared if isinstance(one, LinkPattern)]
        self._tokens = TokenRules(
            (name, one) for name, one in declared if isinstance(one, TokenPattern)
        )
        self._links = LinkScan(LinkRules(links), bases, own_hosts)
        self._link_hint = _link_hint(pattern for _, pattern in links)
        shortest = self._tokens.shortest
        self._code_hint = re.compile(rb"[A-Za-z0-9]{%d}" % shortest if shortest else rb"(?!)")

    def recognise(self, text: str) -> list[LinkMatch]:
        """The distinct links of `text`, each at its first place, in order of appearance."""
        return distinct(self.recognise_all(text))

    def recognise_all(self, text: str) -> list[LinkMatch]:
        """Every link of `text`, also the same one twice, in order, with exact spans.

        Never raises; time is linear in the length of the text; nothing is fetched.
        """
        plain = text.encode("ascii", "ignore")
        wide = not text.isascii() and _WIDE.search(text) is not None
        may_link = wide or self._link_hint.search(plain) is not None
        if not may_link and (
            self._code_hint.search(plain) is None or not self._tokens.has_fence(text)
        ):
            return []
        prepared = prepare(text)
        spans = self._links.spans(prepared.text) if may_link else []
        found = [
            (span.start, span.end, span.found.platform, span.found.kind, span.found.groups)
            for span in spans
            if span.found is not None
        ]
        found += [
            (token.start, token.end, token.platform, LinkKind.TOKEN, {"id": token.code})
            for token in self._tokens.find(_without_links(prepared.text, spans))
        ]
        matches = []
        for first, last, platform, kind, groups in sorted(found, key=lambda item: item[:2]):
            start, end = prepared.original_span(first, last)
            matches.append(
                LinkMatch(
                    platform=platform,
                    kind=kind,
                    text=text[start:end],
                    start=start,
                    end=end,
                    groups=groups,
                )
            )
        return matches


def distinct(matches: Iterable[LinkMatch]) -> list[LinkMatch]:
    """The first of each link: one item, however it was reached, or one link without readable id."""
    first: dict[tuple[str, LinkKind, str | None], LinkMatch] = {}
    for match in matches:
        first.setdefault((match.platform, match.kind, match.id or match.url), match)
    return list(first.values())


def _without_links(text: str, spans: Iterable[Span]) -> str:
    """`text` with its links blanked out, for they are full of what looks like a 口令."""
    pieces: list[str] = []
    done = 0
    for span in spans:
        pieces += (text[done : span.start], " " * (span.end - span.start))
        done = span.end
    pieces.append(text[done:])
    return "".join(pieces)


def _link_hint(patterns: Iterable[LinkPattern]) -> re.Pattern[bytes]:
    """What a text with a link has at least, in its ASCII characters alone; most have none of it."""
    needles = {r"//", r"%(?:25){0,2}2[fF]", r"\\", "&#"}
    for pattern in patterns:
        for host in pattern.hosts:
            if "" in pattern.schemes:
                needles.add(f"/(?<={any_case(host)}/)")  # a literal first: much faster
            elif not {*WEB_SCHEMES}.isdisjoint(pattern.schemes):
                needles.add(rf"\.{any_case(host.rpartition('.')[2])}")
    return re.compile("|".join(sorted(needles)).encode())
