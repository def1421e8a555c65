"""拼多多: the adapter for 多多进宝 (DDK)."""

from __future__ import annotations

from adapters.pinduoduo.adapter import PinduoduoAdapter

__all__ = ["ADAPTER"]

ADAPTER = PinduoduoAdapter
