"""The contract between the application and a shopping platform.

An adapter turns a platform's wire protocol into these values. It keeps no state beyond its
session, fetches only its own hosts, and never knows whether it talks to a mock: gateway and link
base are settings. Amounts are `Money` (fen) and `Rate` (basis points), times are aware UTC, ids are
opaque strings.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar, Generic, Protocol, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, HttpUrl, SecretStr

from adapters.errors import LinkNotSupported
from adapters.linkbase import LinkBase
from adapters.links import LinkKind, LinkMatch
from adapters.money import Money, Rate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime, timedelta

    from adapters.links import LinkPattern, TokenPattern

__all__ = [
    "CONTRACT_VERSION",
    "AdapterContext",
    "AdapterInfo",
    "AdapterSettings",
    "Attribution",
    "Capability",
    "Coupon",
    "ItemRef",
    "LinkKind",
    "LinkMatch",
    "Money",
    "Offer",
    "OfferSnapshot",
    "OrderRow",
    "OrderStatus",
    "OrderWindow",
    "Ownership",
    "OwnershipKind",
    "Page",
    "Placement",
    "PlatformAdapter",
    "PromoLink",
    "Promotion",
    "Quota",
    "Rate",
    "RefundRow",
    "RefundStatus",
    "Right",
    "Rights",
    "TextList",
    "text_list",
]

NOTHING = Money(0)

CONTRACT_VERSION = 1
"""Raised when an adapter written for the old contract would no longer work."""


class Capability(StrEnum):
    """What an adapter can do beyond resolve, offer and promote."""

    SEARCH = "search"
    ORDER_SYNC = "order_sync"
    REFUND_SYNC = "refund_sync"


class Attribution(IntEnum):
    """How finely an order can be attributed; a higher value is finer."""

    NONE = 0
    """Only that it is ours: the order waits to be claimed."""
    PROMOTER = 1
    """The promoter: by a leased placement, or by a tag of theirs."""
    LINK = 2
    """The very link: the short code comes back on the order."""


class OwnershipKind(StrEnum):
    """Whose promotion link it is."""

    OURS = "ours"
    FOREIGN = "foreign"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """What could be read about a promotion link's owner; `reason` says why it is unknown."""

    kind: OwnershipKind
    reason: str = ""
    pid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRef:
    """An item of a platform.

    `source` is the cleaned link or text that the convert call accepts: no sharer's ids, no secrets.
    It is not part of equality: one item reached in two ways is one item.
    """

    platform: str
    item_id: str
    source: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupon:
    """A coupon that a buyer can use now: `amount` off from `threshold` on."""

    amount: Money
    threshold: Money = NOTHING
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    remaining: int | None = None

    def usable(self, price: Money, now: datetime) -> bool:
        """Valid at `now`, not used up, and reached by the price of one piece."""
        return self.current(now) and price >= self.threshold

    def current(self, now: datetime) -> bool:
        """Valid at `now` and not used up, whatever one piece costs."""
        return (
            (self.starts_at is None or self.starts_at <= now)
            and (self.ends_at is None or now < self.ends_at)
            and (self.remaining is None or self.remaining > 0)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What an item costs and earns, as seen for the house placement at `seen_at`.

    `final_price` is the price of one piece after the coupon; it equals `price` where there is no
    coupon or one piece does not reach its threshold. `commission` is the whole commission on
    `final_price`, or None where the platform does not say. `coupon` is the best one a buyer can use
    now (one whose threshold is above one piece's price only if there is no better). `opaque` is the
    adapter's own: text that its promote call needs again (a search id, a campaign).
    """

    ref: ItemRef
    title: str
    price: Money
    final_price: Money
    seen_at: datetime
    commission_rate: Rate | None = None
    commission: Money | None = None
    commission_if_compared: Money | None = None
    """Whole commission if the platform judges the order a price comparison (Pinduoduo 判比价)."""
    coupon: Coupon | None = None
    shop: str = ""
    image_url: str = ""
    sales: str = ""
    opaque: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferSnapshot:
    """What was shown on a card: later pages compare with it."""

    title: str
    price: Money
    final_price: Money
    coupon: Coupon | None
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Whose promotion it is.

    `pid` is the house placement or one leased to the promoter, in the platform's own form (Taobao
    `mm_x_y_z`, JD positionId, Pinduoduo p_id); `promoter_tag` an internal id of at most 12
    characters, never a chat id; `sub_id` the 7-character short code.
    """

    account: str
    pid: str
    promoter_tag: str = ""
    sub_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromoLink:
    """A promotion link from our own authenticated convert call.

    `level` is what the platform accepted: PROMOTER or NONE after a step down. `expires_at` is the
    end of the platform's own link, None where it has none.
    """

    web: str
    level: Attribution
    ownership: Ownership
    app: str | None = None
    tpwd: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """A link and the offer as the convert answer itself corrected it; the card shows this offer."""

    link: PromoLink
    offer: Offer


class OrderStatus(StrEnum):
    """An order's state, the same for all platforms."""

    UNPAID = "unpaid"
    PAID = "paid"
    RECEIVED = "received"
    SETTLED = "settled"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """One row of an order as the platform reports it now; identity is (platform, account, row_id).

    `settled_commission` is the net amount owed now, or None before settlement.
    """

    platform: str
    account: str
    row_id: str
    order_id: str
    ref: ItemRef
    title: str
    quantity: int
    status: OrderStatus
    raw_status: str
    paid: Money
    estimated_commission: Money
    created_at: datetime
    updated_at: datetime
    parent_order_id: str | None = None
    commission_rate: Rate | None = None
    settled_commission: Money | None = None
    placement: Placement | None = None
    clicked_at: datetime | None = None
    paid_at: datetime | None = None
    received_at: datetime | None = None
    settled_at: datetime | None = None


class RefundStatus(StrEnum):
    """A refund after settlement."""

    PENDING = "pending"
    TAKEN_BACK = "taken_back"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRow:
    """A clawback; `amount_taken_back` is positive."""

    platform: str
    account: str
    row_id: str
    order_row_id: str
    status: RefundStatus
    amount_taken_back: Money
    at: datetime
    updated_at: datetime


ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[ItemT]):
    """One page in the platform's own order; `next_cursor` None means it was the last."""

    items: Sequence[ItemT]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderWindow:
    """How orders may be asked for: widest window, overlap between windows, and how far back."""

    span: timedelta
    overlap: timedelta
    depth: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """Something an account must be granted: `id` is the method (or method and field) of the
    platform's documents; the texts say what works without it, for `taoke doctor`."""

    id: str
    without_zh: str
    without_en: str
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What `check()` found: ids of `AdapterInfo.rights`, each in exactly one set."""

    granted: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    """Not tried: trying would change something or cost a call that matters."""


def text_list(value: object) -> object:
    """A list as an environment variable writes it: a JSON list, or words between commas."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except ValueError as error:
            raise ValueError("a list is written as JSON or as words between commas") from error
    return [word.strip() for word in value.split(",") if word.strip()]


TextList = Annotated[tuple[str, ...], BeforeValidator(text_list)]


class AdapterSettings(BaseModel):
    """Settings that every adapter has; a platform's own model adds its keys.

    `key_fields` names the fields without which the platform cannot be live.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, use_attribute_docstrings=True
    )

    key_fields: ClassVar[tuple[str, ...]] = ()
    house_pid_field: ClassVar[str] = "pid"

    gateway_url: HttpUrl
    """The platform's API; the default is the real one."""
    link_base: HttpUrl | None = None
    """Mock only: links are `{link_base}/{real host}/{real path}`; unset: the real hosts."""
    rights: TextList | None = None
    """Methods that this account was granted; unset: tried and remembered."""
    pool: TextList = ()
    """Further placements of this account that may be leased to promoters."""
    former_pids: TextList = ()
    """Placements used before: links that carry them are still ours."""
    calls_per_second: Annotated[int, Field(ge=1, le=10_000)] = 20
    """Calls a second of this account, over all processes."""
    daily_calls: Annotated[int, Field(ge=1)] | None = None
    """Calls this account may make in a Beijing day; unset: not bounded by us."""
    timeout: Annotated[float, Field(gt=0, le=60)] = 5.0
    """Seconds for one call with its retries."""

    def missing_keys(self) -> tuple[str, ...]:
        """The key fields that are empty."""
        values = {name: getattr(self, name) for name in self.key_fields}
        return tuple(
            name
            for name, value in values.items()
            if not (value.get_secret_value() if isinstance(value, SecretStr) else value)
        )

    def has_any_key(self) -> bool:
        """Whether the operator has entered anything of this platform's keys."""
        return len(self.missing_keys()) < len(self.key_fields)

    def house_pid(self) -> str:
        """The placement of the operator's own links."""
        return str(getattr(self, self.house_pid_field))

    def own_pids(self) -> frozenset[str]:
        """Every placement that is ours: house, pool and former ones."""
        return frozenset({self.house_pid(), *self.pool, *self.former_pids} - {""})


class Quota(Protocol):
    """Shared budget of calls to a platform; the application fills it from its store."""

    async def take(self) -> float:
        """Count one call. Returns the seconds to wait before it may be sent (0 for none).

        Raises QuotaUsedUp when the day's calls are used up.
        """
        ...

    async def exhausted(self, until: datetime) -> None:
        """The platform itself says the quota is used up until then; `take` raises until then."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterContext:
    """What the application hands to an adapter."""

    account: str
    now: Callable[[], datetime]
    """The one clock of business time, aware UTC; request timestamps come from here."""
    quota: Quota


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterInfo:
    """What an adapter declares about itself; reading it opens no connection."""

    id: str
    """Lower-case letters and digits; the name in settings, stores and JSON."""
    name_zh: str
    name_en: str
    contract: int
    settings: type[AdapterSettings]
    patterns: Sequence[LinkPattern | TokenPattern]
    samples: Sequence[str]
    """Share texts for the demo, the first the most usual."""
    hosts: frozenset[str]
    """Hosts that may be fetched to resolve links, exact names."""
    promotion_hosts: frozenset[str]
    """Hosts on which our promotion links stand, exact names."""
    image_hosts: frozenset[str] = frozenset()
    capabilities: frozenset[Capability] = frozenset()
    attribution: Sequence[Attribution] = (Attribution.NONE,)
    """Levels that an account can have, finest first."""
    pooled: bool = False
    """Whether PROMOTER is reached by leasing placements of a pool."""
    rights: Sequence[Right] = ()
    link_life: timedelta | None = None
    """How long the platform's own link lives; None: no end known."""
    order_window: OrderWindow | None = None
    apply_url: str = ""
    """Where an operator applies for keys."""
    verified_live: bool = False
    """Whether somebody has run it against the real gateway (未在真实网关验证 otherwise)."""


class PlatformAdapter(ABC):
    """One shopping platform, for one account of the operator.

    Built with its settings and context; nothing is opened before `start()`. Every method may raise
    the errors of `adapters.errors` and nothing else (asyncio cancellation apart).
    """

    info: ClassVar[AdapterInfo]

    def __init__(self, settings: AdapterSettings, context: AdapterContext) -> None:
        self.settings = settings
        self.context = context
        self.link_base = LinkBase(str(settings.link_base) if settings.link_base else None)

    def on_promotion_host(self, url: str) -> bool:
        """Whether `url` stands exactly on one of the declared promotion hosts (no port, no userinfo)."""
        real = self.link_base.to_real(url)
        return real is not None and real.host in self.info.promotion_hosts

    @property
    @abstractmethod
    def attribution(self) -> Attribution:
        """The finest level that this account is known (or hoped) to have right now; goes down when
        the platform refused. PROMOTER for a pooled platform needs a leased placement."""

    @abstractmethod
    async def start(self) -> None:
        """Open the session; no request is made."""

    @abstractmethod
    async def close(self) -> None:
        """Close the session; twice is fine."""

    @abstractmethod
    async def check(self) -> Rights:
        """Cheap authenticated calls: which rights this account has. AuthFailed if the keys are wrong."""

    @abstractmethod
    async def resolve(self, link: LinkMatch) -> ItemRef:
        """Which item a link leads to. LinkNotSupported if it leads to none."""

    @abstractmethod
    async def offer(self, ref: ItemRef) -> Offer:
        """Price, coupon and commission for the house placement."""

    @abstractmethod
    async def promote(self, offer: Offer, placement: Placement) -> Promotion:
        """A promotion link for this placement, at the finest attribution the account allows.

        Steps down when the platform refuses the sub-id, and says so in `link.level`. Raises
        ForeignLink if the answer shows a PID that is not ours.
        """

    @abstractmethod
    async def owns(self, url: str) -> Ownership:
        """Whose promotion link `url` is; UNKNOWN with a reason where that cannot be read."""

    async def search(self, words: str, limit: int) -> Sequence[Offer]:
        """Offers that match the words, best first, at most `limit`; empty if none (SEARCH)."""
        raise LinkNotSupported(f"{self.info.id}: no search")

    async def orders(
        self,
        since: datetime,
        until: datetime,
        cursor: str | None = None,
    ) -> Page[OrderRow]:
        """Rows updated in [since, until), one page in the platform's own order (ORDER_SYNC)."""
        raise LinkNotSupported(f"{self.info.id}: no orders")

    async def refunds(
        self,
        since: datetime,
        until: datetime,
        cursor: str | None = None,
    ) -> Page[RefundRow]:
        """Refunds updated in [since, until), one page (REFUND_SYNC)."""
        raise LinkNotSupported(f"{self.info.id}: no refunds")
