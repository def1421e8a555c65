"""Taobao, with Tmall. `ADAPTER` is imported when it is first asked for: reading the link patterns
needs no HTTP client."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.taobao.adapter import TaobaoAdapter as ADAPTER

__all__ = ["ADAPTER"]


def __getattr__(name: str) -> object:
    if name == "ADAPTER":
        from adapters.taobao.adapter import TaobaoAdapter  # noqa: PLC0415 - see the docstring

        return TaobaoAdapter
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
