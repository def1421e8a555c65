"""A command that cannot do its work."""

from __future__ import annotations

__all__ = ["Failure"]


class Failure(Exception):
    """The message is the one sentence that says why and what to do."""
