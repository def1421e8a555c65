"""What became of the links in one message."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.contract import Offer, Ownership
    from adapters.links import LinkMatch

__all__ = ["Conversion", "Earner", "LinkOutcome", "Status"]


class Status(StrEnum):
    """The fate of one link."""

    OK = "ok"
    STALE = "stale"
    """Converted, with a price that is up to some hours old: the platform was silent."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """Not tried: too many links in one message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earner:
    """Who earns by the links of a message, and where it was said.

    `promoter_id` is an internal id, empty for the operator's own (house) links; `chat` is
    `channel:account:chat`.
    """

    promoter_id: str
    chat: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkOutcome:
    """One recognised link, in the order of the text. `reason` is a stable code where it failed."""

    match: LinkMatch
    status: Status
    reason: str | None = None
    offer: Offer | None = None
    share_url: str | None = None
    tpwd: str | None = None
    ownership: Ownership | None = None
    authorise_url: str | None = None
    mock: bool = False
    show_time: bool = False
    """The offer is old: the card says its time."""

    @property
    def converted(self) -> bool:
        """Whether there is a link to hand out."""
        return self.share_url is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A message and what became of it. `occurrences` are all links with their spans, repeats
    included; `outcomes` the distinct ones; `which[i]` is the outcome of occurrence `i`."""

    text: str
    occurrences: Sequence[LinkMatch]
    outcomes: Sequence[LinkOutcome]
    which: Sequence[int]
    mock: bool

    @property
    def converted(self) -> Sequence[LinkOutcome]:
        """The outcomes with a link to hand out."""
        return [outcome for outcome in self.outcomes if outcome.converted]

    @property
    def failed(self) -> Sequence[LinkOutcome]:
        """The outcomes that were tried and have no link."""
        return [outcome for outcome in self.outcomes if outcome.status is Status.FAILED]

    @property
    def skipped(self) -> int:
        """How many links were left because there were too many."""
        return sum(outcome.status is Status.SKIPPED for outcome in self.outcomes)
