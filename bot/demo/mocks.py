"""How the application reaches the mock platforms: one child process, kept by the guardian."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from adapters import registry
from bot.redis.embedded import Child

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["MockPlatforms"]


class MockPlatforms:
    """Fills the `Mocks` port of `bot.app`."""

    def child(self, data_dir: Path) -> Child:
        """`python -m adapters.mock`: it says its address in one JSON line when it is ready."""
        return Child(
            name="mock",
            argv=(
                sys.executable,
                "-m",
                "adapters.mock",
                "--data-dir",
                str(data_dir.resolve()),
                "--port",
                "{port}",
            ),
        )

    def values(self, platform: str, base_url: str) -> Mapping[str, object]:
        """What the platform's mock wants to be asked with. Every adapter of ours has a mock."""
        return registry.load_mock(platform).client_settings(base_url)
