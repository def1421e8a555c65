"""The error tree of the adapters. The class decides who is told and whether a retry makes sense.

AdapterError                  `code` is stable; `str()` is for logs and operators, never a raw body
├── PersonError               the person who pasted the link is told what to do
│   ├── LinkNotSupported      not an item (shop, live room, order page), or unreadable
│   ├── ItemNotPromotable     the item is not in the programme: no commission
│   │   └── ItemOffShelf      the item is gone
│   └── NeedsAuthorisation    one tap is missing (Pinduoduo 备案): `url` leads there
├── TemporaryError            may work later; the HTTP client retries within its deadline
│   ├── RateLimited           `retry_after` seconds, if the platform said so
│   └── PlatformUnavailable   no or broken answer, 5xx, circuit open
└── OperatorError             only the operator can mend it
    ├── AuthFailed            wrong or expired keys, wrong clock; `cause` says which
    ├── MissingRight          `right` is the method or field that was not granted
    ├── QuotaUsedUp           the day's calls are used up; nothing is tried before `until`
    ├── ForeignLink           the platform answered with somebody else's PID: never handed out
    ├── WindowTooWide         the order window must be halved
    └── ProtocolError         an answer that the documents do not describe
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "AdapterError",
    "AuthFailed",
    "ForeignLink",
    "ItemNotPromotable",
    "ItemOffShelf",
    "LinkNotSupported",
    "MissingRight",
    "NeedsAuthorisation",
    "OperatorError",
    "PersonError",
    "PlatformUnavailable",
    "ProtocolError",
    "QuotaUsedUp",
    "RateLimited",
    "TemporaryError",
    "WindowTooWide",
]


AuthCause: TypeAlias = Literal["keys", "expired", "clock"]
"""What to mend after an AuthFailed."""


class AdapterError(Exception):
    """Base of the tree. The message names method and platform code, never a person's words."""

    code: ClassVar[str] = "adapter_error"


class PersonError(AdapterError):
    """The person who pasted the link is told."""

    code = "person_error"


class LinkNotSupported(PersonError):
    """The link leads to no item, or cannot be read."""

    code = "link_not_supported"


class ItemNotPromotable(PersonError):
    """The item earns no commission; it can still be bought by the original link."""

    code = "item_not_promotable"


class ItemOffShelf(ItemNotPromotable):
    """The item is not sold any more."""

    code = "item_off_shelf"


class NeedsAuthorisation(PersonError):
    """The platform wants one authorisation first (Pinduoduo 备案); `url` leads to it."""

    code = "needs_authorisation"

    def __init__(self, message: str, url: str | None = None) -> None:
        super().__init__(message)
        self.url = url


class TemporaryError(AdapterError):
    """May work later."""

    code = "temporary"


class RateLimited(TemporaryError):
    """Too many calls; `retry_after` is in seconds where the platform named a wait."""

    code = "rate_limited"

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PlatformUnavailable(TemporaryError):
    """No answer, a broken one, or the circuit is open."""

    code = "platform_unavailable"


class OperatorError(AdapterError):
    """Only the operator can mend it; the person is told no more than that it cannot be done now."""

    code = "operator_error"


class AuthFailed(OperatorError):
    """The platform does not believe that it is us; `cause` says what to mend.

    `keys`: a key, its secret or an id of the account is wrong (the signature is refused). `expired`:
    an authorisation ran out or is missing, to be granted again. `clock`: this machine's clock is off.
    """

    code = "auth_failed"

    def __init__(self, message: str, cause: AuthCause = "keys") -> None:
        super().__init__(message)
        self.cause = cause


class MissingRight(OperatorError):
    """The account was not granted `right` (a method's name, or a method and a field)."""

    code = "missing_right"

    def __init__(self, message: str, right: str) -> None:
        super().__init__(message)
        self.right = right


class QuotaUsedUp(OperatorError):
    """The day's calls are used up; nothing is tried before `until` (aware UTC)."""

    code = "quota_used_up"

    def __init__(self, message: str, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class ForeignLink(OperatorError):
    """The answer shows a PID that is not ours; such a link is never handed out."""

    code = "foreign_link"


class WindowTooWide(OperatorError):
    """The platform wants a shorter window of orders; the caller halves it."""

    code = "window_too_wide"


class ProtocolError(OperatorError):
    """The answer does not have the documented form."""

    code = "protocol_error"
