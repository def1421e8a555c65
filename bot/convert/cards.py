"""Answers from outcomes: a card for one link, the rewritten text for several.

Neutral: lines with a style, no channel's markup. What is not known is left out, never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from wcwidth import wcwidth

from adapters.contract import OwnershipKind
from adapters.links import LinkKind
from adapters.times import BEIJING
from bot.convert.outcome import Status
from bot.convert.rewrite import rewrite
from bot.messages import Button, ButtonKind, Card, Line, LineStyle, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from adapters.contract import Coupon, Money, Offer
    from bot.convert.outcome import Conversion, LinkOutcome
    from bot.texts import Texts

__all__ = ["Audience", "CardMaker", "cut", "rewritten"]

TITLE_COLUMNS = 40
FEW_LEFT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who reads the answer: only the operator sees the whole commission."""

    commission: bool = False


def cut(text: str, columns: int) -> str:
    """`text` on one line, at most `columns` terminal columns wide, with … where it was cut."""
    text = " ".join(text.split())
    width = 0
    for index, char in enumerate(text):
        width += max(wcwidth(char), 0)
        if width > columns:
            kept, used = [], 0
            for kept_char in text[:index]:
                used += max(wcwidth(kept_char), 0)
                if used > columns - 1:
                    break
                kept.append(kept_char)
            return "".join(kept) + "…"
    return text


