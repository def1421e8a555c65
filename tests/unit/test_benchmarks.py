"""The benchmark's table, file and exit code, and a short run of the conversions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.__main__ import PARTS, main
from benchmarks.conversions import ALONE, CASES, GOAL, Sample, Series, measure, rows_of
from benchmarks.table import COLUMNS, failed, table, write_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def row(**changed: Any) -> dict[str, Any]:
    plain = {
        "name": "one",
        "value": 12.345,
        "unit": "us",
        "against": "another",
        "ratio": 0.5,
        "goal": None,
        "ok": True,
    }
    return plain | changed


def test_the_columns_are_aligned_and_a_goal_is_a_bound() -> None:
    rows = [
        row(name="识别", value=1234.5, goal=2.0),
        row(name="a long name", ratio=None, goal=0.25, ok=False),
    ]
    heading, first, second = table(rows).split("\n")
    assert heading.split() == list(COLUMNS)
    assert first.split() == ["识别", "1,234.5", "us", "another", "0.5", "<=", "2", "ok"]
    assert second.split()[-5:] == ["another", "-", "<=", "0.25", "FAILED"]
    # Two Chinese characters take four columns of a terminal.
    assert second.index("us") == first.index("us") + 2 == heading.index("unit")


def test_only_rows_with_a_goal_can_fail() -> None:
    missed = row(name="missed", goal=1.0, ok=False)
    assert failed([row(), row(goal=1.0), row(ok=False), missed]) == ["missed"]


def test_the_file_is_a_list_of_the_rows(tmp_path: Path) -> None:
    path = tmp_path / "new" / "bench.json"
    write_json([row(name="识别")], path)
    assert json.loads(path.read_text(encoding="utf-8")) == [row(name="识别")]


def parts(seen: list[str], **rows: dict[str, Any]) -> dict[str, Callable[[], list[dict[str, Any]]]]:
    def part(name: str) -> Callable[[], list[dict[str, Any]]]:
        def run() -> list[dict[str, Any]]:
            seen.append(name)
            return [rows[name]]

        return run

    return {name: part(name) for name in rows}


def test_all_parts_run_and_a_missed_goal_is_exit_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "bench.json"
    seen: list[str] = []
    two = parts(seen, good=row(goal=1.0), bad=row(name="too slow", goal=0.1, ok=False))
    assert main(["--out", str(out)], two) == 1
    assert seen == ["good", "bad"]
    printed = capsys.readouterr()
    assert "too slow" in printed.out
    assert printed.err.endswith("missed: too slow\n")
    assert [one["name"] for one in json.loads(out.read_text())] == ["one", "too slow"]


def test_one_part_runs_alone(tmp_path: Path) -> None:
    seen: list[str] = []
    two = parts(seen, good=row(goal=1.0), bad=row(goal=0.1, ok=False))
    assert main(["good", "--out", str(tmp_path / "bench.json")], two) == 0
    assert seen == ["good"]


def test_an_unknown_part_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["nothing"])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert all(name in said for name in PARTS)


def test_the_ratio_is_what_ours_costs_on_top() -> None:
    def series(ours: list[float], bare: list[float]) -> Series:
        return Series(
            10,
            [Sample(cpu, cpu * 2, 20) for cpu in ours],
            [Sample(cpu, cpu, 20) for cpu in bare],
        )

    cpu, rate = rows_of("x", {"nothing cached": series([0.012, 0.03, 0.011], [0.01, 0.01, 0.01])})
    assert (cpu["value"], cpu["ratio"], cpu["goal"], cpu["ok"]) == (1200.0, 0.2, GOAL, True)
    assert cpu["against"] == "2 bare aiohttp calls, on top"
    assert (rate["value"], rate["ratio"], rate["goal"]) == (416.7, 0.417, None)
    dear, _ = rows_of("x", {"nothing cached": series([0.02], [0.01])})
    assert (dear["ratio"], dear["ok"]) == (1.0, False)


def test_a_gateway_call_with_both_cached_misses_the_goal() -> None:
    for calls, ok in ((0, True), (1, False)):
        cpu, rate = rows_of("x", {"both cached": Series(10, [Sample(0.01, 0.01, calls)])})
        assert (cpu["ratio"], cpu["goal"], cpu["ok"]) == (calls / 10, 0.0, ok)
        assert rate["ratio"] is None


def test_a_short_run_converts_and_counts_calls_at_the_mock() -> None:
    rows = measure(rounds=1, items=4, platforms=("jd",))
    assert [tuple(one) for one in rows] == [COLUMNS] * len(rows)
    calls = {one["name"]: one["against"] for one in rows if one["unit"] == "us CPU"}
    assert calls == {
        f"convert {label}, {name}": against
        for label in ("jd", "all")
        for name, against in (
            ("nothing cached", "2 bare aiohttp calls, on top"),
            ("offer cached", "1 bare aiohttp calls, on top"),
            ("both cached", "gateway calls"),
            (ALONE, "2 bare aiohttp calls, on top"),
        )
    }
    cached = [one for one in rows if one["against"] == "gateway calls"]
    assert [one["ratio"] for one in cached] == [0.0, 0.0]
    assert all(one["value"] > 0 for one in rows)
    assert len(rows) == 2 * 2 * (len(CASES) + 1)
