"""Who earns: a promoter is a person with one or more accounts."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

__all__ = ["ID_LENGTH", "Promoter", "is_promoter_id", "new_promoter_id"]

ID_LENGTH = 10
"""Of ids that are drawn here; at most 12 fit into the sub-id of every platform."""

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
_ID = re.compile(r"[a-z0-9]{1,12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Promoter:
    """A promoter. `id` is our own, never a chat's or user's id; accounts are
    `channel:account:user`."""

    id: str
    accounts: frozenset[str] = frozenset()


def new_promoter_id() -> str:
    """A random id in base 32 without look-alikes (50 bits)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(ID_LENGTH))


def is_promoter_id(text: str) -> bool:
    """Whether `text` has the form of an id: 1 to 12 lower-case letters and digits."""
    return _ID.fullmatch(text) is not None
