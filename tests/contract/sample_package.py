"""The third party's sample package, imported without an installer."""

from __future__ import annotations

import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "thirdparty" / "taoke_sample"

sys.path.insert(0, str(PROJECT))
try:
    from taoke_sample.adapter import SampleMallAdapter
    from taoke_sample.mock import MockSampleMall
finally:
    sys.path.remove(str(PROJECT))

__all__ = ["PROJECT", "MockSampleMall", "SampleMallAdapter"]
