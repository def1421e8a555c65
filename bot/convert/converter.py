"""The main job: a text with links becomes outcomes with tracked share links.

recognise -> for each distinct link, side by side and under one deadline: resolve -> offer (cached,
single flight) -> code, promotion, own-PID proof, store. A failed link stays as it was.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from adapters.contract import OwnershipKind
from adapters.errors import AdapterError, NeedsAuthorisation, OperatorError
from adapters.links import LinkKind
from bot.convert.outcome import Conversion, Earner, LinkOutcome, Status
from bot.redis.errors import StoreError, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from adapters.contract import ItemRef, Ownership
    from adapters.links import LinkMatch
    from bot.convert.issue import Issuer
    from bot.convert.items import Found, ItemService
    from bot.convert.platform import Platform
    from bot.convert.recognise import Recogniser
    from bot.links.models import ShortLink

__all__ = ["Converter"]

_log = logging.getLogger(__name__)

LONG_TEXT = 50_000
SHARE_TEXT = 400


class Converter:
    """See the module's docstring. Never raises for what people paste or platforms answer."""

    def __init__(
        self,
        *,
        platforms: Mapping[str, Platform],
        recogniser: Recogniser,
        items: ItemService,
        issuer: Issuer,
        count: Callable[[str, str], None],
        share_url: Callable[[ShortLink], str],
        stamp: Callable[[], Awaitable[None]],
        deadline: float,
        max_links: int,
        alarm: Callable[[Platform, AdapterError], None],
    ) -> None:
        """`count(stage, platform)` fills the funnel, `share_url` makes the address handed out,
        `stamp` marks the store mock or live, `alarm` tells the operator."""
        self._platforms = platforms
        self._recogniser = recogniser
        self._items = items
        self._issuer = issuer
        self._count = count
        self._share_url = share_url
        self._stamp = stamp
        self._deadline = deadline
        self._max_links = max_links
        self._alarm = alarm

    async def convert(self, text: str, earner: Earner) -> Conversion:
        """What became of every link in `text`."""
        if len(text) > LONG_TEXT:  # keep the event loop free: others wait for their answers
            occurrences = await asyncio.to_thread(self._recogniser.recognise_all, text)
        else:
            occurrences = self._recogniser.recognise_all(text)
        distinct, which = _distinct(occurrences)
        taken = distinct[: self._max_links]
        self._count("seen", "")
        outcomes: list[LinkOutcome] = []
        if taken:
            outcomes = await self._stamped(taken, earner)
            outcomes, which = _merge_same_items(outcomes, which, text)
        outcomes += [
            LinkOutcome(match=match, status=Status.SKIPPED, reason="too_many_links")
            for match in distinct[self._max_links :]
        ]
        for outcome in outcomes:
            self._count("recognised", outcome.match.platform)
            if outcome.converted:
                self._count("converted", outcome.match.platform)
        return Conversion(
            text=text,
            occurrences=occurrences,
            outcomes=outcomes,
            which=which,
            mock=any(outcome.mock for outcome in outcomes),
        )

    async def _stamped(self, matches: list[LinkMatch], earner: Earner) -> list[LinkOutcome]:
        try:
            await self._stamp()
        except StoreUnavailable as error:
            _log.warning("the store does not answer: %s", error)
            return [_failed(match, "store_unavailable") for match in matches]
        return await self._all(matches, earner)

    def has_links(self, text: str) -> bool:
        """Whether anything in a short text would be converted."""
        return bool(self._recogniser.recognise(text))

    async def _all(self, matches: list[LinkMatch], earner: Earner) -> list[LinkOutcome]:
        """All links side by side; what is not done by the deadline has failed, the rest counts."""
        tasks = [asyncio.create_task(self._one(match, earner)) for match in matches]
        try:
            _, late = await asyncio.wait(tasks, timeout=self._deadline)
        finally:
            for task in tasks:
                task.cancel()
        if late:
            await asyncio.wait(late)
        return [_result(match, task) for match, task in zip(matches, tasks, strict=True)]

    async def _one(self, match: LinkMatch, earner: Earner) -> LinkOutcome:
        platform = self._platforms.get(match.platform)
        if platform is None:
            return await self._own_code(match)
        try:
            return await self._convert_one(platform, match, earner)
        except AdapterError as error:
            if isinstance(error, OperatorError):
                self._alarm(platform, error)
            _log.info("%s: %s %s", platform.id, error.code, error)
            url = error.url if isinstance(error, NeedsAuthorisation) else None
            if isinstance(error, NeedsAuthorisation) and url is None:
                self._alarm(platform, error)  # nobody but the operator can do it
            return _failed(match, error.code, authorise_url=url, mock=platform.mock)
        except StoreError as error:
            _log.warning("the store does not answer: %s", error)
            return _failed(match, "store_unavailable", mock=platform.mock)

    async def _convert_one(
        self, platform: Platform, match: LinkMatch, earner: Earner
    ) -> LinkOutcome:
        kept = await self._kept(platform, match)
        if kept is not None:
            return kept
        ref = await self._items.resolve(platform, match)
        found = await self._items.offer(platform, ref)
        issued = await self._issuer.issue(platform, found, earner)
        return LinkOutcome(
            match=match,
            status=Status.STALE if found.stale else Status.OK,
            offer=issued.offer,
            share_url=self._share_url(issued.link),
            tpwd=issued.link.targets.tpwd,
            ownership=issued.ownership,
            mock=platform.mock,
            show_time=found.stale,
        )

    async def _own_code(self, match: LinkMatch) -> LinkOutcome:
        """A tracked link of this service was pasted: it keeps its promoter."""
        try:
            link = await self._issuer.by_code(match.groups["code"])
            platform = self._platforms.get(link.ref.platform) if link is not None else None
            if link is None or platform is None:
                return _failed(match, "unknown_code")
            return await self._keeping(platform, match, link.ref, self._share_url(link), link)
        except AdapterError as error:
            return _failed(match, error.code)
        except StoreError as error:
            _log.warning("the store does not answer: %s", error)
            return _failed(match, "store_unavailable")

    async def _kept(self, platform: Platform, match: LinkMatch) -> LinkOutcome | None:
        """A promotion link with this operator's PID keeps its promoter and is never re-attributed."""
        if match.kind is LinkKind.ITEM:
            return None
        url = match.groups.get("wire") or match.url
        target = match.id if match.kind is LinkKind.TOKEN else url
        link = await self._issuer.by_target(target) if target is not None else None
        if link is not None:
            return await self._keeping(platform, match, link.ref, self._share_url(link), link)
        if url is None or not platform.adapter.on_promotion_host(url):
            return None
        ownership = await self._ownership(platform, url)
        if ownership is None or ownership.kind is not OwnershipKind.OURS:
            return None
        ref = await self._items.resolve(platform, match)
        return await self._keeping(platform, match, ref, url, None)

    async def _ownership(self, platform: Platform, url: str) -> Ownership | None:
        try:
            return await platform.adapter.owns(url)
        except AdapterError:
            return None  # cannot be read: it is converted like anybody's link

    async def _keeping(
        self,
        platform: Platform,
        match: LinkMatch,
        ref: ItemRef,
        share_url: str,
        link: ShortLink | None,
    ) -> LinkOutcome:
        found: Found | None
        try:
            found = await self._items.offer(platform, ref)
        except AdapterError:
            found = None  # the link is good all the same
        if link is not None:
            link = await self._still_ours(platform, link, found)
            await self._issuer.used(link)
        return LinkOutcome(
            match=match,
            status=Status.STALE if found is not None and found.stale else Status.OK,
            offer=found.offer if found is not None else None,
            share_url=share_url,
            tpwd=link.targets.tpwd if link is not None else None,
            ownership=link.ownership if link is not None else None,
            mock=platform.mock,
            show_time=found is not None and found.stale,
        )

    async def _still_ours(
        self, platform: Platform, link: ShortLink, found: Found | None
    ) -> ShortLink:
        """The link; promoted anew for its own promoter where its placement is not ours any more."""
        if found is None or link.placement.pid in platform.adapter.settings.own_pids():
            return link
        earner = Earner(promoter_id=link.promoter_id, chat=link.chat, channel=link.channel)
        return (await self._issuer.issue(platform, found, earner)).link


