"""Rows of a benchmark: a table to read, and a file to compare."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["COLUMNS", "failed", "table", "write_json"]

COLUMNS = ("name", "value", "unit", "against", "ratio", "goal", "ok")
_NUMBERS = frozenset({"value", "ratio", "goal"})
_GAP = "  "


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """One line for each row below a heading, all columns aligned; a goal is what the ratio may be."""
    lines = [COLUMNS, *(tuple(_text(column, row[column]) for column in COLUMNS) for row in rows)]
    widths = [max(_width(line[place]) for line in lines) for place in range(len(COLUMNS))]
    return "\n".join(
        _GAP.join(
            _padded(text, width, left=column not in _NUMBERS)
            for column, text, width in zip(COLUMNS, line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def _text(column: str, value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "ok" if value else "FAILED"
    if isinstance(value, int | float):
        number = f"{value:,.1f}" if abs(value) >= 100 else f"{value:.3g}"
        return f"<= {number}" if column == "goal" else number
    return str(value)


def _width(text: str) -> int:
    """Columns of a terminal; Chinese takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _padded(text: str, width: int, *, left: bool) -> str:
    blanks = " " * (width - _width(text))
    return text + blanks if left else blanks + text


def write_json(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """The rows as a JSON list."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(list(rows), ensure_ascii=False, indent=1)
    path.write_text(f"{text}\n", encoding="utf-8")


def failed(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of rows with a goal that was not reached."""
    return [str(row["name"]) for row in rows if row["goal"] is not None and not row["ok"]]
