"""Where this data folder's server listens now: short-lived commands make links that open there."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["served_url", "serving_at"]

FILE_NAME = "served.json"


@contextmanager
def serving_at(data_dir: Path, url: str) -> Iterator[None]:
    """Say so for as long as this process serves; of two servers the later one is named."""
    path = data_dir / FILE_NAME
    mine = json.dumps({"url": url, "pid": os.getpid()})
    path.write_text(mine, encoding="utf-8")
    try:
        yield
    finally:
        if path.is_file() and path.read_text(encoding="utf-8") == mine:
            path.unlink()


def served_url(data_dir: Path) -> str | None:
    """The address of a server that still runs; None if there is none."""
    try:
        said = json.loads((data_dir / FILE_NAME).read_text(encoding="utf-8"))
        os.kill(int(said["pid"]), 0)
        return str(said["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
