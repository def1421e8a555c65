"""A platform as the core sees it: its adapter and whether it is real."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.contract import PlatformAdapter

__all__ = ["Mode", "Platform"]


class Mode(StrEnum):
    """Where a platform's answers come from."""

    LIVE = "live"
    MOCK = "mock"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """An enabled platform."""

    adapter: PlatformAdapter
    mode: Mode

    @property
    def id(self) -> str:
        """The platform's id."""
        return self.adapter.info.id

    @property
    def mock(self) -> bool:
        """Whether its answers are demo data."""
        return self.mode is Mode.MOCK

    def name(self, language: str) -> str:
        """What people call it."""
        info = self.adapter.info
        return info.name_zh if language.startswith("zh") else info.name_en
