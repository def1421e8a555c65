"""Branch coverage that is not negotiable: money, signing and recognition are covered whole.

Reads the combined data of `make test`; exits 1 and names each file that falls short.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
from pathlib import Path

from coverage import Coverage

ROOT = Path(__file__).resolve().parents[2]
WHOLE = (
    "adapters/money.py",
    "adapters/taobao/wire.py",
    "adapters/jd/wire.py",
    "adapters/pinduoduo/wire.py",
    "adapters/links.py",
    "bot/convert/prepare.py",
    "bot/convert/recognise.py",
    "bot/convert/link_reader.py",
    "bot/convert/link_rules.py",
    "bot/convert/link_scan.py",
    "bot/convert/rewrite.py",
    "bot/convert/proof.py",
)


def shortfalls() -> list[str]:
    """One line for each file below 100 %."""
    coverage = Coverage(config_file=str(ROOT / "pyproject.toml"))
    coverage.load()
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "coverage.json"
        sys.stdout, kept = io.StringIO(), sys.stdout
        try:
            coverage.json_report(outfile=str(target), ignore_errors=True)
        finally:
            sys.stdout = kept
        files = json.loads(target.read_text(encoding="utf-8"))["files"]
    found = []
    for name in WHOLE:
        summary = files.get(name, {}).get("summary")
        if summary is None:
            found.append(f"{name}: not measured; was it renamed? (config/checks/coverage_rules.py)")
        elif summary["percent_covered"] < 100:
            lines, branches = summary["missing_lines"], summary["missing_branches"]
            found.append(f"{name}: {lines} lines and {branches} branches are not covered")
    return found


if __name__ == "__main__":
    problems = shortfalls()
    sys.stderr.writelines(f"{problem}\n" for problem in problems)
    sys.exit(1 if problems else 0)
