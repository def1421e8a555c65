"""Lays `config/settings.example.toml` from the settings' own models: every key, commented out.

Run with `--write` after a setting was added or changed; a test compares the file with what this
makes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, SecretStr
from pydantic_core import PydanticUndefined

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from adapters import registry  # noqa: E402 - found by the line above when run as a script
from bot.settings import Settings  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

TARGET = ROOT / "config" / "settings.example.toml"

HEAD = """\
# Every setting, each with its default (or an example), commented out. Copy what you change.
# The same by environment: TAOKE_<SECTION>__<KEY>, e.g. TAOKE_WEB__PUBLIC_URL; environment wins
# over secret files (a folder named by TAOKE_SECRETS_DIR, files named like the variables), and
# those win over this file (--config FILE or TAOKE_CONFIG).
"""


def value_text(field: FieldInfo) -> str:
    """The default as TOML; an empty text where there is none."""
    default: Any = field.default
    if default is PydanticUndefined or default is None:
        return '""'
    if isinstance(default, SecretStr):
        return '""'
    if isinstance(default, bool):
        return "true" if default else "false"
    if isinstance(default, int | float):
        return str(default)
    if isinstance(default, tuple | list):
        return json.dumps(list(default))
    return json.dumps(str(default), ensure_ascii=False)


def rows(model: type[BaseModel]) -> Iterator[str]:
    """A comment and a commented key for each field that is no section."""
    for name, field in model.model_fields.items():
        annotation = field.annotation
        if name == "platforms" or (
            isinstance(annotation, type) and issubclass(annotation, BaseModel)
        ):
            continue
        description = " ".join((field.description or "").split())
        if description:
            yield f"# {description}"
        yield f"#{name} = {value_text(field)}"


def sections() -> Iterator[str]:
    """The whole file in parts."""
    yield HEAD
    yield "\n".join(rows(Settings))
    for name, field in Settings.model_fields.items():
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            doc = " ".join((annotation.__doc__ or "").split())
            yield "\n".join([f"# {doc}", f"[{name}]", *rows(annotation)])
    for platform in sorted(registry.find_adapters()):
        info = registry.load(platform).info
        needed = ", ".join(info.settings.key_fields)
        yield "\n".join(
            [
                f"# {info.name_zh} {info.name_en}: live needs {needed}.",
                f"[platforms.{platform}]",
                "# live, mock or off; unset: mock only while no platform has a key.",
                '#mode = ""',
                *rows(info.settings),
            ]
        )


def example() -> str:
    """The file's text."""
    return "\n\n".join(part.strip() for part in sections()) + "\n"


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        TARGET.write_text(example(), encoding="utf-8")
    sys.exit(0 if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == example() else 1)
