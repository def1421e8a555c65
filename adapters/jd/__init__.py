"""京东: the adapter for JD Union (京东联盟)."""

from __future__ import annotations

from adapters.jd.adapter import JdAdapter

__all__ = ["ADAPTER"]

ADAPTER = JdAdapter
