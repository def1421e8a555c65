"""What the operator must hear: logged once an hour for each cause, in the operator's language."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from adapters.errors import AuthFailed, MissingRight

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.errors import AdapterError
    from bot.convert.platform import Platform
    from bot.texts import Texts

__all__ = ["Alarms"]

_log = logging.getLogger(__name__)

QUIET_SECONDS = 3600.0


class Alarms:
    """Tells the operator; `tell` also shows it where somebody watches (the console)."""

    def __init__(
        self,
        texts: Texts,
        tell: Callable[[str], None] | None = None,
        time_: Callable[[], float] = time.monotonic,
    ) -> None:
        self._texts = texts
        self._tell = tell
        self._time = time_
        self._told: dict[tuple[str, str], float] = {}

    def adapter_error(self, platform: Platform, error: AdapterError) -> None:
        """An error that only the operator can mend."""
        key = f"operator.{error.code}"
        if isinstance(error, AuthFailed) and error.cause != "keys":
            key = f"{key}_{error.cause}"
        if not self._texts.has(key):
            return  # told elsewhere: the budget has its own words at 80 and 100 %
        name = platform.name(self._texts.language)
        right = error.right if isinstance(error, MissingRight) else ""
        self._say(platform.id, key + right, self._texts(key, platform=name, right=right))

    def pool_empty(self, platform: Platform) -> None:
        """No placement is left for a new promoter."""
        name = platform.name(self._texts.language)
        self._say(platform.id, "pool", self._texts("operator.pool_empty", platform=name))

    def quota(self, name: str, percent: int, used: int, limit: int) -> None:
        """80 or 100 % of the day's calls are used; the caller says it once a day."""
        key = "operator.quota_100" if percent >= 100 else "operator.quota_80"
        self._say(name, f"{key}{used}", self._texts(key, platform=name, used=used, limit=limit))

    def quota_refused(self, name: str) -> None:
        """The platform itself says that the day's calls are used up."""
        self._say(name, "quota_refused", self._texts("operator.quota_refused", platform=name))

    def _say(self, platform: str, cause: str, sentence: str) -> None:
        now = self._time()
        told = self._told.get((platform, cause))
        if told is not None and now - told < QUIET_SECONDS:
            return
        self._told[platform, cause] = now
        _log.warning("%s", sentence)
        if self._tell is not None:
            self._tell(sentence)