def _failed(
    match: LinkMatch, reason: str, *, authorise_url: str | None = None, mock: bool = False
) -> LinkOutcome:
    return LinkOutcome(
        match=match, status=Status.FAILED, reason=reason, authorise_url=authorise_url, mock=mock
    )


def _result(match: LinkMatch, task: asyncio.Task[LinkOutcome]) -> LinkOutcome:
    if task.cancelled():
        return _failed(match, "deadline")
    error = task.exception()
    if error is not None:
        # A fault of ours: the person gets a sentence, the log gets the trace, the others their links.
        _log.error("conversion failed", exc_info=error)
        return _failed(match, "adapter_error")
    return task.result()


def _distinct(occurrences: list[LinkMatch]) -> tuple[list[LinkMatch], list[int]]:
    """Each item or address once, and for every occurrence the index of its distinct one."""
    seen: dict[tuple[str, str], int] = {}
    distinct: list[LinkMatch] = []
    which: list[int] = []
    for match in occurrences:
        key = (match.platform, match.id or match.url or match.text)
        if key not in seen:
            seen[key] = len(distinct)
            distinct.append(match)
        which.append(seen[key])
    return distinct, which


def _merge_same_items(
    outcomes: list[LinkOutcome], which: list[int], text: str
) -> tuple[list[LinkOutcome], list[int]]:
    """A short link and the 口令 behind it in the same line name one product: one outcome for both.

    The link counts; where it could not be converted, the token is the fallback. Links that lead to
    one item are one outcome too.
    """
    kept: list[LinkOutcome] = []
    index_of: dict[str, int] = {}
    moved: list[int] = []
    for outcome in outcomes:
        url = outcome.share_url
        if url is not None and url in index_of:
            moved.append(index_of[url])
        elif kept and _is_its_token(kept[-1].match, outcome.match, text):
            if not kept[-1].converted and outcome.converted:
                kept[-1] = outcome
            moved.append(len(kept) - 1)
        else:
            moved.append(len(kept))
            kept.append(outcome)
        if url is not None:
            index_of.setdefault(url, moved[-1])
    shift = len(kept) - len(moved)
    return kept, [moved[i] if i < len(moved) else i + shift for i in which]


def _is_its_token(link: LinkMatch, token: LinkMatch, text: str) -> bool:
    """Whether a 口令 stands behind a link of its platform, in the same line of a share text."""
    between = text[link.end : token.start]
    return (
        token.kind is LinkKind.TOKEN
        and link.kind in (LinkKind.SHORT, LinkKind.AFFILIATE)
        and link.platform == token.platform
        and len(between) <= SHARE_TEXT
        and "\n" not in between
    )
