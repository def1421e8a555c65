"""The measurement of recognition: what counts as right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks.recognition import all_patterns, main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

SKU = "https://item.jd.com/12.html"
FOUND: dict[str, str | None] = {"platform": "jd", "kind": "item", "id": "12"}


def corpus(folder: Path, *cases: tuple[str, list[dict[str, str | None]]]) -> str:
    file = folder / "corpus.jsonl"
    lines = [json.dumps({"text": text, "expect": expect}) for text, expect in cases]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(file)


def test_entries_of_unknown_platforms_are_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vip: dict[str, str | None] = {"platform": "vipshop", "kind": "short", "id": None}
    file = corpus(tmp_path, (f"{SKU} https://t.vip.com/abc1234", [FOUND, vip]), ("好", []))
    assert main(["--corpus", file]) == 0
    out = capsys.readouterr().out
    assert "precision  100.00%" in out
    assert "of which decoys 1" in out


def test_a_miss_is_listed_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong: dict[str, str | None] = {"platform": "jd", "kind": "item", "id": "13"}
    misses = tmp_path / "misses.txt"
    file = corpus(tmp_path, (SKU, [wrong]))
    assert main(["--corpus", file, "--misses", str(misses)]) == 1
    assert "recall     0.00%" in capsys.readouterr().out
    assert misses.read_text(encoding="utf-8").splitlines() == [
        f"missed jd item 13 in '{SKU}'",
        f"invented jd item 12 in '{SKU}'",
    ]


def test_a_matched_decoy_fails_however_good_the_rest(tmp_path: Path) -> None:
    good = [(SKU, [FOUND])] * 200
    assert main(["--corpus", corpus(tmp_path, *good)]) == 0
    assert main(["--corpus", corpus(tmp_path, *good, (SKU, []))]) == 1


def test_every_adapter_is_measured() -> None:
    assert set(all_patterns()) >= {"taobao", "jd", "pinduoduo"}
