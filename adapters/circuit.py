"""A circuit breaker: after repeated failures calls are refused at once instead of each waiting."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from adapters.errors import AdapterError, PlatformUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["CircuitBreaker"]


class CircuitBreaker:
    """Opens after `threshold` failures in a row; `pause` seconds later one probe is let through.

    An error answer of the platform's own counts as an answer: only silence and broken answers
    (PlatformUnavailable) are failures.
    """

    def __init__(self, threshold: int = 5, pause: float = 10.0) -> None:
        self.threshold = threshold
        self.pause = pause
        self.failures = 0
        self._opened_at: float | None = None
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether calls are being refused."""
        return self._opened_at is not None

    def check(self, now: float) -> None:
        """PlatformUnavailable while calls are refused; changes nothing."""
        if self._opened_at is None:
            return
        if self._probing or now - self._opened_at < self.pause:
            raise PlatformUnavailable("the circuit is open after repeated failures")

    @contextmanager
    def trial(self, now: Callable[[], float], expired: Callable[[], bool]) -> Iterator[None]:
        """Run one exchange and learn from how it ends. PlatformUnavailable while refused.

        A cancellation is a failure if `expired()` says that the deadline caused it; any other
        leaves the circuit as it was and gives the probe's place free.
        """
        self.check(now())
        probe = self._probing = self.is_open
        try:
            yield
        except PlatformUnavailable:
            self._failed(now(), probe=probe)
            raise
        except AdapterError:
            self._answered()
            raise
        except BaseException:
            if expired():
                self._failed(now(), probe=probe)
            elif probe:
                self._probing = False
            raise
        self._answered()

    def _answered(self) -> None:
        self.failures = 0
        self._opened_at = None
        self._probing = False

    def _failed(self, now: float, *, probe: bool) -> None:
        self.failures += 1
        if probe or (self._opened_at is None and self.failures >= self.threshold):
            self._opened_at = now
        if probe:
            self._probing = False