def yuan(amount: Money) -> str:
    """`50` for whole yuan, else `49.90`: how shops write coupons."""
    return str(amount.fen // 100) if amount.fen % 100 == 0 else str(amount)


def day_and_time(at: datetime) -> str:
    """`12-01 23:59` in Beijing time. An end at midnight is the day before, 23:59: how people say it."""
    local = at.astimezone(BEIJING)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        local -= timedelta(minutes=1)
    return local.strftime("%m-%d %H:%M")


class CardMaker:
    """Makes replies; `name_of` gives a platform's name in a language."""

    def __init__(self, name_of: Callable[[str, str], str], max_links: int) -> None:
        self._name_of = name_of
        self._max_links = max_links

    def reply(self, conversion: Conversion, texts: Texts, audience: Audience) -> Reply | None:
        """The answer to a message; None where no link was in it."""
        if not conversion.outcomes:
            return None
        if len(conversion.outcomes) == 1:
            outcome = conversion.outcomes[0]
            if outcome.converted:
                return Reply(card=self.card(outcome, texts, audience))
            said = (texts("card.mock"),) if outcome.mock else ()
            return Reply(notes=(*said, self.reason(outcome, texts)))
        return self._batch(conversion, texts)

    def card(self, outcome: LinkOutcome, texts: Texts, audience: Audience) -> Card:
        """The card of one converted link."""
        offer = outcome.offer
        lines = []
        if outcome.mock:
            lines.append(Line(text=texts("card.mock"), style=LineStyle.NOTICE))
        if offer is not None:
            lines += self._offer_lines(outcome, offer, texts, audience)
        if audience.commission and self._unproven(outcome):
            lines.append(Line(text=texts("card.ownership_unknown"), style=LineStyle.QUIET))
        share_url = outcome.share_url or ""
        lines.append(Line(text=share_url, style=LineStyle.LINK))
        coupon = offer is not None and offer.final_price < offer.price
        label = texts("button.buy" if coupon else "button.buy_plain")
        buttons = [Button(kind=ButtonKind.URL, label=label, value=share_url)]
        if outcome.tpwd:
            lines.append(Line(text=texts("card.tpwd", tpwd=outcome.tpwd), style=LineStyle.CODE))
            buttons.append(
                Button(kind=ButtonKind.COPY, label=texts("button.copy"), value=outcome.tpwd)
            )
        lines += [
            Line(text=texts("card.hint"), style=LineStyle.QUIET),
            Line(text=texts("card.advert"), style=LineStyle.QUIET),
        ]
        image = offer.image_url if offer is not None else ""
        return Card(lines=lines, image_url=image, share_url=share_url, buttons=buttons)

    def _offer_lines(
        self, outcome: LinkOutcome, offer: Offer, texts: Texts, audience: Audience
    ) -> Iterator[Line]:
        platform = self._name_of(offer.ref.platform, texts.language)
        title = cut(offer.title, TITLE_COLUMNS)
        yield Line(text=texts("card.title", platform=platform, title=title), style=LineStyle.TITLE)
        if outcome.show_time:  # above what it is about
            time = offer.seen_at.astimezone(BEIJING).strftime("%H:%M")
            yield Line(text=texts("card.stale", time=time), style=LineStyle.NOTICE)
        yield price_line(offer, texts)
        if offer.coupon is not None:
            yield Line(text=coupon_text(offer, offer.coupon, texts))
        if audience.commission:
            yield Line(text=commission_text(offer, texts))
        if offer.commission_if_compared is not None and audience.commission:
            yield Line(
                text=texts("card.commission_compared", commission=offer.commission_if_compared)
            )

    @staticmethod
    def _unproven(outcome: LinkOutcome) -> bool:
        """Whether the platform hides whose link it is."""
        return outcome.ownership is not None and outcome.ownership.kind is OwnershipKind.UNKNOWN

    def reason(self, outcome: LinkOutcome, texts: Texts) -> str:
        """One sentence that says what to do next, without codes."""
        key = f"reason.{outcome.reason}"
        if outcome.reason == "needs_authorisation" and not outcome.authorise_url:
            key = "reason.needs_operator"
        sentence = texts(
            key if texts.has(key) else "reason.adapter_error",
            url=outcome.authorise_url or "",
            limit=self._max_links,
            left=0,
        )
        if not outcome.match.platform:
            return sentence
        name = self._name_of(outcome.match.platform, texts.language)
        return texts("card.title", platform=name, title=sentence)

    def _batch(self, conversion: Conversion, texts: Texts) -> Reply:
        """The original words with every converted span replaced, and one line of summary."""
        notes = []
        for outcome in conversion.failed:
            sentence = self.reason(outcome, texts)
            notes.append(f"{cut(outcome.match.text, TITLE_COLUMNS)} {sentence}")
        text = rewritten(conversion) if conversion.converted else ""
        if text:
            text = f"{text}\n{texts('card.advert')}"
        if conversion.mock:
            text = f"{texts('card.mock')}\n{text}".rstrip("\n")
        return Reply(text=text, summary=self._summary(conversion, texts), notes=tuple(notes))

    def _summary(self, conversion: Conversion, texts: Texts) -> str:
        summary = texts(
            "summary.converted", total=len(conversion.outcomes), ok=len(conversion.converted)
        )
        failed = conversion.failed
        if failed:
            reasons: dict[str, int] = {}
            for outcome in failed:
                key = f"short.{outcome.reason}"
                word = texts(key if texts.has(key) else "short.adapter_error")
                reasons[word] = reasons.get(word, 0) + 1
            words = "、".join(
                word if count == 1 else f"{word}×{count}" for word, count in reasons.items()
            )
            summary += texts("summary.failed", failed=len(failed), reasons=words)
        stale = sum(outcome.status is Status.STALE for outcome in conversion.outcomes)
        if stale:
            summary += texts("summary.stale", stale=stale)
        if conversion.skipped:
            summary += texts("summary.too_many", left=conversion.skipped, limit=self._max_links)
        return summary


def rewritten(conversion: Conversion) -> str:
    """The original words with every converted link replaced; a 口令 by our own where there is one."""
    changes = []
    for occurrence, index in zip(conversion.occurrences, conversion.which, strict=True):
        outcome = conversion.outcomes[index]
        if outcome.share_url is None:
            continue
        token = occurrence.kind is LinkKind.TOKEN and outcome.tpwd
        changes.append((occurrence.start, occurrence.end, token or outcome.share_url))
    return rewrite(conversion.text, changes)


def price_line(offer: Offer, texts: Texts) -> Line:
    """`券后 ¥39.90 · 售价 ¥59.90`; only the price where one piece gets no coupon."""
    if offer.final_price < offer.price:
        strong = texts("card.final", final=offer.final_price)
        return Line(
            text=texts("card.final_and_price", final=offer.final_price, price=offer.price),
            style=LineStyle.STRONG,
            strong=strong,
        )
    return Line(text=texts("card.price", price=offer.price), style=LineStyle.STRONG)


def coupon_text(offer: Offer, coupon: Coupon, texts: Texts) -> str:
    """`券 满50减20，至 12-01 23:59`, with 需凑单 where one piece does not reach it."""
    if coupon.threshold.fen > coupon.amount.fen or coupon.threshold > offer.price:
        text = texts("card.coupon", threshold=yuan(coupon.threshold), amount=yuan(coupon.amount))
    else:
        text = texts("card.coupon_plain", amount=yuan(coupon.amount))
    if coupon.threshold > offer.price:
        text += texts("card.coupon_not_reached")
    if coupon.ends_at is not None:
        text += texts("card.coupon_until", until=day_and_time(coupon.ends_at))
    if coupon.remaining is not None and coupon.remaining < FEW_LEFT:
        text += texts("card.coupon_left", left=coupon.remaining)
    return text


def commission_text(offer: Offer, texts: Texts) -> str:
    """The whole commission, or that the platform does not tell it."""
    if offer.commission is None or offer.commission_rate is None:
        return texts("card.commission_unknown")
    return texts("card.commission", commission=offer.commission, rate=offer.commission_rate)
