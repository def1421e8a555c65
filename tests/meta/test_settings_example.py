"""The example file has every key, and works with each of them uncommented."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import TYPE_CHECKING

from adapters import registry
from bot.platforms import plan_platforms
from bot.settings import load_settings

if TYPE_CHECKING:
    from types import ModuleType

    import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "config" / "settings.example.toml"


def maker() -> ModuleType:
    """The script that lays the file."""
    spec = importlib.util.spec_from_file_location(
        "settings_example", ROOT / "config" / "checks" / "settings_example.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_is_in_step_with_the_models() -> None:
    assert EXAMPLE.read_text(encoding="utf-8") == maker().example()


def test_every_key_says_what_it_is_for() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    keys = [number for number, line in enumerate(lines) if re.match(r"#[a-z_]+ = ", line)]
    assert len(keys) > 50
    assert [lines[number] for number in keys if not lines[number - 1].startswith("# ")] == []


def test_with_every_key_uncommented_it_means_the_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TAOKE_DATA_DIR", raising=False)
    text = re.sub(r"^#(?=[a-z_]+ = )", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    config = tmp_path / "settings.toml"
    config.write_text(text, encoding="utf-8")
    settings, default = load_settings(str(config)), load_settings()
    for section in ("redis", "web", "convert", "links", "admin", "data_dir", "language"):
        assert getattr(settings, section) == getattr(default, section)
    plans = plan_platforms(settings.platforms, registry.find_adapters())
    assert {plan.mode.value for plan in plans.plans.values()} == {"mock"}
