"""`python -m benchmarks [recognition|conversions]`: a table, and var/bench.json.

Exit 1 if a row misses its goal. Everything is a ratio of two figures of the same run.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import conversions, recognition_speed
from benchmarks.table import failed, table, write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["PARTS", "main"]

Rows = list[dict[str, Any]]

PARTS: Mapping[str, Callable[[], Rows]] = {
    "recognition": recognition_speed.measure,
    "conversions": conversions.measure,
}


def main(
    arguments: Sequence[str] | None = None,
    parts: Mapping[str, Callable[[], Rows]] = PARTS,
) -> int:
    """Run one part or all; 0 if every goal is reached."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("part", nargs="?", choices=sorted(parts), help="without: all")
    parser.add_argument("--out", type=Path, default=Path("var/bench.json"), help="JSON goes here")
    given = parser.parse_args(arguments)
    rows: Rows = []
    for name, measure in parts.items():
        if given.part in (None, name):
            print(f"measuring {name} ...", file=sys.stderr, flush=True)
            rows += measure()
    write_json(rows, given.out)
    print(table(rows))
    missed = failed(rows)
    if missed:
        print(f"missed: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
