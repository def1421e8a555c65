"""Fields of the raw answers, read leniently.

Amounts come as text in the documents and as numbers from the live gateway, a list may be wrapped in
a one-key object, bare (`simplify=true`) or missing, unknown fields are passed over. Yuan are decimal
text; where a field is fen, its name here says so.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator

from adapters.money import Money, Rate
from adapters.times import from_beijing_text

__all__ = [
    "FINE",
    "Count",
    "EndTime",
    "Fen",
    "Listed",
    "Part",
    "Percent",
    "Raw",
    "Text",
    "WhenTime",
    "Yuan",
]

T = TypeVar("T")

FINE = frozenset({"", "0", "200"})
"""Codes inside an answer that mean success; it is mostly missing."""


class Raw(BaseModel):
    """What is read of an answer; numbers are taken as text where text is wanted."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


def _number(value: object) -> Decimal | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError("not a number")
    try:
        number = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        raise ValueError("not a number") from None
    if not number.is_finite():
        raise ValueError("not a finite number")
    return number


def _yuan(value: object) -> Money | None:
    number = _number(value)
    return None if number is None else Money.from_yuan(number)


def _fen(value: object) -> Money | None:
    number = _number(value)
    return None if number is None else Money(int(number))


def _percent(value: object) -> Rate | None:
    number = _number(value.rstrip("%") if isinstance(value, str) else value)
    return None if number is None else Rate.from_percent(number)


def _count(value: object) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def _when(value: object) -> datetime | None:
    return from_beijing_text(value) if isinstance(value, str) and value.strip() else None


def _end(value: object) -> datetime | None:
    return (
        from_beijing_text(value, end_of_day=True)
        if isinstance(value, str) and value.strip()
        else None
    )


def _unwrapped(value: object) -> object:
    """A list as it is; the list inside a one-key object; nothing as no rows."""
    if isinstance(value, dict):
        if not value:
            return []
        (inner,) = value.values() if len(value) == 1 else (value,)
        return inner if isinstance(inner, list) else [inner]
    return [] if value is None else value


def _object(value: object) -> object:
    """An absent object may be written as null or as empty text."""
    return {} if value in (None, "") else value


Yuan = Annotated[Money | None, PlainValidator(_yuan)]
Fen = Annotated[Money | None, PlainValidator(_fen)]
Percent = Annotated[Rate | None, PlainValidator(_percent)]
Count = Annotated[int | None, PlainValidator(_count)]
WhenTime = Annotated[datetime | None, PlainValidator(_when)]
EndTime = Annotated[datetime | None, PlainValidator(_end)]
Listed = Annotated[list[T], BeforeValidator(_unwrapped)]
Part = Annotated[T, BeforeValidator(_object)]
Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
