"""Lays the tables of rights in both READMEs from what the adapters declare.

Run with `--write` after a right was added; a test compares. The parts stand between
`<!-- rights:ID -->` and `<!-- /rights -->`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from adapters import registry  # noqa: E402 - found by the line above when run as a script

READMES = {"en": ROOT / "README.md", "zh": ROOT / "README.zh-CN.md"}
HEADS = {
    "en": ("right to apply for", "without it", "needed"),
    "zh": ("要申请的权限", "没有它会怎样", "必需"),
}
PART = re.compile(r"(<!-- rights:([a-z0-9]+) -->\n).*?(<!-- /rights -->)", re.DOTALL)


def table(platform: str, language: str) -> str:
    """A platform's rights, the needed ones first."""
    rights = sorted(registry.load(platform).info.rights, key=lambda right: not right.required)
    one, two, three = HEADS[language]
    rows = [f"| {one} | {two} | {three} |", "|---|---|---|"]
    for right in rights:
        without = right.without_zh if language == "zh" else right.without_en
        mark = {"en": "yes", "zh": "是"}[language] if right.required else ""
        rows.append(f"| `{right.id}` | {without} | {mark} |")
    return "\n".join(rows) + "\n"


def laid(text: str, language: str) -> str:
    """The README with its tables made anew."""
    return PART.sub(lambda match: match[1] + table(match[2], language) + match[3], text)


def in_step() -> bool:
    """Whether both READMEs have the tables that the adapters declare."""
    texts = {language: path.read_text(encoding="utf-8") for language, path in READMES.items()}
    return all(laid(text, language) == text for language, text in texts.items())


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        for language, path in READMES.items():
            path.write_text(laid(path.read_text(encoding="utf-8"), language), encoding="utf-8")
    sys.exit(0 if in_step() else 1)
