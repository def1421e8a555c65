"""What a platform refused an account, remembered for an hour: it may have been granted since."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

__all__ = ["RETRY_AFTER", "Refusals"]

RETRY_AFTER: Final = timedelta(hours=1)
"""After this a refused right is tried once more."""


class Refusals:
    """Names of rights that are not worth trying now, by the application's clock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._refused_at: dict[str, datetime] = {}

    def __contains__(self, right: object) -> bool:
        """Whether it was refused less than an hour ago."""
        if not isinstance(right, str):
            return False
        at = self._refused_at.get(right)
        return at is not None and self._now() - at < RETRY_AFTER

    def add(self, right: str) -> None:
        """The platform said no, just now."""
        self._refused_at[right] = self._now()

    def discard(self, right: str) -> None:
        """The platform said yes."""
        self._refused_at.pop(right, None)

    def clear(self) -> None:
        """Try all again."""
        self._refused_at.clear()
