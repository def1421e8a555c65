"""A data folder of its own for each test, and the proof at the end that no process is left."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.faults.guardian_rig import gone, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def data_dirs() -> Iterator[list[Path]]:
    """Data folders that were used; at the end nothing may run in them any more."""
    used: list[Path] = []
    yield used
    asyncio.run(until(lambda: all(map(gone, used))))


@pytest.fixture
def data_dir(tmp_path: Path, data_dirs: list[Path]) -> Path:
    """A data folder, with a name that is hard to quote."""
    folder = tmp_path / "data with spaces and \"quotes' 数据"
    data_dirs.append(folder)
    return folder
