"""Both READMEs say the same commands, and their tables are what the adapters declare."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")


def test_the_tables_of_rights_are_in_step() -> None:
    spec = importlib.util.spec_from_file_location(
        "readme_tables", ROOT / "config" / "checks" / "readme_tables.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.in_step()
    assert ENGLISH.count("<!-- rights:") == CHINESE.count("<!-- rights:") == 3


def test_both_show_the_same_commands() -> None:
    def commands(text: str) -> list[str]:
        return [
            line.split("#")[0].strip()
            for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
            for line in block.splitlines()
        ]

    assert commands(ENGLISH) == commands(CHINESE)
    assert commands(ENGLISH)[:2] == ["make demo", "make test"]
    assert re.findall(r"\| `(taoke [a-z]+)", ENGLISH) == re.findall(r"\| `(taoke [a-z]+)", CHINESE)


def test_every_page_that_is_linked_exists() -> None:
    for text in (ENGLISH, CHINESE):
        targets = re.findall(r"\]\(([^)#:]+)\)", text)
        assert targets
        assert [name for name in targets if not (ROOT / name).is_file()] == []
