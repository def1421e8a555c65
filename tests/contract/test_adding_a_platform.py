"""docs/adding-a-platform.md shows exactly the sample package that passes the contract."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "thirdparty" / "taoke_sample"
GUIDE = (ROOT / "docs" / "adding-a-platform.md").read_text(encoding="utf-8")

SHOWN = dict(re.findall(r"^`([\w./]+)`\n\n```\w+\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE))
"""File -> the block of code below its name."""


@pytest.mark.parametrize(
    "name", ["pyproject.toml", "taoke_sample/adapter.py", "taoke_sample/mock.py"]
)
def test_a_block_is_its_file(name: str) -> None:
    assert SHOWN[name] == (SAMPLE / name).read_text(encoding="utf-8")


def test_nothing_else_is_shown_and_nothing_is_left_out() -> None:
    files = {
        str(path.relative_to(SAMPLE))
        for path in SAMPLE.rglob("*")
        if path.suffix in {".py", ".toml"} and path.name != "__init__.py"
    }
    assert set(SHOWN) == files | {"tests/test_samplemall.py"}


def test_the_shown_test_is_the_contract_over_the_shown_classes() -> None:
    shown = ast.dump(ast.parse(SHOWN["tests/test_samplemall.py"]).body[-1])
    ours = (ROOT / "tests" / "contract" / "test_thirdparty_contract.py").read_text("utf-8")
    classes = [node for node in ast.parse(ours).body if isinstance(node, ast.ClassDef)]
    assert len(classes) == 1
    classes[0].body = classes[0].body[1:]  # its docstring
    assert shown == ast.dump(classes[0])


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(adapters/[\w./]+)`", GUIDE))), ids=str)
def test_every_place_that_is_named_exists(path: str) -> None:
    assert (ROOT / path).exists()


def test_the_sample_stays_small() -> None:
    lines = sum(len(path.read_text("utf-8").splitlines()) for path in SAMPLE.rglob("*.py"))
    assert lines < 250
