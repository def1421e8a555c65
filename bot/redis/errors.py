"""What can go wrong with the store; every message is one sentence for the operator.

StoreError
├── StoreUnavailable     no answer in time, connection refused or lost: worth another try
├── CommandRefused       the store answered with an error (out of memory, forbidden, wrong type)
├── StoreTooNew          written by a newer program: this one must not touch it
├── StoreTooOld          needs a migration that cannot be made here
├── WrongStamp           mock and live never share a store
└── EmbeddedStoreError   the embedded server cannot run
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "CommandRefused",
    "EmbeddedStoreError",
    "StoreError",
    "StoreTooNew",
    "StoreTooOld",
    "StoreUnavailable",
    "WrongStamp",
]


class StoreError(Exception):
    """Base of the tree; `code` is stable."""

    code: ClassVar[str] = "store_error"


class StoreUnavailable(StoreError):
    """The store cannot be reached; whether a command sent before was carried out is not known."""

    code = "store_unavailable"


class CommandRefused(StoreError):
    """The store answered with an error."""

    code = "store_refused"


class StoreTooNew(StoreError):
    """The store was written by a newer program."""

    code = "store_too_new"


class StoreTooOld(StoreError):
    """The store needs a migration that cannot be made without help."""

    code = "store_too_old"


class WrongStamp(StoreError):
    """The store belongs to the other kind of platforms, mock or live."""

    code = "wrong_stamp"


class EmbeddedStoreError(StoreError):
    """The embedded server cannot run here; the sentence says why and what to do."""

    code = "embedded_store"
