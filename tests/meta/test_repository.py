"""Rules about the repository itself: what we insist on is a test, not a paragraph."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAX_LINES = 400


def tracked(*patterns: str) -> list[Path]:
    """Files under version control."""
    names = subprocess.run(
        ["git", "ls-files", "--", *patterns],  # noqa: S607 - git of the path, as everybody runs it
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    return [ROOT / name for name in names if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def sources() -> dict[Path, str]:
    """Every Python file of the program."""
    files = tracked("adapters/*.py", "bot/*.py")
    assert len(files) > 100
    return {path: path.read_text(encoding="utf-8") for path in files}


def test_files_stay_small(sources: dict[Path, str]) -> None:
    long = {path.name: text.count("\n") for path, text in sources.items()}
    assert {name: lines for name, lines in long.items() if lines > MAX_LINES} == {}


def test_only_stores_know_the_store(sources: dict[Path, str]) -> None:
    allowed = re.compile(r"bot/redis/|/store\.py$")
    found = [
        path.relative_to(ROOT).as_posix()
        for path, text in sources.items()
        if re.search(r"^\s*(import|from) redis\b", text, re.MULTILINE)
        and not allowed.search(path.as_posix())
    ]
    assert found == []


def test_the_core_names_no_platform(sources: dict[Path, str]) -> None:
    words = re.compile(
        r"taobao|tmall|pinduoduo|yangkeduo|[\"'_.]jd[\"'_.]|京东|淘宝|拼多多", re.IGNORECASE
    )
    found = {
        path.relative_to(ROOT).as_posix(): match[0]
        for path, text in sources.items()
        if "bot" in path.relative_to(ROOT).parts and (match := words.search(code_of(text)))
    }
    assert found == {}


def code_of(text: str) -> str:
    """The code without docstrings and comments, which may name what they like."""
    text = re.sub(r'"""(?:.|\n)*?"""', "", text)
    text = re.sub(r"^EXAMPLE = .*$", "", text, flags=re.MULTILINE)
    return re.sub(r"#.*", "", text)


def test_nothing_is_left_unfinished(sources: dict[Path, str]) -> None:
    words = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError|pragma: no cover(?! - )")
    assert {path.name for path, text in sources.items() if words.search(text)} == set()


def test_no_float_comes_near_money() -> None:
    text = (ROOT / "adapters" / "money.py").read_text(encoding="utf-8")
    assert re.search(r"\bfloat\(|\bround\(|[0-9]\.[0-9]+\b(?![\"'])", code_of(text)) is None


def test_every_silenced_rule_says_why() -> None:
    bare = re.compile(r"#\s*(type: ignore|noqa)[^#\n]*$")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked("adapters/*.py", "bot/*.py", "benchmarks/*.py", "config/*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if (match := bare.search(line))
        and "# - " not in line
        and " - " not in match[0]
        and " -- " not in match[0]
        and "# noqa: E402" not in line
    ]
    assert [entry for entry in found if not entry.startswith("tests")] == []


def test_text_files_hold_no_hidden_direction_marks_or_carriage_returns() -> None:
    bidi = re.compile("[\u202a-\u202e\u2066-\u2069\r]")
    found = [
        path.name
        for path in tracked("*.py", "*.md", "*.toml", "*.sh", "Makefile")
        if "tests" not in path.parts and bidi.search(path.read_bytes().decode("utf-8"))
    ]
    assert found == []


def test_tests_neither_skip_nor_patch_nor_sleep() -> None:
    words = re.compile(
        r"pytest\.(mark\.)?(skip|xfail)|unittest\.mock|monkeypatch\.setattr|time\.sleep\([1-9]|"
        r"asyncio\.sleep\([1-9]"
    )
    found = {
        path.name
        for path in tracked("tests/*.py")
        if path != Path(__file__) and words.search(path.read_text(encoding="utf-8"))
    }
    assert found == set()


def test_no_address_of_a_package_index_is_committed() -> None:
    words = re.compile("--(extra-)?index" + "-url|--find" + "-links|pypi" + r"\.org")
    allowed = {"lock_in_step.py", Path(__file__).name}
    found = {
        path.name
        for path in tracked("*.txt", "*.toml", "*.py", "*.sh", "*.md", "Makefile")
        if path.name not in allowed and words.search(path.read_text(encoding="utf-8"))
    }
    assert found == set()
