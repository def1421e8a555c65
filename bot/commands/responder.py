"""What is answered to a message: links first, then commands, then a short help or silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.contract import Capability
from adapters.errors import AdapterError
from bot.commands.vocabulary import Command, understand
from bot.convert.cards import Audience, cut, price_line
from bot.messages import Reply
from bot.texts import texts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from adapters.contract import Offer
    from bot.commands.vocabulary import Said
    from bot.convert.cards import CardMaker
    from bot.convert.converter import Converter
    from bot.convert.outcome import Earner
    from bot.convert.platform import Platform
    from bot.messages import IncomingMessage
    from bot.stats.report import StatsReport
    from bot.texts import Texts

__all__ = ["Responder"]

SEARCH_LIMIT = 5


class Responder:
    """Answers messages of any channel.

    `earner_of` tells who earns by a message's links, `audience_of` who reads the answer.
    """

    def __init__(
        self,
        *,
        platforms: Mapping[str, Platform],
        converter: Converter,
        cards: CardMaker,
        stats: StatsReport,
        earner_of: Callable[[IncomingMessage], Awaitable[Earner]],
        audience_of: Callable[[IncomingMessage], Audience],
        max_chars: int,
    ) -> None:
        self._platforms = platforms
        self._converter = converter
        self._cards = cards
        self._stats = stats
        self._earner_of = earner_of
        self._audience_of = audience_of
        self.max_chars = max_chars

    async def answer(self, message: IncomingMessage) -> Reply | None:
        """The reply, or None for silence."""
        catalogue = texts(message.language)
        text = "\n".join([message.text, *message.entities])
        if len(text) > self.max_chars:
            sentence = catalogue("reason.too_long", limit=self.max_chars)
            return Reply(notes=(sentence,)) if message.is_private else None
        said = understand(message.text)
        if said is not None and not self._converter.has_links(text):
            return await self._obey(said, catalogue)
        conversion = await self._converter.convert(text, await self._earner_of(message))
        reply = self._cards.reply(conversion, catalogue, self._audience_of(message))
        if reply is None and message.is_private:
            return Reply(notes=(self.nothing(catalogue),)) if text.strip() else None
        return reply

    def nothing(self, catalogue: Texts) -> str:
        """That no link was recognised, which platforms are enabled, and what to send instead."""
        names = [platform.name(catalogue.language) for platform in self._platforms.values()]
        return catalogue("console.nothing", platforms="、".join(names))

    async def _obey(self, said: Said, catalogue: Texts) -> Reply | None:
        if said.command is Command.HELP:
            return Reply(text=self.help(catalogue))
        if said.command is Command.STATS:
            return Reply(text=await self._stats.text(catalogue))
        if said.command is Command.SEARCH:
            return await self._search(said.words, catalogue)
        return None  # leaving is the channel's own business

    def help(self, catalogue: Texts) -> str:
        """What can be said, with an example."""
        samples = [platform.adapter.info.samples[0] for platform in self._platforms.values()]
        lines = [catalogue("help.title")]
        lines += [catalogue("help.example", sample=sample) for sample in samples[:1]]
        return "\n".join([*lines, catalogue("help.words")])

    async def _search(self, words: str, catalogue: Texts) -> Reply:
        if not words:
            return Reply(notes=(catalogue("search.usage"),))
        offers: list[Offer] = []
        mock = False
        for platform in self._platforms.values():
            if Capability.SEARCH in platform.adapter.info.capabilities:
                offers += await self._found(platform, words)
                mock = mock or platform.mock
        if not offers:
            return Reply(notes=(catalogue("search.none", words=cut(words, 40)),))
        rows = [catalogue("card.mock")] if mock else []
        rows.append(catalogue("search.title", words=cut(words, 40)))
        for number, offer in enumerate(offers, start=1):
            rows.append(
                catalogue(
                    "search.row",
                    number=number,
                    platform=self._platforms[offer.ref.platform].name(catalogue.language),
                    title=cut(offer.title, 40),
                    price=price_line(offer, catalogue).text,
                    link=offer.ref.source,
                )
            )
        return Reply(text="\n".join(rows))

    @staticmethod
    async def _found(platform: Platform, words: str) -> Sequence[Offer]:
        """One platform's results; a platform that cannot search now has none."""
        try:
            return await platform.adapter.search(words, SEARCH_LIMIT)
        except AdapterError:
            return ()
