"""Reading the platforms' JSON without a float and without text that cannot be encoded."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, NoReturn

from adapters.errors import PlatformUnavailable

__all__ = ["load_json"]


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


_JSON = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant)


def load_json(body: bytes) -> Any:  # noqa: ANN401 - a raw answer; pydantic reads it next
    """JSON with numbers as Decimal or int, never float. PlatformUnavailable for anything else.

    Gateways under load answer with an HTML page or half an object; both are worth another try. A
    character that was cut in half (titles are cut by bytes or UTF-16 units) becomes a question mark.
    """
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    try:
        value = _JSON.decode(text)
    except (ValueError, RecursionError):
        raise PlatformUnavailable("the answer is not JSON") from None
    return _without_surrogates(value) if "\\ud" in text or "\\uD" in text else value


def _without_surrogates(value: Any) -> Any:  # noqa: ANN401 - a raw answer
    """The same value in which every text can be encoded."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_without_surrogates(entry) for entry in value]
    if isinstance(value, dict):
        return {
            _without_surrogates(key): _without_surrogates(entry) for key, entry in value.items()
        }
    return value
